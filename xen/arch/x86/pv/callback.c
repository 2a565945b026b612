/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls that set up how a PV vCPU is entered, and its small state: trap table, callbacks,
 * kernel stack, segment bases, virtual CR0.TS, assists. All but vm_assist concern the calling vCPU.
 * Interface: docs/interface/cpu.md.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/extable.h>
#include <asm/fpu.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <public/arch-x86_64.h>
#include <public/callback.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/string.h>
#include <xen/usercopy.h>

#define NR_VECTORS 256

long hypercall_set_trap_table(void *traps)
{
    struct vcpu *v = current;
    const struct trap_info *list = traps;
    struct trap_info t;

    if (list == NULL) {
        memset(v->arch.traps, 0, NR_VECTORS * sizeof(*v->arch.traps));
        return 0;
    }
    for (;;) {
        if (!read_guest(&t, list)) {
            return -EFAULT;
        }
        if (t.address == 0) {
            return 0;
        }
        if (!is_canonical(t.address)) {
            return -EINVAL;
        }
        v->arch.traps[t.vector] = (struct trap_entry){ .address = t.address, .dpl = TI_GET_DPL(&t),
                                                       .mask_events = TI_GET_IF(&t) != 0 };
        list++;
        if (hypercall_preempt_check()) {
            hypercall_set_arg(0, (unsigned long)list);
            return -ERESTART;
        }
    }
}

/* Where a callback of the type is kept. NULL: no such type; the NMI's is the trap table's. */
static struct callback *callback_of(struct vcpu *v, uint16_t type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &v->arch.event_cb;
    case CALLBACKTYPE_failsafe:
        return &v->arch.failsafe_cb;
    case CALLBACKTYPE_syscall:
        return &v->arch.syscall_cb;
    case CALLBACKTYPE_sysenter:
        return &v->arch.sysenter_cb;
    case CALLBACKTYPE_syscall32:
        return &v->arch.syscall32_cb;
    default:
        return NULL;
    }
}

static long callback_register(struct vcpu *v, const struct callback_register *reg)
{
    struct callback *cb = callback_of(v, reg->type);

    if (cb == NULL && reg->type != CALLBACKTYPE_nmi) {
        return -ENOSYS;
    }
    if (!is_canonical(reg->address)) {
        return -EINVAL;
    }
    if (cb != NULL) {
        *cb = (struct callback){ reg->address, (reg->flags & CALLBACKF_mask_events) != 0 };
        return 0;
    }
    v->arch.traps[TRAP_NMI] = (struct trap_entry){ .address = reg->address, .mask_events = true };
    return 0;
}

static long callback_unregister(struct vcpu *v, uint16_t type)
{
    if (type == CALLBACKTYPE_nmi) {
        v->arch.traps[TRAP_NMI] = (struct trap_entry){ 0 };
        return 0;
    }
    return callback_of(v, type) != NULL ? -EINVAL : -ENOSYS;
}

long hypercall_callback_op(int cmd, void *arg)
{
    struct callback_register reg;
    struct callback_unregister unreg;

    switch (cmd) {
    case CALLBACKOP_register:
        return read_guest(&reg, (const struct callback_register *)arg) ?
                   callback_register(current, &reg) :
                   -EFAULT;
    case CALLBACKOP_unregister:
        return read_guest(&unreg, (const struct callback_unregister *)arg)
                   ? callback_unregister(current, unreg.type) : -EFAULT;
    default:
        return -ENOSYS;
    }
}

long hypercall_stack_switch(unsigned long ss, unsigned long sp)
{
    struct vcpu *v = current;

    v->arch.kernel_ss = (uint16_t)ss | 3;
    v->arch.kernel_sp = sp;
    return 0;
}

/*
 * The other mode's GS register: SWAPGS around the load keeps the running mode's base. A selector
 * that faults becomes null. Some CPUs leave the base as it was when null is loaded, so it's
 * cleared.
 */
static void load_user_gs(uint16_t selector)
{
    uint32_t loaded = 0;

    if (selector > 3) {
        __asm__ __volatile__("swapgs\n"
                             "1: mov %1, %%gs\n"
                             "   mov $1, %0\n"
                             "2: swapgs\n"
                             EXTABLE(1b, 2b)
                             : "+r"(loaded) : "r"((uint32_t)selector) : "memory");
    }
    if (!loaded) {
        uint64_t active = rdmsr(MSR_GS_BASE);

        __asm__ __volatile__("mov %0, %%gs" :: "r"(0));
        wrmsr(MSR_GS_BASE, active);
        gs_inactive_write(0);
    }
}

long hypercall_set_segment_base(unsigned int which, unsigned long base)
{
    struct vcpu *v = current;

    if (likely(which < SEGBASE_GS_USER_SEL)) {
        if (unlikely(!is_canonical(base))) {
            return -EINVAL;
        }
        if (which == SEGBASE_FS) {
            fs_base_write(v, base);
        } else if (which == SEGBASE_GS_USER) {
            gs_inactive_write(base);
        } else {
            gs_base_write(v, base);
        }
        return 0;
    }
    if (which == SEGBASE_GS_USER_SEL) {
        load_user_gs((uint16_t)base);
        return 0;
    }
    return -EINVAL;
}

long hypercall_fpu_taskswitch(int set)
{
    fpu_set_task_switched(current, set != 0);
    return 0;
}

static bool is_valid_assist(unsigned int type)
{
    return type <= VMASST_TYPE_runstate_update_flag || type == VMASST_TYPE_m2p_strict;
}

long hypercall_vm_assist(unsigned int cmd, unsigned int type)
{
    uint64_t *assists = &current->domain->arch.vm_assist;

    if (cmd != VMASST_CMD_enable && cmd != VMASST_CMD_disable) {
        return -ENOSYS;
    }
    if (!is_valid_assist(type)) {
        return -EINVAL;
    }
    if (cmd == VMASST_CMD_enable) {
        __atomic_fetch_or(assists, 1UL << type, __ATOMIC_RELAXED);
    } else {
        __atomic_fetch_and(assists, ~(1UL << type), __ATOMIC_RELAXED);
    }
    return 0;
}
