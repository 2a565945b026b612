# SPDX-License-Identifier: BSD-2-Clause
"""What our own tools take beside Debian's on the same hypervisor, and what they should at most.

Takes what bench.py of this folder found for both: {name: (hypervisor, kernel, tools) or value}.
"""

import dataclasses

MIB = 1 << 20
# What is measured, and which part of what Debian's tools take is the most it should be.
RATIOS = {
    "list": 1 / 3,
    "create-tiny": 1 / 5,
    "destroy-tiny": 1 / 6,
    "create-debian": 1 / 6,
    "destroy-debian": 1 / 6,
    "create-debian-packed-first": 1,
    "create-debian-packed": 1 / 20,
}
# Debian's tools do the same each time.
SAME = {"create-debian-packed-first": "create-debian-packed"}


@dataclasses.dataclass
class Row:
    """One line of the table. 'ratio' is what the goal is about, both as numbers."""
    name: str
    ours: int
    packaged: int
    ratio: float
    goal: float
    goal_text: str
    parts: tuple = ()

    def met(self):
        return self.ratio <= self.goal


def rows(ours, packaged, count):
    """All rows; count is how many guests our last one was."""
    table = []
    for name, goal in RATIOS.items():
        a, b = sum(ours[name]), sum(packaged[SAME.get(name, name)])
        text = "1" if goal == 1 else f"1/{1 / goal:.0f}"
        table.append(Row(f"xl-{name}", a, b, a / b, goal, text, ours[name]))
    second, last = sum(ours["create-second"]), sum(ours["create-last"])
    table.append(Row(f"xl-create-tiny, guest {count} beside guest 2", last, second, last / second,
                     1.05, "1.05", ours["create-last"]))
    a, b = ours["dom0-memory-each"], packaged["dom0-memory-each"]
    table.append(Row("dom0's memory for each tiny guest, bytes", a, b, a / (0.2 * MIB), 1,
                     "0.2 MiB"))
    return table


def as_page(table):
    """The table as Markdown."""
    lines = ["| Operation | Ours | Packaged | Ratio | Goal | Hypervisor | dom0's kernel | Tools |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for row in table:
        parts = " | ".join(f"{part:,}" for part in row.parts) or " | | "
        lines.append(f"| {row.name} | {row.ours:,} | {row.packaged:,} "
                     f"| {row.ours / row.packaged:.3f} | {row.goal_text}"
                     f"{'' if row.met() else ' (missed)'} | {parts} |")
    return "\n".join(lines) + "\n"


def print_table(table):
    width = max(len(row.name) for row in table)
    print(f"\n{'our own tools':{width}}  {'ours':>13}  {'packaged':>13}  ratio  goal")
    for row in table:
        print(f"{row.name:{width}}  {row.ours:13,}  {row.packaged:13,}  "
              f"{row.ours / row.packaged:5.3f}  {row.goal_text}{'' if row.met() else ' MISSED'}")
