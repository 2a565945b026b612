#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Start the hypervisor in ways that go wrong, in odd ways that work, and let it die.

  run.py --hypervisor build/xen/xenios --compressed build/xen/xenios.gz --output build [NAME...]

Each case takes a second or two; a NAME selects the cases that begin with it. What a user gets wrong
is in mistakes.py, the command line in command_line.py, GRUB in loader.py, and what the hypervisor
says of its own end in fatal.py. Verdicts go to results/boot.txt, each case's console to log/boot.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import command_line
import fatal
import loader
import machine
import mistakes

# What cannot be tested on an emulator, and why.
SKIPPED = [("fatal/watchdog", "the emulator has no performance counters, which the watchdog needs")]


class Config:
    """What the cases are run with. Files of a case lie in a short path: sockets need that."""

    def __init__(self, args, folder):
        self.hypervisor = args.hypervisor
        self.compressed = args.compressed
        self.output = args.output
        self.folder = folder
        self.lock = threading.Lock()

    def guest(self, name):
        return os.path.join(self.output, "guest", f"{name}.elf")

    def scratch(self, log, kind):
        """A path for a file of the case with this log."""
        return os.path.join(self.folder, f"{os.path.basename(log)[:-4]}.{kind}")

    @staticmethod
    def write(path, data):
        with open(path, "wb") as file:
            file.write(data)


def run_case(config, name, test):
    log = os.path.join(config.output, "log", "boot", name.replace("/", "-") + ".log")
    start = time.monotonic()
    try:
        test(config, log)
        line = f"pass {name}"
    except (machine.Failure, OSError, ValueError, subprocess.SubprocessError) as failure:
        line = f"fail {name}: {' '.join(str(failure).split())} (log: {log})"
    return line, time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hypervisor", required=True)
    parser.add_argument("--compressed", required=True)
    parser.add_argument("--output", default="build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()

    for folder in ("log/boot", "results"):
        os.makedirs(os.path.join(args.output, folder), exist_ok=True)
    cases = [case for module in (mistakes, command_line, loader, fatal) for case in module.cases()
             if not args.names or case[0].startswith(tuple(args.names))]
    failed = 0
    lock = threading.Lock()
    with tempfile.TemporaryDirectory(prefix="xenios-") as folder, \
         open(os.path.join(args.output, "results", "boot.txt"), "w", encoding="utf-8") as results, \
         ThreadPoolExecutor(args.jobs) as pool:
        config = Config(args, folder)

        def report(line, seconds):
            nonlocal failed
            with lock:
                failed += line.startswith("fail")
                results.write(line + "\n")
                results.flush()
                print(f"{line} ({seconds:.1f} s)", flush=True)

        for name, why in SKIPPED:
            report(f"skip {name}: {why}", 0)
        for _ in pool.map(lambda case: report(*run_case(config, *case)), cases):
            pass
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
