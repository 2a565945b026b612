/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine-to-physical table as something that others may see, and the two domains that own what
 * belongs to no guest: dom_xen (the table's own frames) and dom_io (device memory).
 *
 * The table is mapped in steps of 2 MiB of entries, for the 1 GiB of machine memory that each
 * describes, where there is RAM at all (mm/own_pt.c). Guests read it at M2P_RO_START; a toolstack
 * also maps its frames. Written through M2P_RW_START only.
 */
#include <asm/m2p.h>
#include <asm/own_pt.h>
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/init.h>
#include <xen/m2p.h>
#include <xen/mm.h>

#define CHUNK_ENTRIES (MiB(2) / sizeof(uint64_t))

unsigned int m2p_nr_chunks(void)
{
    return (unsigned int)DIV_ROUND_UP(max_mfn, CHUNK_ENTRIES);
}

mfn_t m2p_chunk_mfn(unsigned int chunk)
{
    uint64_t va = M2P_RW_START + chunk * MiB(2);
    pte_t e = hv_l4_template[l4_index(va)];

    if (!(e & PTE_P)) {
        return INVALID_MFN;
    }
    e = ((const pte_t *)mfn_to_virt(pte_mfn(e)))[l3_index(va)];
    if (!(e & PTE_P)) {
        return INVALID_MFN;
    }
    e = ((const pte_t *)mfn_to_virt(pte_mfn(e)))[l2_index(va)];
    if ((e & (PTE_P | PTE_PS)) != (PTE_P | PTE_PS)) {
        return INVALID_MFN;
    }
    return mfn((e & PTE_ADDR & ~(MiB(2) - 1)) >> PAGE_SHIFT);
}

static struct domain *__init owner_create(domid_t id)
{
    struct domain *d = heap_new(struct domain);

    if (d == NULL) {
        panic("Not enough memory for the hypervisor's own domains.");
    }
    d->id = id;
    d->references = 1;
    d->state = DOMAIN_ALIVE;
    if (domain_memory_init(d) != 0) {
        panic("Not enough memory for the hypervisor's own domains.");
    }
    return d;
}

void __init m2p_init_owners(void)
{
    dom_io = owner_create(DOMID_IO);
    dom_xen = owner_create(DOMID_XEN);
    for (unsigned int i = 0; i < m2p_nr_chunks(); i++) {
        mfn_t first = m2p_chunk_mfn(i);

        for (unsigned int k = 0; !mfn_eq(first, INVALID_MFN) && k < MiB(2) / PAGE_SIZE; k++) {
            struct page_info *pg = mfn_to_page(mfn_add(first, k));

            pg->count = PGC_HV;
            page_share_with_domain(pg, dom_xen, false);
        }
    }
}
