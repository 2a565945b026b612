# SPDX-License-Identifier: BSD-2-Clause
"""Boot goes wrong: a kernel, a machine or a CPU that cannot be used. One sentence says so.

Each case is (name, sentence, start): the sentence is a regular expression for the whole text of the
panic; start are the keyword arguments of start_command, with a module as bytes.
"""

import bz2
import gzip
import lzma
import os
import re
import subprocess
import zlib

import kernels
import machine
from kernels import (ENTRY, FEATURES, GUEST_OS, HYPERCALL_PAGE, INIT_P2M, LOADER, PADDR_OFFSET,
                     SUPPORTED_FEATURES, VIRT_BASE, XEN_VERSION, bzimage, damaged, elf)

STOPPED = r"^\(XEN\) The machine is stopped \(noreboot was given\): reset it by hand\.$"
REBOOTS = r"^\(XEN\) Rebooting in 5 seconds\."
COPY_AGAIN = r"Copy the kernel file again\."
OTHER = r" Use another kernel\."
NO_KERNEL = r"The first module is no kernel that can be booted: "
REFUSED = r"The control domain's kernel is refused: "
NOT_UNPACKED = r"The kernel cannot be unpacked "


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def compressed_with(name, magic):
    sentence = (NO_KERNEL + f"The kernel is compressed with {re.escape(name)}\\. "
                r"Use one compressed with gzip, XZ or zstd\.")
    return sentence, {"module": bzimage(magic.ljust(4096, b"\0"), 4096)}


def modules():
    """Files that are no kernel, or only a part of one."""
    good = elf()
    yield "text", NO_KERNEL + r"The first module is neither a bzImage nor an ELF file\. .*", {
        "module": b"This is no kernel.\n" * 100}
    yield "cut-bzimage", NO_KERNEL + r"The kernel is a bzImage that is cut off\. " + COPY_AGAIN, {
        "module": bzimage(gzip.compress(good))[:-100]}
    yield "cut-elf", REFUSED + r"The kernel's ELF file is cut off\. " + COPY_AGAIN, {
        "module": good[:0x1800]}
    yield "elf32", REFUSED + r"The kernel is not a 64-bit x86 program\. Use an amd64 kernel\.", {
        "module": good[:4] + b"\x01" + good[5:]}
    yield "old-bzimage", NO_KERNEL + r"The kernel is a bzImage older than boot .*2\.08\. .*", {
        "module": bzimage(gzip.compress(good), version=0x206)}
    yield "not-elf", REFUSED + r"The kernel does not unpack to an ELF file\.", {
        "module": bzimage(gzip.compress(b"text" * 1000))}
    yield "bare-xz", NO_KERNEL + r"The kernel is a bare XZ or zstd file\. .*", {
        "module": lzma.compress(good)}
    yield "bare-zstd", NO_KERNEL + r"The kernel is a bare XZ or zstd file\. .*", {
        "module": zstd(good)}


def payloads():
    """Compressions: damaged ones, and those that are not supported."""
    # What does not compress, so that a changed byte is sure to matter.
    good = elf()[:-0x1000] + os.urandom(0x1000)
    xz = lzma.compress(good, check=lzma.CHECK_CRC32)
    for name, word, image in (("gzip", "gzip", bzimage(damaged(gzip.compress(good)))),
                              ("xz", "XZ", bzimage(damaged(xz), len(good))),
                              ("zstd", "zstd", bzimage(damaged(zstd(good)), len(good)))):
        yield f"damaged-{name}", NOT_UNPACKED + rf"\({word}\): .*" + COPY_AGAIN, {"module": image}
    yield "bzip2", *compressed_with("bzip2", bz2.compress(b""))
    yield "lzma", *compressed_with("LZMA (not XZ)", lzma.compress(b"", lzma.FORMAT_ALONE))
    yield "lzo", *compressed_with("LZO", b"\x89LZO\0\r\n\x1a\n")
    yield "lz4", *compressed_with("LZ4", b"\x04\x22\x4d\x18")
    yield "lz4-legacy", *compressed_with("LZ4", b"\x02\x21\x4c\x18")
    yield "unknown", (NO_KERNEL + r"The kernel is a bzImage with an unknown compression\. "
                      r"Use one compressed with gzip, XZ or zstd\."), {
        "module": bzimage(zlib.compress(good), len(good))}


def notes():
    """Xen notes that Xen 4.17 refuses; each sentence names the note."""
    inside = kernels.BASE + kernels.START
    yield "none", REFUSED + r"The kernel has no Xen notes\. .*CONFIG_XEN_PV.*", {
        "module": kernels.elf_without_notes()}
    for name, what, fields in (
            ("loader", "LOADER", {"notes": {LOADER: "own"}, "without": (GUEST_OS,)}),
            ("version", "XEN_VERSION", {"notes": {XEN_VERSION: "xen-2.0"}}),
            ("no-version", "XEN_VERSION", {"without": (XEN_VERSION,)}),
            ("unknown-feature", "FEATURES", {"notes": {FEATURES: "!time_travel"}}),
            ("supervisor", "supervisor_mode_kernel", {
                "notes": {FEATURES: "!supervisor_mode_kernel"}}),
            ("not-dom0", "SUPPORTED_FEATURES", {"notes": {SUPPORTED_FEATURES: 1}}),
            ("offset-alone", "PADDR_OFFSET", {"without": (VIRT_BASE,)}),
            ("odd-base", "VIRT_BASE", {"notes": {VIRT_BASE: kernels.BASE + 0x10}}),
            ("high-base", "VIRT_BASE", {
                "notes": {VIRT_BASE: 0xfffffffffff00000, ENTRY: inside}}),
            ("entry", "ENTRY", {"notes": {ENTRY: 0xffffffff90000000}}),
            ("short-number", "ENTRY", {"notes": {ENTRY: b"\x01\x02\x03"}}),
            ("p2m-inside", "INIT_P2M", {"notes": {INIT_P2M: inside}}),
            ("far-away", "PADDR_OFFSET", {"start": 0x50000000})):
        yield name, REFUSED + rf".*\b{what}\b.*" + OTHER, {"module": elf(**fields)}
    yield "hypercall-page", r"The control domain cannot be built: .*\bHYPERCALL_PAGE\b.*" + OTHER, {
        "module": elf({HYPERCALL_PAGE: 0x1000})}
    yield "p2m-odd", r"The control domain cannot be built: .*\bINIT_P2M\b.*" + OTHER, {
        "module": elf({INIT_P2M: 0x8000000800})}


def too_small(mebibytes):
    return (rf"The control domain cannot be built: Not enough memory: it has {mebibytes} MiB, but "
            r"its kernel and initrd take [4-9] MiB\. .*dom0_mem=.*")


def memory():
    """What was found and what is needed are both told."""
    yield "no-tables", r"Not enough memory: found 7 MiB, and \d+ KiB more are needed .*", {
        "memory": 8}
    yield "unpacking", (r"Not enough memory: found 63 MiB, and 128 MiB in one piece are needed to "
                        r"unpack the kernel\."), {
        "memory": 64, "module": bzimage(gzip.compress(bytes(128 << 20), 1))}
    yield "dom0-too-large", (r"Not enough memory: the control domain is to have 4096 MiB "
                             r"\(dom0_mem=\), and \d\d\d MiB are free\. Give it less\."), {
        "memory": 256, "options": "dom0_mem=4G"}
    yield "dom0-too-small", too_small(1), {
        "options": "dom0_mem=1M"}
    yield "all-but-too-much", too_small(0), {
        "options": "dom0_mem=-1G"}


def cpus():
    """All that identify.c requires, but for two: 64-bit mode is looked for in assembly (below), and
    without CMOV, which every 64-bit CPU has, no compiled code runs that could complain."""
    for feature, word in (("fpu", "x87 FPU"), ("tsc", "TSC"), ("msr", "MSR"), ("pae", "PAE"),
                          ("cx8", "CMPXCHG8B"), ("apic", "APIC"), ("pge", "PGE"), ("pat", "PAT"),
                          ("fxsr", "FXSR"), ("sse", "SSE"), ("sse2", "SSE2"),
                          ("syscall", "SYSCALL")):
        yield f"no-{feature}", (rf"This CPU has no {word} \(CPUID\)\. "
                                r"Xenios needs a CPU that has it\."), {"cpu": f"qemu64,-{feature}"}


def acpi():
    """Broken tables that QEMU can make; those that it mends (checksums) come through GRUB."""
    yield "none", r"No ACPI tables were found: this machine cannot be used\. .*", {
        "extra": ("-machine", "pc,acpi=off")}
    for name, sentence, sig, data, machine_type in (
            ("short-hpet", r"ACPI table HPET is broken: its length is 40\.", "HPET", bytes(4),
             "pc,hpet=off"),
            ("mcfg", r"ACPI table MCFG is broken: segment 0, buses 9 to 2 at 0xb0000000\.", "MCFG",
             bytes(8) + bytes.fromhex("000000b0000000000000090200000000"), "pc")):
        yield name, sentence + r" Update the machine's firmware\.", {
            "extra": ("-machine", machine_type), "acpi_table": (sig, data)}


GROUPS = {"module": modules, "payload": payloads, "note": notes, "memory": memory, "cpu": cpus,
          "acpi": acpi}


def check_panic(vm, sentence, end):
    """Exactly one sentence, the expected one, and after it the machine does what it says."""
    vm.expect(end)
    panics = re.findall(r"^\(XEN\) Panic on CPU \d+: (.*)$", vm.text, re.MULTILINE)
    if len(panics) != 1:
        raise machine.Failure(f"{len(panics)} panics instead of one")
    if not re.fullmatch(sentence, panics[0]):
        raise machine.Failure(f"the sentence is '{panics[0]}'")
    if re.search(r"RIP [0-9a-f]{16}|VERDICT", vm.text):
        raise machine.Failure("there is more than the sentence")


def run_mistake(config, log, sentence, options="", module=None, acpi_table=None, **fields):
    path = config.scratch(log, "module")
    config.write(path, elf() if module is None else module)
    if acpi_table:
        config.write(path + "-table", acpi_table[1])
        fields["extra"] += ("-acpitable", f"sig={acpi_table[0]},data={path}-table")
    command = machine.start_command(config, f"noreboot {options}", path, **fields)
    with machine.Machine(command, log) as vm:
        check_panic(vm, sentence, STOPPED)


def no_module(config, log):
    """Without noreboot: the machine restarts by itself."""
    with machine.Machine(machine.start_command(config, "", None), log) as vm:
        check_panic(vm, r"No control domain: the boot loader passed no module\. Add the kernel: .*",
                    REBOOTS)
        vm.expect_end()


def no_long_mode(config, log):
    """Told in assembly, on COM1 and on the screen; then the CPU stays halted."""
    port = config.scratch(log, "gdb")
    command = machine.start_command(config, "", None, cpu="qemu32",
                                    extra=("-gdb", f"unix:{port},server=on,wait=off"))
    sentence = r"Xenios: this CPU has no 64-bit mode \(long mode\)\. Xenios needs one that has\."
    with machine.Machine(command, log) as vm:
        vm.expect(sentence)
        with machine.Debugger(port) as debugger:
            screen = debugger.read_memory(0xb8000, 160)[::2].decode("latin-1")
    if not re.match(sentence, screen):
        raise machine.Failure(f"the screen shows '{screen}'")


def no_nx(config, log):
    """Not required, but said."""
    command = machine.start_command(config, "", config.guest("hello"), cpu="qemu64,-nx")
    with machine.Machine(command, log) as vm:
        vm.expect(r"^\(XEN\) This CPU has no NX, .*: data can be executed\.")
        vm.expect(r"^VERDICT pass")


def no_multiboot(config, log):
    """Another loader's magic number: no command line can be read, so it is told on the screen."""
    port = config.scratch(log, "gdb")
    command = machine.start_command(config, "", config.guest("hello"), extra=(
        "-S", "-gdb", f"unix:{port},server=on,wait=off"))
    entry = machine.symbol(config, "boot_entry") - machine.symbol(config, "image_start") + 0x200000
    with machine.Machine(command, log), machine.Debugger(port) as debugger:
        debugger.run_to(entry)
        debugger.set_register(debugger.RAX, 0)
        debugger.run_to(machine.symbol(config, "machine_restart"))
        screen = debugger.read_memory(0xb8000, 4000)[::2].decode("latin-1")
    sentence = ("Started by something that is no multiboot loader. "
                "Boot with GRUB's multiboot2 command.")
    text = " ".join(screen.split())
    if sentence not in text:
        raise machine.Failure(f"the screen shows '{text}'")


def cases():
    """(name, function of config and log)."""
    yield "module/none", no_module
    for group, members in GROUPS.items():
        for name, sentence, fields in members():
            yield f"{group}/{name}", lambda config, log, sentence=sentence, fields=fields: (
                run_mistake(config, log, sentence, **fields))
    yield "cpu/no-long-mode", no_long_mode
    yield "cpu/no-nx", no_nx
    yield "loader/no-multiboot", no_multiboot
