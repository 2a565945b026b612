/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: XENMEM_exchange, as swiotlb-xen uses it: 64 single frames for one block of 64
 * below an address, trying the limits upwards. A failure leaves everything as it was.
 */
#include <public/errno.h>
#include <public/memory.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

#define PAGES 64

static uint64_t in[PAGES], out[PAGES], pfns[PAGES];

static long exchange(struct xen_memory_exchange *op)
{
    return hypercall_2(__HYPERVISOR_memory_op, XENMEM_exchange, op);
}

static struct xen_memory_exchange make(unsigned long nr_in, unsigned int order_in,
                                       unsigned long nr_out, unsigned int order_out,
                                       unsigned int bits)
{
    return (struct xen_memory_exchange){
        .in = { .extent_start = in, .nr_extents = nr_in, .extent_order = order_in,
                .domid = DOMID_SELF },
        .out = { .extent_start = out, .nr_extents = nr_out, .extent_order = order_out,
                 .mem_flags = XENMEMF_address_bits(bits), .domid = DOMID_SELF },
    };
}

static void check_intact(void)
{
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < PAGES; i++)
        wrong += M2P[in[i]] != pfns[i];
    CHECK_EQ(wrong, 0);
    CHECK_EQ(va_map_flush(window(0), make_pte(in[0], PTE_DATA)), 0);
    CHECK_EQ(va_map_flush(window(0), 0), 0);
}

static void fill(void)
{
    for (unsigned int i = 0; i < PAGES; i++) {
        pfns[i] = pfn_alloc();
        in[i] = pfn_to_mfn(pfns[i]);
    }
    out[0] = pfns[0];
}

static void test_no_memory(void)
{
    for (unsigned int bits = 12; bits < 20; bits++) {
        struct xen_memory_exchange op = make(PAGES, 0, 1, 6, bits);

        CHECK_EQ(exchange(&op), -XEN_ENOMEM);
        CHECK_EQ(op.nr_exchanged, 0);
    }
    check_intact();
}

static void test_refused(void)
{
    struct xen_memory_exchange op = make(PAGES, 0, 2, 6, 32);
    uint64_t kept = in[63];

    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    op = make(PAGES, 0, 1, 6, 32);
    op.out.domid = 0;
    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    op = make(PAGES, 0, 1, 6, 32);
    op.in.domid = op.out.domid = 999;
    CHECK_EQ(exchange(&op), -XEN_ESRCH);
    op = make(1, 19, 1UL << 19, 0, 32);
    CHECK_EQ(exchange(&op), -XEN_EPERM);
    op = make(PAGES, 0, 1, 6, 32);
    op.nr_exchanged = PAGES + 1;
    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_exchange, 0x1000), -XEN_EFAULT);
    in[63] = 0xfed00;
    op = make(PAGES, 0, 1, 6, 32);
    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    CHECK_EQ(op.nr_exchanged, 0);
    in[63] = kept;
    check_intact();
}

/* A frame that is mapped is not exchanged. */
static void test_mapped(void)
{
    struct xen_memory_exchange op = make(PAGES, 0, 1, 6, 32);

    CHECK_EQ(va_map_flush(window(1), make_pte(in[20], PTE_DATA)), 0);
    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    CHECK_EQ(op.nr_exchanged, 0);
    CHECK_EQ(va_map_flush(window(1), 0), 0);
    check_intact();
}

static void test_contiguous(void)
{
    struct xen_memory_exchange op;
    unsigned int wrong = 0;
    long rc = -1;

    for (unsigned int bits = 20; bits <= 32 && rc; bits++) {
        op = make(PAGES, 0, 1, 6, bits);
        rc = exchange(&op);
        if (!rc)
            CHECK(out[0] + PAGES <= 1UL << (bits - 12));
        else
            CHECK_EQ(op.nr_exchanged, 0);
    }
    CHECK_EQ(rc, 0);
    CHECK_EQ(op.nr_exchanged, PAGES);
    CHECK_EQ(out[0] & (PAGES - 1), 0);
    for (unsigned int i = 0; i < PAGES; i++) {
        wrong += M2P[out[0] + i] != pfns[0] + i;
        CHECK_EQ(va_map_flush(window(i), make_pte(out[0] + i, PTE_DATA)), 0);
        wrong += *(volatile uint64_t *)window(i) != 0;
        CHECK_EQ(va_map_flush(window(i), 0), 0);
    }
    CHECK_EQ(wrong, 0);
    CHECK(va_map(window(0), make_pte(in[5], PTE_DATA), 0) < 0);
}

/* Frame by frame it stops at the first bad one; what was done before stays done. */
static void test_stops(void)
{
    struct xen_memory_exchange op;
    uint64_t first = 0;

    for (unsigned int i = 0; i < PAGES; i++) {
        pfns[i] = pfn_alloc();
        in[i] = pfn_to_mfn(pfns[i]);
        out[i] = pfns[i];
        if (!i)
            first = in[i];
    }
    in[40] = 0xfed00;
    op = make(PAGES, 0, PAGES, 0, 0);
    CHECK_EQ(exchange(&op), -XEN_EINVAL);
    CHECK_EQ(op.nr_exchanged, 40);
    CHECK(out[0] != first);
    for (unsigned int i = 0; i < 40; i++)
        CHECK_EQ(M2P[out[i]], pfns[i]);
    for (unsigned int i = 41; i < PAGES; i++)
        CHECK_EQ(M2P[in[i]], pfns[i]);
}

/* And back: one block for single frames. */
static void test_split(void)
{
    struct xen_memory_exchange op = make(1, 6, PAGES, 0, 0);

    in[0] = out[0];
    for (unsigned int i = 0; i < PAGES; i++)
        out[i] = pfns[i];
    CHECK_EQ(exchange(&op), 0);
    CHECK_EQ(op.nr_exchanged, 1);
    for (unsigned int i = 0; i < PAGES; i++)
        CHECK_EQ(M2P[out[i]], pfns[i]);
}

void test_main(void)
{
    kit_init();
    fill();
    test_no_memory();
    test_refused();
    test_mapped();
    test_contiguous();
    test_split();
    test_stops();
}
