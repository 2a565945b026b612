#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What fuzzing of kernel files starts from: a small kernel, bare and in each container."""

import os
import struct
import subprocess
import sys

PACKERS = {"gzip": ["gzip", "-nc"], "xz": ["xz", "--check=crc32", "-c"], "zstd": ["zstd", "-qc"]}
HEAD = 1024     # one sector of setup code behind the boot sector


def bzimage(payload):
    head = bytearray(HEAD)
    head[0x1f1] = 1
    head[0x202:0x206] = b"HdrS"
    head[0x206:0x208] = b"\x0f\x02"
    head[0x24c:0x250] = struct.pack("<I", len(payload))
    return bytes(head) + payload


def main():
    kernel_path, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    with open(kernel_path, "rb") as file:
        kernel = file.read()
    inputs = {"elf": kernel, "bzimage-elf": bzimage(kernel)}
    for name, command in PACKERS.items():
        packed = subprocess.run(command, input=kernel, stdout=subprocess.PIPE, check=True).stdout
        packed += struct.pack("<I", len(kernel))
        inputs["bzimage-" + name] = bzimage(packed)
        if name == "gzip":
            inputs[name] = packed
    for name, data in inputs.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
