# SPDX-License-Identifier: BSD-2-Clause
"""What Linux in dom0 and in a guest need, as boot modules: all lies in dom0's initramfs.

Of Debian's tools it takes the programs below and the libraries that they name.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import initrd  # pylint: disable=wrong-import-position

LIBRARIES = "usr/lib/x86_64-linux-gnu"
PROGRAMS = ["usr/lib/xen-4.17/bin/xl", "usr/lib/xen-4.17/bin/xenstored",
            "usr/lib/xen-4.17/bin/xenconsoled", "usr/lib/xen-4.17/bin/xen-init-dom0",
            "usr/bin/xenstore-read"]

# The C library asks for it when a thread ends another.
UNNAMED = ["libgcc_s.so.1"]


def needed(path):
    """The libraries that a file names."""
    said = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True)
    return re.findall(r"\(NEEDED\).*\[(.*)\]", said.stdout)


def add_programs(cpio, packages):
    todo, done = list(UNNAMED), set()
    for path in PROGRAMS:
        path = os.path.join(packages, path)
        cpio.file("usr/bin/" + os.path.basename(path), initrd.read(path), 0o755)
        todo += needed(path)
    while todo:
        name = todo.pop()
        if name not in done:
            done.add(name)
            path = os.path.join(packages, LIBRARIES, name)
            cpio.file(f"lib/x86_64-linux-gnu/{name}", initrd.read(path), 0o755)
            todo += needed(path)
    cpio.link("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")


def guest_initrd():
    cpio = initrd.Cpio()
    for folder in ("proc", "sys", "dev"):
        cpio.folder(folder)
    cpio.node("dev/console", 5, 1)
    cpio.file("bin/busybox", initrd.read("/bin/busybox"), 0o755)
    for applet in ("sh", "mount", "poweroff", "uname", "grep", "cat", "stty"):
        cpio.link(f"bin/{applet}", "busybox")
    cpio.file("init", initrd.read(os.path.join(HERE, "dom0", "guest-init")), 0o755)
    return cpio.finish()


def modules(args):
    """[(path or bytes, command line)]: kernel, and initramfs with a guest in it."""
    kernel = os.path.join(args.kernel, "vmlinuz")
    cpio = initrd.Cpio()
    cpio.folder("xenios")
    cpio.file("xenios/seed", os.urandom(128))
    cpio.file("xenios/command", initrd.read(os.path.join(HERE, "dom0", "command")))
    add_programs(cpio, args.packages)
    cpio.file("guest/vmlinuz", initrd.read(kernel))
    cpio.file("guest/initrd", guest_initrd())
    cpio.file("guest/pvh.cfg", initrd.read(os.path.join(HERE, "dom0", "pvh.cfg")))
    base = os.path.join(args.output, "dom0", f"initrd-{os.path.basename(args.kernel)}")
    return [(kernel, "console=hvc0 panic=-1 quiet"), (initrd.read(base) + cpio.finish(), "")]
