/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry of a hardware-assisted test guest: from flat 32-bit mode, with EBX on the start_info, into
 * long mode with the first 2 GiB and the local APIC mapped one to one. Other vCPUs come from real
 * mode, at AP_START, to the same place.
 */
#include "notes.h"
#include "vectors.h"

#define AP_START 0x8000
#define CODE32   0x08
#define CODE64   0x10
#define DATA     0x18
#define CR4_PAE  0x20
#define CR4_SSE  0x600 /* OSFXSR OSXMMEXCPT */
#define EFER     0xc0000080
#define EFER_LME 0x100
#define CR0_PG_WP_PE 0x80010001
#define LARGE    0x83  /* present, writable, large */
#define LARGE_UC 0x9b

#define NOTE_PHYS32_ENTRY 18
    note NOTE_PHYS32_ENTRY, .quad pvh_entry
    note NOTE_XEN_VERSION, .asciz "xen-3.0"
    note NOTE_GUEST_OS, .asciz "test"

    .weak pvh_early
    .section .text.head, "ax", @progbits
    .code32
    .globl pvh_entry
pvh_entry:
    movl %ebx, pvh_start_info
    movl $stack_end, %esp
    movl $tables + 0x1007, tables
    movl $tables + 0x2007, tables + 0x1000
    movl $tables + 0x3007, tables + 0x1008
    movl $tables + 0x4007, tables + 0x1018
    movl $LARGE, %eax
    movl $tables + 0x2000, %edi
1:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    cmpl $tables + 0x4000, %edi
    jb 1b
    movl $0xfee00000 + LARGE_UC, tables + 0x4000 + 503 * 8
    movl $pvh_early, %eax           /* a test of 32-bit modes has one */
    testl %eax, %eax
    jz 2f
    movl $tables + 0x2000, %ebx
    call *%eax
2:  movl $pvh_start, %ebx

/* EBX: where to go on in long mode. */
to_long_mode:
    lgdt gdt_pointer
    movl %cr4, %eax
    orl $CR4_PAE | CR4_SSE, %eax
    movl %eax, %cr4
    movl $tables, %eax
    movl %eax, %cr3
    movl $EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl %cr0, %eax
    orl $CR0_PG_WP_PE, %eax
    movl %eax, %cr0
    ljmp $CODE64, $1f
    .code64
1:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %ebp, %ebp
    movl %ebx, %ebx
    call *%rbx
2:  hlt
    jmp 2b

/* Copied to AP_START. */
    .code16
    .globl ap_code, ap_code_end
ap_code:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl AP_START + ap_gdt_pointer - ap_code
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $CODE32, $ap_protected
    .balign 4
ap_gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt
ap_code_end:

    .code32
ap_protected:
    movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $ap_stack_end, %esp
    movl $pvh_ap_start, %ebx
    jmp to_long_mode

/* Entries 0-255, 16 bytes each: error code, if the CPU pushes none, and the vector. */
    .code64
    .balign 16
    .globl trap_stubs
trap_stubs:
vector = 0
    .rept 256
    .balign 16
    .if !((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17))
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
vector = vector + 1
    .endr

trap_common:
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rax
    push %r8
    push %r9
    push %r10
    push %r11
    movq %rsp, %rdi
    cld
    call pvh_trap
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rax
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    addq $16, %rsp
    iretq

    .section .rodata
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .quad gdt

    .section .bss
    .balign 4096
tables:
    .skip 5 * 4096
    .skip 16384
stack_end:
    .skip 16384
ap_stack_end:

    .section .note.GNU-stack, "", @progbits
