/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual CPUs: making and unmaking. */
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/sched.h>
#include <xen/time.h>

/* Beyond the slots of shared_info: where a vCPU's bits go until it registers an area of its own. */
static struct vcpu_info no_info;

static struct vcpu_info *first_info(const struct vcpu *v)
{
    struct shared_info *s = v->domain->shared_info;

    return v->id < ARRAY_SIZE(s->vcpu_info) ? &s->vcpu_info[v->id] : &no_info;
}

int vcpu_create(struct domain *d, unsigned int id)
{
    struct vcpu *v;
    int rc;

    if (id >= d->max_vcpus) {
        return -EINVAL;
    }
    if (d->vcpu[id] != NULL) {
        return -EEXIST;
    }
    v = heap_new(struct vcpu);
    if (v == NULL) {
        return -ENOMEM;
    }
    v->domain = d;
    v->id = id;
    v->pause_flags = 1UL << VPF_DOWN;
    cpumask_fill(&v->hard_affinity);
    v->info_mfn = INVALID_MFN;
    v->info = first_info(v);
    v->info->evtchn_upcall_mask = !arch_is_translated(d);
    spin_init(&v->state_lock, LOCK_VCPU_STATE);

    rc = sched_vcpu_init(v);
    if (rc != 0) {
        goto free_struct;
    }
    rc = event_vcpu_init(v);
    if (rc != 0) {
        goto fini_sched;
    }
    rc = arch_vcpu_init(v);
    if (rc != 0) {
        goto fini_event;
    }
    d->vcpu[id] = v;
    return 0;

fini_event:
    event_vcpu_fini(v);
fini_sched:
    sched_vcpu_fini(v);
free_struct:
    heap_free(v);
    return rc;
}

void vcpu_retire(struct vcpu *v)
{
    mfn_t m;

    timer_kill(&v->periodic_timer);
    timer_kill(&v->singleshot_timer);
    timer_kill(&v->poll_timer);
    spin_lock(&v->state_lock);
    m = v->info_mfn;
    v->info_mfn = INVALID_MFN;
    WRITE_ONCE(v->info, first_info(v));
    spin_unlock(&v->state_lock);
    if (!mfn_eq(m, INVALID_MFN)) {
        page_put_and_type(mfn_to_page(m));
    }
}

void vcpu_destroy(struct vcpu *v)
{
    v->domain->vcpu[v->id] = NULL;
    arch_vcpu_fini(v);
    event_vcpu_fini(v);
    sched_vcpu_fini(v);
    heap_free(v);
}
