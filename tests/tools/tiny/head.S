/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries and ELF notes of the tiny guest, which starts as a PV or as a PVH guest. The tools map a
 * PV guest up to a 4 MiB boundary of virtual addresses and want memory for all of it; a base half
 * way to one lets 4 MiB of memory suffice.
 */
#include "notes.h"

#define TINY_VIRT_BASE 0xffffffff80200000
#define PHYS(symbol)   (symbol - TINY_VIRT_BASE)

    note NOTE_ENTRY, .quad tiny_entry
    note NOTE_VIRT_BASE, .quad TINY_VIRT_BASE
    note NOTE_PADDR_OFFSET, .quad 0
    note NOTE_XEN_VERSION, .asciz "xen-3.0"
    note NOTE_GUEST_OS, .asciz "tiny"
    note NOTE_LOADER, .asciz "generic"
    note NOTE_PAE_MODE, .asciz "yes"
    note NOTE_PHYS32_ENTRY, .quad PHYS(tiny_pvh_entry)

    .section .text.head, "ax", @progbits
    .globl tiny_entry
tiny_entry:
    leaq stack_end(%rip), %rsp
    xorl %ebp, %ebp
    movq %rsi, %rdi
    call tiny_main
    ud2

    /*
     * As a PVH guest: 32-bit protected mode without paging, EBX leads to hvm_start_info. Maps the
     * first 4 MiB twice, as they are and above the base, and the 2 MiB with the special pages.
     */
    .code32
tiny_pvh_entry:
    cld
    movl $PHYS(low_l3) + 3, PHYS(l4)
    movl $PHYS(high_l3) + 3, PHYS(l4) + 511 * 8
    movl $PHYS(low_l2) + 3, PHYS(low_l3)
    movl $PHYS(special_l2) + 3, PHYS(low_l3) + 3 * 8
    movl $PHYS(high_l2) + 3, PHYS(high_l3) + 510 * 8
    movl $0x83, PHYS(low_l2)
    movl $0x200083, PHYS(low_l2) + 8
    movl $0x83, PHYS(high_l2) + 8
    movl $0x200083, PHYS(high_l2) + 2 * 8
    movl $0xfee00083, PHYS(special_l2) + 503 * 8
    movl $PHYS(l4), %eax
    movl %eax, %cr3
    movl $0x20, %eax            /* PAE */
    movl %eax, %cr4
    movl $0xc0000080, %ecx      /* EFER: LME */
    movl $0x100, %eax
    xorl %edx, %edx
    wrmsr
    movl $0x80000011, %eax      /* PG, ET, PE */
    movl %eax, %cr0
    lgdt PHYS(gdt_pointer)
    ljmp $8, $PHYS(tiny_pvh_long)

    .code64
tiny_pvh_long:
    movq $1f, %rax
    jmp *%rax
1:  leaq stack_end(%rip), %rsp
    xorl %ebp, %ebp
    movl %ebx, %edi
    call tiny_pvh_main
    ud2

    .section .rodata
    .balign 8
gdt:
    .quad 0, 0x00af9b000000ffff /* 64-bit code */
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .long PHYS(gdt)

    .section .bss
    .balign 4096
l4:         .skip 4096
low_l3:     .skip 4096
low_l2:     .skip 4096
special_l2: .skip 4096
high_l3:    .skip 4096
high_l2:    .skip 4096
    .globl tiny_hypercall_page
tiny_hypercall_page: .skip 4096
    .skip 8192
stack_end:

    .section .note.GNU-stack, "", @progbits
