#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the test suites and add up what they report.

Each suite is a make target check-<suite> that writes <output>/results/<suite>.txt; the lines
are described in tests/README.md. Suites run one after the other; those behind a "+" beside those
before it, and then each line says whose it is. The last line printed is "N passed, N failed",
with ", N skipped" when something was skipped.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time

LINE = re.compile(r"^(pass|fail|skip) (\S+?)(?:: (.+))?$")


def read_results(path):
    """Return [(verdict, name, why)]; a line that breaks the convention counts as a failure."""
    results = []
    seen = set()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return results
    for line in lines:
        match = LINE.match(line)
        if not match or (match[1] != "pass" and not match[3]):
            results.append(("fail", "results", f"{path}: unreadable line '{line}'"))
        elif match[2] in seen:
            results.append(("fail", match[2], f"{path}: reported twice"))
        else:
            seen.add(match[2])
            results.append((match[1], match[2], match[3]))
    return results


def run_make(command, prefix):
    """Its status; each line it prints comes with the prefix."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    for line in process.stdout:
        print(prefix + line, end="", flush=True)
    return process.wait()


def run_suite(suite, output, make, prefix):
    path = os.path.join(output, "results", f"{suite}.txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        os.remove(path)
    print(f"== {suite}", flush=True)
    start = time.monotonic()
    status = run_make([make, f"-j{os.cpu_count() or 1}", "--no-print-directory",
                       f"check-{suite}", f"O={output}"], prefix)
    results = read_results(path)
    failed = any(verdict == "fail" for verdict, _, _ in results)
    if status != 0 and not failed:
        results.append(("fail", suite, f"'make check-{suite}' ended with {status}"
                                       " and reported no failed test"))
    elif status == 0 and not results:
        results.append(("fail", suite, "the suite reported nothing"))
    print(f"== {suite}: {time.monotonic() - start:.0f} s", flush=True)
    return [(verdict, name if name.startswith(f"{suite}/") else f"{suite}/{name}", why)
            for verdict, name, why in results]


def run_lanes(lanes, output, make):
    """The results of all suites, in the order in which they were named."""
    def run_lane(suites):
        results = []
        for suite in suites:
            results += run_suite(suite, output, make, f"{suite}: " if len(lanes) > 1 else "")
        return results

    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
        return [result for results in pool.map(run_lane, lanes) for result in results]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", default="build")
    parser.add_argument("--make", default=os.environ.get("MAKE", "make"))
    parser.add_argument("suites", nargs="+")
    args = parser.parse_args()

    lanes = [lane.split() for lane in " ".join(args.suites).split("+")]
    start = time.monotonic()
    results = run_lanes(lanes, args.output, args.make)
    print(f"\n== all: {time.monotonic() - start:.0f} s")
    for wanted in ("skip", "fail"):
        for verdict, name, why in results:
            if verdict == wanted:
                print(f"{verdict} {name}: {why}")
    count = {v: sum(1 for r in results if r[0] == v) for v in ("pass", "fail", "skip")}
    total = f"{count['pass']} passed, {count['fail']} failed"
    if count["skip"]:
        total += f", {count['skip']} skipped"
    print(total)
    return 1 if count["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
