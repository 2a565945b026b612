/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: register_vcpu_info moves a vCPU's shared area once. The old contents come along,
 * the vCPU is told to look at everything, the port masks stay; bad places are refused.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

static uint8_t area[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile unsigned int running, stop;

static long register_info(unsigned int vcpu, uint64_t mfn, uint32_t offset)
{
    struct vcpu_register_vcpu_info op = { .mfn = mfn, .offset = offset };

    return vcpu_op(VCPUOP_register_vcpu_info, vcpu, &op);
}

static void other_vcpu(void *arg)
{
    (void)arg;
    running = 1;
    while (!stop)
        __asm__ volatile("pause");
}

static void test_refused(void)
{
    uint64_t mfn = virt_to_mfn(area);

    CHECK_EQ(register_info(0, mfn, 4), -XEN_ENXIO);
    CHECK_EQ(register_info(0, mfn, PAGE_SIZE - 56), -XEN_ENXIO);
    CHECK_EQ(register_info(0, mfn, PAGE_SIZE), -XEN_ENXIO);
    CHECK_EQ(register_info(0, mfn, ~0u), -XEN_ENXIO);
    CHECK_EQ(register_info(0, 0xfed00, 0), -XEN_EINVAL);
    CHECK_EQ(register_info(0, 0x7fffffffff, 0), -XEN_EINVAL);
    CHECK_EQ(register_info(0, virt_to_mfn((void *)start_info->pt_base), 0), -XEN_EINVAL);
    CHECK_EQ(register_info(20, mfn, 0), -XEN_ENOENT);
    CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, (void *)0x1000), -XEN_EFAULT);
    /* Not that of another vCPU while it is up. */
    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    CHECK(wait_count(&running, 1, MILLISECS(5000)));
    CHECK_EQ(register_info(1, mfn, 0), -XEN_EINVAL);
}

static void test_move(void)
{
    struct vcpu_info *old = vcpu_info_self();
    struct vcpu_info *info = (struct vcpu_info *)(area + PAGE_SIZE - sizeof(*info));
    unsigned int port = (unsigned int)event_bind_ipi(0);

    port_set_mask(9, true);
    old->arch.cr2 = 0x123456789;
    old->evtchn_upcall_mask = 1;
    old->evtchn_upcall_pending = 0;
    old->evtchn_pending_sel = 0;
    CHECK_EQ(register_info(0, virt_to_mfn(area), PAGE_SIZE - sizeof(*info)), 0);
    event_vcpu_info[0] = info;
    CHECK_EQ(info->evtchn_upcall_mask, 1);
    CHECK_EQ(info->arch.cr2, 0x123456789);
    CHECK_EQ(info->evtchn_upcall_pending, 1);
    CHECK_EQ(info->evtchn_pending_sel, ~0UL);
    CHECK(port_is_masked(9));
    CHECK(!port_is_masked(port));
    CHECK_EQ(register_info(0, virt_to_mfn(area), 0), -XEN_EINVAL);

    /* From now on the new area is the one that counts. */
    info->evtchn_upcall_pending = 0;
    info->evtchn_pending_sel = 0;
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(info->evtchn_upcall_pending, 1);
    CHECK_EQ(old->evtchn_upcall_pending, 0);
    events_enable();
    CHECK_EQ(event_count[port], 1);
    CHECK(time_now() > 0);
    events_disable();
    /* Its page is held as writable memory. */
    CHECK_EQ(page_make_readonly(area), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, virt_to_mfn(area), 0), -XEN_EINVAL);
}

void test_main(void)
{
    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    test_refused();
    test_move();
    stop = 1;
}
