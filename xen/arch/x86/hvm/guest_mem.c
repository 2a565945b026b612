/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running vCPU's memory by its own addresses: a walk of its page tables in whatever mode it is
 * (Intel SDM vol. 3, 4.3-4.5), then its guest-physical map. Accesses are the kernel's: rights of
 * user pages are not looked at, read-only pages are respected where CR0.WP says so.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/hvm.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>
#include <xen/string.h>

#include "engine.h"

#define CR3_FRAME 0x000ffffffffff000UL
#define PDPTR_BITS 0x1eUL /* the 32 byte aligned table of PAE paging */
#define CR4_PSE    (1UL << 4)

struct walk {
    uint64_t va;
    bool write, protects; /* CR0.WP */
    bool pse;
};

static int read_entry(struct domain *d, uint64_t gpa, unsigned int size, uint64_t *entry)
{
    struct page_info *pg = p2m_get_page(d, gpa >> PAGE_SHIFT, false);

    if (pg == NULL) {
        return -EFAULT;
    }
    *entry = 0;
    memcpy(entry, (const char *)page_to_virt(pg) + (gpa & (PAGE_SIZE - 1)), size);
    p2m_put_page(pg, false);
    return 0;
}

static bool refuses(const struct walk *w, uint64_t e)
{
    return !(e & PTE_P) || (w->write && w->protects && !(e & PTE_RW));
}

/* Tables of 8-byte entries from @level down: long mode and PAE. */
static int walk_64(struct domain *d, const struct walk *w, uint64_t table, unsigned int level,
                   uint64_t *gpa)
{
    for (;; level--) {
        unsigned int shift = PAGE_SHIFT + (level - 1) * 9;
        uint64_t e;
        int rc = read_entry(d, table + (w->va >> shift & 511) * 8, 8, &e);

        if (rc != 0 || refuses(w, e)) {
            return -EFAULT;
        }
        if (level == 1 || ((e & PTE_PS) && level <= 3)) {
            uint64_t mask = (1UL << shift) - 1;

            *gpa = (e & PTE_ADDR & ~mask) | (w->va & mask);
            return 0;
        }
        table = e & PTE_ADDR;
    }
}

static int walk_pae(struct domain *d, const struct walk *w, uint64_t cr3, uint64_t *gpa)
{
    uint64_t e;
    int rc = read_entry(d, (cr3 & 0xffffffe0UL) + (w->va >> 30 & 3) * 8, 8, &e);

    return rc != 0 || !(e & PTE_P) || (e & PDPTR_BITS & ~0x18UL)
               ? -EFAULT : walk_64(d, w, e & PTE_ADDR, 2, gpa);
}

static int walk_32(struct domain *d, const struct walk *w, uint64_t cr3, uint64_t *gpa)
{
    uint64_t e;

    if (read_entry(d, (cr3 & 0xfffff000UL) + (w->va >> 22 & 1023) * 4, 4, &e) != 0 ||
        refuses(w, e)) {
        return -EFAULT;
    }
    if ((e & PTE_PS) && w->pse) {
        *gpa = (e & 0xffc00000UL) | (e >> 13 & 0xff) << 32 | (w->va & 0x3fffff);
        return 0;
    }
    if (read_entry(d, (e & 0xfffff000UL) + (w->va >> 12 & 1023) * 4, 4, &e) != 0 ||
        refuses(w, e)) {
        return -EFAULT;
    }
    *gpa = (e & 0xfffff000UL) | (w->va & (PAGE_SIZE - 1));
    return 0;
}

int hvm_translate(struct vcpu *v, uint64_t va, bool write, uint64_t *gpa)
{
    uint64_t cr0 = hvm_engine->get_reg(v, HVM_CR0), cr4 = hvm_engine->get_reg(v, HVM_CR4);
    uint64_t cr3 = hvm_engine->get_reg(v, HVM_CR3), efer = hvm_engine->get_reg(v, HVM_EFER);
    struct walk w = { .va = va, .write = write, .protects = (cr0 & CR0_WP) != 0,
                      .pse = (cr4 & CR4_PSE) != 0 };

    if (!(cr0 & CR0_PG)) {
        *gpa = (uint32_t)va;
        return 0;
    }
    if (efer & EFER_LMA) {
        return is_canonical(va) ? walk_64(v->domain, &w, cr3 & CR3_FRAME, 4, gpa) : -EFAULT;
    }
    w.va = (uint32_t)va;
    return cr4 & CR4_PAE ? walk_pae(v->domain, &w, cr3, gpa) : walk_32(v->domain, &w, cr3, gpa);
}

/* One page's part of a copy: into @to or from @from, or zeroes. 0 or -EFAULT. */
static int copy_part(struct vcpu *v, uint64_t va, void *to, const void *from, size_t len)
{
    bool write = to == NULL;
    struct page_info *pg;
    uint64_t gpa;
    char *p;

    if (hvm_translate(v, va, write, &gpa) != 0) {
        return -EFAULT;
    }
    pg = p2m_get_page(v->domain, gpa >> PAGE_SHIFT, write);
    if (pg == NULL) {
        return -EFAULT;
    }
    p = (char *)page_to_virt(pg) + (gpa & (PAGE_SIZE - 1));
    if (to != NULL) {
        memcpy(to, p, len);
    } else if (from != NULL) {
        memcpy(p, from, len);
    } else {
        memset(p, 0, len);
    }
    p2m_put_page(pg, write);
    return 0;
}

static size_t copy(uint64_t va, void *to, const void *from, size_t len)
{
    struct vcpu *v = current;

    while (len > 0) {
        size_t part = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1)));

        if (copy_part(v, va, to, from, part) != 0) {
            break;
        }
        va += part;
        len -= part;
        to = to != NULL ? (char *)to + part : NULL;
        from = from != NULL ? (const char *)from + part : NULL;
    }
    return len;
}

size_t hvm_copy_from_guest(void *dst, uint64_t va, size_t len)
{
    return copy(va, dst, NULL, len);
}

size_t hvm_copy_to_guest(uint64_t va, const void *src, size_t len)
{
    return copy(va, NULL, src, len);
}

size_t hvm_clear_guest(uint64_t va, size_t len)
{
    return copy(va, NULL, NULL, len);
}
