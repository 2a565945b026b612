/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All ways into the hypervisor and the one way back to a guest.
 *
 * Every entry leaves a struct cpu_regs. From a guest it always lies at the top of the CPU's stack
 * (struct cpu_info begins with it), so that C finds it with guest_regs(). exit_to_guest expects the
 * stack pointer there.
 */
#include <asm/offsets.h>
#include <asm/uaccess.h>

#define GUEST_CS      0xe033
#define GUEST_SS      0xe02b
#define ENTRY_SYSCALL 0x100
#define NR_HYPERCALLS 64
#define STACK_MASK    0xffff

#define ENTRY(name) .globl name; .hidden name; .type name, @function; .balign 16; name:

        .section .text.hot, "ax", @progbits

/* All general registers below an already pushed error code and vector. */
.macro SAVE_REGS
        push    %rdi
        push    %rsi
        push    %rdx
        push    %rcx
        push    %rax
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
.endm

.macro RESTORE_CALLER_SAVED     /* from RSP = &regs, callee-saved ones are live already */
        mov     REGS_r10(%rsp), %r10
        mov     REGS_r9(%rsp), %r9
        mov     REGS_r8(%rsp), %r8
        mov     REGS_rax(%rsp), %rax
        mov     REGS_rdx(%rsp), %rdx
        mov     REGS_rsi(%rsp), %rsi
        mov     REGS_rdi(%rsp), %rdi
.endm

.macro RESTORE_ALL
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rax
        pop     %rcx
        pop     %rdx
        pop     %rsi
        pop     %rdi
        add     $8, %rsp        /* error code and vector */
.endm

/*
 * SYSCALL from a guest: hypercall (guest kernel) or system call (guest user). The stub in the
 * CPU's area has switched stacks and pushed SS to RIP.
 */
ENTRY(syscall_entry)
        pushq   $0
        movl    $ENTRY_SYSCALL, 4(%rsp)
        SAVE_REGS
        mov     INFO_current(%rsp), %rbx
        sti
        cmpb    $0, VCPU_kernel_mode(%rbx)
        je      guest_system_call

        cmp     $NR_HYPERCALLS, %rax
        jae     bad_hypercall
        mov     %r10, %rcx      /* fourth argument as C has it; the others are in place */
        lea     hypercall_table(%rip), %r11
        call    *(%r11, %rax, 8)
        cmp     $-85, %rax      /* -ERESTART */
        je      hypercall_again
        mov     %rax, REGS_rax(%rsp)
        jmp     exit_to_guest

bad_hypercall:
        movq    $-38, REGS_rax(%rsp)    /* -ENOSYS */
        jmp     exit_to_guest

/* Preempted: the guest executes the two bytes of SYSCALL again, with the arguments updated. */
hypercall_again:
        subq    $2, REGS_rip(%rsp)
        jmp     exit_to_guest

/* iret sets RAX, too, so nothing of it is a result; reached from the table, by a call. */
ENTRY(hypercall_iret_entry)
        add     $8, %rsp
        mov     %rbx, %rdi
        mov     %rsp, %rsi
        call    pv_iret
        jmp     exit_to_guest

guest_system_call:
        mov     %rbx, %rdi
        mov     %rsp, %rsi
        call    pv_bounce_syscall
        jmp     exit_to_guest

/*
 * SYSENTER: the stack comes from an MSR and interrupts are off, but all other flags are the
 * guest's: AC and DF must not reach C, nor NT an IRET.
 */
ENTRY(sysenter_entry)
        pushq   $GUEST_SS
        pushq   $0
        pushfq
        pushq   $2
        popfq
        pushq   $3
        pushq   $0
        pushq   $0
        movl    $ENTRY_SYSCALL, 4(%rsp)
        SAVE_REGS
        mov     INFO_current(%rsp), %rdi
        mov     %rsp, %rsi
        sti
        call    pv_bounce_sysenter
        jmp     exit_to_guest

/* SYSCALL from 32-bit guest code (AMD). */
ENTRY(syscall32_entry)
        pushq   $0
        movl    $0, 4(%rsp)
        SAVE_REGS
        mov     INFO_current(%rsp), %rdi
        mov     %rsp, %rsi
        sti
        call    pv_bounce_syscall32
        jmp     exit_to_guest

/*
 * Before the guest's next instruction: softirqs, then what waits for this vCPU, then events.
 * Interrupts stay off from the last look to the return.
 */
ENTRY(exit_to_guest)
        cli
        mov     INFO_percpu_offset(%rsp), %rcx
        lea     percpu_softirq_bits(%rip), %rdx
        cmpq    $0, (%rdx, %rcx)
        jne     exit_softirq
        mov     INFO_current(%rsp), %rdi
        mov     VCPU_info(%rdi), %rdx
        cmpb    $0, VCPU_exit_work(%rdi)
        jne     exit_work
        cmpb    $0, VINFO_upcall_pending(%rdx)
        je      1f
        cmpb    $0, VINFO_upcall_mask(%rdx)
        je      exit_event
1:
        cmpl    $ENTRY_SYSCALL, REGS_entry_vector(%rsp)
        jne     exit_iret
        mov     REGS_rip(%rsp), %rcx
        mov     %rcx, %rdx
        sar     $47, %rdx       /* SYSRET to a non-canonical address would fault here */
        inc     %rdx
        cmp     $1, %rdx
        ja      exit_iret
        mov     REGS_rflags(%rsp), %r11
        mov     REGS_r15(%rsp), %r15
        mov     REGS_r14(%rsp), %r14
        mov     REGS_r13(%rsp), %r13
        mov     REGS_r12(%rsp), %r12
        mov     REGS_rbp(%rsp), %rbp
        mov     REGS_rbx(%rsp), %rbx
        RESTORE_CALLER_SAVED
        mov     REGS_rsp(%rsp), %rsp
        sysretq

exit_iret:
        RESTORE_ALL
        .globl  exit_iret_instruction
        .hidden exit_iret_instruction
exit_iret_instruction:
        iretq

exit_softirq:
        sti
        call    softirq_run
        jmp     exit_to_guest

exit_work:
        sti
        mov     %rsp, %rsi
        call    pv_exit_work
        jmp     exit_to_guest

exit_event:
        sti
        mov     %rsp, %rsi
        call    pv_bounce_event
        jmp     exit_to_guest

/* A fault in exit_iret: RSP is the new frame's; the guest's frame above has lost its GPRs to it. */
ENTRY(exit_iret_fault)
        mov     %rdi, %rsp
        jmp     exit_to_guest

/* Exceptions and interrupts: RSP points to error code and vector. */
exception_common:
        SAVE_REGS
        ASM_CLAC
        cld
        mov     %rsp, %rdi
        testb   $3, REGS_cs(%rsp)
        jz      1f
        sti
        call    trap_dispatch
        jmp     exit_to_guest
1:      xor     %ebp, %ebp
        call    trap_dispatch
        RESTORE_ALL
        iretq

/* On an interrupt stack: from a guest, move to the ordinary stack first. */
ist_common:
        SAVE_REGS
        ASM_CLAC
        cld
        testb   $3, REGS_cs(%rsp)
        jz      1f
        mov     %rsp, %rsi
        mov     %rsp, %rdi
        or      $STACK_MASK, %rdi
        sub     $INFO_SIZE - 1, %rdi
        mov     %rdi, %rdx
        mov     $REGS_SIZE / 8, %ecx
        rep movsq
        mov     %rdx, %rsp
        /* NMIs are blocked until an IRET, and the exit may be a SYSRET: unblock them here. */
        mov     %ss, %eax
        push    %rax
        push    %rdx
        pushfq
        mov     %cs, %eax
        push    %rax
        lea     2f(%rip), %rax
        push    %rax
        iretq
2:      mov     %rsp, %rdi
        call    trap_dispatch
        jmp     exit_to_guest
1:      mov     %rsp, %rdi
        call    trap_dispatch
        RESTORE_ALL
        iretq

interrupt_common:
        SAVE_REGS
        ASM_CLAC
        cld
        movzbl  REGS_entry_vector(%rsp), %edi
        call    irq_dispatch
        testb   $3, REGS_cs(%rsp)
        jnz     exit_to_guest
        RESTORE_ALL
        iretq

/* One stub a vector, 16 bytes each. */
        .balign 16
        .globl  vector_stubs
        .hidden vector_stubs
vector_stubs:
vector = 0
        .rept   256
        .balign 16
        .if     vector < 32
        .if     !((vector == 8) || ((vector >= 10) && (vector <= 14)) || \
                  (vector == 17) || (vector == 21))
        pushq   $0
        .endif
        movl    $vector, 4(%rsp)
        .if     (vector == 1) || (vector == 2) || (vector == 8) || (vector == 18)
        jmp     ist_common
        .else
        jmp     exception_common
        .endif
        .else
        pushq   $0
        movl    $vector, 4(%rsp)
        .if     vector == 0x80
        jmp     exception_common
        .else
        jmp     interrupt_common
        .endif
        .endif
vector = vector + 1
        .endr

/*
 * The page that appears in each CPU's area, so that RIP-relative addresses name the CPU's own
 * stack: the first instructions after SYSCALL, which leaves the guest's stack pointer in place.
 * It is laid out for page-table isolation: nothing else need be mapped while a guest runs.
 */
#include <asm/cpu_area.h>

        .section .stub, "ax", @progbits
ENTRY(stub_syscall)
        mov     %rsp, stub_syscall - STUB_OFFSET + SCRATCH_OFFSET(%rip)
        lea     stub_syscall - STUB_OFFSET + STACK_REGS_END(%rip), %rsp
        pushq   $GUEST_SS
        pushq   stub_syscall - STUB_OFFSET + SCRATCH_OFFSET(%rip)
        push    %r11
        pushq   $GUEST_CS
        push    %rcx
        jmp     *stub_syscall_target(%rip)
        .balign 64
        .globl  stub_syscall32
        .hidden stub_syscall32
stub_syscall32:
        mov     %rsp, stub_syscall - STUB_OFFSET + SCRATCH_OFFSET(%rip)
        lea     stub_syscall - STUB_OFFSET + STACK_REGS_END(%rip), %rsp
        pushq   $GUEST_SS
        pushq   stub_syscall - STUB_OFFSET + SCRATCH_OFFSET(%rip)
        push    %r11
        pushq   $0xe023
        push    %rcx
        jmp     *stub_syscall32_target(%rip)
        .balign 8
stub_syscall_target:
        .quad   syscall_entry
stub_syscall32_target:
        .quad   syscall32_entry

        .section .note.GNU-stack, "", @progbits
