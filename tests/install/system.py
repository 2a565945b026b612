#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Install the Debian packages in a real Debian as dom0, restart, create a guest, upgrade under it,
purge. Two starts of an emulated machine with the same disk; the parts are shell scripts in debian/.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "system"), os.path.join(HERE, "..", "tools")]
import initrd  # pylint: disable=wrong-import-position
import machine  # pylint: disable=wrong-import-position
import packages  # pylint: disable=wrong-import-position
import toolstack  # pylint: disable=wrong-import-position

# What the package depends on and the image has not.
DEPENDS = ["libyajl2", "libncursesw6", "zlib1g", "dnsmasq-base", "libnetfilter-conntrack3",
           "libnfnetlink0", "libnftables1", "libnftnl11", "libjansson4", "libgmp10", "libhogweed6",
           "libnettle8", "libidn2-0", "libunistring2", "libmnl0", "init-system-helpers"]


def fetch_depends(folder):
    os.makedirs(folder)
    os.makedirs(packages.CACHE, exist_ok=True)
    found = packages.facts(DEPENDS)
    packages.fetch(found)
    for name, fields in found.items():
        shutil.copy(packages.kept(name, fields["Version"]), folder)


def data_disk(args, work):
    """The disk that the parts find at /data: packages, a guest, the parts themselves."""
    tree = os.path.join(work, "data")
    os.makedirs(tree)
    fetch_depends(os.path.join(tree, "depends"))
    for name in ("old", "new"):
        shutil.copytree(getattr(args, name), os.path.join(tree, name))
    shutil.copytree(os.path.join(HERE, "debian"), os.path.join(tree, "test"))
    shutil.copy(os.path.join(args.kernel, "vmlinuz"), tree)
    guest = toolstack.guest_initrd(initrd.Modules(args.kernel), args.demo, args.guest_program)
    with open(os.path.join(tree, "initrd"), "wb") as file:
        file.write(guest)
    image = os.path.join(tree, "guest.img")
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", image], check=True)
    disk = os.path.join(work, "data.img")
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", tree, disk, "400M"], check=True)
    return disk


class Watch:
    """Takes the results out of what a part prints, as it comes."""

    def __init__(self, test, log):
        self.test, self.log = test, log
        self.rest, self.lines = b"", 0

    def output(self, kind, data):
        self.log.write(data)
        self.log.flush()
        if kind != "o":
            return
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if line.startswith((b"@pass ", b"@fail ")):
                self.lines += 1
                self.test.add(line[1:].decode(errors="replace"))


class Test:
    def __init__(self, args, work):
        self.args = args
        self.data = data_disk(args, work)
        self.root = os.path.join(work, "root.img")
        subprocess.run(["cp", "--sparse=always", args.debian, self.root], check=True)
        os.makedirs(os.path.join(args.output, "results"), exist_ok=True)
        self.results = open(os.path.join(args.output, "results/deb.txt"), "w", encoding="utf-8")
        self.failed = 0

    def add(self, line):
        verdict, _, rest = line.partition(" ")
        self.failed += verdict == "fail"
        print(f"{verdict} deb/{rest}", flush=True)
        self.results.write(f"{verdict} deb/{rest}\n")
        self.results.flush()

    def part(self, name):
        command = ("mkdir -p /data && mount /dev/vdb /data && cd /root && "
                   f"exec bash -c '. /data/test/lib; . /data/test/part-{name}'")
        config = machine.Config(
            xen_elf=self.args.xen_elf, xen_gz=self.args.xen_gz,
            vmlinuz=os.path.join(self.args.kernel, "vmlinuz"), initrd=self.args.initrd,
            overlay=initrd.build_overlay({"command": command + "\n", "root": "/dev/vda\n"}),
            cpus=2, memory=1280, disk_image=self.root, keep_disk=True, accel="tcg,thread=single",
            xen_args="dom0_mem=768M,max:768M",
            qemu_args=("-drive", f"file={self.data},format=raw,if=virtio,snapshot=on"))
        log = os.path.join(self.args.output, f"log/deb-{name}.log")
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log + ".out", "wb") as said, machine.Machine(config, log) as vm:
            watch = Watch(self, said)
            vm.run(self.args.timeout, watch.output)
            vm.wait_stop(120)
        if not watch.lines:
            self.add(f"fail {name}: it said nothing; {log} may say why")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "xen-gz", "kernel", "initrd", "debian", "old", "new", "demo", "output"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--guest-program", action="append", default=[])
    parser.add_argument("--timeout", type=int, default=1800)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.output) as work:
        test = Test(args, work)
        for part in ("install", "guest"):
            try:
                test.part(part)
            except machine.Failure as failure:
                test.add(f"fail {part}: {failure}")
                break
    return test.failed != 0


if __name__ == "__main__":
    sys.exit(main())
