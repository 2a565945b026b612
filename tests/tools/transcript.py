# SPDX-License-Identifier: BSD-2-Clause
"""Transcripts of the tools in dom0: taking them apart, making them comparable, comparing them.

What changes from run to run or with versions is replaced: domain numbers, times, ports, keys of
rings, processors, addresses. The layout of a line is not compared: it is the tools', not ours.
"""

import difflib
import re

# The first two letters of a state say what the scheduler does at that moment.
_STATE = r"[r-][b-]([p-][s-][-rscwS][d-])"

RULES = [(re.compile(pattern), to) for pattern, to in (
    # xl list, with what -v, -c and the like append.
    (rf"^(\S+) +\d+ +(\d+ +\d+ +){_STATE} +[\d.]+", r"\1 # \2..\3 T"),
    # xl vcpu-list
    (r"^(\S+) +\d+ +(\d+) +\d+ +[r-][b-]- +[\d.]+ ", r"\1 # \2 C ..- T "),
    (r"^(\S+) +\d+ +(\d+) +- +(\S+) +[\d.]+ ", r"\1 # \2 - \3 T "),
    # xl uptime, vm-list, sched-credit2, claims
    (r"^(\S+) +\d+ +(?:\d+ days?, +)?[ \d]?\d:\d\d:\d\d$", r"\1 # UPTIME"),
    (r"^(UUID|[0-9a-f-]{36}) +\d+ +", r"UUID # "),
    (r"^(\S+) +\d+ +(\d+ +\d+)$", r"\1 # \2"),
    # xl info
    (r"^(release|version|cpu_mhz|hw_caps|total_memory|free_memory|xen_changeset|xen_commandline"
     r"|cc_\w+|build_id) *:.*", r"\1 : *"),
    (r"^( {3}\d: +)\d+ +\d+( +\d+)$", r"\1 MEMORY\2"),
    # xl block-list, xl network-list
    # (xl's column 'handle' of disks is the guest's number)
    (r"^(\d+ +\d+) +\d+ +(\d+) +-?\d+ +-?\d+ +/local/domain/(\d+)/backend/(\w+)/\d+/(\d+)",
     r"\1 # \2 EVT RING /local/domain/\3/backend/\4/#/\5"),
    (r"^(\d+ +\d+) +([0-9a-f:]{17}) +(-?\d+) +(-?\d+) +-?\d+ +-?\d+/-?\d+ +(\S+/)\d+/(\d+)",
     r"\1 \2 \3 \4 EVT RINGS \5#/\6"),
    (r"\b00:16:3e(:[0-9a-f]{2}){3}\b(?<!00:00:77)", "MAC"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    # virsh dominfo
    (r"^CPU time: +[\d.]+s$", "CPU time: T"),
    # Messages of the libraries.
    (r"\b((?:lib)?x\w+\.c):\d+:", r"\1:"),
    (r"\b([Dd]omain(?: id)?|'domid':|\"domid\":|domid) \d+", r"\1 #"),
    (r"/(backend/\w+|domain|libxl)/[1-9]\d*\b", r"/\1/#"),
    (r"\bmfn 0x[0-9a-f]+", "mfn M"),
    (r"\(info 0x\w+/0x\w+/\d+\)|\(new xl fmt info 0x\w+/0x\w+/\d+\)", "(INFO)"),
    # Which kernel it is, is not the tools' affair.
    (r"Linux \d+\.\d+,", "Linux V,"),
    (r"/guests/\d\.\d+\.\w+", "/guests/KERNEL"),
)]


def normal(line):
    line = line.rstrip().replace("\t", "    ")
    for pattern, to in RULES:
        line = pattern.sub(to, line)
    return re.sub(r" +", " ", line)


def take_apart(text):
    """Return {step: [line]} of a transcript, in its order, and whether it came to its end."""
    steps, lines, ended = {}, None, False
    for line in text.splitlines():
        if line.startswith("@step "):
            lines = steps.setdefault(line[6:], [])
        elif line.startswith("@end"):
            ended = True
        elif line.startswith("@part "):
            lines = None
        elif lines is not None:
            lines.append(normal(line))
    return steps, ended


def read_expected(path):
    with open(path, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith("# "))
    steps = {}
    for part in text.split("@step ")[1:]:
        name, _, body = part.partition("\n")
        steps[name] = body.splitlines()
    return steps


def write_expected(path, steps):
    with open(path, "w", encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: BSD-2-Clause\n"
                   "# Recorded on Debian's packaged Xen 4.17 by run.py --record; see transcript.py.\n")
        for name, lines in steps.items():
            file.write(f"@step {name}\n" + "".join(line + "\n" for line in lines))


def read_differences(path):
    """Return {step: [(line here, line on Xen)]}; '-' is no line."""
    listed = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = [field.strip() for field in line.split("#", 1)[0].split("|")]
            if len(fields) == 5 and fields[0].startswith("tools/"):
                listed.setdefault(fields[0][6:], []).append(fields[1:3])
    return listed


def apply_differences(lines, listed):
    """Return what is to be expected here, and the listed lines that Xen's transcript lacks."""
    stale = []
    for here, there in listed:
        found = [number for number, line in enumerate(lines) if line.strip() == there]
        if not found and there != "-":
            stale.append(there)
        for number in reversed(found):
            lines = lines[:number] + ([] if here == "-" else [here]) + lines[number + 1:]
        if there == "-":
            lines = lines + [here]
    return lines, stale


def difference(got, want):
    """One line for a person about the first difference, and all of it; '' and '' if none."""
    if [line.strip() for line in got] == [line.strip() for line in want]:
        return "", ""
    whole = "\n".join(difflib.unified_diff(want, got, "expected", "got", lineterm="", n=2))
    first = [line for line in whole.splitlines()[2:] if line[0] in "+-"]
    wanted = next((line[1:] for line in first if line[0] == "-"), "nothing more")
    came = next((line[1:] for line in first if line[0] == "+"), "nothing more")
    return f"'{came}' came instead of '{wanted}'", whole
