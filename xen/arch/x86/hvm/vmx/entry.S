/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a guest by VMLAUNCH or VMRESUME and out of it by an exit (Intel SDM vol. 3, 27 and 28). The
 * guest's registers are in the frame at the top of the CPU's stack, but for RSP, RIP and RFLAGS,
 * which the VMCS has.
 *
 * From the last look at the softirqs on, interrupts are off: one that comes meanwhile makes the
 * guest exit at once.
 */
#include "../entry.inc"

        .section .text.hot, "ax", @progbits

ENTRY(vmx_run)
        cli
        mov     INFO_percpu_offset(%rsp), %rcx
        lea     percpu_softirq_bits(%rip), %rdx
        cmpq    $0, (%rdx, %rcx)
        jne     run_softirq
        call    vmx_before_entry
        test    %al, %al                /* nothing below changes the flags */

        LOAD_GUEST_REGS
        mov     REGS_rax(%rsp), %rax
        jz      1f
        vmresume
        jmp     2f
1:      vmlaunch
2:      xor     %ebp, %ebp
        call    vmx_entry_failed
        jmp     vmx_run

ENTRY(vmx_exit_point)
        SAVE_GUEST_REGS
        mov     %rax, REGS_rax(%rsp)
        xor     %ebp, %ebp
        call    vmx_exit
        jmp     vmx_run

run_softirq:
        sti
        call    softirq_run
        jmp     vmx_run

        .section .note.GNU-stack, "", @progbits
