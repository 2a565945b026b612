#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The table of whole-system runs: reading it, proving that it is complete, making a new one.

In the table 'matrix' each row is a machine. Every value of every column meets every value of
every other column in some row; rows marked '+' stand outside that rule. Run this file to print
a fresh table (after COLUMNS has changed).
"""

import itertools
import os
import random

COLUMNS = {
    "kernel": ("6.1", "6.12"),
    "cpus": ("1", "2", "4"),
    "firmware": ("kernel", "bios", "uefi"),
    "memory": ("512", "1024", "6144"),
    "disk": ("virtio", "ahci"),
    "net": ("virtio", "e1000"),
    "interrupts": ("msi", "intx"),
}
EXTRA = [("6.12", "2", "kernel", "16384", "virtio", "virtio", "msi")]


def row_name(row):
    return "-".join((row["kernel"], row["cpus"] + "cpu", row["firmware"], row["memory"] + "M",
                     row["disk"], row["net"], row["interrupts"]))


def read_table(path):
    """Return (rows that must cover all pairs, rows beyond), each row a dict."""
    rows, extra = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split()
            if words:
                chosen = extra if words[0] == "+" else rows
                chosen.append(dict(zip(COLUMNS, words[words[0] == "+":], strict=True)))
    return rows, extra


def all_pairs():
    return {((a, x), (b, y)) for a, b in itertools.combinations(COLUMNS, 2)
            for x in COLUMNS[a] for y in COLUMNS[b]}


def row_pairs(row):
    return set(itertools.combinations(row.items(), 2))


def missing_pairs(rows):
    return sorted(all_pairs() - set().union(*(row_pairs(row) for row in rows)))


def make_table(tries=300):
    """Greedy: each next row is, of all possible ones, the one that adds most pairs."""
    everything = [dict(zip(COLUMNS, values)) for values in itertools.product(*COLUMNS.values())]
    best = None
    for seed in range(tries):
        generator = random.Random(seed)
        missing, rows = all_pairs(), []
        while missing:
            generator.shuffle(everything)
            rows.append(max(everything, key=lambda row: len(row_pairs(row) & missing)))
            missing -= row_pairs(rows[-1])
        if best is None or len(rows) < len(best):
            best = rows
    return best


def main():
    print("# SPDX-License-Identifier: BSD-2-Clause")
    print("# Machines of the whole-system tests; see matrix.py. Memory is in MiB.")
    widths = [max(len(name), *map(len, values)) for name, values in COLUMNS.items()]
    table = [tuple(row.values()) for row in make_table()]
    lines = [("#", tuple(COLUMNS))] + [(" ", row) for row in sorted(table)]
    lines += [("+", row) for row in EXTRA]
    for mark, row in lines:
        cells = (value.ljust(width) for value, width in zip(row, widths))
        print(f"{mark} {' '.join(cells)}".rstrip())


if __name__ == "__main__":
    main()
