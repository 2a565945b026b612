/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of vCPUs. */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

static struct vcpu_guest_context context;

static void test_contexts(unsigned int id)
{
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 0, .ctxt = &context } };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpucontext, id), -XEN_ENODATA);
    memset(&context, 0, sizeof(context));
    context.user_regs.cs = FLAT_KERNEL_CS;
    context.ctrlreg[3] = xen_pfn_to_cr3(0xffffff);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, id), -XEN_EINVAL);
    context.ctrlreg[3] = xen_pfn_to_cr3(virt_to_mfn((void *)start_info->pt_base));
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, id), -XEN_EINVAL);
    op.u.vcpucontext.ctxt = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, id), -XEN_EFAULT);
    op.u.vcpucontext.ctxt = NULL;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, id), 0);
    op.u.vcpucontext.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, id), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpucontext, id), -XEN_EINVAL);
    op.u.vcpucontext.vcpu = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpucontext, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, 0), -XEN_EINVAL);
}

static void test_info(unsigned int id)
{
    struct xen_domctl op = { .u.getvcpuinfo.vcpu = 1 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuinfo, id), 0);
    CHECK_EQ(op.u.getvcpuinfo.online, 0);
    CHECK_EQ(op.u.getvcpuinfo.running, 0);
    CHECK_EQ(op.u.getvcpuinfo.cpu_time, 0);
    op.u.getvcpuinfo.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuinfo, id), -XEN_EINVAL);
    op.u.getvcpuinfo.vcpu = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuinfo, 0), 0);
    CHECK_EQ(op.u.getvcpuinfo.online, 1);
    CHECK_EQ(op.u.getvcpuinfo.running, 1);
    CHECK(op.u.getvcpuinfo.cpu_time != 0);
}

static void test_ext_context(unsigned int id)
{
    struct xen_domctl op = { .u.ext_vcpucontext.vcpu = 0 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_ext_vcpucontext, id), 0);
    CHECK_EQ(op.u.ext_vcpucontext.size, sizeof(op.u.ext_vcpucontext));
    CHECK_EQ(op.u.ext_vcpucontext.syscall32_callback_eip, 0);
    op.u.ext_vcpucontext.syscall32_callback_eip = 0x123456;
    op.u.ext_vcpucontext.syscall32_disables_events = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, id), 0);
    memset(&op.u, 0, sizeof(op.u));
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_ext_vcpucontext, id), 0);
    CHECK_EQ(op.u.ext_vcpucontext.syscall32_callback_eip, 0x123456);
    CHECK_EQ(op.u.ext_vcpucontext.syscall32_disables_events, 1);
    op.u.ext_vcpucontext.syscall32_callback_eip = 1UL << 62;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, id), -XEN_EINVAL);
    op.u.ext_vcpucontext.syscall32_callback_eip = 0;
    op.u.ext_vcpucontext.mcg_cap = ~0UL;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, id), -XEN_EINVAL);
    op.u.ext_vcpucontext.mcg_cap = 0;
    op.u.ext_vcpucontext.size = 8;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, id), -XEN_EINVAL);
    op.u.ext_vcpucontext.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_ext_vcpucontext, id), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, id), -XEN_ESRCH);
    op.u.ext_vcpucontext.vcpu = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_ext_vcpucontext, 0), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_ext_vcpucontext, 0), -XEN_ESRCH);
}

/* Without XSAVE there is nothing of it; and a vCPU that never used it may have nothing either. */
static void test_ext_state(unsigned int id)
{
    static uint64_t area[512];
    struct xen_domctl op = { .u.vcpuextstate.vcpu = 0 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuextstate, id), 0);
    if (op.u.vcpuextstate.size <= 16) {
        check_skip_part("extended state", "a vCPU that never ran has none");
    } else {
        op.u.vcpuextstate.buffer = area;
        CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuextstate, id), 0);
        CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuextstate, id), 0);
        area[2 + 512 / 8] = 1UL << 40;
        if (area[1] != 0)
            CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuextstate, id), -XEN_EINVAL);
        op.u.vcpuextstate.size--;
        CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuextstate, id), -XEN_EINVAL);
    }
    op.u.vcpuextstate.size = 8;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuextstate, id), -XEN_EINVAL);
    op.u.vcpuextstate.size = 1UL << 20;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuextstate, id), -XEN_EINVAL);
    op.u.vcpuextstate.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuextstate, id), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpuextstate, id), -XEN_ESRCH);
    op.u.vcpuextstate.vcpu = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getvcpuextstate, 0), -XEN_EINVAL);
}

static void test_msrs(unsigned int id)
{
    struct xen_domctl_vcpu_msr list[8] = { { 0 } };
    struct xen_domctl op = { .u.vcpu_msrs.vcpu = 0 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), 0);
    CHECK(op.u.vcpu_msrs.msr_count > 0);
    op.u.vcpu_msrs.msrs = list;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), 0);
    CHECK_EQ(op.u.vcpu_msrs.msr_count, 0);
    list[0].index = 0x174;
    op.u.vcpu_msrs.msr_count = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), -XEN_EINVAL);
    CHECK_EQ(op.u.vcpu_msrs.msr_count, 0);
    op.u.vcpu_msrs.msr_count = 1;
    op.u.vcpu_msrs.msrs = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), -XEN_EFAULT);
    op.u.vcpu_msrs.msr_count = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), 0);
    op.u.vcpu_msrs.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), -XEN_ESRCH);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), -XEN_ESRCH);
    op.u.vcpu_msrs.vcpu = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, 0), -XEN_EINVAL);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, 0), -XEN_EINVAL);
}

/* TSC_AUX is told of once it is not 0, and there must be room for it. */
static void test_tsc_aux(unsigned int id)
{
    struct xen_domctl_vcpu_msr msr = { .index = 0xc0000103, .value = 77 };
    struct xen_domctl op = { .u.vcpu_msrs = { .msr_count = 1, .msrs = &msr } };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), 0);
    msr.value = 0;
    op.u.vcpu_msrs.msr_count = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), -XEN_ENOBUFS);
    CHECK_EQ(op.u.vcpu_msrs.msr_count, 1);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), 0);
    CHECK_EQ(msr.value, 77);
    op.u.vcpu_msrs.msrs = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_get_vcpu_msrs, id), -XEN_EFAULT);
    op.u.vcpu_msrs.msrs = &msr;
    msr.value = 1UL << 32;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), -XEN_EINVAL);
    msr.value = 0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_vcpu_msrs, id), 0);
}

void test_vcpus(unsigned int id)
{
    struct xen_domctl op = { .u.sendtrigger = { XEN_DOMCTL_SENDTRIGGER_RESET, 0 } };

    test_contexts(id);
    test_info(id);
    test_ext_context(id);
    test_ext_state(id);
    test_msrs(id);
    test_tsc_aux(id);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_sendtrigger, id), -XEN_ENOSYS);
    op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_sendtrigger, id), -XEN_EINVAL);
    op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_sendtrigger, id), 0);
    op.u.sendtrigger.vcpu = 2;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_sendtrigger, id), -XEN_ESRCH);
}
