# SPDX-License-Identifier: BSD-2-Clause
"""GRUB starts the hypervisor, under BIOS, in the ways that there are; and ACPI tables that only
a boot loader can break.

One CD has an entry for each case. The machine's product name (SMBIOS) says which one is taken.
"""

import os
import re
import shutil
import struct
import subprocess

import machine
import mistakes

LINE = "com1=115200,8n1 console=com1"
MENU = """\
smbios --type 1 --get-string 5 --set=entry
source /boot/$entry.cfg
boot
"""
PREFERRED, HIGH = 0x200000, 0x3000000
MODULES = "module2 /boot/hello.elf\n"


def madt(overlong=False, bad_sum=False):
    """One CPU and one I/O APIC."""
    entries = (struct.pack("<BBBBI", 0, 8, 0, 0, 1) +
               struct.pack("<BBBBII", 1, 12, 0, 0, 0xfec00000, 0))
    length = 44 + len(entries)
    body = struct.pack("<4sIBB6s8sIIIII", b"APIC", length + (1 << 24 if overlong else 0), 1, 0,
                       b"TEST  ", b"TESTMADT", 1, 0, 1, 0xfee00000, 1) + entries
    total = (sum(body) + bad_sum) & 0xff
    return body[:9] + bytes([-total & 0xff]) + body[10:]


def entry(image="xenios", command="multiboot2", modules=MODULES, before="", options=""):
    return f"{before}\n{command} /boot/{image} {LINE} {options}\n{modules}"


ENTRIES = {
    "mb2": entry(),
    "mb2-gz": entry("xenios.gz"),
    "mb1": entry(command="multiboot", modules="module /boot/hello.elf\n"),
    "mb1-gz": entry("xenios.gz", "multiboot", "module /boot/hello.elf\n"),
    "initrd": entry("xenios.gz", modules="module2 /boot/hello.elf words\nmodule2 /boot/xenios\n"),
    "relocated": entry("xenios-high"),
    "no-module": entry(modules="", options="noreboot"),
    "many-modules": entry(modules=MODULES * 9, options="noreboot"),
    "empty-module": entry(modules="module2 /boot/empty\n", options="noreboot"),
    "bad-sum": entry(before="acpi --exclude=APIC /boot/bad-sum", options="noreboot"),
    "overlong": entry(before="acpi --exclude=APIC /boot/overlong", options="noreboot"),
    "missing": entry(before="acpi --exclude=APIC", options="noreboot"),
    "good-madt": entry(before="acpi --exclude=APIC /boot/good-madt"),
}

PANICS = {
    "no-module": r"No control domain: the boot loader passed no module\. .*",
    "many-modules": r"The boot loader passed more modules than there is room for \(8\)\. .*",
    "empty-module": mistakes.NO_KERNEL + r"The first module is neither a bzImage nor .*",
    "bad-sum": r"ACPI table APIC \(MADT\) at 0x[0-9a-f]+ is broken: its checksum is wrong\. .*",
    "overlong": r"ACPI table APIC \(MADT\) at 0x[0-9a-f]+ is broken: its length is \d{8}\. .*",
    "missing": r"ACPI table APIC \(MADT\) is missing: the [RX]SDT does not list it\. .*",
}


def ask_for_high_memory(image):
    """The image with another lowest address in its multiboot 2 header."""
    def tag(lowest):
        return struct.pack("<HHIIIII", 10, 1, 24, lowest, 0xfffff000, 0x200000, 1)

    if image.count(tag(PREFERRED)) != 1:
        raise machine.Failure("the image has no relocatable header tag")
    return image.replace(tag(PREFERRED), tag(HIGH))


def write_disc(config):
    """Once, by whichever case comes first; returns its path."""
    disc = os.path.join(config.folder, "boot.iso")
    with config.lock:
        if os.path.exists(disc):
            return disc
        boot = os.path.join(config.folder, "disc", "boot")
        os.makedirs(os.path.join(boot, "grub"))
        for source in (config.hypervisor, config.compressed, config.guest("hello")):
            shutil.copy(source, boot)
        with open(config.hypervisor, "rb") as file:
            high = ask_for_high_memory(file.read())
        files = {"xenios-high": high, "empty": b"", "bad-sum": madt(bad_sum=True),
                 "overlong": madt(overlong=True), "good-madt": madt(),
                 "grub/grub.cfg": MENU.encode()}
        files.update({f"{name}.cfg": text.encode() for name, text in ENTRIES.items()})
        for name, data in files.items():
            config.write(os.path.join(boot, name), data)
        done = subprocess.run(["grub-mkrescue", "-d", "/usr/lib/grub/i386-pc", "-o", disc,
                               "--compress=xz", "--fonts=", "--themes=", "--locales=",
                               os.path.dirname(boot)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise machine.Failure(f"grub-mkrescue failed: {' '.join(done.stderr.split())}")
        return disc


def run_entry(config, log, name):
    command = machine.base_command() + ["-cdrom", write_disc(config), "-boot", "d",
                                        "-smbios", f"type=1,product={name}"]
    with machine.Machine(command, log) as vm:
        if name in PANICS:
            mistakes.check_panic(vm, PANICS[name], mistakes.STOPPED)
            return
        vm.expect(r"^VERDICT pass")
        address = int(vm.expect(r"Loaded by GRUB .* at (0x[0-9a-f]+);")[1], 16)
        if address != (HIGH if name == "relocated" else PREFERRED):
            raise machine.Failure(f"the image was loaded at {address:#x}")
        if match := re.search(r"\bCommand line: .*", vm.text):
            raise machine.Failure(match[0])


def cases():
    for name in ENTRIES:
        yield f"grub/{name}", lambda config, log, name=name: run_entry(config, log, name)
