#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run tests/xl/live/* in dom0: our xl beside Debian's xl and daemons, on Debian's disk."""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOM0 = os.path.join(HERE, "..", "tools", "dom0")
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position

TIMEOUT = 560
# Xen 4.17 restores FPU state lazily, which QEMU 7.2's XSAVE ignores (tests/tools/run.py).
REFERENCE_ARGS = " spec-ctrl=eager-fpu"


def overlay(args, parts):
    files = {"tools/" + name: initrd.read(os.path.join(DOM0, name)) for name in os.listdir(DOM0)}
    for part in parts:
        files["tools/part-" + part] = initrd.read(os.path.join(HERE, "live", part))
    files["tools/settings"] = "KERNEL=6.1\nSTORE=xenstored\nCOUNT=0\n"
    files["command"] = f"exec sh /xenios/tools/start start {' '.join(parts)}\n"
    files["xl/xl"] = initrd.read(args.xl)
    modules = os.path.join(os.path.dirname(args.xl), "modules")
    for name in os.listdir(modules):
        if name.endswith(".so"):
            files["xl/modules/" + name] = initrd.read(os.path.join(modules, name))
    return initrd.build_overlay(files)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "kernels", "image", "output", "xl"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("parts", nargs="*", default=["compare"])
    args = parser.parse_args()

    config = machine.Config(
        xen_elf=args.xen_elf, xen_gz="", cpus=2, memory=1280,
        vmlinuz=os.path.join(args.kernels, "6.1", "vmlinuz"),
        initrd=os.path.join(args.output, "dom0", "initrd-6.1"),
        overlay=overlay(args, args.parts), disk_image=args.image, keep_disk=False, net="none",
        xen_args="dom0_mem=512M,max:512M" + (REFERENCE_ARGS if args.reference else ""),
        accel="tcg,thread=single")
    os.makedirs(os.path.join(args.output, "results"), exist_ok=True)
    os.makedirs(os.path.join(args.output, "log"), exist_ok=True)
    text = b""

    def output(kind, data):
        nonlocal text
        text += data if kind == "o" else b""
        sys.stdout.write(data.decode(errors="replace") if kind == "o" else "")
        sys.stdout.flush()

    why = ""
    try:
        with machine.Machine(config, os.path.join(args.output, "log", "xl-live.log")) as vm:
            vm.run(TIMEOUT, output)
            vm.wait_stop(100)
    except machine.Failure as failure:
        why = str(failure)
    lines = [line for line in text.decode(errors="replace").split("\n")
             if line.startswith(("pass ", "fail "))]
    if not why and "@end" not in text.decode(errors="replace"):
        why = "the parts did not come to their end"
    lines.append(f"{'fail' if why else 'pass'} xl/live/end" + (f": {why}" if why else ""))
    with open(os.path.join(args.output, "results", "xl-live.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    print(lines[-1])
    return 1 if any(line.startswith("fail") for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
