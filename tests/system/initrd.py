#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the small control domain's initramfs, and the overlays that say what it shall do.

An initramfs is a cpio archive; the kernel unpacks several that follow each other. The base
archive holds busybox, kernel modules and our few programs, and is built once a kernel. An
overlay is a second archive behind it, made anew for each run: the command, the seed.
"""

import argparse
import glob
import lzma
import os
import re
import stat

# Loaded at boot, in this order: buses, disks, network, Xen's devices, random numbers, file system.
MODULES = """virtio_pci virtio_blk ahci sd_mod virtio_net e1000 xenfs xen-evtchn xen-gntdev
    xen-gntalloc xen-privcmd xen-acpi-processor virtio-rng ext4 configfs""".split()
# Only taken along: for the test that loads and unloads modules.
EXTRA_MODULES = "loop dummy xxhash_generic crc32c_generic zram".split()


class Cpio:
    """Writes a 'newc' archive, as the kernel reads it. Needs no privilege for device nodes."""

    def __init__(self):
        self.parts = []
        self.inode = 0
        self.folders = set()

    def _add(self, name, mode, data=b"", device=(0, 0)):
        self.inode += 1
        encoded = name.encode() + b"\0"
        head = "070701" + "".join(f"{field:08x}" for field in (
            self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0))
        entry = head.encode() + encoded
        self.parts.append(entry + b"\0" * (-len(entry) % 4) + data + b"\0" * (-len(data) % 4))

    def folder(self, name, mode=0o755):
        if name and name not in self.folders:
            self.folder(os.path.dirname(name))
            self.folders.add(name)
            self._add(name, stat.S_IFDIR | mode)

    def file(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFREG | mode, data if isinstance(data, bytes) else data.encode())

    def link(self, name, target):
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def node(self, name, major, minor, mode=0o600):
        self.folder(os.path.dirname(name))
        self._add(name, stat.S_IFCHR | mode, device=(major, minor))

    def finish(self):
        self._add("TRAILER!!!", 0)
        data = b"".join(self.parts)
        return data + b"\0" * (-len(data) % 512)


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Modules:
    """The modules of one kernel, with what each one needs."""

    def __init__(self, kernel_folder):
        self.version = read(os.path.join(kernel_folder, "version")).decode().strip()
        root = os.path.join(kernel_folder, "lib/modules", self.version, "kernel")
        self.paths = {}
        for path in glob.glob(root + "/**/*.ko*", recursive=True):
            self.paths[self.name(os.path.basename(path).split(".ko")[0])] = path
        builtin = os.path.join(kernel_folder, "lib/modules", self.version, "modules.builtin")
        self.builtin = {self.name(os.path.basename(line).split(".ko")[0])
                        for line in read(builtin).decode().splitlines()}

    @staticmethod
    def name(text):
        return text.replace("-", "_")

    def data(self, name):
        path = self.paths[name]
        data = read(path)
        return lzma.decompress(data) if path.endswith(".xz") else data

    def closure(self, wanted):
        """Return {name: (data, [direct needs])} of the wanted modules and all they need."""
        found = {}
        todo = [self.name(name) for name in wanted]
        while todo:
            name = todo.pop()
            if name in found or name in self.builtin or name not in self.paths:
                continue
            data = self.data(name)
            match = re.search(rb"\0depends=([^\0]*)\0", data)
            needs = [self.name(n) for n in match[1].decode().split(",") if n] if match else []
            # crc32c and the like are asked for by a name in the code, not as a dependency.
            needs += {"ext4": ["crc32c_generic"]}.get(name, [])
            found[name] = (data, needs)
            todo += needs
        return found


def dependencies(found, name):
    """All that a module needs; what must be loaded first comes last, as modules.dep wants it."""
    order = []

    def visit(module):
        for need in found[module][1]:
            if need in found and need not in order:
                visit(need)
                order.append(need)

    visit(name)
    return order[::-1]


def build_base(kernel_folder, programs, files):
    cpio = Cpio()
    for folder in ("proc", "sys", "dev", "run", "tmp", "root", "etc", "usr/bin", "usr/sbin"):
        cpio.folder(folder)
    cpio.node("dev/console", 5, 1)
    cpio.node("dev/null", 1, 3, 0o666)
    cpio.file("bin/busybox", read("/bin/busybox"), 0o755)
    for applet in os.popen("/bin/busybox --list").read().split():
        if applet != "busybox":
            cpio.link(f"bin/{applet}", "busybox")
    cpio.link("sbin", "bin")
    for path in programs:
        cpio.file("usr/bin/" + os.path.basename(path), read(path), 0o755)
    for path in files:
        name = os.path.basename(path)
        target = "init" if name == "init" else "etc/" + name
        cpio.file(target, read(path), os.stat(path).st_mode & 0o777)
    cpio.file("etc/passwd", "root::0:0:root:/root:/bin/sh\n")
    cpio.file("etc/group", "root:x:0:\n")
    cpio.file("etc/profile", "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\ncd\n")
    modules = Modules(kernel_folder)
    found = modules.closure(MODULES + EXTRA_MODULES)
    folder = f"lib/modules/{modules.version}"
    for name in sorted(found):
        cpio.file(f"{folder}/{name}.ko", found[name][0])
    cpio.file(f"{folder}/modules.dep", "".join(
        f"{name}.ko:{''.join(f' {need}.ko' for need in dependencies(found, name))}\n"
        for name in sorted(found)))
    names = [Modules.name(name) for name in MODULES]
    cpio.file("xenios/modules", " ".join(name for name in names if name in found) + "\n")
    cpio.file("xenios/terminal", "24 80 linux\n")
    return cpio.finish()


def build_overlay(files):
    """files: {name below /xenios: data}. A random seed is always added."""
    cpio = Cpio()
    cpio.folder("xenios")
    for name, data in {"seed": os.urandom(128), **files}.items():
        cpio.file("xenios/" + name, data)
    return cpio.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True, help="folder of a fetched kernel")
    parser.add_argument("--program", action="append", default=[], help="goes to /usr/bin")
    parser.add_argument("--file", action="append", default=[], help="init, or goes to /etc")
    parser.add_argument("output")
    args = parser.parse_args()
    data = build_base(args.kernel, args.program, args.file)
    with open(args.output + ".part", "wb") as file:
        file.write(data)
    os.rename(args.output + ".part", args.output)


if __name__ == "__main__":
    main()
