/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: the registers of vCPUs, in and out. A vCPU is paused meanwhile; the caller's own can't
 * be.
 */
#include "domctl.h"

#include <asm/cpuid.h>
#include <asm/current.h>
#include <asm/fpu.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <public/vcpu.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/errno.h>
#include <xen/time.h>
#include <xen/usercopy.h>

#define MSR_TSC_AUX_INDEX 0xc0000103U
#define NR_MSRS           1
#define MCG_CAP_BANKS     2 /* as guests read it */
#define E1_EDX_RDTSCP     (1U << 27)

/* The vCPU, paused; NULL: *rc says why. */
static struct vcpu *stop_vcpu(const struct domain *d, uint32_t id, int *rc)
{
    struct vcpu *v = domain_vcpu(d, id);

    *rc = v != NULL ? 0 : -ESRCH;
    if (v == NULL) {
        return NULL;
    }
    if (v == current) {
        *rc = -EINVAL;
        return NULL;
    }
    vcpu_pause_sync(v);
    return v;
}

/* Back to what it was when it was made. */
static int reset_vcpu(struct vcpu *v)
{
    int rc = arch_vcpu_reset(v);

    if (rc == 0) {
        bit_set_atomic(&v->pause_flags, VPF_DOWN);
        v->is_initialised = false;
    }
    return rc;
}

int domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
    int rc;
    struct vcpu *v = domctl_vcpu(d, op->u.vcpucontext.vcpu, &rc);

    if (v == NULL || d == current->domain) {
        return -EINVAL;
    }
    domain_pause_sync(d);
    if (op->u.vcpucontext.ctxt == NULL) {
        rc = reset_vcpu(v);
    } else {
        rc = arch_vcpu_set_context(v, op->u.vcpucontext.ctxt);
        v->is_initialised = v->is_initialised || rc == 0;
        if (rc == 0 && v->id == 0) {
            /* Builders clear the shared page before they come to this. */
            wallclock_update_domain(d);
        }
    }
    domain_unpause(d);
    return rc;
}

int domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
    int rc;
    struct vcpu *v = stop_vcpu(d, op->u.vcpucontext.vcpu, &rc);

    if (v == NULL) {
        return -EINVAL;
    }
    rc = v->is_initialised ? arch_vcpu_get_context(v, op->u.vcpucontext.ctxt) : -ENODATA;
    vcpu_unpause(v);
    return rc;
}

int domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
    int rc;
    struct vcpu *v = domctl_vcpu(d, info->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    info->online = !bit_test(&v->pause_flags, VPF_DOWN);
    info->blocked = bit_test(&v->pause_flags, VPF_BLOCKED);
    info->running = READ_ONCE(v->is_running);
    info->cpu_time = vcpu_cpu_time(v);
    info->cpu = READ_ONCE(v->cpu);
    return 0;
}

int domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.sendtrigger.vcpu);

    if (v == NULL) {
        return -ESRCH;
    }
    switch (op->u.sendtrigger.trigger) {
    case XEN_DOMCTL_SENDTRIGGER_NMI:
        arch_vcpu_raise_nmi(v);
        return 0;
    case XEN_DOMCTL_SENDTRIGGER_POWER:
    case XEN_DOMCTL_SENDTRIGGER_SLEEP:
        return -EINVAL; /* buttons of a virtual machine's ACPI */
    default:
        return -ENOSYS;
    }
}

/* ------------------------------------------------------------------------ */
/* What vcpu_guest_context has no room for */

int domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
    int rc;
    struct vcpu *v = stop_vcpu(d, e->vcpu, &rc);

    if (v == NULL) {
        return -ESRCH; /* of the caller's own vCPUs, too */
    }
    *e = (struct xen_domctl_ext_vcpucontext){
        .vcpu = v->id,
        .size = sizeof(*e),
        .syscall32_callback_eip = v->arch.syscall32_cb.address,
        .syscall32_disables_events = v->arch.syscall32_cb.mask_events,
        .sysenter_callback_eip = v->arch.sysenter_cb.address,
        .sysenter_disables_events = v->arch.sysenter_cb.mask_events,
        .mcg_cap = MCG_CAP_BANKS,
    };
    vcpu_unpause(v);
    return 0;
}

int domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
    int rc;
    struct vcpu *v = stop_vcpu(d, e->vcpu, &rc);

    if (v == NULL) {
        return -ESRCH; /* of the caller's own vCPUs, too */
    }
    if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap) ||
        !is_canonical(e->syscall32_callback_eip) || !is_canonical(e->sysenter_callback_eip) ||
        (e->size >= sizeof(*e) && (e->mcg_cap & 0xff) > MCG_CAP_BANKS)) {
        vcpu_unpause(v);
        return -EINVAL;
    }
    v->arch.syscall32_cb.address = e->syscall32_callback_eip;
    v->arch.syscall32_cb.mask_events = e->syscall32_disables_events != 0;
    v->arch.sysenter_cb.address = e->sysenter_callback_eip;
    v->arch.sysenter_cb.mask_events = e->sysenter_disables_events != 0;
    vcpu_unpause(v);
    return 0;
}

/* The tools' form: XCR0, all bits that XCR0 ever had, an XSAVE area. */
struct ext_state {
    uint64_t xcr0;
    uint64_t xcr0_ever;
    uint8_t area[] __attribute__((__aligned__(8)));
};

static int write_ext_state(const struct vcpu *v, void *guest, size_t size)
{
    struct ext_state *s = heap_alloc(size);
    int rc;

    if (s == NULL) {
        return -ENOMEM;
    }
    s->xcr0 = v->arch.xcr0;
    s->xcr0_ever = fpu_host_xcr0();
    fpu_get_area(v, s->area);
    rc = copy_to_guest(guest, s, size) == 0 ? 0 : -EFAULT;
    heap_free(s);
    return rc;
}

int domctl_getvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
    uint64_t size = fpu_area_size() != 0 ? sizeof(struct ext_state) + fpu_area_size() : 0;
    int rc;
    struct vcpu *v = stop_vcpu(d, e->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    if (e->size == 0 && e->xfeature_mask == 0) {
        e->size = size;
        e->xfeature_mask = fpu_host_xcr0();
    } else if (e->size != size || e->xfeature_mask != fpu_host_xcr0()) {
        rc = -EINVAL;
    } else if (size != 0) {
        rc = write_ext_state(v, e->buffer, size);
    }
    vcpu_unpause(v);
    return rc;
}

static int read_ext_state(struct vcpu *v, const void *guest, size_t size)
{
    struct ext_state *s = heap_alloc(size);
    int rc = -EFAULT;

    if (s == NULL) {
        return -ENOMEM;
    }
    if (copy_from_guest(s, guest, size) == 0) {
        rc = s->xcr0_ever & ~fpu_host_xcr0() ? -EINVAL : 0;
    }
    if (rc == 0) {
        rc = fpu_set_area(v, s->xcr0, s->area, size - sizeof(*s));
    }
    heap_free(s);
    return rc;
}

int domctl_setvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
    int rc;
    struct vcpu *v = stop_vcpu(d, e->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    rc = -EINVAL;
    if (e->size > sizeof(struct ext_state) &&
        e->size <= sizeof(struct ext_state) + fpu_area_size()) {
        rc = read_ext_state(v, e->buffer, e->size);
    }
    vcpu_unpause(v);
    return rc;
}

/* ------------------------------------------------------------------------ */
/* MSRs that are a vCPU's own and in no other structure: TSC_AUX. Those that are 0 are left out. */

static bool has_tsc_aux(const struct domain *d)
{
    return (policy_find(d->arch.cpuid, 0x80000001, 0)->d & E1_EDX_RDTSCP) != 0;
}

int domctl_get_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct xen_domctl_vcpu_msr msr = { .index = MSR_TSC_AUX_INDEX };
    int rc;
    struct vcpu *v = stop_vcpu(d, m->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    if (m->msrs == NULL) {
        m->msr_count = NR_MSRS;
    } else {
        uint32_t nr = has_tsc_aux(d) && v->arch.tsc_aux != 0;

        msr.value = v->arch.tsc_aux;
        if (m->msr_count < nr) {
            rc = -ENOBUFS;
        } else if (nr > 0 && !write_guest(m->msrs, &msr)) {
            rc = -EFAULT;
        }
        m->msr_count = nr;
    }
    vcpu_unpause(v);
    return rc;
}

/* On failure msr_count says which entry was refused. */
static int set_msrs(struct vcpu *v, struct xen_domctl_vcpu_msrs *m)
{
    for (uint32_t i = 0, nr = m->msr_count; i < nr; i++) {
        struct xen_domctl_vcpu_msr msr;

        m->msr_count = i;
        if (!read_guest(&msr, &m->msrs[i])) {
            return -EFAULT;
        }
        if (msr.reserved != 0 || msr.index != MSR_TSC_AUX_INDEX || !has_tsc_aux(v->domain) ||
            msr.value >> 32 != 0) {
            return -EINVAL;
        }
        v->arch.tsc_aux = (uint32_t)msr.value;
        m->msr_count = nr;
    }
    return 0;
}

int domctl_set_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    int rc;
    struct vcpu *v = stop_vcpu(d, m->vcpu, &rc);

    if (v == NULL) {
        return rc;
    }
    rc = m->msr_count <= NR_MSRS ? set_msrs(v, m) : -EINVAL;
    vcpu_unpause(v);
    return rc;
}
