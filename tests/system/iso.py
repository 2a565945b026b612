#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write a CD image whose GRUB starts the hypervisor, a kernel and an initrd; BIOS and UEFI."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

MENU = """\
set timeout={timeout}
set default=0
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
insmod all_video

menuentry "Xenios" {{
    multiboot2 /boot/xenios.gz {xen_line}
    module2 /boot/vmlinuz {linux_line}
    module2 /boot/initrd
}}
"""


def write(path, xen_gz, xen_line, vmlinuz, linux_line, initrd, timeout=5):
    """initrd is the archive's bytes. Raises RuntimeError with grub-mkrescue's words."""
    tree = tempfile.mkdtemp(prefix="xenios-iso-")
    try:
        os.makedirs(os.path.join(tree, "boot/grub"))
        shutil.copy(xen_gz, os.path.join(tree, "boot/xenios.gz"))
        shutil.copy(vmlinuz, os.path.join(tree, "boot/vmlinuz"))
        with open(os.path.join(tree, "boot/initrd"), "wb") as file:
            file.write(initrd)
        with open(os.path.join(tree, "boot/grub/grub.cfg"), "w", encoding="utf-8") as file:
            file.write(MENU.format(timeout=timeout, xen_line=xen_line, linux_line=linux_line))
        done = subprocess.run(["grub-mkrescue", "-o", path, "--compress=xz", "--fonts=", "--themes=",
                               "--locales=", tree], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"grub-mkrescue failed:\n{done.stderr}")
    finally:
        shutil.rmtree(tree)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-gz", "xen-line", "vmlinuz", "linux-line", "initrd", "output"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    with open(args.initrd, "rb") as file:
        initrd = file.read()
    try:
        write(args.output, args.xen_gz, args.xen_line, args.vmlinuz, args.linux_line, initrd)
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
