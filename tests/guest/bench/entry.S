/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shortest handlers that work, so that the numbers are the hypervisor's: each steps over
 * the two-byte instruction that trapped, or not, and returns by the iret hypercall. The frame
 * is RCX R11 (error) RIP CS RFLAGS RSP SS.
 */
#define HYPERVISOR_IRET 23

.macro return_from_frame
    pushq $0            /* flags, over the frame's R11 slot */
    pushq %rcx
    pushq %r11
    pushq %rax
    movl $HYPERVISOR_IRET, %eax
    syscall
    ud2
.endm

    .text
    .globl bench_ud
bench_ud:
    popq %rcx
    popq %r11
    addq $2, (%rsp)
    return_from_frame

    .globl bench_pf
bench_pf:
    popq %rcx
    popq %r11
    addq $8, %rsp
    addq $2, (%rsp)
    return_from_frame

    .globl bench_syscall
bench_syscall:
    popq %rcx
    popq %r11
    return_from_frame

/* vcpu_info of vCPU 0 at the start of shared_info; one port, in word 0. */
    .globl bench_event
bench_event:
    popq %rcx
    popq %r11
    pushq %rbx
    movq shared_info(%rip), %rbx
    movb $0, (%rbx)
    movq $0, 8(%rbx)
    movq $0, 0x800(%rbx)
    incl bench_events(%rip)
    popq %rbx
    return_from_frame

/* User code: RBX system calls, then UD2. RCX and R11 are lost in each. */
    .section .user.text, "ax", @progbits
    .globl bench_user
bench_user:
    movl bench_user_rounds(%rip), %ebx
1:  movl $1, %eax
    syscall
    decl %ebx
    jnz 1b
    ud2

    .section .note.GNU-stack, "", @progbits
