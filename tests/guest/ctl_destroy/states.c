/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains in the middle of their making. */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/memory.h>

#include "check.h"
#include "control.h"
#include "event.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

/* From here on the builder's tables map nothing. */
#define UNMAPPED 1100

static void set_limit(struct guest *g, uint64_t pages)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = pages * 4 };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, g->id), 0);
}

static void make_vcpus(struct guest *g, unsigned int nr)
{
    struct xen_domctl op = { .u.max_vcpus.max = nr };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_vcpus, g->id), 0);
}

/* A claim, a memory map, nodes. */
void part_promises(struct guest *g)
{
    struct xen_memory_reservation claim = { .nr_extents = 100, .domid = (domid_t)g->id };
    uint8_t entry[20] = { 0 };
    struct xen_foreign_memory_map map = {
        .domid = (domid_t)g->id, .map = { .nr_entries = 1, .buffer = entry },
    };
    uint32_t table[3] = { 0 };
    struct xen_vmemrange range = { 0 };
    struct xen_domctl op = {
        .u.vnuma = {
            .nr_vnodes = 1, .nr_vmemranges = 1, .nr_vcpus = 3, .vdistance = table,
            .vcpu_to_vnode = table, .vnode_to_pnode = table, .vmemrange = &range,
        },
    };

    set_limit(g, 1000);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_claim_pages, &claim), 0);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_set_memory_map, &map), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvnumainfo, g->id), 0);
}

/* Memory up to the limit, and asked for beyond it. */
void part_limit(struct guest *g)
{
    static uint64_t frames[300];
    struct xen_memory_reservation r = {
        .extent_start = frames, .nr_extents = 300, .domid = (domid_t)g->id,
    };

    set_limit(g, 250);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 250);
}

/* One vCPU with a context, one whose context was refused after some of its frames were taken. */
void part_contexts(struct guest *g)
{
    static struct vcpu_guest_context c;
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 1, .ctxt = &c } };

    memset(&c, 0, sizeof(c));
    c.flags = VGCF_in_kernel;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.ctrlreg[3] = xen_pfn_to_cr3(g->p2m[(g->tables - VIRT_BASE) >> PAGE_SHIFT]);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, g->id), 0);
    /* It keeps its tables. */
    c.ctrlreg[3] = xen_pfn_to_cr3(g->p2m[0]);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, g->id), -XEN_EOPNOTSUPP);
    c.ctrlreg[3] = xen_pfn_to_cr3(g->p2m[(g->tables - VIRT_BASE) >> PAGE_SHIFT]);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, g->id), 0);
    op.u.vcpucontext.vcpu = 2;
    /* Some pages of the domain that no table names; the third is another domain's. */
    c.gdt_ents = 3 * 512;
    c.gdt_frames[0] = g->p2m[g->pages - 1];
    c.gdt_frames[1] = g->p2m[g->pages - 2];
    c.gdt_frames[2] = virt_to_mfn(&c);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, g->id), -XEN_EINVAL);
}

/* Tables of all levels, pinned from here, with an entry each. */
void part_pins(struct guest *g)
{
    for (unsigned int level = 1; level <= 4; level++) {
        struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE + level - 1 };
        uint64_t *table = guest_page(g, UNMAPPED + level);

        if (!table)
            return;
        table[5] = level == 1 ? make_pte(g->p2m[UNMAPPED], PTE_DATA)
                              : make_pte(g->p2m[UNMAPPED + level - 1], PTE_TABLE);
        slot_unmap(SLOT_PAGE);
        op.arg1.mfn = g->p2m[UNMAPPED + level];
        CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, g->id), 0);
    }
}

/* What it may touch, who hears of deaths. */
void part_permissions(struct guest *g)
{
    struct xen_domctl op = {
        .u.iomem_permission = { .first_mfn = 0xb8, .nr_mfns = 2, .allow_access = 1 },
    };

    make_vcpus(g, 3);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, g->id), 0);
    op.u.iomem_permission.first_mfn = 0xa0;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_iomem_permission, g->id), 0);
    op.u.ioport_permission = (struct xen_domctl_ioport_permission){ 0x80, 1, 1 };
    CHECK_EQ(domctl(&op, XEN_DOMCTL_ioport_permission, g->id), 0);
    op.u.set_virq_handler.virq = VIRQ_CON_RING;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_set_virq_handler, g->id), 0);
}

/* Ports for us and for itself, one of them connected and sent to. */
void part_ports(struct guest *g)
{
    make_vcpus(g, 3);
    for (unsigned int i = 0; i < 200; i++)
        CHECK(event_alloc_unbound(g->id, i % 2 ? 0 : g->id) > 0);
    g->local_port = (unsigned int)event_bind_interdomain(g->id, 2);
    CHECK_EQ(event_send(g->local_port), 0);
}

void part_pauses(struct guest *g)
{
    make_vcpus(g, 3);
    for (unsigned int i = 0; i < 5; i++)
        CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain, g->id), 0);
}
