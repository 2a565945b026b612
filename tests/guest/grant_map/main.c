/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the control domain grants frames to itself, by its number, and maps them: the
 * PTE, the entry's flags while it is mapped, both ways to name the PTE, unmapping and every
 * status that a wrong request gets.
 */
#include "check.h"
#include "grant.h"
#include "kit.h"
#include "mm.h"

#define REF 20
#define FLAGS_OF(pte) ((pte) & ~PTE_ADDR)

static uint64_t page[512] __attribute__((aligned(4096)));

static struct gnttab_map_grant_ref map(uint64_t host_addr, uint32_t flags, grant_ref_t ref,
                                       unsigned int dom)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = host_addr, .flags = flags, .ref = ref, .dom = (domid_t)dom, .status = 77,
    };

    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, &op, 1), 0);
    return op;
}

static int16_t unmap(uint64_t host_addr, grant_handle_t handle, uint64_t dev_bus_addr)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = host_addr, .handle = handle, .dev_bus_addr = dev_bus_addr, .status = 77,
    };

    CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

static void test_writable(void)
{
    uint64_t va = (uint64_t)window(1);
    uint64_t mfn = virt_to_mfn(page);
    struct gnttab_map_grant_ref op;

    page[0] = 0x1111;
    grant_offer(REF, 0, mfn, GTF_permit_access);
    op = map(va, GNTMAP_host_map, REF, 0);
    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(op.dev_bus_addr, mfn << PAGE_SHIFT);
    CHECK_EQ(FLAGS_OF(*pte_of(window(1), 1)), 0x8010000000000067UL);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(*(volatile uint64_t *)va, 0x1111);
    *(volatile uint64_t *)va = 0x2222;
    CHECK_EQ(page[0], 0x2222);
    /* The frame is in use as writable memory. */
    CHECK_EQ(page_make_readonly(page), 0);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, mfn, 0), -22);
    CHECK_EQ(unmap(va, op.handle, 0), GNTST_okay);
    CHECK_EQ(*pte_of(window(1), 1), 0);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
    CHECK_EQ(mmuext_one(MMUEXT_PIN_L1_TABLE, mfn, 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_UNPIN_TABLE, mfn, 0), 0);
    CHECK_EQ(page_make_writable(page), 0);
    CHECK_EQ(unmap(va, op.handle, 0), GNTST_bad_handle);
}

static void test_readonly(void)
{
    uint64_t va = (uint64_t)window(1), va2 = (uint64_t)window(2);
    struct gnttab_map_grant_ref op, second;

    grant_offer(REF, 0, virt_to_mfn(page), GTF_permit_access | GTF_readonly);
    op = map(va, GNTMAP_host_map, REF, 0);
    CHECK_EQ(op.status, GNTST_general_error);
    op = map(va, GNTMAP_host_map | GNTMAP_readonly, REF, 0);
    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(FLAGS_OF(*pte_of(window(1), 1)), 0x8010000000000065UL);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_readonly | GTF_reading);
    second = map(va2, GNTMAP_host_map | GNTMAP_readonly, REF, 0);
    CHECK_EQ(second.status, GNTST_okay);
    CHECK(second.handle != op.handle);
    CHECK_EQ(unmap(va, op.handle, 0), GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_readonly | GTF_reading);
    CHECK_EQ(unmap(va2, second.handle, 0), GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_readonly);
}

/* Mixed maps of one entry: each kind of flag goes with the last map of its kind. */
static void test_mixed(void)
{
    uint64_t va = (uint64_t)window(1), va2 = (uint64_t)window(2);
    struct gnttab_map_grant_ref rw, ro;

    grant_offer(REF, 0, virt_to_mfn(page), GTF_permit_access);
    ro = map(va, GNTMAP_host_map | GNTMAP_readonly, REF, 0);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_reading);
    rw = map(va2, GNTMAP_host_map, REF, 0);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(unmap(va2, rw.handle, 0), GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_reading);
    CHECK_EQ(unmap(va, ro.handle, 0), GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
}

static void test_contains_pte(void)
{
    uint64_t pte = pte_maddr(window(3), 1);
    struct gnttab_map_grant_ref op = map(pte, GNTMAP_host_map | GNTMAP_application_map |
                                         GNTMAP_contains_pte | 1 << _GNTMAP_guest_avail0, REF, 0);

    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(FLAGS_OF(*pte_of(window(3), 1)), 0x8000000000000367UL);
    CHECK_EQ(unmap(pte, op.handle, 0), GNTST_okay);
    CHECK_EQ(*pte_of(window(3), 1), 0);
}

static void test_device_map(void)
{
    uint64_t va = (uint64_t)window(1), maddr = virt_to_mfn(page) << PAGE_SHIFT;
    struct gnttab_map_grant_ref op = map(va, GNTMAP_host_map | GNTMAP_device_map, REF, 0);

    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(op.dev_bus_addr, maddr);
    CHECK_EQ(unmap(va, op.handle, maddr + PAGE_SIZE), GNTST_bad_dev_addr);
    CHECK_EQ(unmap(va, op.handle, maddr), GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
}

static int16_t map_status(uint64_t host_addr, uint32_t flags, grant_ref_t ref, unsigned int dom)
{
    return map(host_addr, flags, ref, dom).status;
}

static void test_refused(void)
{
    uint64_t va = (uint64_t)window(1);

    CHECK_EQ(map_status(va, GNTMAP_host_map, REF, 999), GNTST_bad_domain);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF, DOMID_SELF), GNTST_bad_domain);
    CHECK_EQ(map_status(va, GNTMAP_host_map, 1 << 20, 0), GNTST_bad_gntref);
    CHECK_EQ(map_status(va, 0, REF, 0), GNTST_bad_gntref);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_general_error);
    CHECK_EQ(map_status(0x1000, GNTMAP_host_map, REF, 0), GNTST_general_error);
    CHECK_EQ(map_status(HYPERVISOR_VIRT_START, GNTMAP_host_map, REF, 0), GNTST_general_error);
    grant_offer(REF + 1, 55, virt_to_mfn(page), GTF_permit_access);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_general_error);
    grant_offer(REF + 1, 0, virt_to_mfn(page), GTF_accept_transfer);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_general_error);
    grant_offer(REF + 1, 0, 0xfed00, GTF_permit_access);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_bad_page);
    grant_offer(REF + 1, 0, 0x7fffffff, GTF_permit_access);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_bad_page);
    grant_offer(REF + 1, 0, virt_to_mfn((void *)start_info->pt_base), GTF_permit_access);
    CHECK_EQ(map_status(va, GNTMAP_host_map, REF + 1, 0), GNTST_general_error);
    CHECK_EQ(grant_entries[REF + 1].flags, GTF_permit_access);
    grant_offer(REF + 1, 0, 0, 0);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
}

static void test_wrong_unmap(void)
{
    uint64_t va = (uint64_t)window(1);
    struct gnttab_map_grant_ref op = map(va, GNTMAP_host_map, REF, 0);

    CHECK_EQ(unmap(va, 9999, 0), GNTST_bad_handle);
    CHECK_EQ(unmap(va, ~0u, 0), GNTST_bad_handle);
    CHECK_EQ(unmap((uint64_t)window(4), op.handle, 0), GNTST_general_error);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
    CHECK_EQ(unmap(va, op.handle, 0), GNTST_okay);
}

/* Each entry of a batch has its own status. */
static void test_batch(void)
{
    struct gnttab_map_grant_ref op[3];
    struct gnttab_unmap_grant_ref un[2];

    for (unsigned int i = 0; i < 3; i++)
        op[i] = (struct gnttab_map_grant_ref){
            .host_addr = (uint64_t)window(1 + i), .flags = GNTMAP_host_map,
            .ref = i == 1 ? 1 << 20 : REF,
        };
    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, op, 3), 0);
    CHECK_EQ(op[0].status, GNTST_okay);
    CHECK_EQ(op[1].status, GNTST_bad_gntref);
    CHECK_EQ(op[2].status, GNTST_okay);
    for (unsigned int i = 0; i < 2; i++)
        un[i] = (struct gnttab_unmap_grant_ref){
            .host_addr = (uint64_t)window(1 + 2 * i), .handle = op[2 * i].handle,
        };
    CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, un, 2), 0);
    CHECK_EQ(un[0].status, GNTST_okay);
    CHECK_EQ(un[1].status, GNTST_okay);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("the test knows its own domain number only as domain 0");
        return;
    }
    grant_init();
    test_writable();
    test_readonly();
    test_mixed();
    test_contains_pte();
    test_device_map();
    test_refused();
    test_wrong_unmap();
    test_batch();
}
