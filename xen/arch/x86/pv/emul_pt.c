/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores of a guest kernel to its L1 tables, which it can only map read-only: the instruction is
 * decoded and computed, and the new entry goes through the same check as a hypercall's. Also stores
 * to device pages that the hypervisor keeps read-only, which vanish.
 *
 * Atomic against the CPU's own updates of accessed and dirty bits, and against other CPUs: what was
 * computed from an old entry is stored only if the entry still is that one, else the
 * guest executes the instruction again.
 */
#include <asm/emulate.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/iocaps.h>
#include <xen/mm.h>
#include <xen/usercopy.h>

#include "rmw.h"

/* Decodes the store that faulted at @cr2. False: not one that is emulated. */
static bool decode_store(struct vcpu *v, const struct cpu_regs *r, uint64_t cr2, struct insn *i,
                         struct rmw *w)
{
    struct guest_code code;
    unsigned int size = pv_fetch_code(&code, r->rip);

    if (insn_decode(i, code.bytes, size, true) != 0 || !rmw_prepare(w, i, r)) {
        return false;
    }
    return (cr2 & (w->size - 1U)) == 0 && rmw_address(w, i, r, pv_segment_base(v, i)) == cr2;
}

/*
 * Stores to the operand at byte @offset of the table. 0 with *res for the registers; -EAGAIN
 * (execute again); -EINVAL, -EBUSY, -EPERM (refused).
 */
static int store(struct vcpu *v, struct page_info *l1pg, unsigned int offset, const struct rmw *w,
                 const struct insn *i, const struct cpu_regs *r, struct rmw_result *res)
{
    uint64_t *entry = (uint64_t *)page_to_virt(l1pg) + offset / 8;
    unsigned int shift = offset % 8 * 8;
    uint64_t old = READ_ONCE(*entry);
    uint64_t mask = insn_truncate(~0UL, w->size) << shift;

    rmw_compute(w, i, r, (old & mask) >> shift, res);
    if (!res->stores) {
        return 0;
    }
    return pv_l1_emulate_write(v, l1pg, offset / 8, old,
                               (old & ~mask) | (res->value << shift & mask), true);
}

/* STOS and MOVS, with REP up to the page's end. */
static bool store_string(struct vcpu *v, struct page_info *l1pg, uint64_t addr, struct rmw *w,
                         const struct insn *i, struct cpu_regs *r)
{
    bool repeat = (i->prefixes & (INSN_REP | INSN_REPNE)) != 0;
    int64_t step = r->rflags & RFLAGS_DF ? -(int64_t)w->size : w->size;
    uint64_t base = pv_segment_base(v, i);
    uint64_t page = addr >> PAGE_SHIFT;
    unsigned int done = 0;
    struct rmw_result res;
    int rc;

    while (addr >> PAGE_SHIFT == page && (!repeat || r->rcx != 0)) {
        if (w->kind == RMW_MOVS) {
            const void *from = (const void *)(insn_truncate(r->rsi, i->addr_size) + base);

            w->source = 0;
            if (copy_from_guest(&w->source, from, w->size) != 0) {
                pv_inject_page_fault(v, r, (uint64_t)from, 0);
                return true;
            }
        }
        rc = store(v, l1pg, addr & (PAGE_SIZE - 1), w, i, r, &res);
        if (rc != 0) {
            /* What is done counts; the rest faults again, and then the fault is the guest's. */
            return done > 0 || rc == -EAGAIN;
        }
        done++;
        addr += (uint64_t)step;
        r->rdi += (uint64_t)step;
        if (w->kind == RMW_MOVS) {
            r->rsi += (uint64_t)step;
        }
        if (!repeat) {
            break;
        }
        r->rcx--;
    }
    if (!repeat || r->rcx == 0) {
        pv_retire(v, r, i->length);
    }
    return true;
}

static bool store_popped(struct vcpu *v, struct page_info *l1pg, uint64_t addr, struct rmw *w,
                         const struct insn *i, struct cpu_regs *r)
{
    struct rmw_result res;
    int rc;

    if (copy_from_guest(&w->source, (const void *)r->rsp, w->size) != 0) {
        pv_inject_page_fault(v, r, r->rsp, 0);
        return true;
    }
    rc = store(v, l1pg, addr & (PAGE_SIZE - 1), w, i, r, &res);
    if (rc == 0) {
        r->rsp += w->size;
        pv_retire(v, r, i->length);
    }
    return rc == 0 || rc == -EAGAIN;
}

/* The commonest: a whole entry by MOV or XCHG, which touch no flags. */
static bool store_whole(struct vcpu *v, struct page_info *l1pg, unsigned int offset,
                        const struct rmw *w, const struct insn *i, struct cpu_regs *r)
{
    uint64_t old = READ_ONCE(((uint64_t *)page_to_virt(l1pg))[offset / 8]);
    int rc = pv_l1_emulate_write(v, l1pg, offset / 8, old, w->source, true);

    if (rc == 0) {
        if (w->kind == RMW_XCHG) {
            *insn_register(r, i->reg) = old;
        }
        pv_retire(v, r, i->length);
    }
    return rc == 0 || rc == -EAGAIN;
}

static bool store_to_table(struct vcpu *v, struct cpu_regs *r, uint64_t cr2, struct page_info *l1pg)
{
    struct rmw_result res;
    struct insn i;
    struct rmw w;
    int rc;

    if (!decode_store(v, r, cr2, &i, &w)) {
        return false;
    }
    if (w.kind == RMW_STOS || w.kind == RMW_MOVS) {
        /* With a 32-bit address size the registers wrap: nobody's page-table code does that. */
        return i.addr_size == 8 && store_string(v, l1pg, cr2, &w, &i, r);
    }
    if (w.kind == RMW_POP) {
        return store_popped(v, l1pg, cr2, &w, &i, r);
    }
    if (likely(w.size == 8 && (w.kind == RMW_STORE || w.kind == RMW_XCHG))) {
        return store_whole(v, l1pg, cr2 & (PAGE_SIZE - 1), &w, &i, r);
    }
    rc = store(v, l1pg, cr2 & (PAGE_SIZE - 1), &w, &i, r, &res);
    if (rc == 0) {
        rmw_apply(&res, &i, r);
        pv_retire(v, r, i.length);
    }
    return rc == 0 || rc == -EAGAIN;
}

/* Whether the guest's mapping of @va shows a device page that is read-only to it. */
static bool shows_readonly_device(struct vcpu *v, uint64_t va)
{
    struct page_info *l1pg = pv_get_l1_of(v, va);
    pte_t e;

    if (l1pg == NULL) {
        return false;
    }
    e = READ_ONCE(((const pte_t *)page_to_virt(l1pg))[l1_index(va)]);
    (void)page_put_type(l1pg, false);
    return (e & (PTE_P | PTE_RW)) == PTE_P && !mfn_is_ram(pte_mfn(e)) &&
           iocaps_mfn_readonly(pte_mfn(e));
}

static bool drop_device_store(struct vcpu *v, struct cpu_regs *r, uint64_t cr2)
{
    struct insn i;
    struct rmw w;

    if (!iocaps_has_devices(v->domain) || !shows_readonly_device(v, cr2) ||
        !decode_store(v, r, cr2, &i, &w) || w.kind != RMW_STORE) {
        return false;
    }
    pv_retire(v, r, i.length);
    return true;
}

bool pv_emulate_pt_write(struct vcpu *v, struct cpu_regs *r, uint64_t cr2)
{
    struct page_info *l1pg;
    unsigned int index;
    bool done;

    if (!pv_l1_page_of_fault(cr2, &l1pg, &index)) {
        return drop_device_store(v, r, cr2);
    }
    done = store_to_table(v, r, cr2, l1pg);
    (void)page_put_type(l1pg, false);
    return done;
}
