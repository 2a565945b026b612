#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the test guests in QEMU and judge what they print.

  run.py --hypervisor build/xen/xenios                 every test
  run.py --hypervisor build/xen/xenios entry mmu_pin   only these
  run.py --hypervisor A --reference B                  both, verdicts compared

A folder tests/guest/NAME may hold a file "options", one "key value" a line:

  smp 2              CPUs (1)             mem 1024     MiB (512)
  cpu qemu64,+nx     QEMU's -cpu          args TEXT    the guest's command line
  xen TEXT           more options for the hypervisor's command line
  guest NAME         the boot module of the control domain: the test guest that it is to build
  expect crash       the guest provokes its own end: after its line "EXPECT crash" the
                     hypervisor must report a crash and restart the machine
  expect end         the same after "EXPECT end", but no crash need be reported
  expect halt        the guest powers off: the machine may stop without ending QEMU
  variant X          what follows is for the run NAME.X only; a folder with variants runs
                     once for each, with X as the guest's command line unless args says else
"""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = {"smp": "1", "mem": "512", "cpu": "qemu64,+nx", "args": "", "xen": "", "expect": "", "guest": ""}
CRASH = re.compile(r"crash", re.IGNORECASE)
HALT = re.compile(r"halt|power.?(ed )?off", re.IGNORECASE)
# What both hypervisors print when they will restart the machine after a crash.
DOOMED = re.compile(r"Reboot(ing)? in (5|five) seconds")
TIME_LIMIT = 60
# After a crash both spin for five seconds of their own time; on a busy host that is far more.
CRASH_TIME_LIMIT = 120
# How long a machine that halted, or waits to restart, gets to end QEMU by itself.
HALT_GRACE = 1


def read_options(path):
    """Return [(suffix, options)] for the runs of one folder."""
    common = dict(DEFAULTS)
    variants = []
    current = common
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        key, _, value = line.strip().partition(" ")
        if not key or key.startswith("#"):
            continue
        if key == "variant":
            current = dict(common, args=value)
            variants.append((f".{value}", current))
        elif key in DEFAULTS:
            current[key] = value
        else:
            sys.exit(f"{path}: unknown key '{key}'")
    return variants or [("", common)]


def find_runs(names):
    """Return [(run name, folder, options)], in order; names select folders or single runs."""
    runs = []
    known = set()
    for folder in sorted(os.listdir(HERE)):
        if not os.path.exists(os.path.join(HERE, folder, "main.c")):
            continue
        for suffix, options in read_options(os.path.join(HERE, folder, "options")):
            known |= {folder, folder + suffix}
            if not names or folder in names or folder + suffix in names:
                runs.append((folder + suffix, folder, options))
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such test: {', '.join(unknown)}")
    return runs


def boot(hypervisor, elf, options, log):
    """Run QEMU to its end or the time limit. Return (text, ended, seconds)."""
    modules = f"{elf} {options['args']}".strip()
    if options["guest"]:
        modules += "," + os.path.join(os.path.dirname(elf), f"{options['guest']}.elf")
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", options["cpu"], "-smp", options["smp"],
        "-m", options["mem"], "-nographic", "-no-reboot", "-kernel", hypervisor,
        "-append", f"com1=115200,8n1 console=com1 {options['xen']}".strip(),
        "-initrd", modules,
    ]
    start = time.monotonic()
    limit = CRASH_TIME_LIMIT if options["expect"] == "crash" else TIME_LIMIT
    text = []
    finished = threading.Event()
    with open(log, "w", encoding="utf-8") as file:
        file.write(" ".join(command) + "\n")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)

        def drain():
            verdict = False
            # Not line by line: a halted machine may leave its last line without an end.
            while chunk := os.read(process.stdout.fileno(), 65536):
                text.append(chunk.decode("utf-8", "replace").replace("\r", ""))
                file.write(text[-1])
                file.flush()
                verdict = verdict or "VERDICT" in "".join(text)
                if options["expect"] == "halt" and verdict and HALT.search(text[-1]):
                    finished.set()
                elif options["expect"] != "crash" and DOOMED.search("".join(text)):
                    finished.set()

        reader = threading.Thread(target=drain)
        reader.start()
        ended = True
        try:
            while process.poll() is None:
                if finished.wait(0.05):
                    try:
                        process.wait(HALT_GRACE)
                    except subprocess.TimeoutExpired:
                        break
                elif time.monotonic() - start > limit:
                    ended = False
                    break
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            reader.join()
    return "".join(text), ended, time.monotonic() - start


def judge(text, ended, options):
    """Return (verdict, why)."""
    lines = text.splitlines()
    fails = [line for line in lines if line.startswith("FAIL ")]
    detail = f"; first: {fails[0][5:]}" if fails else ""
    verdicts = [line.split(" ", 2)[1:] for line in lines if line.startswith("VERDICT ")]
    if options["expect"] in ("crash", "end"):
        if verdicts:
            return "fail", "the guest went on where it should have been ended" + detail
        if fails:
            return "fail", fails[0][5:]
        announced = f"EXPECT {options['expect']}"
        if announced not in lines:
            return "fail", "the guest did not come to its last step"
        after = lines[lines.index(announced) + 1:]
        if options["expect"] == "crash" and not any(CRASH.search(line) for line in after):
            return "fail", "the hypervisor reported no crash of the domain"
        if not ended:
            return "fail", "the machine did not restart in time"
        return "pass", None
    if not verdicts:
        state = "ended" if ended else "still ran at the time limit"
        return "fail", f"no verdict, QEMU {state}; last line: {lines[-1] if lines else 'none'}"
    verdict, why = (verdicts[-1] + [""])[:2]
    if verdict not in ("pass", "skip"):
        return "fail", why + detail
    if not ended:
        return "fail", "good verdict, but the machine did not end in time"
    return verdict, why


def run_one(run, hypervisor, label, args):
    name, folder, options = run
    elf = os.path.join(args.output, "guest", f"{folder}.elf")
    logs = os.path.join(args.output, "log", "guest" if label == "" else f"guest-{label}")
    os.makedirs(logs, exist_ok=True)
    log = os.path.join(logs, f"{name}.log")
    text, ended, seconds = boot(hypervisor, elf, options, log)
    verdict, why = judge(text, ended, options)
    lines = [(name, verdict, f"{why} (log: {log})" if verdict == "fail" else why)]
    for line in text.splitlines():
        if line.startswith("SKIP-PART "):
            part, _, reason = line[10:].partition(": ")
            lines.append((f"{name}/{part}", "skip", reason))
    return lines, seconds


def run_all(runs, hypervisor, label, args):
    """Run everything on one hypervisor; returns {name: verdict} and writes the result file."""
    results = {}
    lock = threading.Lock()
    directory = os.path.join(args.output, "results")
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, "guest.txt" if label == "" else f"guest-{label}.txt")
    with open(path, "w", encoding="utf-8") as file, ThreadPoolExecutor(args.jobs) as pool:

        def one(run):
            lines, seconds = run_one(run, hypervisor, label, args)
            with lock:
                for name, verdict, why in lines:
                    results[name] = verdict
                    line = f"{verdict} {name}" + (f": {why}" if verdict != "pass" else "")
                    file.write(line + "\n")
                    file.flush()
                    print(f"{label + ' ' if label else ''}{line} ({seconds:.1f} s)", flush=True)

        list(pool.map(one, runs))
    return results


def read_differences(path):
    """Return {name: (here, there)} of the listed guest tests."""
    listed = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.split("#", 1)[0].strip()
            if not line:
                continue
            fields = [field.strip() for field in line.split("|")]
            if len(fields) != 5 or not all(fields):
                sys.exit(f"{path}:{number}: five fields are needed, parted by |")
            suite, _, name = fields[0].partition("/")
            if suite == "guest":
                listed[name] = (fields[1], fields[2])
    return listed


def compare(here, there, listed, names):
    """Print each difference that is not listed, or listed and gone; returns their number.

    A part (NAME/PART) is reported only where it is skipped; elsewhere it shares NAME's verdict.
    """
    wrong = 0
    for name in sorted(set(here) | set(there)):
        whole = name.split("/")[0]
        pair = (here.get(name, here[whole]), there.get(name, there[whole]))
        want = listed.get(name)
        if pair[0] == pair[1] and want:
            print(f"fail {name}: listed in tests/reference-differences, but both say {pair[0]}")
        elif pair[0] != pair[1] and pair != want:
            print(f"fail {name}: {pair[0]} here, {pair[1]} on the reference, and not listed so")
        else:
            continue
        wrong += 1
    if not names:
        for name in sorted(set(listed) - set(here) - set(there)):
            print(f"fail {name}: listed in tests/reference-differences, but there is no such test")
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hypervisor", required=True, help="the ELF that QEMU loads")
    parser.add_argument("--reference", help="a second one, to compare verdicts with")
    parser.add_argument("--differences", default=os.path.join(HERE, "..", "reference-differences"))
    parser.add_argument("--output", default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()

    runs = find_runs(args.names)
    here = run_all(runs, args.hypervisor, "", args)
    if not args.reference:
        return 1 if "fail" in here.values() else 0
    there = run_all(runs, args.reference, "reference", args)
    wrong = compare(here, there, read_differences(args.differences), args.names)
    print(f"{len(there)} verdicts compared, {wrong} differences not as listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
