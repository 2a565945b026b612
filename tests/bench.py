#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure boot and small operations on this hypervisor and on Xen 4.17, in instructions.

Boots the guest tests/guest/bench under QEMU's -icount shift=0,sleep=off, where the TSC counts
instructions and the numbers repeat exactly, once on each hypervisor, and prints a table. It
sees no cost of caches, TLBs or serializing instructions. Then boots a Debian kernel as dom0 on
each and reads off how long it took from its first instruction to its first program (the kernel's
own clock counts instructions, too, and idle time that is skipped). Then lets Debian's tools create
and destroy guests on each (tests/tools/bench.py) and counts who executes what meanwhile: the
hypervisor, dom0's kernel, dom0's programs; a string instruction counts once an iteration there.
Last it lets our own tools do so on this hypervisor: that table has goals (tests/tools/goals.py).
The table is also written to OUTPUT/results/bench.txt, as lines "NAME here reference", and, with
--publish FILE, as a page.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "tools"))
import goals  # pylint: disable=wrong-import-position

TIME_LIMIT = 300
TOOLS = os.path.join(HERE, "tools", "bench.py")
# So many guests beside each other, of our tools and of Debian's, which take much longer.
MANY, MANY_PACKAGED = 150, 12
PARTS = ("hypervisor", "dom0-kernel", "tools")
INIT = re.compile(r"^\[ *(\d+)\.(\d{6})\] Run /init as init process", re.MULTILINE)
LINE = re.compile(r"^bench ([\w-]+) (\d+)$", re.MULTILINE)


def qemu(hypervisor, memory, xen_args, modules):
    return [
        "qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=0,sleep=off",
        "-rtc", "base=2024-01-01T00:00:00,clock=vm",
        "-cpu", "qemu64,+nx", "-smp", "1", "-m", str(memory), "-nographic", "-no-reboot",
        "-kernel", hypervisor, "-append", f"com1=115200,8n1 console=com1 {xen_args}",
        "-initrd", modules,
    ]


def measure_linux(label, hypervisor, kernel, initrd, output):
    """Boot a Debian kernel up to its first program; return nanoseconds, that is instructions."""
    log = os.path.join(output, "log", f"bench-linux-{label}.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    command = qemu(hypervisor, 1024, "dom0_mem=768M",
                   f"{kernel} console=hvc0 panic=-1,{initrd}")
    deadline = time.monotonic() + TIME_LIMIT
    with open(log, "wb") as file:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file,
                              stderr=subprocess.STDOUT) as machine:
            match = None
            while not match and machine.poll() is None and time.monotonic() < deadline:
                time.sleep(1)
                with open(log, encoding="utf-8", errors="replace") as text:
                    match = INIT.search(text.read().replace("\r", ""))
            machine.kill()
    return int(match[1]) * 10**9 + int(match[2]) * 1000 if match else None


def measure(label, hypervisor, guest, output):
    """Boot once; return {name: instructions} in the order printed, and the problem if any."""
    command = qemu(hypervisor, 512, "", guest)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIME_LIMIT, check=False)
        text, problem = done.stdout, None
    except subprocess.TimeoutExpired as expired:
        text, problem = expired.stdout or b"", f"did not end within {TIME_LIMIT} s"
    text = text.decode("utf-8", "replace").replace("\r", "")
    log = os.path.join(output, "log", f"bench-{label}.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log, "w", encoding="utf-8") as file:
        file.write(" ".join(command) + "\n" + text)
    if not problem and "VERDICT pass" not in text:
        problem = "the guest did not finish with a pass"
    return ({name: int(value) for name, value in LINE.findall(text)},
            f"{label}: {problem}, log: {log}" if problem else None)


def measure_tools(label, hypervisor, args, count, programs=()):
    """Return what tools/bench.py prints, {name: (hypervisor, kernel, tools) or value}; None if it
    failed. With programs it measures our own tools."""
    log = os.path.join(args.output, "log", f"bench-tools-{label}.log")
    command = [sys.executable, TOOLS, "--hypervisor", hypervisor, "--kernel", args.kernel,
               "--initrd", args.initrd, "--image", args.image, "--plugin", args.plugin,
               "--mark", args.mark, "--log", log, "--count", str(count)]
    for path in programs:
        command += ["--program", path]
    if label == "reference":
        command.append("--is-reference")
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return None
    lines = [line.split() for line in done.stdout.decode().splitlines()]
    return {line[0]: tuple(map(int, line[1:])) if len(line) > 2 else int(line[1])
            for line in lines}


def measure_all_tools(args):
    """Debian's tools here and on Xen, and our own: a list of what measure_tools() returns."""
    runs = [("here", args.hypervisor, MANY_PACKAGED, ()), ("reference", args.reference, 0, ()),
            ("ours", args.hypervisor, MANY, args.program)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda run: measure_tools(run[0], run[1], args, *run[2:]), runs))


def split_parts(tools):
    """{"xl-create-tiny-in-hypervisor": instructions, ...} of what measure_tools() returned."""
    return {f"xl-{name}-in-{part}": counts[i] for name, counts in tools.items()
            if isinstance(counts, tuple) for i, part in enumerate(PARTS)}


def print_table(here, there):
    width = max(map(len, set(here) | set(there)), default=4)
    print(f"{'operation':{width}}  {'here':>13}  {'Xen 4.17':>13}  ratio")
    for name in list(there) + [name for name in here if name not in there]:
        a, b = here.get(name), there.get(name)
        ratio = f"{a / b:5.2f}" if a is not None and b else "    -"
        print(f"{name:{width}}  {'-' if a is None else f'{a:,}':>13}"
              f"  {'-' if b is None else f'{b:,}':>13}  {ratio}")


def publish(path, here, there, table):
    """The tables as a page of the documentation."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Figures\n\n"
                   "Instructions, measured by `make bench` (tests/bench.py says how). "
                   "`make figures` writes this page.\n\n"
                   "## The hypervisor, beside Xen\n\n"
                   "The rows with xl are of Debian's packaged tools on both.\n\n"
                   "| Operation | Xenios | Xen 4.17 | Ratio |\n|---|---:|---:|---:|\n")
        for name in there:
            if name in here:
                file.write(f"| {name} | {here[name]:,} | {there[name]:,} "
                           f"| {here[name] / there[name]:.2f} |\n")
        if table:
            file.write("\n## Our own tools, beside Debian's packaged ones on the same "
                       "hypervisor\n\n"
                       "All that the machine executes for a command, from the shell's fork on: "
                       "the hypervisor, dom0's kernel, the command and all daemons. The last row "
                       "but one has guest 2 in place of what is packaged.\n\n" +
                       goals.as_page(table))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hypervisor", required=True, help="the ELF that QEMU loads")
    parser.add_argument("--reference", required=True, help="Xen's, as an ELF")
    parser.add_argument("--output", default="build")
    parser.add_argument("--kernel", help="a Debian kernel to boot as dom0")
    parser.add_argument("--initrd", help="and its initrd")
    parser.add_argument("--image", help="the disk of the tools tests: measure Debian's tools, too")
    parser.add_argument("--plugin", help="the counting plugin of QEMU")
    parser.add_argument("--mark", help="the program that it takes notice of")
    parser.add_argument("--program", action="append", default=[],
                        help="of our own tools: a file, or a folder of modules")
    parser.add_argument("--publish", metavar="FILE", help="write the table as a page, too")
    args = parser.parse_args()

    guest = os.path.join(args.output, "guest", "bench.elf")
    with ThreadPoolExecutor(2) as pool:
        (here, wrong_here), (there, wrong_there) = pool.map(
            lambda pair: measure(*pair, guest, args.output),
            [("here", args.hypervisor), ("reference", args.reference)])
    if args.kernel:
        with ThreadPoolExecutor(2) as pool:
            boots = list(pool.map(
                lambda pair: measure_linux(*pair, args.kernel, args.initrd, args.output),
                [("here", args.hypervisor), ("reference", args.reference)]))
        if None in boots:
            wrong_here = wrong_here or "a Debian kernel did not come to its first program"
        else:
            here["linux-to-init"], there["linux-to-init"] = boots
    table = []
    if args.image:
        tools = measure_all_tools(args)
        if None in tools:
            wrong_here = wrong_here or "the tools could not be measured"
        else:
            here.update(split_parts(tools[0]))
            there.update(split_parts(tools[1]))
            table = goals.rows(tools[2], tools[0], MANY)
    print_table(here, there)
    if table:
        goals.print_table(table)
    if args.publish and not wrong_here and not wrong_there:
        publish(args.publish, here, there, table)
    directory = os.path.join(args.output, "results")
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "bench.txt"), "w", encoding="utf-8") as file:
        for name in there:
            file.write(f"{name} {here.get(name, '-')} {there[name]}\n")
        for row in table:
            file.write(f"{row.name.replace(' ', '-')} {row.ours} {row.packaged}\n")
    for problem in filter(None, (wrong_here, wrong_there)):
        print(problem, file=sys.stderr)
    return 1 if wrong_here or wrong_there else 0


if __name__ == "__main__":
    sys.exit(main())
