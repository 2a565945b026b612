/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that does nothing at an address where the counting plugin takes notice of it. With an
 * argument it is busy for a while before.
 */
    .text
marked: /* must be the first */
    movl $60, %eax
    xorl %edi, %edi
    syscall

    .globl _start
_start:
    cmpl $1, (%rsp)
    je marked
    movl $20000000, %ecx
1:  decl %ecx
    jnz 1b
    jmp marked

    .section .note.GNU-stack, "", @progbits
