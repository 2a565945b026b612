/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a domain. Each step can be preempted and is then done again from its start, which
 * finds less to do.
 *
 *   ALIVE -> DYING   paused for good; from here on it gets no page, port or mapping any more
 *   DYING -> DEAD    everything given back that does not depend on others
 *
 * A dead domain stays until the last reference to it is put: other domains' mappings of its pages
 * keep the pages, and those keep the domain. Its id is not free before.
 *
 * The order of the steps. Ports are closed first: then nobody raises events, and the vCPUs' event
 * areas can go. Mappings of others' pages go before the domain's own tables, so that granters wait
 * the least.
 *
 * Lock: the control turn. The change to DYING is made under the memory lock, which whoever assigns
 * pages holds while it looks.
 */
#include <asm/current.h>
#include <public/xen.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/grant.h>

static void begin(struct domain *d)
{
    domain_pause_sync(d);
    spin_lock(&d->memory.lock);
    __atomic_store_n(&d->state, DOMAIN_DYING, __ATOMIC_SEQ_CST);
    spin_unlock(&d->memory.lock);
    domain_release_claim(d);
}

static int retire_vcpus(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        vcpu_retire(v);
    }
    return 0;
}

static int drop_target(struct domain *d)
{
    struct domain *target = d->target;

    d->target = NULL;
    if (target != NULL) {
        domain_put(target);
    }
    return 0;
}

static int (*const steps[])(struct domain *d) = {
    event_domain_close_all,
    retire_vcpus,
    grant_domain_release_mappings,
    arch_domain_relinquish,
    domain_relinquish_memory,
    drop_target,
};

int domain_kill(struct domain *d)
{
    ASSERT(d != current->domain);
    if (d->state == DOMAIN_DEAD) {
        return 0;
    }
    if (d->state == DOMAIN_ALIVE) {
        begin(d);
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
        int rc = steps[i](d);

        if (rc != 0) {
            return rc;
        }
    }
    __atomic_store_n(&d->state, DOMAIN_DEAD, __ATOMIC_SEQ_CST);
    event_virq_global(VIRQ_DOM_EXC);
    domain_put(d);
    return 0;
}
