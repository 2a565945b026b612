#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hardware-assisted guests on VT-x, which only Bochs emulates.

  run.py ...          the tiny guests of tests/guest/pvh, and Linux in dom0 with a Linux guest
  run.py ... hello    some
"""

import argparse
import os
import sys
import time

import bochs
import linux

TINY_SECONDS = 120
LINUX_SECONDS = 900


def tiny(args, log, name):
    """ctl_pvh builds the guest as a domain and says the verdict."""
    guests = os.path.join(args.output, "guest")
    modules = [(os.path.join(guests, "ctl_pvh.elf"), name),
               (os.path.join(guests, f"pvh_{name}.elf"), "")]
    # With two CPUs vCPUs move from one to the other, and their VMCSs with them.
    with bochs.Machine(log, args.hypervisor, modules, "dom0_mem=128M",
                       cpus=2 if name == "smp" else 1) as vm:
        vm.expect(r"Hardware-assisted guests: vmx", TINY_SECONDS)
        verdict = vm.expect(r"^VERDICT (.*)", TINY_SECONDS)[1]
        if not verdict.startswith("pass"):
            fails = [line for line in vm.text.split("\n") if "FAIL " in line]
            raise bochs.Failure(verdict + (f"; first: {fails[0]}" if fails else ""))


def with_linux(args, log, _):
    """Debian's kernel and tools in dom0; the same kernel in a guest with type = 'pvh'."""
    modules = linux.modules(args)
    with bochs.Machine(log, args.hypervisor, modules, "dom0_mem=512M", memory=1024) as vm:
        vm.expect(r"^dom0: up", LINUX_SECONDS)
        vm.expect(r"^guest: up", LINUX_SECONDS)
        vm.expect(r"^guest: shell says 42", LINUX_SECONDS)
        vm.expect(r"^dom0: nothing left", LINUX_SECONDS)


def cases(args):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "guest", "pvh")
    for name in sorted(os.listdir(folder)):
        if name.startswith("test_"):
            yield name[5:-2], tiny
    if args.packages:
        yield "linux", with_linux


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hypervisor", required=True, help="the ELF file")
    parser.add_argument("--kernel", help="folder of a fetched kernel, for Linux")
    parser.add_argument("--packages", help="folder of Debian's tools, for Linux")
    parser.add_argument("--output", default="build")
    parser.add_argument("--results", default="bochs")
    parser.add_argument("only", nargs="*", help="do the runs of these names")
    args = parser.parse_args()

    logs = os.path.join(args.output, "log", "bochs")
    os.makedirs(logs, exist_ok=True)
    os.makedirs(os.path.join(args.output, "results"), exist_ok=True)
    failed = False
    path = os.path.join(args.output, "results", f"{args.results}.txt")
    with open(path, "w", encoding="utf-8") as file:
        for name, run in cases(args):
            if args.only and name not in args.only:
                continue
            start, log, why = time.monotonic(), os.path.join(logs, f"{name}.log"), ""
            try:
                run(args, log, name)
            except bochs.Failure as failure:
                why, failed = f": {failure} (log: {log})", True
            line = f"{'fail' if why else 'pass'} bochs/{name}{why}"
            file.write(line + "\n")
            file.flush()
            print(f"{line} ({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
