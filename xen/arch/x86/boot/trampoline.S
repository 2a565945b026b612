/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a secondary CPU starts: copied to a page below 1 MiB, entered in real mode with CS naming
 * that page, straight into 64-bit mode on the hypervisor's tables. boot/smp.c fills in the data.
 */
        .section .init.rodata, "a", @progbits
        .balign 16
        .globl  trampoline_start, trampoline_end
        .hidden trampoline_start, trampoline_end
        .code16
trampoline_start:
        jmp     1f
        .balign 8
/* struct trampoline_data */
data:
data_cr3:       .quad 0
data_stack:     .quad 0
data_entry:     .quad 0
data_efer:      .long 0
data_jump:      .long 0         /* address of the 64-bit part, then its selector */
                .short 8
                .short 0
data_gdt_limit: .short 0
data_gdt_base:  .long 0
                .short 0
data_gdt:       .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff

1:      cli
        cld
        mov     %cs, %ax
        mov     %ax, %ds
        lgdtl   data_gdt_limit - trampoline_start
        mov     $0x20, %eax             /* PAE */
        mov     %eax, %cr4
        mov     data_cr3 - trampoline_start, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        rdmsr
        or      data_efer - trampoline_start, %eax
        wrmsr
        mov     $0x80050033, %eax       /* PG AM WP NE ET MP PE */
        mov     %eax, %cr0
        ljmpl   *(data_jump - trampoline_start)

        .code64
trampoline_64:
        mov     $0x10, %eax
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %fs
        mov     %eax, %gs
        mov     data_stack(%rip), %rsp
        xor     %ebp, %ebp
        jmp     *data_entry(%rip)
trampoline_end:
        .globl  trampoline_64
        .hidden trampoline_64

        .section .note.GNU-stack, "", @progbits
