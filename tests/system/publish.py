#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn results files into the committed record of the last long run: publish.py FROM... TO.

A test is named after its file and itself: system/reboot of system-long.txt."""

import datetime
import os
import re
import subprocess
import sys


def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def results(path):
    """The lines of a results file, with the suite's name and without the places of logs."""
    suite = os.path.basename(path).removesuffix("-long.txt")
    with open(path, encoding="utf-8") as file:
        for line in file:
            verdict, name = line.split(" ", 1)
            name = name.removeprefix(suite + "/")
            yield f"{verdict} {suite}/{re.split(r' [(](?:log|all of it): ', name)[0].rstrip()}"


def main():
    *sources, target = sys.argv[1:]
    lines = sorted(line for source in sources for line in results(source))
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
