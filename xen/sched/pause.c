/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counted pauses of vCPUs and domains. The counts are atomic; each pause is undone once by its
 * maker.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <xen/bug.h>
#include <xen/domain.h>

static void wait_until_saved(const struct vcpu *v)
{
    while (v != current && __atomic_load_n(&v->is_running, __ATOMIC_ACQUIRE)) {
        cpu_relax();
    }
}

static bool count_drop(int32_t *count)
{
    int32_t left = __atomic_sub_fetch(count, 1, __ATOMIC_SEQ_CST);

    BUG_ON(left < 0);
    return left == 0;
}

void vcpu_pause(struct vcpu *v)
{
    __atomic_add_fetch(&v->pause_count, 1, __ATOMIC_SEQ_CST);
    vcpu_sleep(v);
}

void vcpu_pause_sync(struct vcpu *v)
{
    vcpu_pause(v);
    wait_until_saved(v);
}

void vcpu_unpause(struct vcpu *v)
{
    if (count_drop(&v->pause_count)) {
        vcpu_wake(v);
    }
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    __atomic_add_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST);
    for_each_vcpu(d, v, i) {
        vcpu_sleep(v);
    }
}

void domain_pause_sync(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    domain_pause(d);
    for_each_vcpu(d, v, i) {
        wait_until_saved(v);
    }
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    if (count_drop(&d->pause_count)) {
        for_each_vcpu(d, v, i) {
            vcpu_wake(v);
        }
    }
}
