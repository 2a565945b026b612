#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Count the instructions that tools need to create, list and destroy guests.

Boots dom0 with one emulated CPU and a counting plugin (count/plugin.c), and lets it do
dom0/part-bench with Debian's tools or, if --program names any, with our own. Prints a line
"NAME HYPERVISOR KERNEL TOOLS" for each command there: what the hypervisor, dom0's kernel and dom0's
programs executed meanwhile. With --count it does dom0/part-many, too, which adds lines "NAME VALUE".
"""

import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position

TIMEOUT = 1500
MARK = re.compile(r"^mark (\d+) (\d+) (\d+)$", re.MULTILINE)
VALUE = re.compile(r"^@value (\S+) (-?\d+)$", re.MULTILINE)
# See run.py.
REFERENCE_ARGS = "spec-ctrl=eager-fpu"


def programs(paths):
    """What goes to /xenios/bin: {name: data}; of a folder, shared objects and the whole xl."""
    files = {}
    for path in paths:
        name = os.path.basename(path)
        if os.path.isdir(path):
            files.update({f"bin/{name}/{entry}": initrd.read(os.path.join(path, entry))
                          for entry in os.listdir(path) if entry.endswith(".so") or entry == "xl"})
        else:
            files["bin/" + name] = initrd.read(path)
    return files


def config(args, counts):
    folder = os.path.join(HERE, "dom0")
    series = os.path.basename(os.path.dirname(args.kernel))
    files = {"tools/" + name: initrd.read(os.path.join(folder, name))
             for name in os.listdir(folder)}
    files.update(programs(args.program))
    files["tools/mark"] = initrd.read(args.mark)
    files["tools/settings"] = (f"KERNEL={series}\nSTORE=xenstored\nCOUNT={args.count}\n"
                               f"TOOLS={'ours' if args.program else 'debian'}\n")
    parts = ("own" if args.program else "start") + " bench" + (" many" if args.count else "")
    files["command"] = f"exec sh /xenios/tools/start {parts}\n"
    profile = ",profile=on" if args.profile else ""
    return machine.Config(
        xen_elf=args.hypervisor, xen_gz="", cpus=1, memory=2048,
        vmlinuz=args.kernel, initrd=args.initrd, overlay=initrd.build_overlay(files),
        disk_image=args.image, keep_disk=False, net="none", accel="tcg",
        xen_args="dom0_mem=768M,max:768M " + (REFERENCE_ARGS if args.is_reference else ""),
        qemu_args=("-icount", "shift=0,sleep=off", "-rtc", "base=2024-01-01T00:00:00,clock=vm",
                   "-plugin", f"{args.plugin},out={counts}{profile}"))


def pairs(output, marks):
    """Return {name: counts} from what dom0 printed and the marks that the plugin wrote."""
    names = re.findall(r"^@count (\S+)$", output, re.MULTILINE)
    if len(marks) != 2 * len(names):
        raise machine.Failure(f"{len(marks)} marks came for {len(names)} commands")
    return {name: tuple(b - a for a, b in zip(marks[2 * i], marks[2 * i + 1]))
            for i, name in enumerate(names)}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("hypervisor", "kernel", "initrd", "image", "plugin", "mark", "log"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--is-reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("--program", action="append", default=[],
                        help="of our own tools: a file, or a folder of modules")
    parser.add_argument("--count", type=int, default=0, help="so many guests beside each other, too")
    parser.add_argument("--profile", action="store_true",
                        help="let the plugin write addresses, too: LOG.counts")
    args = parser.parse_args()

    counts = os.path.abspath(args.log + ".counts")
    os.makedirs(os.path.dirname(counts), exist_ok=True)
    try:
        with machine.Machine(config(args, counts), args.log) as vm:
            status, output, errors = vm.run(TIMEOUT)
            vm.wait_stop(100)
        with open(args.log + ".out", "wb") as file:
            file.write(output + errors)
        output = output.decode(errors="replace")
        bad = re.search(r"^\[.*", output, re.MULTILINE)
        if status != 0 or bad or "@end" not in output:
            raise machine.Failure(f"dom0's status {status}, {bad[0] if bad else 'no bad line'}")
        with open(counts, encoding="utf-8") as file:
            marks = [tuple(map(int, match)) for match in MARK.findall(file.read())]
        found = pairs(output, marks)
    except machine.Failure as failure:
        print(f"{failure} (log: {args.log}, .out)", file=sys.stderr)
        return 1
    nothing = found.pop("nothing")
    for name, counted in found.items():
        print(name, *(here - there for here, there in zip(counted, nothing)))
    for name, value in VALUE.findall(output):
        print(name, value)
    return 0


if __name__ == "__main__":
    sys.exit(main())
