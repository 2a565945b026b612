#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the archive that makes the small dom0 one that has guests: our programs with the libraries
they need, drivers, and a guest with the same kernel. It is unpacked over the base archive.
"""

import argparse
import glob
import gzip
import os
import re
import subprocess
import tempfile

import initrd

DOM0_MODULES = """xen-blkback xen-netback bridge loop nf_tables nft_chain_nat nft_masq ext4""".split()
GUEST_MODULES = "xen-blkfront xen-netfront ext4".split()
DISK_SIZE = 32 << 20
# What terminals call themselves, for xl top.
TERMINALS = "linux xterm xterm-256color screen screen-256color tmux-256color vt100".split()


def libraries(path):
    """{where a program looks for a library: its file here}, of all it needs."""
    done = subprocess.run(["ldd", path], capture_output=True, text=True, check=True)
    found = re.findall(r"(?:=> )?(/\S+) \(0x", done.stdout)
    missing = re.findall(r"(\S+) => not found", done.stdout)
    if missing:
        raise SystemExit(f"{path} needs {', '.join(missing)}, which is not installed.")
    return {name: os.path.realpath(name) for name in found}


def add_programs(cpio, programs, modules, folder):
    needed = {}
    for path in programs:
        cpio.file("usr/sbin/" + os.path.basename(path), stripped(path), 0o755)
        needed.update(libraries(path))
    for path in modules:
        if os.path.basename(path) == "xml.so":
            continue    # Its library brings 35 MB of alphabets.
        cpio.file(os.path.join(folder, os.path.basename(path)), stripped(path))
        needed.update(libraries(path))
    for name, path in sorted(needed.items()):
        cpio.file(name.replace("/usr/lib/", "/lib/", 1).lstrip("/"), initrd.read(path), 0o755)


def stripped(path):
    done = subprocess.run(["strip", "--strip-unneeded", "-o", "/dev/stdout", path],
                          capture_output=True, check=False)
    return done.stdout if done.returncode == 0 and done.stdout else initrd.read(path)


def add_modules(cpio, modules, wanted, present=()):
    """Put what is wanted and not present, and a list of dependencies of both."""
    found = modules.closure(list(wanted) + list(present))
    already = modules.closure(present) if present else {}
    folder = f"lib/modules/{modules.version}"
    for name in sorted(found):
        if name not in already:
            cpio.file(f"{folder}/{name}.ko", found[name][0])
    cpio.file(f"{folder}/modules.dep", "".join(
        f"{name}.ko:{''.join(f' {need}.ko' for need in initrd.dependencies(found, name))}\n"
        for name in sorted(found)))


def guest_initrd(modules, folder, programs):
    cpio = initrd.Cpio()
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "etc", "mnt"):
        cpio.folder(name)
    cpio.node("dev/console", 5, 1)
    cpio.node("dev/null", 1, 3, 0o666)
    cpio.file("bin/busybox", initrd.read("/bin/busybox"), 0o755)
    for applet in os.popen("/bin/busybox --list").read().split():
        if applet != "busybox":
            cpio.link(f"bin/{applet}", "busybox")
    cpio.link("sbin", "bin")
    cpio.file("init", initrd.read(os.path.join(folder, "guest-init")), 0o755)
    cpio.file("etc/inittab", initrd.read(os.path.join(folder, "guest-inittab")))
    cpio.file("etc/dhcp-script", initrd.read(os.path.join(folder, "dhcp-script")), 0o755)
    cpio.file("etc/profile", "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "
              "PS1='guest:\\w# '\ncd\n")
    cpio.file("etc/passwd", "root::0:0:root:/root:/bin/sh\n")
    cpio.file("etc/seed", os.urandom(128))
    cpio.file("etc/modules", " ".join(initrd.Modules.name(name) for name in GUEST_MODULES))
    for path in programs:
        cpio.file("bin/" + os.path.basename(path), initrd.read(path), 0o755)
    add_modules(cpio, modules, GUEST_MODULES)
    return cpio.finish()


def disk_image():
    """An empty ext4, small because it lies in dom0's memory; compressed for the archive."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image")
        with open(path, "wb") as file:
            file.truncate(DISK_SIZE)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-L", "guest", "-m", "0",
                        path], check=True)
        return gzip.compress(initrd.read(path))


def add_terminals(cpio):
    for name in TERMINALS:
        for path in glob.glob(f"/lib/terminfo/?/{name}"):
            cpio.file(path.lstrip("/"), initrd.read(path))


def build(args):
    cpio = initrd.Cpio()
    modules = initrd.Modules(args.kernel)
    demo = args.demo
    add_programs(cpio, args.program, args.module, args.module_folder.lstrip("/"))
    add_terminals(cpio)
    add_modules(cpio, modules, DOM0_MODULES, initrd.MODULES + initrd.EXTRA_MODULES)
    cpio.file("etc/xen/modules", " ".join(initrd.Modules.name(name) for name in DOM0_MODULES))
    cpio.file("etc/xen/guest.cfg", initrd.read(os.path.join(demo, "guest.cfg")))
    cpio.link("root/guest.cfg", "/etc/xen/guest.cfg")
    cpio.file("usr/bin/demo", initrd.read(os.path.join(demo, "show")), 0o755)
    cpio.file("etc/toolstack", initrd.read(os.path.join(demo, "start")), 0o755)
    cpio.file("boot/guest-vmlinuz", initrd.read(os.path.join(args.kernel, "vmlinuz")))
    cpio.file("boot/guest-initrd", guest_initrd(modules, demo, args.guest_program))
    cpio.file("srv/guest.img.gz", disk_image())
    for folder in ("var/log/xen/console", "var/lib/xen/dump", "var/cache", "mnt"):
        cpio.folder(folder)
    return cpio.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True, help="folder of a fetched kernel")
    parser.add_argument("--demo", required=True, help="folder of the demonstration's files")
    parser.add_argument("--program", action="append", default=[], help="goes to /usr/sbin")
    parser.add_argument("--module", action="append", default=[], help="of xl and libctrl")
    parser.add_argument("--module-folder", required=True, help="where xl looks for them")
    parser.add_argument("--guest-program", action="append", default=[])
    parser.add_argument("output")
    args = parser.parse_args()
    data = build(args)
    with open(args.output + ".part", "wb") as file:
        file.write(data)
    os.rename(args.output + ".part", args.output)


if __name__ == "__main__":
    main()
