#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What requests cost beside 10, 100 and 1,000 domains, in instructions of the store; it must not
grow. bench.py PROGRAM RESULTS FOLDER"""

import glob
import os
import re
import shutil
import subprocess
import sys

COUNTS = (10, 100, 1000)
REPEAT = 50
# A request beside 1,000 domains may cost so much of what it costs beside 10.
LIMIT = 1.15


def run(program, count, folder):
    """Return {operation: instructions}, and the bytes that the store used."""
    out = os.path.join(folder, str(count))
    for old in glob.glob(out + ".*"):
        os.unlink(old)
    command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--dump-line=no",
               f"--callgrind-out-file={out}.callgrind", program, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.splitlines()[-1])
    costs = {}
    for path in glob.glob(out + ".callgrind.*"):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = re.search(r"desc: Trigger: Client Request: (\S+)", text)
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
        if name and total:
            costs[name[1]] = int(total[1]) // REPEAT
    return costs, int(re.search(r"(\d+) bytes in use", done.stdout)[1])


def main():
    """The status is 0 if nothing grew."""
    program, results, folder = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    lines = []
    if not shutil.which("valgrind"):
        lines.append("skip xenstored/cost: valgrind is not installed")
    else:
        runs = {count: run(program, count, folder) for count in COUNTS}
        for name in runs[COUNTS[0]][0]:
            costs = [runs[count][0][name] for count in COUNTS]
            text = ", ".join(f"{cost} beside {count}" for cost, count in zip(costs, COUNTS))
            bad = costs[-1] > costs[0] * LIMIT
            print(f"{name}: {text}")
            lines.append(f"fail xenstored/cost/{name}: it grows: {text}" if bad
                         else f"pass xenstored/cost/{name}")
        used = [runs[count][1] for count in COUNTS]
        print("bytes a domain:", (used[2] - used[1]) // 900)
    with open(results, "a", encoding="utf-8") as file:
        for line in lines:
            print(line)
            file.write(line + "\n")
    return any(line.startswith("fail") for line in lines)


if __name__ == "__main__":
    sys.exit(main())
