/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a guest by VMRUN and out of it by an exit (AMD APM vol. 2, 15.5). The guest's registers are
 * in the frame at the top of the CPU's stack, but for RAX, RSP, RIP and RFLAGS, which the VMCB has.
 *
 * From the last look at the softirqs on, interrupts are held off: by IF, then by GIF. VMRUN runs
 * with IF set, so that an interrupt which came meanwhile makes the guest exit at once.
 */
#include <asm/offsets.h>

#define ENTRY(name) .globl name; .hidden name; .type name, @function; .balign 16; name:

        .section .text.hot, "ax", @progbits

ENTRY(svm_run)
        cli
        mov     INFO_percpu_offset(%rsp), %rcx
        lea     percpu_softirq_bits(%rip), %rdx
        cmpq    $0, (%rdx, %rcx)
        jne     run_softirq
        call    svm_before_entry
        clgi
        sti

        mov     INFO_percpu_offset(%rsp), %rax
        lea     percpu_svm_guest_vmcb(%rip), %rcx
        mov     (%rcx, %rax), %rax
        mov     REGS_r15(%rsp), %r15
        mov     REGS_r14(%rsp), %r14
        mov     REGS_r13(%rsp), %r13
        mov     REGS_r12(%rsp), %r12
        mov     REGS_rbp(%rsp), %rbp
        mov     REGS_rbx(%rsp), %rbx
        mov     REGS_r11(%rsp), %r11
        mov     REGS_r10(%rsp), %r10
        mov     REGS_r9(%rsp), %r9
        mov     REGS_r8(%rsp), %r8
        mov     REGS_rcx(%rsp), %rcx
        mov     REGS_rdx(%rsp), %rdx
        mov     REGS_rsi(%rsp), %rsi
        mov     REGS_rdi(%rsp), %rdi

        vmload  %rax
        vmrun   %rax
        vmsave  %rax

        mov     %r15, REGS_r15(%rsp)
        mov     %r14, REGS_r14(%rsp)
        mov     %r13, REGS_r13(%rsp)
        mov     %r12, REGS_r12(%rsp)
        mov     %rbp, REGS_rbp(%rsp)
        mov     %rbx, REGS_rbx(%rsp)
        mov     %r11, REGS_r11(%rsp)
        mov     %r10, REGS_r10(%rsp)
        mov     %r9, REGS_r9(%rsp)
        mov     %r8, REGS_r8(%rsp)
        mov     %rcx, REGS_rcx(%rsp)
        mov     %rdx, REGS_rdx(%rsp)
        mov     %rsi, REGS_rsi(%rsp)
        mov     %rdi, REGS_rdi(%rsp)

        /* TR, LDTR, FS, GS and the SYSCALL registers are the hypervisor's again. */
        mov     INFO_percpu_offset(%rsp), %rax
        lea     percpu_svm_host_vmcb(%rip), %rcx
        mov     (%rcx, %rax), %rax
        vmload  %rax
        stgi
        xor     %ebp, %ebp
        call    svm_exit
        jmp     svm_run

run_softirq:
        sti
        call    softirq_run
        jmp     svm_run

        .section .note.GNU-stack, "", @progbits
