# SPDX-License-Identifier: BSD-2-Clause
"""Kernels for the control domain, good and bad: ELF files with Xen notes, and bzImages."""

import struct

ENTRY, HYPERCALL_PAGE, VIRT_BASE, PADDR_OFFSET, XEN_VERSION, GUEST_OS = 1, 2, 3, 4, 5, 6
LOADER, FEATURES, INIT_P2M, MOD_START_PFN, SUPPORTED_FEATURES = 8, 10, 15, 16, 17

BASE = 0xffffffff80000000       # virtual address of physical address 0
START = 0x100000                # physical address of the only segment
SIZE = 0x2000

# for (;;) sched_op(SCHEDOP_block): a control domain that stays, and does nothing.
WAITER = bytes.fromhex("b81d000000"     # mov $__HYPERVISOR_sched_op, %eax
                       "bf01000000"     # mov $SCHEDOP_block, %edi
                       "31f6"           # xor %esi, %esi
                       "0f05"           # syscall
                       "ebf0")          # jmp to the start

GOOD = {
    ENTRY: BASE + START,
    VIRT_BASE: BASE,
    PADDR_OFFSET: 0,
    XEN_VERSION: "xen-3.0",
    GUEST_OS: "linux",
    LOADER: "generic",
    FEATURES: "!writable_page_tables|pae_pgdir_above_4gb",
    SUPPORTED_FEATURES: 0x8801,
}


def note(kind, value):
    if isinstance(value, int):
        value = struct.pack("<Q", value)
    elif isinstance(value, str):
        value = value.encode() + b"\0"
    return struct.pack("<III", 4, len(value), kind) + b"Xen\0" + value + bytes(-len(value) % 4)


def elf(notes=None, without=(), start=START):
    """A kernel that waits. notes: replaced or added ones; without: those left out."""
    chosen = {kind: value for kind, value in {**GOOD, **(notes or {})}.items()
              if kind not in without}
    data = b"".join(note(kind, value) for kind, value in chosen.items())
    return _elf(data, start)


def elf_without_notes():
    return _elf(b"", START)


def _elf(notes, start):
    head, phdr = 64, 56
    note_at = head + 2 * phdr
    code_at = 0x1000
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, BASE + start, head, 0, 0, head, phdr,
                                 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 7, code_at, BASE + start, start, SIZE, SIZE, 0x1000)
    noted = struct.pack("<IIQQQQQQ", 4, 4, note_at, 0, 0, len(notes), len(notes), 4)
    image = (header + load + noted + notes).ljust(code_at, b"\0")
    return image + WAITER.ljust(SIZE, b"\xcc")


def bzimage(payload, unpacked_size=None, version=0x20f):
    """Linux's boot protocol: the payload lies behind the setup sectors, its unpacked size last."""
    sectors, offset = 1, 0x20
    if unpacked_size is not None:
        payload += struct.pack("<I", unpacked_size)
    setup = bytearray((sectors + 1) * 512)
    setup[0x1f1] = sectors
    setup[0x1fe:0x200] = b"\x55\xaa"
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", setup, 0x206, version)
    struct.pack_into("<II", setup, 0x248, offset, len(payload))
    return bytes(setup) + bytes(offset) + payload


def damaged(data):
    """The same with a byte changed in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1:]
