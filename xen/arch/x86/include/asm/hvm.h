/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hardware-assisted domains as the rest of the hypervisor sees them (arch/x86/hvm). A domain is one
 * or is paravirtual for all its life: arch.hvm says which. Interface: docs/interface/hvm.md.
 */
#ifndef ASM_HVM_H
#define ASM_HVM_H

#include <asm/p2m.h>
#include <asm/regs.h>
#include <public/hvm/params.h>
#include <xen/compiler.h>
#include <xen/domain.h>
#include <xen/types.h>

struct vcpu_guest_context;
struct vlapic;

struct hvm_domain {
    struct p2m p2m;
    uint64_t param[HVM_NR_PARAMS];
    uint64_t mempool_bytes;      /* as the tools set it; only reported */
    char text[100];              /* a line written to port 0xe9, so far; hvm/port.c */
    uint32_t text_used;
};

/* An exception or interrupt on its way into the guest. */
struct hvm_event {
    uint8_t vector;
    uint8_t type;                /* enum hvm_event_type; HVM_EVENT_NONE: there is none */
    bool has_error;
    uint8_t length;              /* of the instruction, for software events */
    uint32_t error;
};

struct hvm_vcpu {
    void *engine;                /* the engine's own state */
    struct vlapic *lapic;
    struct hvm_event event;      /* to be injected at the next entry */
    uint32_t p2m_generation;     /* that the TLB was flushed for last */
    uint8_t upcall_vector;       /* through the LAPIC; 0: none */
    bool nmi_pending;
    bool waits_for_sipi;         /* after INIT; atomic */
    uint32_t sipi;               /* vector, and that one came; atomic. hvm/startup.c */
    uint64_t tsc_offset;         /* guest TSC = the domain's (asm/vtsc.h) + this */
    struct {
        uint64_t def_type, fixed[11], base[8], mask[8];
    } mtrr;
};

static always_inline bool is_hvm(const struct domain *d)
{
    return d->arch.hvm != NULL;
}

/* At boot, on the boot CPU, then on each: finds the engine and switches it on. */
void hvm_init(void);
void hvm_init_cpu(void);
/* "svm", "vmx" or NULL: there are no hardware-assisted domains on this machine. */
const char *hvm_engine_name(void);

/* 0, -ENOMEM; -EINVAL: no engine. */
must_check int hvm_domain_init(struct domain *d);
must_check int hvm_domain_relinquish(struct domain *d);
void hvm_domain_fini(struct domain *d);
must_check int hvm_vcpu_init(struct vcpu *v);
void hvm_vcpu_fini(struct vcpu *v);

/* Context switch: the CPU is on the hypervisor's own page tables before and after. */
void hvm_save(struct vcpu *v);
void hvm_load(struct vcpu *v);
/* Into the guest, from the CPU's empty stack. */
void hvm_run(struct vcpu *v) noreturn;

/* Whether @v, the current vCPU, has something to wake up for; SCHEDOP_block, _poll and HLT ask. */
bool hvm_has_interrupt(const struct vcpu *v);
/* An NMI for @v. */
void hvm_raise_nmi(struct vcpu *v);

/* Guest memory of the running vCPU, by its present page tables; bytes not copied. */
must_check size_t hvm_copy_from_guest(void *dst, uint64_t va, size_t len);
must_check size_t hvm_copy_to_guest(uint64_t va, const void *src, size_t len);
must_check size_t hvm_clear_guest(uint64_t va, size_t len);

/* After a change of asm/vtsc.h's: the domain is paused. */
void hvm_tsc_changed(struct domain *d);

/* hvm_op: parameters. -EINVAL, -EPERM. */
must_check int hvm_param_set(struct domain *d, uint32_t index, uint64_t value);
must_check int hvm_param_get(const struct domain *d, uint32_t index, uint64_t *value);

/* Where a guest address leads by the running vCPU's page tables. -EFAULT. */
must_check int hvm_translate(struct vcpu *v, uint64_t va, bool write, uint64_t *gpa);

/* The registers of a paused vCPU as domctl getvcpucontext has them; @c holds zeros. */
void hvm_vcpu_get_context(struct vcpu *v, struct vcpu_guest_context *c);

/*
 * The state of a paused domain as the tools' records: how much room they take at most, and how
 * much they took. Loading: -EINVAL (a record, or a value in it), -ENODATA (no end).
 */
size_t hvm_context_size(const struct domain *d);
size_t hvm_context_save(struct domain *d, void *buffer);
must_check int hvm_context_load(struct domain *d, const void *buffer, size_t size);

#endif
