#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the inputs that fuzzing of the wire begins with: fuzz_seeds.py FOLDER."""

import os
import struct
import sys

import wire


def record(client, kind, txn, body):
    """One record of fuzz_wire.c."""
    return bytes((client, wire.TYPES[kind], txn)) + struct.pack("<H", len(body)) + body


SEEDS = {
    "nodes": b"\0" + b"".join((
        record(0, "WRITE", 0, b"/a/b\0value"), record(0, "SET_PERMS", 0, b"/a\0n0\0b5\0"),
        record(2, "WRITE", 0, b"/a/c\0x"), record(2, "DIRECTORY", 0, b"/a\0"),
        record(2, "DIRECTORY_PART", 0, b"/a\0000\0"), record(0, "GET_PERMS", 0, b"/a/b\0"),
        record(0, "RM", 0, b"/a\0"), record(2, "MKDIR", 0, b"data\0"))),
    "watches": b"\0" + b"".join((
        record(0, "WATCH", 0, b"/a\0t\0"), record(1, "WATCH", 0, b"@releaseDomain\0t\0"),
        record(0x80, "WRITE", 0, b"/a/b\0x"), record(0, "UNWATCH", 0, b"/a\0t\0"),
        record(3, "WATCH", 0, b"x\0t\0002\0"), record(3, "RESET_WATCHES", 0, b"\0"))),
    "transactions": b"\0" + b"".join((
        record(0, "TRANSACTION_START", 0, b"\0"), record(1, "TRANSACTION_START", 0, b"\0"),
        record(0, "WRITE", 1, b"/a/b\0x"), record(1, "DIRECTORY", 1, b"/\0"),
        record(0, "TRANSACTION_END", 1, b"T\0"), record(1, "RM", 1, b"/a\0"),
        record(1, "TRANSACTION_END", 1, b"T\0"))),
    "domains": b"\0" + b"".join((
        record(0, "INTRODUCE", 0, b"9\0001\0001\0"), record(0, "RELEASE", 0, b"5\0"),
        record(0, "SET_TARGET", 0, b"6\0007\0"), record(0, "IS_DOMAIN_INTRODUCED", 0, b"5\0"),
        record(0, "GET_DOMAIN_PATH", 0, b"5\0"), record(0, "RESUME", 0, b"6\0"))),
    "ring": b"\1" + b"".join(
        bytes((0x85, len(part))) + part for part in (
            wire.frame("READ", b"/tool\0", req=1), wire.frame("WATCH", b"x\0t\0"),
            wire.frame("WRITE", b"x\0" + b"v" * 100)[:60], b"v" * 58)),
    "indexes": b"\1" + b"".join(bytes((field, 4)) + struct.pack("<I", value)
                                for field, value in ((1, 0x401), (2, 9), (4, 1))),
}


def main():
    """Writes a file a seed."""
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for name, data in SEEDS.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
