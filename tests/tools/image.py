#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the disk of the tools tests' dom0: Debian's packages, kernel modules, and the guests.

The small dom0 of tests/system mounts it and continues on it. Below /guests it holds, for each
kernel: SERIES.bzimage (as Debian ships it), SERIES.elf (what is packed in it) and
SERIES.initrd, a small system that takes commands on its console; tiny.elf; and random.img, a
disk of known content.
"""

import argparse
import lzma
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
import initrd  # pylint: disable=wrong-import-position

DOM0_MODULES = """xen-blkback xen-netback bridge loop xen-evtchn xen-gntdev xen-gntalloc
    xen-privcmd xenfs xen-acpi-processor""".split()
GUEST_MODULES = "xen-blkfront xen-netfront".split()
IMAGE_SIZE = "2G"
DISK_SIZE = 4 << 20


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def add_modules(put, folder, modules, wanted):
    """Hand the modules and their list of dependencies to put(name, data)."""
    found = modules.closure(wanted)
    for name in found:
        put(f"{folder}/{name}.ko", found[name][0])
    put(f"{folder}/modules.dep", "".join(
        f"{name}.ko:{''.join(f' {need}.ko' for need in initrd.dependencies(found, name))}\n"
        for name in sorted(found)).encode())


def guest_initrd(modules, init, programs):
    cpio = initrd.Cpio()
    for folder in ("proc", "sys", "dev", "tmp", "root", "etc"):
        cpio.folder(folder)
    cpio.node("dev/console", 5, 1)
    cpio.node("dev/null", 1, 3, 0o666)
    cpio.file("bin/busybox", initrd.read("/bin/busybox"), 0o755)
    for applet in busybox_applets():
        cpio.link(f"bin/{applet}", "busybox")
    cpio.link("sbin", "bin")
    # What the kernel calls when the tools ask for an end: there is no init that could be asked.
    for name in ("poweroff", "reboot"):
        cpio.file(f"bin/{name}", f"#!/bin/sh\nexec busybox {name} -f\n", 0o755)
    cpio.file("etc/modules", " ".join(initrd.Modules.name(name) for name in GUEST_MODULES))
    cpio.file("etc/seed", os.urandom(128))
    cpio.file("init", initrd.read(init), 0o755)
    for path in programs:
        cpio.file("bin/" + os.path.basename(path), initrd.read(path), 0o755)
    add_modules(cpio.file, f"lib/modules/{modules.version}", modules, GUEST_MODULES)
    return cpio.finish()


def busybox_applets():
    done = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split() if name not in ("busybox", "poweroff", "reboot")]


def add_busybox(tree):
    """What Debian's own packages in the tree do not have, busybox does."""
    shutil.copy("/bin/busybox", os.path.join(tree, "usr/bin/busybox"))
    for applet in busybox_applets() + ["poweroff", "reboot"]:
        places = [os.path.join(tree, "usr", folder, applet) for folder in ("bin", "sbin")]
        if not any(os.path.lexists(place) for place in places):
            os.symlink("busybox", places[0])


def unpack_kernel(vmlinuz):
    """The ELF inside a bzImage that is compressed with xz or zstd."""
    data = initrd.read(vmlinuz)
    start = (data[0x1f1] + 1) * 512 + int.from_bytes(data[0x248:0x24c], "little")
    length = int.from_bytes(data[0x24c:0x250], "little")
    packed = data[start:start + length]
    if packed.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(packed)
    # What follows zstd's frame is the length of the ELF.
    return subprocess.run(["zstd", "-dc"], input=packed[:-4], capture_output=True, check=True).stdout


def add_guests(tree, args):
    folder = os.path.join(tree, "guests")
    for kernel in args.kernel:
        series = os.path.basename(kernel)
        modules = initrd.Modules(kernel)
        vmlinuz = os.path.join(kernel, "vmlinuz")
        write(f"{folder}/{series}.bzimage", initrd.read(vmlinuz))
        write(f"{folder}/{series}.elf", unpack_kernel(vmlinuz))
        write(f"{folder}/{series}.initrd", guest_initrd(modules, args.guest_init, args.program))
        add_modules(lambda name, data: write(os.path.join(tree, name), data),
                    f"lib/modules/{modules.version}", modules, DOM0_MODULES)
    write(f"{folder}/tiny.elf", initrd.read(args.tiny))
    write(f"{folder}/random.img", random.Random(DISK_SIZE).randbytes(DISK_SIZE))


def add_system(tree):
    """What an installed Debian has and no package carries."""
    for folder in ("proc", "sys", "dev", "run", "tmp", "root", "xenios", "etc/default", "var/log/xen/console",
                   "var/lib/xen/dump", "etc/xen/auto"):
        os.makedirs(os.path.join(tree, folder), exist_ok=True)
    for name, target in (("run", "/run"), ("lock", "/run/lock")):
        shutil.rmtree(os.path.join(tree, "var", name), ignore_errors=True)
        os.symlink(target, os.path.join(tree, "var", name))
    write(os.path.join(tree, "etc/passwd"), b"root::0:0:root:/root:/bin/bash\n")
    write(os.path.join(tree, "etc/group"), b"root:x:0:\n")
    write(os.path.join(tree, "etc/hosts"), b"127.0.0.1 localhost xenios\n")
    shell = os.path.join(tree, "usr/bin/sh")
    if not os.path.lexists(shell):
        os.symlink("dash", shell)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", required=True, help="folder with the unpacked packages")
    parser.add_argument("--kernel", action="append", default=[], help="folder of a fetched kernel")
    parser.add_argument("--tiny", required=True, help="the smallest guest")
    parser.add_argument("--guest-init", required=True)
    parser.add_argument("--program", action="append", default=[], help="goes into Debian guests")
    parser.add_argument("output")
    parser.add_argument("--dom0-program", action="append", default=[], help="goes into dom0")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.path.dirname(args.output)) as folder:
        tree = os.path.join(folder, "tree")
        subprocess.run(["cp", "-a", args.packages, tree], check=True)
        add_system(tree)
        add_busybox(tree)
        add_guests(tree, args)
        for path in args.dom0_program:
            write(os.path.join(tree, "usr/bin", os.path.basename(path)), initrd.read(path), 0o755)
        image = os.path.join(folder, "image")
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d", tree,
                        image, IMAGE_SIZE], check=True)
        os.rename(image, args.output)


if __name__ == "__main__":
    main()
