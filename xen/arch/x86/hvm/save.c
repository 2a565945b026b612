/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hardware-assisted domain's state as records (public/hvm/save.h, docs/interface/hvm.md). The
 * domain is paused. What is read in is checked as a whole before any of it is used.
 */
#include <asm/cpu.h>
#include <asm/fpu.h>
#include <asm/hvm.h>
#include <asm/vlapic.h>
#include <public/hvm/save.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/string.h>
#include <xen/time.h>

#include "engine.h"
#include "hvm_msr.h"

/* What the CPU would refuse to enter the guest with (AMD APM vol. 2, 15.5.1; Intel the like). */
#define CR4_ALLOWED 0x777fffUL

/* The records' segment numbers in the order of hvm_hw_cpu's fields. */
static const enum hvm_segment_name order[] = {
    HVM_CS, HVM_DS, HVM_ES, HVM_FS, HVM_GS, HVM_SS, HVM_TR, HVM_LDTR,
};

/* ------------------------------------------------------------------------ */
/* Out */

static void get_segments(const struct vcpu *v, struct hvm_hw_cpu *c)
{
    uint32_t *sel = &c->cs_sel, *limit = &c->cs_limit, *attr = &c->cs_arbytes;
    uint64_t *base = &c->cs_base;
    struct hvm_segment s;

    for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
        hvm_engine->get_segment(v, order[i], &s);
        sel[i] = s.selector;
        limit[i] = s.limit;
        base[i] = s.base;
        attr[i] = s.attr;
    }
    hvm_engine->get_segment(v, HVM_IDTR, &s);
    c->idtr_base = s.base;
    c->idtr_limit = s.limit;
    hvm_engine->get_segment(v, HVM_GDTR, &s);
    c->gdtr_base = s.base;
    c->gdtr_limit = s.limit;
}

static void get_cpu(const struct vcpu *v, struct hvm_hw_cpu *c)
{
    const struct cpu_regs *r = &v->arch.regs;
    const struct hvm_engine *e = hvm_engine;

    *c = (struct hvm_hw_cpu){
        .rax = r->rax, .rbx = r->rbx, .rcx = r->rcx, .rdx = r->rdx, .rbp = r->rbp,
        .rsi = r->rsi, .rdi = r->rdi, .rsp = r->rsp, .r8 = r->r8, .r9 = r->r9, .r10 = r->r10,
        .r11 = r->r11, .r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
        .rip = r->rip, .rflags = r->rflags,
        .cr0 = e->get_reg(v, HVM_CR0), .cr2 = e->get_reg(v, HVM_CR2),
        .cr3 = e->get_reg(v, HVM_CR3), .cr4 = e->get_reg(v, HVM_CR4),
        .dr0 = v->arch.dr[0], .dr1 = v->arch.dr[1], .dr2 = v->arch.dr[2], .dr3 = v->arch.dr[3],
        .dr6 = e->get_reg(v, HVM_DR6), .dr7 = e->get_reg(v, HVM_DR7),
        .sysenter_cs = e->get_reg(v, HVM_SYSENTER_CS),
        .sysenter_esp = e->get_reg(v, HVM_SYSENTER_ESP),
        .sysenter_eip = e->get_reg(v, HVM_SYSENTER_EIP),
        .shadow_gs = e->get_reg(v, HVM_KERNEL_GS_BASE),
        .msr_lstar = e->get_reg(v, HVM_LSTAR), .msr_star = e->get_reg(v, HVM_STAR),
        .msr_cstar = e->get_reg(v, HVM_CSTAR), .msr_syscall_mask = e->get_reg(v, HVM_SFMASK),
        .msr_efer = e->get_reg(v, HVM_EFER), .msr_tsc_aux = v->arch.tsc_aux,
        .tsc = hvm_tsc(v), .flags = XEN_X86_FPU_INITIALISED,
    };
    fpu_get_context(v, c->fpu_regs);
    get_segments(v, c);
}

static void get_mtrr(const struct vcpu *v, struct hvm_hw_mtrr *m)
{
    const struct hvm_vcpu *h = v->arch.hvm;

    *m = (struct hvm_hw_mtrr){ .msr_pat_cr = hvm_engine->get_reg(v, HVM_PAT),
                               .msr_mtrr_cap = MTRR_CAP, .msr_mtrr_def_type = h->mtrr.def_type };
    for (unsigned int i = 0; i < 8; i++) {
        m->msr_mtrr_var[2 * i] = h->mtrr.base[i];
        m->msr_mtrr_var[2 * i + 1] = h->mtrr.mask[i];
    }
    memcpy(m->msr_mtrr_fixed, h->mtrr.fixed, sizeof(m->msr_mtrr_fixed));
}

struct output {
    char *buffer;
    size_t filled;
};

static void put(struct output *o, uint16_t code, uint16_t instance, const void *data, uint32_t len)
{
    struct hvm_save_descriptor d = { code, instance, len };

    memcpy(o->buffer + o->filled, &d, sizeof(d));
    memcpy(o->buffer + o->filled + sizeof(d), data, len);
    o->filled += sizeof(d) + len;
}

size_t hvm_context_size(const struct domain *d)
{
    return 2 * sizeof(struct hvm_save_descriptor) + sizeof(struct hvm_save_header) +
           d->max_vcpus * (3 * sizeof(struct hvm_save_descriptor) + sizeof(struct hvm_hw_cpu) +
                           sizeof(struct hvm_hw_lapic) + sizeof(struct hvm_hw_mtrr));
}

size_t hvm_context_save(struct domain *d, void *buffer)
{
    struct hvm_save_header header = { .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION,
                                      .cpuid = cpuid(1, 0).a, .gtsc_khz = cpu_khz };
    struct output o = { .buffer = buffer };
    struct vcpu *v;
    unsigned int i;

    put(&o, HVM_SAVE_CODE_HEADER, 0, &header, sizeof(header));
    for_each_vcpu (d, v, i) {
        struct hvm_hw_lapic l = { .apic_base_msr = vlapic_base(v) };
        struct hvm_hw_cpu c;
        struct hvm_hw_mtrr m;

        hvm_engine->open(v);
        get_cpu(v, &c);
        get_mtrr(v, &m);
        hvm_engine->close(v);
        put(&o, HVM_SAVE_CODE_CPU, (uint16_t)i, &c, sizeof(c));
        put(&o, HVM_SAVE_CODE_LAPIC, (uint16_t)i, &l, sizeof(l));
        put(&o, HVM_SAVE_CODE_MTRR, (uint16_t)i, &m, sizeof(m));
    }
    put(&o, HVM_SAVE_CODE_END, 0, &o, 0);
    return o.filled;
}

/* ------------------------------------------------------------------------ */
/* In */

static bool cpu_is_valid(const struct hvm_hw_cpu *c)
{
    bool paging = (c->cr0 & CR0_PG) != 0, lme = (c->msr_efer & EFER_LME) != 0;

    return c->cr0 >> 32 == 0 && (!paging || (c->cr0 & CR0_PE)) && !(c->cr4 & ~CR4_ALLOWED) &&
           !(c->msr_efer & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NX)) &&
           ((c->msr_efer & EFER_LMA) != 0) == (paging && lme) &&
           (!(paging && lme) || (c->cr4 & CR4_PAE)) && c->dr6 >> 32 == 0 && c->dr7 >> 32 == 0 &&
           is_canonical(c->shadow_gs) && is_canonical(c->msr_lstar) && is_canonical(c->msr_cstar);
}

static void set_segments(struct vcpu *v, const struct hvm_hw_cpu *c)
{
    const uint32_t *sel = &c->cs_sel, *limit = &c->cs_limit, *attr = &c->cs_arbytes;
    const uint64_t *base = &c->cs_base;
    struct hvm_segment s;

    for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
        s = (struct hvm_segment){ (uint16_t)sel[i], attr[i] & 0xfff, limit[i], base[i] };
        hvm_engine->set_segment(v, order[i], &s);
    }
    s = (struct hvm_segment){ .base = c->idtr_base, .limit = c->idtr_limit };
    hvm_engine->set_segment(v, HVM_IDTR, &s);
    s = (struct hvm_segment){ .base = c->gdtr_base, .limit = c->gdtr_limit };
    hvm_engine->set_segment(v, HVM_GDTR, &s);
}

static void set_general(struct vcpu *v, const struct hvm_hw_cpu *c)
{
    v->arch.regs = (struct cpu_regs){
        .rax = c->rax, .rbx = c->rbx, .rcx = c->rcx, .rdx = c->rdx, .rbp = c->rbp,
        .rsi = c->rsi, .rdi = c->rdi, .rsp = c->rsp, .r8 = c->r8, .r9 = c->r9, .r10 = c->r10,
        .r11 = c->r11, .r12 = c->r12, .r13 = c->r13, .r14 = c->r14, .r15 = c->r15,
        .rip = c->rip, .rflags = (c->rflags & 0x3f7fd5UL) | RFLAGS_MBS,
    };
}

static int set_cpu(struct vcpu *v, const struct hvm_hw_cpu *c)
{
    const struct hvm_engine *e = hvm_engine;

    if (!cpu_is_valid(c)) {
        return -EINVAL;
    }
    if ((c->flags & XEN_X86_FPU_INITIALISED) && fpu_set_from_context(v, c->fpu_regs) != 0) {
        return -EINVAL;
    }
    set_general(v, c);
    set_segments(v, c);
    e->set_reg(v, HVM_CR0, c->cr0);
    e->set_reg(v, HVM_CR2, c->cr2);
    e->set_reg(v, HVM_CR3, c->cr3);
    e->set_reg(v, HVM_CR4, c->cr4);
    e->set_reg(v, HVM_EFER, c->msr_efer);
    e->set_reg(v, HVM_DR6, c->dr6);
    e->set_reg(v, HVM_DR7, c->dr7);
    e->set_reg(v, HVM_SYSENTER_CS, c->sysenter_cs);
    e->set_reg(v, HVM_SYSENTER_ESP, c->sysenter_esp);
    e->set_reg(v, HVM_SYSENTER_EIP, c->sysenter_eip);
    e->set_reg(v, HVM_KERNEL_GS_BASE, c->shadow_gs);
    e->set_reg(v, HVM_STAR, c->msr_star);
    e->set_reg(v, HVM_LSTAR, c->msr_lstar);
    e->set_reg(v, HVM_CSTAR, c->msr_cstar);
    e->set_reg(v, HVM_SFMASK, c->msr_syscall_mask);
    v->arch.dr[0] = c->dr0;
    v->arch.dr[1] = c->dr1;
    v->arch.dr[2] = c->dr2;
    v->arch.dr[3] = c->dr3;
    v->arch.tsc_aux = (uint32_t)c->msr_tsc_aux;
    v->is_initialised = true;
    bit_clear_atomic(&v->pause_flags, VPF_DOWN);
    return 0;
}

static int set_mtrr(struct vcpu *v, const struct hvm_hw_mtrr *m)
{
    struct hvm_vcpu *h = v->arch.hvm;

    for (unsigned int i = 0; i < 8; i++) {
        h->mtrr.base[i] = m->msr_mtrr_var[2 * i];
        h->mtrr.mask[i] = m->msr_mtrr_var[2 * i + 1];
    }
    memcpy(h->mtrr.fixed, m->msr_mtrr_fixed, sizeof(h->mtrr.fixed));
    h->mtrr.def_type = m->msr_mtrr_def_type;
    return 0;
}

/* How long a record of each kind is; 0: not taken. */
static uint32_t length_of(uint16_t code)
{
    switch (code) {
    case HVM_SAVE_CODE_HEADER:
        return sizeof(struct hvm_save_header);
    case HVM_SAVE_CODE_CPU:
        return sizeof(struct hvm_hw_cpu);
    case HVM_SAVE_CODE_LAPIC:
        return sizeof(struct hvm_hw_lapic);
    case HVM_SAVE_CODE_MTRR:
        return sizeof(struct hvm_hw_mtrr);
    default:
        return 0;
    }
}

static int load_record(struct vcpu *v, uint16_t code, const char *data)
{
    /* Records lie unaligned. */
    union {
        struct hvm_hw_cpu cpu;
        struct hvm_hw_mtrr mtrr;
        struct hvm_hw_lapic lapic;
        struct hvm_save_header header;
    } u;

    memcpy(&u, data, length_of(code));
    switch (code) {
    case HVM_SAVE_CODE_CPU:
        return set_cpu(v, &u.cpu);
    case HVM_SAVE_CODE_MTRR:
        return set_mtrr(v, &u.mtrr);
    default:
        return 0;
    }
}

/* One pass over the records: with @act they are loaded, without they are checked. */
static int run_records(struct domain *d, const char *buffer, size_t size, bool act)
{
    struct hvm_save_descriptor head;
    bool first = true;

    while (size >= sizeof(head)) {
        struct vcpu *v;

        memcpy(&head, buffer, sizeof(head));
        buffer += sizeof(head);
        size -= sizeof(head);
        if (first != (head.typecode == HVM_SAVE_CODE_HEADER)) {
            return -EINVAL;
        }
        if (head.typecode == HVM_SAVE_CODE_END) {
            return 0;
        }
        v = domain_vcpu(d, head.instance);
        if (v == NULL || head.length == 0 || head.length != length_of(head.typecode) ||
            head.length > size) {
            return -EINVAL;
        }
        if (act) {
            int rc;

            hvm_engine->open(v);
            rc = load_record(v, head.typecode, buffer);
            hvm_engine->close(v);
            if (rc != 0) {
                return rc;
            }
        }
        first = false;
        buffer += head.length;
        size -= head.length;
    }
    return -ENODATA;
}

int hvm_context_load(struct domain *d, const void *buffer, size_t size)
{
    int rc = run_records(d, buffer, size, false);

    return rc == 0 ? run_records(d, buffer, size, true) : rc;
}
