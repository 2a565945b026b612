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
    v->info_mfn = INVALID_MFN;
    v->info = id < ARRAY_SIZE(d->shared_info->vcpu_info) ? &d->shared_info->vcpu_info[id] : &no_info;
    v->info->evtchn_upcall_mask = 1;
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

void vcpu_destroy(struct vcpu *v)
{
    v->domain->vcpu[v->id] = NULL;
    arch_vcpu_fini(v);
    event_vcpu_fini(v);
    sched_vcpu_fini(v);
    heap_free(v);
}
