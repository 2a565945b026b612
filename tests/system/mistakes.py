# SPDX-License-Identifier: BSD-2-Clause
"""What a user gets wrong: each mistake is answered by one sentence on the console."""

import os
import struct
import tempfile

import initrd
import machine

TIMEOUT = 120


def expect(bench, name, sentence, **fields):
    """Boot with these fields; the console must show the sentence (a regular expression)."""
    config = bench.config("6.1", {"command": "true\n"}, **fields)
    with machine.Machine(config, bench.log(name)) as vm:
        vm.console.expect(sentence, TIMEOUT)


def expect_with_module(bench, name, data, sentence):
    """The same, with these bytes as the control domain's kernel."""
    with tempfile.TemporaryDirectory(prefix="xenios-") as folder:
        path = machine.write_file(folder, "module", data)
        expect(bench, name, sentence, modules=path)


def no_module(bench, name):
    expect(bench, name, r"No control domain: the boot loader passed no module", modules="")


def no_kernel(bench, name):
    expect_with_module(bench, name, b"This is no kernel.\n" * 1000,
                       r"The first module is no kernel that can be booted")


def unknown_payload(bench, name):
    """A bzImage whose payload is LZ4: setup header offset 0x248 says where it lies."""
    image = bytearray(initrd.read(os.path.join(bench.args.kernels, "6.1", "vmlinuz")))
    sectors = image[0x1f1] or 4
    start = (sectors + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
    image[start:start + 4] = b"\x02\x21\x4c\x18"
    expect_with_module(bench, name, bytes(image), r"(?i)lz4")


def elf(notes=b""):
    """A 64-bit ELF that loads one page and carries these notes."""
    head, phdr, base = 64, 56, 0x1000000
    note_at = head + 2 * phdr
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0xffffffff80000000 + base, head, 0, 0,
                                 head, phdr, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 7, 0, 0xffffffff80000000 + base, base, 4096, 4096, 4096)
    note = struct.pack("<IIQQQQQQ", 4, 4, note_at, 0, 0, len(notes), len(notes), 4)
    return (header + load + note + notes).ljust(4096, b"\0")


def xen_note(kind, data):
    padded = data + bytes(-len(data) % 4)
    return struct.pack("<III", 4, len(data), kind) + b"Xen\0" + padded


def no_notes(bench, name):
    expect_with_module(bench, name, elf(), r"The control domain's kernel is refused: .*note")


def foreign_loader(bench, name):
    """A kernel that asks for another loader than "generic" (note type 8)."""
    notes = (xen_note(5, b"xen-3.0\0") + xen_note(6, b"other\0") + xen_note(8, b"special\0") +
             xen_note(1, struct.pack("<Q", 0xffffffff81000000)) +
             xen_note(3, struct.pack("<Q", 0xffffffff80000000)) + xen_note(4, bytes(8)))
    expect_with_module(bench, name, elf(notes), r"The control domain's kernel is refused: .*LOADER")


def little_memory(bench, name):
    expect(bench, name, r"Not enough memory", memory=48, xen_args="dom0_mem=32M")


def dom0_too_big(bench, name):
    expect(bench, name, r"Not enough memory: the control domain is to have 4096 MiB \(dom0_mem=\),"
                        r" and \d+ MiB are free", xen_args="dom0_mem=4096M")


def no_pge(bench, name):
    expect(bench, name, r"This CPU has no PGE", cpu="qemu64,-pge")


def no_acpi(bench, name):
    expect(bench, name, r"No ACPI tables were found", qemu_args=("-no-acpi",))


def unknown_option(bench, name):
    """An unknown option is reported by name, and boot goes on."""
    config = bench.config("6.1", {"command": "true\n"}, xen_args="nosuchoption=7")
    with machine.Machine(config, bench.log(name)) as vm:
        vm.console.expect("nosuchoption", TIMEOUT)
        status, _, _ = vm.run(4 * TIMEOUT)
    if status != 0:
        raise machine.Failure(f"the command ended with {status}")


TESTS = [("no-module", no_module), ("no-kernel", no_kernel), ("unknown-payload", unknown_payload),
         ("no-notes", no_notes), ("foreign-loader", foreign_loader), ("little-memory", little_memory),
         ("dom0-too-big", dom0_too_big), ("no-pge", no_pge), ("no-acpi", no_acpi),
         ("unknown-option", unknown_option)]
