#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the static xl does itself and what it leaves to the whole program, by the words alone.

The whole program is here one that says its words. What the static one does fails, as there is no
hypervisor.
"""

import os
import shutil
import subprocess
import sys
import tempfile

QUICK = [
    "list", "list guest", "list -v", "-v list", "domid guest", "domname 3", "pause guest",
    "unpause guest", "destroy guest", "destroy -f guest", "shutdown -aw", "reboot -F guest",
    "create plain.cfg", "create -pe plain.cfg memory=4", "create -cFqv plain.cfg",
    "create nowhere.cfg", "-v -v create plain.cfg",
]
WHOLE = [
    "", "help", "-h", "info", "supervise", "lis", "list -l", "list --json", "list --long", "list -vl",
    "-N create plain.cfg", "-t list", "create -n plain.cfg", "create -d plain.cfg",
    "create --quiet plain.cfg", "create -f plain.cfg", "create guest.xml", "create fifo",
    "create .", "destroy --help", "domid --json guest", "create -",
]
FILES = {"plain.cfg": "name = 'g'\n", "guest.xml": " \n<domain/>\n"}


def prepare(folder, front):
    os.mkdir(os.path.join(folder, "modules"))
    shutil.copy(front, os.path.join(folder, "xl"))
    whole = os.path.join(folder, "modules", "xl")
    with open(whole, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\necho "whole: $*"\n')
    os.chmod(whole, 0o755)
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    os.mkfifo(os.path.join(folder, "fifo"))


def check(folder, words, quick):
    """Why it is wrong; empty if it is not."""
    try:
        done = subprocess.run([os.path.join(folder, "xl")] + words.split(), cwd=folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "it did not end"
    text = done.stdout.decode(errors="replace").strip()
    if quick:
        return "" if done.returncode != 0 and "whole:" not in text else f"it was left: {text}"
    return "" if text == f"whole: {words}".strip() else f"it was not left alone: {text[:80]}"


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder, open(sys.argv[2], "w", encoding="utf-8") as out:
        prepare(folder, sys.argv[1])
        for quick, rows in ((True, QUICK), (False, WHOLE)):
            for words in rows:
                why = check(folder, words, quick)
                failed += bool(why)
                name = f"xl/front/{words.replace(' ', '_') or 'no_words'}"
                line = f"fail {name}: {' '.join(why.split())}" if why else f"pass {name}"
                print(line)
                out.write(line + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
