/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls a function on another stack, and leaves it early from any depth (unpack_env.c). */

    .section .init.text, "ax", @progbits

/* int unpack_switch(int (*fn)(void *), void *arg, void *stack); stack is 16-byte aligned */
    .globl unpack_switch
    .hidden unpack_switch
    .type unpack_switch, @function
unpack_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, unpack_caller_sp(%rip)
    mov %rdx, %rsp
    mov %rdi, %rax
    mov %rsi, %rdi
    call *%rax
.Lback:
    mov unpack_caller_sp(%rip), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size unpack_switch, . - unpack_switch

/* void unpack_exit(int rc) */
    .globl unpack_exit
    .hidden unpack_exit
    .type unpack_exit, @function
unpack_exit:
    cld
    mov %edi, %eax
    jmp .Lback
    .size unpack_exit, . - unpack_exit

    .section .init.data, "aw", @progbits
    .balign 8
unpack_caller_sp:
    .quad 0
