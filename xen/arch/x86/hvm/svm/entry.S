/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a guest by VMRUN and out of it by an exit (AMD APM vol. 2, 15.5). The guest's registers are
 * in the frame at the top of the CPU's stack, but for RAX, RSP, RIP and RFLAGS, which the VMCB has.
 *
 * From the last look at the softirqs on, interrupts are held off: by IF, then by GIF. VMRUN runs
 * with IF set, so that an interrupt which came meanwhile makes the guest exit at once.
 */
#include "../entry.inc"

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
        LOAD_GUEST_REGS

        vmload  %rax
        vmrun   %rax
        vmsave  %rax

        SAVE_GUEST_REGS

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
