/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First instructions of a test guest. The registers and the live flags of entry are kept in
 * entry_state for the tests, then C runs on the guest's own stack.
 */
    .section .text.head, "ax", @progbits
    .globl guest_entry
guest_entry:
    movq %rax, entry_state + 0(%rip)
    movq %rbx, entry_state + 8(%rip)
    movq %rcx, entry_state + 16(%rip)
    movq %rdx, entry_state + 24(%rip)
    movq %rsi, entry_state + 32(%rip)
    movq %rdi, entry_state + 40(%rip)
    movq %rbp, entry_state + 48(%rip)
    movq %rsp, entry_state + 56(%rip)
    movq %r8, entry_state + 64(%rip)
    movq %r9, entry_state + 72(%rip)
    movq %r10, entry_state + 80(%rip)
    movq %r11, entry_state + 88(%rip)
    movq %r12, entry_state + 96(%rip)
    movq %r13, entry_state + 104(%rip)
    movq %r14, entry_state + 112(%rip)
    movq %r15, entry_state + 120(%rip)
    pushfq
    popq entry_state + 128(%rip)
    movw %cs, entry_state + 136(%rip)
    movw %ss, entry_state + 138(%rip)
    movw %ds, entry_state + 140(%rip)
    movw %es, entry_state + 142(%rip)
    movw %fs, entry_state + 144(%rip)
    movw %gs, entry_state + 146(%rip)
    rdtsc
    movl %eax, entry_state + 148(%rip)
    movl %edx, entry_state + 152(%rip)
    leaq boot_stack_end(%rip), %rsp
    xorl %ebp, %ebp
    call guest_start
1:  pause
    jmp 1b

    .section .bss
    .balign 4096
boot_stack:
    .skip 65536
    .globl boot_stack_end
boot_stack_end:

    .section .note.GNU-stack, "", @progbits
