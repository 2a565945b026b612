/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames that are not the domain's, in each place where a frame number is taken: page tables,
 * types, descriptor tables, areas that the hypervisor writes to.
 */
#include <public/errno.h>
#include <public/event_channel.h>
#include <public/physdev.h>
#include <public/vcpu.h>

#include "builder.h"
#include "check.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "smp.h"

static void refused_mapping(uint64_t frame, unsigned int owner)
{
    uint64_t slot = pte_maddr(window(SLOT_PAGE), 1);

    /* As one's own; in the owner's name; for reading and writing. */
    CHECK_EQ(va_map(window(SLOT_PAGE), make_pte(frame, PTE_RO), 0), -XEN_EBUSY);
    CHECK_EQ(va_map(window(SLOT_PAGE), make_pte(frame, PTE_DATA), 0), -XEN_EBUSY);
    CHECK_EQ(mmu_update_one(slot, make_pte(frame, PTE_RO), NULL, DOMID_SELF), -XEN_EBUSY);
    CHECK_EQ(foreign_map(SLOT_PAGE, owner, frame, PTE_RO), -XEN_EPERM);
    CHECK_EQ(mmu_update_one(slot, make_pte(frame, PTE_RO), NULL, owner), -XEN_EPERM);
    CHECK_EQ(mmu_update_one(slot, make_pte(frame, PTE_RO), NULL, DOMID_XEN), -XEN_EPERM);
    CHECK_EQ(mmu_update_one(slot, make_pte(frame, PTE_RO), NULL, NO_DOMAIN), -XEN_ESRCH);
    CHECK(mmu_update_one(slot, make_pte(frame, PTE_RO), NULL, DOMID_IO) < 0);
    /* Its contents, as a table or as memory; its entry in the machine-to-physical table. */
    CHECK_EQ(mmu_update_one(frame << PAGE_SHIFT, 0, NULL, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(mmu_update_one(frame << PAGE_SHIFT, 0, NULL, owner), -XEN_EPERM);
    CHECK(mmu_update_one(frame << PAGE_SHIFT, 0, NULL, (owner + 1) << 16 | DOMID_SELF) < 0);
    CHECK_EQ(mmu_update_one(frame << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 5, NULL, DOMID_SELF),
             -XEN_EINVAL);
    CHECK_EQ(mmu_update_one(frame << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 5, NULL, owner),
             -XEN_EPERM);
}

static void refused_types(uint64_t frame, unsigned int owner)
{
    static const unsigned int cmds[] = {
        MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE,
        MMUEXT_UNPIN_TABLE, MMUEXT_CLEAR_PAGE, MMUEXT_NEW_BASEPTR, MMUEXT_NEW_USER_BASEPTR,
    };

    for (unsigned int i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
        struct mmuext_op op = { .cmd = cmds[i] };

        op.arg1.mfn = frame;
        CHECK_EQ(mmuext_one(cmds[i], frame, 0), -XEN_EINVAL);
        CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, owner), -XEN_EPERM);
        CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, NO_DOMAIN), -XEN_ESRCH);
    }
    CHECK_EQ(mmuext_one(MMUEXT_COPY_PAGE, virt_to_mfn(page_alloc()), frame), -XEN_EINVAL);
}

/* Areas: descriptors, vcpu_info, control blocks of events, bits of interrupts. */
static void refused_areas(uint64_t frame)
{
    struct vcpu_register_vcpu_info info = { .mfn = frame };
    struct evtchn_init_control control = { .control_gfn = frame };
    struct physdev_pirq_eoi_gmfn eoi = { .gmfn = frame };

    CHECK_EQ(hypercall_2(__HYPERVISOR_set_gdt, &frame, 512), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_update_descriptor, frame << PAGE_SHIFT, 0), -XEN_EINVAL);
    CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, &info), -XEN_EINVAL);
    CHECK_EQ(event_op(EVTCHNOP_init_control, &control), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, &eoi), -XEN_EINVAL);
}

/* Devices, the hypervisor's own memory, frames that do not exist. */
static void refused_others_frames(void)
{
    static const uint64_t mmio[] = { 0xfee00, 0xfec00, 0xfed00, 0xb8, 0xfebf0 };
    uint64_t m2p = (*pte_of((void *)M2P, 4) & PTE_ADDR) >> PAGE_SHIFT;

    for (unsigned int i = 0; i < sizeof(mmio) / sizeof(mmio[0]); i++) {
        CHECK(va_map(window(SLOT_PAGE), make_pte(mmio[i], PTE_RO), 0) < 0);
        CHECK(va_map(window(SLOT_PAGE), make_pte(mmio[i], PTE_DATA | PTE_PCD), 0) < 0);
        CHECK_EQ(foreign_map(SLOT_PAGE, 0, mmio[i], PTE_RO), -XEN_EPERM);
        CHECK(foreign_map(SLOT_PAGE, DOMID_IO, mmio[i], PTE_RO) < 0);
        CHECK_EQ(foreign_map(SLOT_PAGE, DOMID_XEN, mmio[i], PTE_RO), -XEN_EPERM);
    }
    CHECK(va_map(window(SLOT_PAGE), make_pte(1UL << 39, PTE_RO), 0) < 0);
    CHECK(va_map(window(SLOT_PAGE), make_pte(m2p, PTE_DATA), 0) < 0);
    CHECK_EQ(foreign_map(SLOT_PAGE, DOMID_XEN, m2p, PTE_RO), -XEN_EPERM);
}

/* A frame of the domain's own memory, of its grant table, or its shared page. */
static bool is_own(uint64_t frame, const xen_pfn_t *grants, unsigned int nr_grants)
{
    uint64_t pfn = M2P[frame];

    for (unsigned int i = 0; i < nr_grants; i++)
        if (grants[i] == frame)
            return true;
    return frame == start_info->shared_info >> PAGE_SHIFT ||
           (pfn < start_info->nr_pages && pfn_to_mfn(pfn) == frame);
}

/* All frame numbers of the machine: none but the domain's own can be mapped for writing. */
static void sweep_frames(void)
{
    static xen_pfn_t grants[64];
    struct gnttab_query_size size = { .dom = DOMID_SELF };
    struct gnttab_setup_table setup = { .dom = DOMID_SELF, .frame_list = grants };
    unsigned int taken = 0;

    CHECK_EQ(grant_op(GNTTABOP_query_size, &size, 1), 0);
    setup.nr_frames = size.nr_frames;
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    for (uint64_t frame = 0; frame < 0x20000; frame++) {
        if (va_map(window(SLOT_PAGE), make_pte(frame, PTE_DATA), 0) == 0) {
            taken++;
            if (!is_own(frame, grants, size.nr_frames))
                check_equal(__FILE__, __LINE__, "somebody's frame", frame, M2P[frame]);
        }
    }
    CHECK(taken > 1000);
    slot_unmap(SLOT_PAGE);
}

void refused_frames(void)
{
    refused_mapping(places.frame_0, 0);
    refused_mapping(places.frame_other, places.other);
    refused_types(places.frame_0, 0);
    refused_types(places.frame_other, places.other);
    refused_areas(places.frame_0);
    refused_areas(places.frame_other);
    refused_others_frames();
    sweep_frames();
}
