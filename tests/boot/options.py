#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the options that the sources declare with the table in docs/interface/boot.md."""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DECLARATION = re.compile(r'^PARAM_[A-Z]+\("([^"]+)"', re.MULTILINE)
TABLE = os.path.join("docs", "interface", "boot.md")


def declared():
    names = []
    for path in glob.glob(os.path.join(ROOT, "xen", "**", "*.c"), recursive=True):
        with open(path, encoding="utf-8") as file:
            names += DECLARATION.findall(file.read())
    return names


def documented():
    """The names in the first column of the table below "Command line of the hypervisor"."""
    with open(os.path.join(ROOT, TABLE), encoding="utf-8") as file:
        section = file.read().split("## Command line of the hypervisor", 1)[1].split("\n## ")[0]
    names = []
    for line in section.splitlines():
        if line.startswith("| `"):
            cells = line.strip("|").split(" | ")
            if len(cells) != 4 or not all(cell.strip() for cell in cells):
                raise SystemExit(f"{TABLE}: not four cells in '{line}'")
            names += re.findall(r"`([^`]+)`", cells[0])
    return names


def problems():
    found = []
    code, table = declared(), documented()
    for name in sorted(set(code) | set(table)):
        if name not in table:
            found.append(f"option '{name}' is not in the table of {TABLE}")
        elif name not in code:
            found.append(f"option '{name}' is in the table of {TABLE}, but no source declares it")
        elif max(code.count(name), table.count(name)) > 1:
            found.append(f"option '{name}' is there twice")
    if table != sorted(table):
        found.append(f"the table of {TABLE} is not in alphabetical order")
    return found


def main():
    found = problems()
    print("\n".join(found) if found else f"{len(declared())} options, all in the table")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
