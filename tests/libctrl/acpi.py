#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Have Intel's tools (iasl) read the ACPI tables that libctrl makes for a PVH guest.

A test program writes the tables to a folder. Each must be disassembled, and what comes out
assembled again, without an error, a warning or a remark.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

TABLES = {"APIC", "DSDT", "FACP", "XSDT"}
# iasl numbers what it says; its summary counts each sort.
SUMMARY = re.compile(r"(\d+) Errors?, (\d+) Warnings?, (\d+) Remarks?")


def iasl(folder, *words):
    done = subprocess.run(["iasl", *words], cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, timeout=60)
    print(f"$ iasl {' '.join(words)}\n{done.stdout}")
    if done.returncode:
        raise ValueError(f"iasl {words} ended with {done.returncode}")
    return done.stdout


def check(folder, name):
    text = iasl(folder, "-d", name + ".dat")
    if re.search("error|warning|invalid|unknown|incorrect", text, re.IGNORECASE):
        raise ValueError(f"{name}: iasl complains when it disassembles it")
    with open(os.path.join(folder, name + ".dsl"), encoding="utf-8") as source:
        for line in source:
            if re.search(r"\*\*\*\*|Invalid|Unknown|\bIncorrect", line):
                raise ValueError(f"{name}: {line.strip()}")
    counts = SUMMARY.search(iasl(folder, "-oa", "-p", "again-" + name, name + ".dsl"))
    # The compiler for data tables says nothing of these in its summary if there are none.
    if counts and any(int(count) for count in counts.groups()):
        raise ValueError(f"{name}: {counts.group(0)}")
    with open(os.path.join(folder, name + ".dat"), "rb") as ours, \
            open(os.path.join(folder, "again-" + name + ".aml"), "rb") as again:
        ours, again = ours.read(), again.read()
    # Creator and checksum are the assembler's own.
    if ours[:9] + ours[10:28] + ours[36:] != again[:9] + again[10:28] + again[36:]:
        raise ValueError(f"{name}: assembled again, it is another table")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the test program that writes the tables")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.program], env={**os.environ, "ACPI_FOLDER": folder,
                                            "CMOCKA_TEST_FILTER": "test_acpi"}, check=True,
                       timeout=120)
        names = sorted(os.path.basename(path)[:-4] for path in glob.glob(folder + "/*.dat"))
        if {name.split("-")[0] for name in names} != TABLES:
            print(f"tables: {names}")
            return 1
        for name in names:
            try:
                check(folder, name)
            except (OSError, ValueError) as error:
                print(f"{name}: {error}")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
