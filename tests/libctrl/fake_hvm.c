/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's PVH domains: their map of memory, parameters and state (fake.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <public/hvm/hvm_op.h>

#include "fake.h"

uint64_t fake_hvm_frame(const struct fake_domain *d, uint64_t gfn)
{
    uint32_t mfn = gfn < FAKE_GFNS && d->frame_of ? d->frame_of[gfn] : 0;

    return mfn ? mfn : FAKE_FRAMES;
}

uint64_t fake_hvm_last(const struct fake_domain *d)
{
    uint64_t gfn = FAKE_GFNS - 1;

    while (gfn > 0 && fake_hvm_frame(d, gfn) == FAKE_FRAMES) {
        gfn--;
    }
    return gfn;
}

bool fake_hvm_place(struct fake_domain *d, uint64_t gfn, uint64_t mfn, unsigned int order)
{
    uint64_t i;

    if (!d->frame_of && !(d->frame_of = calloc(FAKE_GFNS, sizeof(*d->frame_of)))) {
        abort();
    }
    if (gfn + (1ull << order) > FAKE_GFNS) {
        return false;
    }
    for (i = 0; i < 1ull << order; i++) {
        d->frame_of[gfn + i] = (uint32_t)(mfn + i);
    }
    return true;
}

void fake_hvm_free(struct fake_domain *d)
{
    free(d->frame_of);
    free(d->hvm_state);
}

long fake_hvm_op(unsigned int cmd, void *arg)
{
    struct xen_hvm_param *p = arg;
    struct fake_domain *d;

    if (cmd != HVMOP_set_param && cmd != HVMOP_get_param) {
        return -ENOSYS;
    }
    d = fake_domain(p->domid);
    if (!d) {
        return -ESRCH;
    }
    /* Number 4 went away in Xen 4.17. */
    if (!d->hvm || p->index >= HVM_NR_PARAMS || p->index == HVM_PARAM_PAE_ENABLED) {
        return -EINVAL;
    }
    if (cmd == HVMOP_set_param) {
        d->hvm_params[p->index] = p->value;
    } else {
        p->value = d->hvm_params[p->index];
    }
    return 0;
}

/* Records are kept as they are; so nothing comes back but what was set. */
long fake_hvm_state(struct fake_domain *d, struct xen_domctl *op)
{
    struct xen_domctl_hvmcontext *c = &op->u.hvmcontext;

    if (!d->hvm) {
        return -EINVAL;
    }
    if (op->cmd == XEN_DOMCTL_gethvmcontext) {
        if (c->size < d->hvm_state_size) {
            return -ENOSPC;
        }
        memcpy(c->buffer, d->hvm_state, d->hvm_state_size);
        c->size = d->hvm_state_size;
        return 0;
    }
    free(d->hvm_state);
    d->hvm_state = malloc(c->size);
    if (!d->hvm_state) {
        abort();
    }
    memcpy(d->hvm_state, c->buffer, c->size);
    d->hvm_state_size = c->size;
    d->vcpus[0].online = d->vcpus[0].has_context = true;
    return 0;
}
