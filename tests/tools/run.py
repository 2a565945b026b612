#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Let Debian's own tools make guests in dom0, and compare what they say with what they say on Xen.

A run is one boot of dom0 that does some parts of the transcript (dom0/part-*). Each step of a
part is a test: its lines must be those of transcript.expected, which was recorded on Debian's
packaged Xen, but for what tests/reference-differences lists.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position
import transcript  # pylint: disable=wrong-import-position

STOP_TIMEOUT = 100
# Emulated CPUs that take turns: in parallel, one would burn time waiting for a lock that the
# other, while its host thread does not run, holds.
ACCEL = "tcg,thread=single"


# Xen 4.17 restores FPU state lazily, by CR0.TS, which QEMU 7.2's XSAVE ignores: guests would then
# find each other's registers.
REFERENCE_ARGS = "spec-ctrl=eager-fpu"


@dataclasses.dataclass
class Run:
    """One boot of dom0. 'kernel' is dom0's, 'guest' the guests'; memory in MiB, timeout in s."""
    name: str
    kernel: str
    guest: str
    store: str
    parts: str
    long: bool = False
    memory: int = 1280
    dom0: int = 512
    cpus: int = 2
    cpu: str = machine.CPU          # as QEMU names it
    timeout: int = 1800
    count: int = 0
    sizes: str = ""
    image: str = ""                 # a disk beside the usual one, in its place


# Each number of processors with each memory, and each of both with each kernel.
ALL_SIZES = " ".join(f"{('6.1', '6.12')[(vcpus + number) % 2]}-{vcpus}-{memory}-{image}"
                     for number, (memory, image) in
                     enumerate(((128, "elf"), (512, "bzimage"), (2048, "elf")))
                     for vcpus in (1, 2, 3, 4))

# Those that take longest come first, so that two at a time end together.
RUNS = [
    Run("6.12", "6.12", "6.12", "oxenstored", "host grub save sizes", memory=3072,
        sizes="6.12-3-2048-elf 6.1-4-128-elf"),
    Run("cycles", "6.1", "6.1", "xenstored", "cycles", cpus=1, count=200),
    Run("6.1", "6.1", "6.1", "xenstored", "host tiny debian"),
    Run("limits", "6.1", "6.1", "xenstored", "limit killed", count=4),
    Run("pvh", "6.1", "6.1", "xenstored", "pvh", cpu="qemu64,+svm,+npt,+nx"),
    Run("scale", "6.1", "6.1", "xenstored", "scale", count=100, long=True),
    Run("ten", "6.12", "6.12", "xenstored", "ten", memory=4096, dom0=1024, long=True),
    Run("all-sizes", "6.1", "6.1", "oxenstored", "sizes", memory=3072, sizes=ALL_SIZES, long=True),
    Run("libvirt", "6.12", "6.12", "xenstored", "libvirt", image="libvirt.img", long=True),
    Run("many-cycles", "6.12", "6.12", "oxenstored", "cycles", count=1000, timeout=7200, long=True),
    Run("many-killed", "6.1", "6.1", "oxenstored", "killed", count=150, timeout=7200, long=True),
]


class Results:
    """Prints and writes one line a step."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()
        self.failed = 0

    def add(self, name, why, seconds=(0, 0)):
        with self.lock:
            self.failed += bool(why)
            verdict, why = ("fail", ": " + " ".join(why.split())) if why else ("pass", "")
            self.file.write(f"{verdict} {name}{why}\n")
            self.file.flush()
            print(f"{verdict} {name} ({seconds[0]:.0f} s, {seconds[1]:.0f} s of CPU){why}", flush=True)


class Watch:
    """Sees the transcript as it comes; notes when each step began, by the clock and QEMU's time."""

    def __init__(self, log, vm, on_step):
        self.log, self.vm, self.on_step = log, vm, on_step
        self.text = b""
        self.seen = 0
        self.step, self.start = None, self.clocks()

    def clocks(self):
        try:
            with open(f"/proc/{self.vm.process.pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            return time.monotonic(), 0
        return time.monotonic(), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def output(self, kind, data):
        self.log.write(data)
        self.log.flush()
        if kind != "o":
            return
        self.text += data
        while (end := self.text.find(b"\n", self.seen)) >= 0:
            line = self.text[self.seen:end]
            self.seen = end + 1
            if line.startswith(b"@"):
                self.boundary(line.decode())

    def boundary(self, line):
        now = self.clocks()
        if self.step:
            self.on_step(self.step, self.text.decode(errors="replace"),
                         (now[0] - self.start[0], now[1] - self.start[1]))
        self.step = line[6:] if line.startswith("@step ") else None
        self.start = now


class Suite:
    def __init__(self, args, results):
        self.args, self.results = args, results
        self.logs = os.path.join(args.output, "log", args.results)
        os.makedirs(self.logs, exist_ok=True)
        self.expected = transcript.read_expected(os.path.join(HERE, "transcript.expected"))
        self.listed, self.recorded = {}, {}
        if not args.reference:
            self.listed = transcript.read_differences(os.path.join(HERE, "..", "reference-differences"))

    def config(self, run, parts):
        folder = os.path.join(HERE, "dom0")
        files = {"tools/" + name: initrd.read(os.path.join(folder, name))
                 for name in os.listdir(folder)}
        files["tools/settings"] = (f"KERNEL={run.guest}\nSTORE={run.store}\nCOUNT={run.count}\n"
                                   f"SIZES='{run.sizes}'\n")
        files["command"] = f"exec sh /xenios/tools/start {' '.join(parts)}\n"
        xen_args = f"dom0_mem={run.dom0}M,max:{run.dom0}M"
        if self.args.reference:
            xen_args += " " + REFERENCE_ARGS
        return machine.Config(
            xen_elf=self.args.xen_elf, xen_gz="", cpus=run.cpus, memory=run.memory,
            vmlinuz=os.path.join(self.args.kernels, run.kernel, "vmlinuz"),
            initrd=os.path.join(self.args.output, "dom0", f"initrd-{run.kernel}"),
            overlay=initrd.build_overlay(files), keep_disk=False,
            disk_image=os.path.join(os.path.dirname(self.args.image), run.image) if run.image
            else self.args.image,
            net="none", xen_args=xen_args, accel=ACCEL, cpu=run.cpu)

    def verdict(self, run, step, text, seconds):
        """Compare one step, and report it as a test."""
        got = transcript.take_apart(text)[0].get(step, [])
        if self.args.record:
            self.recorded.setdefault(step, got)
            want, stale = self.recorded[step], []
        elif step not in self.expected:
            want, stale = [], []
        else:
            want, stale = transcript.apply_differences(self.expected[step], self.listed.get(step, []))
        why, whole = transcript.difference(got, want)
        if stale:
            why = f"listed in tests/reference-differences, but not expected: '{stale[0]}'"
        if why:
            path = os.path.join(self.logs, f"{run.name}-{step}.diff")
            with open(path, "w", encoding="utf-8") as file:
                file.write(whole + "\n")
            why += f" (all of it: {path})"
        self.results.add(f"{run.name}/{step}", why, seconds)

    def run(self, run):
        parts = [part for part in run.parts.split() if not self.args.part or part in self.args.part]
        if not parts:
            return
        parts.insert(0, "start")
        log_path = os.path.join(self.logs, run.name)
        why = ""
        try:
            with machine.Machine(self.config(run, parts), log_path + ".log") as vm, \
                    open(log_path + ".out", "wb") as log:
                watch = Watch(log, vm, lambda *step: self.verdict(run, *step))
                try:
                    status, _, _ = vm.run(run.timeout, watch.output)
                    stop = vm.wait_stop(STOP_TIMEOUT)
                except machine.Failure as failure:
                    raise machine.Failure(f"in step '{watch.step}': {failure}") from None
            if status != 0 or stop != "guest-shutdown":
                why = f"dom0's status {status}, the machine's end: {stop}"
            elif not transcript.take_apart(watch.text.decode(errors="replace"))[1]:
                why = "the transcript has no end"
        except machine.Failure as failure:
            why = str(failure)
        self.results.add(f"{run.name}/end", why and f"{why} (log: {log_path}.log, .out)")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("xen-elf", "kernels", "image", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--long", action="store_true", help="all runs, not those of make check only")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--results", default="tools")
    parser.add_argument("--reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("--record", action="store_true", help="write what came as what is expected")
    parser.add_argument("--part", action="append", help="do these parts only")
    parser.add_argument("only", nargs="*", help="do the runs of these names")
    args = parser.parse_args()

    results = Results(os.path.join(args.output, "results", args.results + ".txt"))
    suite = Suite(args, results)
    runs = [run for run in RUNS if (args.long or not run.long) and
            (not args.only or run.name in args.only)]
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for future in [pool.submit(suite.run, run) for run in runs]:
            future.result()
    if args.record:
        transcript.write_expected(os.path.join(HERE, "transcript.expected"),
                                  {**suite.expected, **suite.recorded})
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
