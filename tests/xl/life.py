# SPDX-License-Identifier: BSD-2-Clause
"""Turn what cmocka prints as TAP into lines of result; fail if one did, or if there was no end."""

import re
import sys

failed, count, planned, words = 0, 0, None, []
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for line in sys.stdin:
        match = re.match(r"(not ok|ok) \d+ - (\S+)", line)
        plan = re.match(r"1\.\.(\d+)", line)
        planned = int(plan[1]) if plan else planned
        if not match:
            words.append(line.strip())
            continue
        count += 1
        verdict = "pass" if match[1] == "ok" else "fail: " + " ".join(filter(None, words))[-600:]
        failed += match[1] != "ok"
        verdict, _, why = verdict.partition(": ")
        text = f"{verdict} xl/life/{match[2]}" + (f": {why}" if why else "")
        file.write(text + "\n")
        print(text)
        words = []
    if count != planned:
        file.write(f"fail xl/life/end: {count} of {planned} tests: {' '.join(words)[-600:]}\n")
        print("the test ended early:\n" + "\n".join(words))
sys.exit(1 if failed or count != planned else 0)
