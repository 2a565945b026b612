/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry and ELF notes of the tiny guest. The tools map a guest up to a 4 MiB boundary of virtual
 * addresses and want memory for all of it; a base half way to one lets 4 MiB of memory suffice.
 */
#include "notes.h"

#define TINY_VIRT_BASE 0xffffffff80200000

    note NOTE_ENTRY, .quad tiny_entry
    note NOTE_VIRT_BASE, .quad TINY_VIRT_BASE
    note NOTE_PADDR_OFFSET, .quad 0
    note NOTE_XEN_VERSION, .asciz "xen-3.0"
    note NOTE_GUEST_OS, .asciz "tiny"
    note NOTE_LOADER, .asciz "generic"
    note NOTE_PAE_MODE, .asciz "yes"

    .section .text.head, "ax", @progbits
    .globl tiny_entry
tiny_entry:
    leaq stack_end(%rip), %rsp
    xorl %ebp, %ebp
    movq %rsi, %rdi
    call tiny_main
    ud2

    .section .bss
    .balign 4096
    .skip 8192
stack_end:

    .section .note.GNU-stack, "", @progbits
