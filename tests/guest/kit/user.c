/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the user L4 and runs one piece of user code at a time. */
#include "user.h"

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "mm.h"

uint64_t *user_l4;
uint8_t user_stack[16384] __attribute__((aligned(4096)));
uint8_t user_kernel_stack[16384] __attribute__((aligned(4096)));

void user_init(void)
{
    const uint64_t *kernel_l4 = (const uint64_t *)start_info->pt_base;

    user_l4 = page_alloc();
    user_l4[511] = kernel_l4[511];
    CHECK_EQ(table_pin(user_l4, 4), 0);
    CHECK_EQ(mmuext_one(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(user_l4), 0), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_stack_switch, GUEST_SS,
                         user_kernel_stack + sizeof(user_kernel_stack)), 0);
}

struct iret_frame user_frame(void (*fn)(void))
{
    return (struct iret_frame){
        .rip = (uint64_t)fn, .cs = USER_CS | 3, .rflags = X86_FLAG_ONE | X86_FLAG_IF,
        .rsp = (uint64_t)user_stack + sizeof(user_stack) - 8, .ss = USER_SS | 3,
    };
}

void user_enter(const struct iret_frame *frame)
{
    uint8_t mask = vcpu_info_self()->evtchn_upcall_mask;
    struct jump jump;

    trap_last.vector = TRAP_NONE;
    if (jump_set(&jump)) {
        vcpu_info_self()->evtchn_upcall_mask = mask;
        return;
    }
    trap_user_jump = &jump;
    trap_iret_to(frame);
}

unsigned int user_run(void (*fn)(void))
{
    struct iret_frame frame = user_frame(fn);

    user_enter(&frame);
    return trap_last.vector;
}
