/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs: state, affinity, registers (docs/interface/domctl.md). */
#include <errno.h>
#include <string.h>

#include <libctrl/vcpu.h>

#include <public/domctl.h>

#include "internal.h"

_Static_assert(sizeof(struct vcpu_guest_context) == CTRL_VCPU_CONTEXT_SIZE, "as the header says");

int ctrl_vcpu_info(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, struct ctrl_vcpu_info *info)
{
    struct xen_domctl op = { .u.getvcpuinfo.vcpu = vcpu };
    const struct xen_domctl_getvcpuinfo *got = &op.u.getvcpuinfo;
    int rc = domctl(ctrl, &op, XEN_DOMCTL_getvcpuinfo, domid, "reading a vCPU's state");

    if (rc == 0) {
        *info = (struct ctrl_vcpu_info){
            .vcpu = vcpu, .online = got->online, .blocked = got->blocked,
            .running = got->running, .cpu_time_ns = got->cpu_time, .cpu = got->cpu,
        };
    }
    return rc;
}

static int affinity_op(struct ctrl *ctrl, uint32_t domid, struct xen_domctl *op, uint32_t cmd,
                       struct ctrl_cpumap *maps[2])
{
    struct arg_mark mark = arg_begin(ctrl);
    struct xen_domctl_vcpuaffinity *affinity = &op->u.vcpuaffinity;
    bool get = cmd == XEN_DOMCTL_getvcpuaffinity;
    int rc = 0;

    if (maps[0]) {
        affinity->flags |= XEN_VCPUAFFINITY_HARD;
        rc = bitmap_arg(ctrl, get ? NULL : maps[0], &affinity->cpumap_hard);
    }
    if (rc == 0 && maps[1]) {
        affinity->flags |= XEN_VCPUAFFINITY_SOFT;
        rc = bitmap_arg(ctrl, get ? NULL : maps[1], &affinity->cpumap_soft);
    }
    rc = rc ? rc : domctl(ctrl, op, cmd, domid,
                          get ? "reading a vCPU's affinity" : "setting a vCPU's affinity");
    if (rc == 0 && maps[0]) {
        bitmap_result(&affinity->cpumap_hard, maps[0]);
    }
    if (rc == 0 && maps[1]) {
        bitmap_result(&affinity->cpumap_soft, maps[1]);
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_vcpu_set_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                           struct ctrl_cpumap *hard, struct ctrl_cpumap *soft)
{
    struct xen_domctl op = { .u.vcpuaffinity.vcpu = vcpu };
    struct ctrl_cpumap *maps[2] = { hard, soft };

    return affinity_op(ctrl, domid, &op, XEN_DOMCTL_setvcpuaffinity, maps);
}

int ctrl_vcpu_force_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                             struct ctrl_cpumap *hard, struct ctrl_cpumap *soft)
{
    struct xen_domctl op = {
        .u.vcpuaffinity = { .vcpu = vcpu, .flags = XEN_VCPUAFFINITY_FORCE },
    };
    struct ctrl_cpumap *maps[2] = { hard, soft };

    return affinity_op(ctrl, domid, &op, XEN_DOMCTL_setvcpuaffinity, maps);
}

int ctrl_vcpu_get_affinity(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                           struct ctrl_cpumap *hard, struct ctrl_cpumap *soft)
{
    struct xen_domctl op = { .u.vcpuaffinity.vcpu = vcpu };
    struct ctrl_cpumap *maps[2] = { hard, soft };

    return affinity_op(ctrl, domid, &op, XEN_DOMCTL_getvcpuaffinity, maps);
}

static int context_op(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, uint32_t cmd,
                      void *context)
{
    struct arg_mark mark = arg_begin(ctrl);
    struct vcpu_guest_context *arg = arg_get(ctrl, sizeof(*arg));
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = vcpu, .ctxt = arg } };
    bool get = cmd == XEN_DOMCTL_getvcpucontext;
    int rc = arg_error(ctrl);

    if (arg) {
        if (!get) {
            memcpy(arg, context, sizeof(*arg));
        }
        rc = domctl(ctrl, &op, cmd, domid,
                    get ? "reading a vCPU's registers" : "setting a vCPU's registers");
        if (rc == 0 && get) {
            memcpy(context, arg, sizeof(*arg));
        }
    }
    arg_end(ctrl, mark);
    return rc;
}

int ctrl_vcpu_get_context(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, void *context)
{
    return context_op(ctrl, domid, vcpu, XEN_DOMCTL_getvcpucontext, context);
}

int ctrl_vcpu_set_context(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu, const void *context)
{
    return context_op(ctrl, domid, vcpu, XEN_DOMCTL_setvcpucontext, (void *)(uintptr_t)context);
}

int ctrl_vcpu_get_regs(struct ctrl *ctrl, uint32_t domid, uint32_t vcpu,
                       struct ctrl_vcpu_regs *regs)
{
    struct vcpu_guest_context c;
    const struct cpu_user_regs *u = &c.user_regs;
    int rc = ctrl_vcpu_get_context(ctrl, domid, vcpu, &c);

    if (rc != 0) {
        return rc;
    }
    *regs = (struct ctrl_vcpu_regs){
        .r15 = u->r15, .r14 = u->r14, .r13 = u->r13, .r12 = u->r12, .rbp = u->rbp, .rbx = u->rbx,
        .r11 = u->r11, .r10 = u->r10, .r9 = u->r9, .r8 = u->r8, .rax = u->rax, .rcx = u->rcx,
        .rdx = u->rdx, .rsi = u->rsi, .rdi = u->rdi,
        .rip = u->rip, .rflags = u->rflags, .rsp = u->rsp,
        .cs = u->cs, .ss = u->ss, .ds = u->ds, .es = u->es, .fs = u->fs, .gs = u->gs,
        .fs_base = c.fs_base, .gs_base_kernel = c.gs_base_kernel, .gs_base_user = c.gs_base_user,
        .cr0 = c.ctrlreg[0], .cr2 = c.ctrlreg[2], .cr3 = c.ctrlreg[3],
        .cr4 = c.ctrlreg[4], .kernel_rsp = c.kernel_sp,
        .in_kernel = c.flags & VGCF_in_kernel, .online = c.flags & VGCF_online,
    };
    memcpy(regs->dr, c.debugreg, sizeof(regs->dr));
    return 0;
}
