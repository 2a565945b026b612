/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry points for exceptions, callbacks and system calls, the way back by the iret
 * hypercall, and jumps out of a handler.
 *
 * Every stub keeps the hypervisor's frame as it was pushed (struct trap_frame.raw), the live
 * RFLAGS and all registers, for tests to look at. trap_enter() returns the address of the
 * 72-byte iret frame it built on top of that one, in RAX.
 */
#include "vectors.h"

#define HYPERVISOR_IRET 23

    .text
    .balign 16
    .globl trap_stubs
trap_stubs:
    .set vector, 0
    .rept TRAP_VECTORS
    .balign 16
    pushfq
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

trap_common:
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    cld
    movq %rsp, %rdi
    movq %rsp, %rbx
    andq $-16, %rsp
    call trap_enter
    movq %rbx, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi   /* RAX comes from the iret frame */
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    .globl trap_iret
trap_iret:
    movq %rax, %rsp
    movl $HYPERVISOR_IRET, %eax
    syscall
    ud2

/* void trap_iret_to(const struct iret_frame *frame): never returns. */
    .globl trap_iret_to
trap_iret_to:
    movq %rdi, %rax
    jmp trap_iret

/* int jump_set(struct jump *jump): 0 now, 1 when jump_to(jump) comes back here. */
    .globl jump_set
jump_set:
    movq %rbx, (%rdi)
    movq %rbp, 8(%rdi)
    movq %r12, 16(%rdi)
    movq %r13, 24(%rdi)
    movq %r14, 32(%rdi)
    movq %r15, 40(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 48(%rdi)
    movq (%rsp), %rax
    movq %rax, 56(%rdi)
    xorl %eax, %eax
    ret

/* void jump_to(const struct jump *jump) */
    .globl jump_to
jump_to:
    movq (%rdi), %rbx
    movq 8(%rdi), %rbp
    movq 16(%rdi), %r12
    movq 24(%rdi), %r13
    movq 32(%rdi), %r14
    movq 40(%rdi), %r15
    movq 48(%rdi), %rsp
    movl $1, %eax
    cld
    jmpq *56(%rdi)

    .section .note.GNU-stack, "", @progbits
