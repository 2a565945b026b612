#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn a results file into the committed record of the last long run: publish.py FROM TO."""

import datetime
import subprocess
import sys


def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        lines = sorted(line.split(" (log: ")[0].rstrip() for line in file)
    count = {verdict: sum(1 for line in lines if line.startswith(verdict))
             for verdict in ("pass", "fail", "skip")}
    changed = " and changes not committed" if git("status", "--porcelain", "-uno") else ""
    with open(target, "w", encoding="utf-8") as file:
        file.write("The last run of 'make check-long', written by it.\n"
                   f"Commit {git('rev-parse', 'HEAD')}{changed}\n"
                   f"Date   {datetime.date.today()}\n"
                   f"QEMU   {qemu_version()}\n\n" + "".join(line + "\n" for line in lines) +
                   f"\n{count['pass']} passed, {count['fail']} failed, {count['skip']} skipped\n")


def qemu_version():
    done = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True,
                          check=False)
    return done.stdout.split("\n")[0]


if __name__ == "__main__":
    main()
