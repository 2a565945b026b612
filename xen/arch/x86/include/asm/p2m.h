/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest-physical map of a hardware-assisted domain (hvm/p2m.c): guest frames to machine frames,
 * in the form that the CPU's nested paging walks. Interface: docs/interface/hvm.md.
 *
 * An entry for one of the domain's own frames (P2M_RAM) holds no reference: whoever takes the
 * frame from the domain takes it out of the map first. P2M_FOREIGN and P2M_GRANT_* hold the
 * reference that their maker handed over; p2m_clear() hands it back.
 */
#ifndef ASM_P2M_H
#define ASM_P2M_H

#include <asm/page.h>
#include <xen/compiler.h>
#include <xen/spinlock.h>
#include <xen/types.h>

struct domain;
struct page_info;

enum p2m_type {
    P2M_NONE,     /* nothing there: a nested page fault */
    P2M_RAM,      /* the domain's own memory */
    P2M_SHARED,   /* a page of the hypervisor's: shared_info, grant table */
    P2M_GRANT_RW, /* another domain's, granted */
    P2M_GRANT_RO,
};

/* How an engine writes entries; both have the frame in bits 12-51, and bits 52-58 to themselves. */
struct p2m_format {
    uint64_t table;                                  /* flags of an entry that leads to a table */
    uint64_t large;                                  /* the bit of a large page */
    uint64_t (*leaf)(enum p2m_type type);            /* flags of one that maps memory */
    unsigned int (*largest)(void);                   /* level of the largest pages: 1 to 3 */
};

struct p2m {
    struct spinlock lock;      /* LOCK_P2M: changes; walks go without */
    pte_t *root;               /* level 4 */
    uint64_t max_gfn;          /* highest frame that was ever mapped */
    uint64_t tables;           /* pages in the tree, the root included */
    uint32_t generation;       /* grows when translations went or shrank: vCPUs flush on entry */
};

/* 0 or -ENOMEM. */
must_check int p2m_init(struct domain *d);
/* Drops all references that entries hold. The vCPUs run no more. -ERESTART: call again. */
must_check int p2m_relinquish(struct domain *d);
void p2m_fini(struct domain *d);

/*
 * Maps 2^order frames, both numbers aligned to them, where nothing is mapped (the caller cleared
 * it). -ENOMEM: then none of them; -EINVAL: beyond the guest-physical address space.
 */
must_check int p2m_set(struct domain *d, uint64_t gfn, mfn_t m, unsigned int order,
                       enum p2m_type type);
/*
 * Takes one frame out of the map. Returns what was there; *m is set unless it was P2M_NONE. The
 * CPUs may still use it until p2m_flush(). A large page that cannot be split for lack of memory
 * stays: -ENOMEM.
 */
must_check int p2m_clear(struct domain *d, uint64_t gfn, mfn_t *m, enum p2m_type *type);
/* No vCPU of @d uses a translation that was taken away before. Interrupts are on. */
void p2m_flush(struct domain *d);

/* The first frame in [gfn, end) that something is mapped at; @end if there is none. */
uint64_t p2m_find_mapped(const struct domain *d, uint64_t gfn, uint64_t end);
/* What is mapped at @gfn now; *m unless it is P2M_NONE. May be gone when this returns. */
enum p2m_type p2m_lookup(const struct domain *d, uint64_t gfn, mfn_t *m);
/*
 * The frame at @gfn with a general reference, and a writable type reference if @write; NULL: not
 * RAM (nor, to read, anything else).
 */
struct page_info *p2m_get_page(struct domain *d, uint64_t gfn, bool write);
/* The same, dropped. */
void p2m_put_page(struct page_info *pg, bool write);

#endif
