#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot a small dom0 and let our own tools (xl, xenstored, xenconsoled) make and end guests in it.

Guests are of a run's type: the same parts, the same configurations but for that, are done with PV
guests and with PVH guests.

A run is one boot that does some parts (dom0/part-*); each function test_* of a part is a test. With
--reference the hypervisor is Debian's packaged Xen, where the tools must work as well.
"""

import argparse
import dataclasses
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position

STOP_TIMEOUT = 60
# Emulated CPUs that take turns: in parallel, one would burn time waiting for a lock that the
# other, while its host thread does not run, holds.
ACCEL = "tcg,thread=single"
# Xen 4.17 restores FPU state lazily, by CR0.TS, which QEMU 7.2's XSAVE ignores.
REFERENCE_ARGS = "spec-ctrl=eager-fpu"


@dataclasses.dataclass
class Run:
    """One boot of dom0. Whose daemons run: ours or debian."""
    name: str
    parts: str
    store: str = "ours"
    console: str = "ours"
    kernel: str = "6.1"
    type: str = "pv"
    cpu: str = machine.CPU          # as QEMU names it
    timeout: int = 1500
    long: bool = False


RUNS = [
    Run("life", "tiny debian"),
    Run("pvh", "tiny debian", type="pvh", cpu="qemu64,+svm,+npt,+nx"),
    Run("mixed", "debian", store="debian", long=True),
    Run("deaths", "deaths", long=True),
    Run("packaged", "tiny debian", store="debian", console="debian", long=True),
]


class Results:
    """Prints and writes one line a test."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.failed = 0

    def add(self, verdict, name, detail=""):
        self.failed += verdict == "fail"
        line = f"{verdict} toolstack/{name}" + (f": {detail}" if verdict != "pass" else "")
        self.file.write(line + "\n")
        self.file.flush()
        print(line + (f" {detail}" if verdict == "pass" else ""), flush=True)


class Watch:
    """Takes the results out of what dom0 prints, as it comes."""

    def __init__(self, run, results, log):
        self.run, self.results, self.log = run, results, log
        self.line = b""
        self.ended = False

    def output(self, _, data):
        self.log.write(data)
        self.log.flush()
        *lines, self.line = (self.line + data).split(b"\n")
        for line in lines:
            words = line.decode(errors="replace").split(" ", 2)
            if words[0] == "@end":
                self.ended = True
            if words[0] not in ("@pass", "@fail", "@skip"):
                continue
            self.results.add(words[0][1:], f"{self.run.name}/{words[1].rstrip(':')}",
                             words[2] if len(words) > 2 else "")


def programs(args):
    """What goes to /xenios/bin: {name: data}."""
    files = {}
    for path in args.program:
        name = os.path.basename(path)
        if os.path.isdir(path):
            for entry in os.listdir(path):
                if entry.endswith(".so") or entry == "xl":
                    files[f"bin/{name}/{entry}"] = initrd.read(os.path.join(path, entry))
        else:
            files["bin/" + name] = initrd.read(path)
    return files


def config(args, run):
    folder = os.path.join(HERE, "dom0")
    files = {"tools/" + name: initrd.read(os.path.join(folder, name))
             for name in os.listdir(folder)}
    files.update(programs(args))
    files["tools/settings"] = f"STORE={run.store}\nCONSOLE={run.console}\nTYPE={run.type}\n"
    files["command"] = f"exec sh /xenios/tools/start start {run.parts}\n"
    return machine.Config(
        xen_elf=args.xen_elf, xen_gz="", cpus=2, memory=1024,
        vmlinuz=os.path.join(args.kernels, run.kernel, "vmlinuz"),
        initrd=os.path.join(args.output, "dom0", f"initrd-{run.kernel}"),
        overlay=initrd.build_overlay(files), disk_image=args.image, keep_disk=False, net="none",
        xen_args="dom0_mem=512M,max:512M " + (REFERENCE_ARGS if args.reference else ""),
        cpu=run.cpu, accel=ACCEL)


def do_run(args, run, results):
    logs = os.path.join(args.output, "log", "toolstack")
    os.makedirs(logs, exist_ok=True)
    path = os.path.join(logs, run.name)
    start, why = time.monotonic(), ""
    with open(path + ".out", "wb") as log:
        watch = Watch(run, results, log)
        try:
            with machine.Machine(config(args, run), path + ".log") as vm:
                status, _, _ = vm.run(run.timeout, watch.output)
                stop = vm.wait_stop(STOP_TIMEOUT)
            if status != 0 or stop != "guest-shutdown" or not watch.ended:
                why = f"dom0's status {status}, the machine's end: {stop}"
        except machine.Failure as failure:
            why = str(failure)
    if why:
        results.add("fail", f"{run.name}/end", f"{why} (log: {path}.log, .out)")
    else:
        results.add("pass", f"{run.name}/end", f"({time.monotonic() - start:.0f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("xen-elf", "kernels", "image", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--program", action="append", default=[],
                        help="goes into dom0: a file, or a folder of modules")
    parser.add_argument("--reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("--long", action="store_true", help="all runs, not those of make check only")
    parser.add_argument("--results", default="toolstack")
    parser.add_argument("--part", action="append", help="do these parts only")
    parser.add_argument("only", nargs="*", help="do runs with one of these in the name")
    args = parser.parse_args()
    results = Results(os.path.join(args.output, "results", args.results + ".txt"))
    for run in RUNS:
        if run.long and not (args.long or args.only):
            continue
        if args.only and not any(word in run.name for word in args.only):
            continue
        if args.part:
            run.parts = " ".join(part for part in run.parts.split() if part in args.part)
        do_run(args, run, results)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
