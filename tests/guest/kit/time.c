/* SPDX-License-Identifier: BSD-2-Clause */
/* The pvclock protocol and waiting. */
#include "time.h"

#include <public/sched.h>
#include <public/vcpu.h>

#include "event.h"
#include "hypercall.h"
#include "smp.h"

uint64_t time_read(const volatile struct vcpu_time_info *t)
{
    uint64_t delta, ns;
    uint32_t version;

    do {
        while ((version = t->version) & 1)
            ;
        __asm__ volatile("" : : : "memory");
        delta = rdtsc() - t->tsc_timestamp;
        if (t->tsc_shift >= 0)
            delta <<= t->tsc_shift;
        else
            delta >>= -t->tsc_shift;
        ns = t->system_time + (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >> 32);
        __asm__ volatile("" : : : "memory");
    } while (t->version != version);
    return ns;
}

uint64_t time_now(void)
{
    return time_read(&vcpu_info_self()->time);
}

long timer_set_singleshot(uint64_t abs_ns, uint32_t flags)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = abs_ns, .flags = flags };

    return vcpu_op(VCPUOP_set_singleshot_timer, smp_self(), &op);
}

long timer_stop_periodic(unsigned int vcpu)
{
    return vcpu_op(VCPUOP_stop_periodic_timer, vcpu, NULL);
}

bool wait_count(const volatile unsigned int *counter, unsigned int want, uint64_t ns)
{
    uint64_t end = time_now() + ns;

    while (*counter < want) {
        if (time_now() > end)
            return false;
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
    }
    return true;
}

void wait_ns(uint64_t ns)
{
    uint64_t end = time_now() + ns;

    while (time_now() < end)
        __asm__ volatile("pause");
}
