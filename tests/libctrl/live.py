#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot dom0 and run the live tests of libctrl in it; each line it prints is a test."""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position

TIMEOUT = 400
# Emulated CPUs that take turns: in parallel, one would burn time waiting for a lock that the
# other, while its host thread does not run, holds.
ACCEL = "tcg,thread=single"
# Xen 4.17 restores FPU state lazily, by CR0.TS, which QEMU 7.2's XSAVE ignores.
REFERENCE_ARGS = " spec-ctrl=eager-fpu"

COMMAND = """cp /xenios/live /xenios/tiny.elf /run
chmod 755 /run/live
if [ -e /xenios/xenstored ]; then
    cp /xenios/xenstored /run/store
    chmod 755 /run/store
    mkdir -p /run/xenstored /var/run /var/lib
    /run/store >&2
    for i in 1 2 3 4 5 6 7 8 9 10; do
        [ -e /run/xenstored/socket ] || sleep 0.5
    done
    [ -e /run/xenstored/socket ] || echo "fail store/start: xenstored did not start"
fi
exec /run/live /run/tiny.elf %s
"""


def config(args):
    files = {"live": initrd.read(args.program), "tiny.elf": initrd.read(args.kernel),
             "command": COMMAND % ("reference" if args.reference else "")}
    if args.store:
        files["xenstored"] = initrd.read(args.store)
    qemu = ("-icount", "shift=0,sleep=off") if args.icount else ()
    return machine.Config(
        xen_elf=args.xen_elf, xen_gz="", cpus=1 if args.icount else 2, memory=768, net="none",
        vmlinuz=os.path.join(args.kernels, args.dom0, "vmlinuz"),
        initrd=os.path.join(args.output, "dom0", f"initrd-{args.dom0}"),
        overlay=initrd.build_overlay(files), accel=ACCEL, qemu_args=qemu,
        xen_args="dom0_mem=384M,max:384M" + (REFERENCE_ARGS if args.reference else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "kernels", "output", "program", "kernel"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--store", help="a xenstored to run in dom0")
    parser.add_argument("--dom0", default="6.1", help="dom0's kernel")
    parser.add_argument("--reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("--icount", action="store_true", help="one instruction is one nanosecond")
    args = parser.parse_args()

    name = "libctrl-live" + ("-reference" if args.reference else "")
    log = os.path.join(args.output, "log", name + ".log")
    lines, why = [], ""
    try:
        with machine.Machine(config(args), log) as vm:
            status, output, errors = vm.run(TIMEOUT)
            lines = output.decode(errors="replace").splitlines()
            sys.stderr.write(errors.decode(errors="replace"))
            if status != 0 and not any(line.startswith("fail ") for line in lines):
                why = f"the program ended with {status}"
    except machine.Failure as failure:
        why = str(failure)
    tests = [line.replace(" ", f" {name}/", 1) for line in lines
             if line.startswith(("pass ", "fail ", "skip "))]
    if why or not tests:
        tests.append(f"fail {name}/end: {why or 'no test ran'} (log: {log})")
    os.makedirs(os.path.join(args.output, "results"), exist_ok=True)
    with open(os.path.join(args.output, "results", name + ".txt"), "w", encoding="utf-8") as file:
        for line in tests:
            print(line)
            file.write(line + "\n")
    return any(line.startswith("fail ") for line in tests)


if __name__ == "__main__":
    sys.exit(main())
