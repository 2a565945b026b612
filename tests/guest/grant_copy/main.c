/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: GNTTABOP_copy between frames and grants of the control domain itself: the bytes
 * that move, the ends of pages, and each refusal.
 */
#include "check.h"
#include "grant.h"
#include "kit.h"
#include "mm.h"

#define REF 20
#define RO_REF 21

static uint8_t from[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t to[PAGE_SIZE] __attribute__((aligned(4096)));

static struct gnttab_copy make(uint16_t from_offset, uint16_t to_offset, uint16_t len)
{
    return (struct gnttab_copy){
        .source = { .u.gmfn = virt_to_mfn(from), .domid = DOMID_SELF, .offset = from_offset },
        .dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF, .offset = to_offset },
        .len = len, .status = 77,
    };
}

static int16_t copy(struct gnttab_copy *op)
{
    CHECK_EQ(grant_op(GNTTABOP_copy, op, 1), 0);
    return op->status;
}

static void fill(void)
{
    for (unsigned int i = 0; i < PAGE_SIZE; i++) {
        from[i] = (uint8_t)(i * 7 + 1);
        to[i] = 0;
    }
}

static void check_moved(unsigned int from_offset, unsigned int to_offset, unsigned int len)
{
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < PAGE_SIZE; i++) {
        bool inside = i >= to_offset && i < to_offset + len;

        wrong += to[i] != (inside ? from[i - to_offset + from_offset] : 0);
    }
    CHECK_EQ(wrong, 0);
}

static void test_frames(void)
{
    struct gnttab_copy op = make(0, 0, PAGE_SIZE);

    fill();
    CHECK_EQ(copy(&op), GNTST_okay);
    check_moved(0, 0, PAGE_SIZE);
    fill();
    op = make(3, PAGE_SIZE - 101, 101);
    CHECK_EQ(copy(&op), GNTST_okay);
    check_moved(3, PAGE_SIZE - 101, 101);
    fill();
    op = make(1, 1, 0);
    CHECK_EQ(copy(&op), GNTST_okay);
    check_moved(0, 0, 0);
}

static void test_grants(void)
{
    struct gnttab_copy op = make(8, 16, 64);

    grant_offer(REF, 0, virt_to_mfn(to), GTF_permit_access);
    grant_offer(RO_REF, 0, virt_to_mfn(from), GTF_permit_access | GTF_readonly);
    fill();
    op.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    op.source.u.ref = RO_REF;
    op.source.domid = 0;
    op.dest.u.ref = REF;
    op.dest.domid = 0;
    CHECK_EQ(copy(&op), GNTST_okay);
    check_moved(8, 16, 64);
    CHECK_EQ(grant_entries[REF].flags, GTF_permit_access);
    CHECK_EQ(grant_entries[RO_REF].flags, GTF_permit_access | GTF_readonly);
    op.dest.u.ref = RO_REF;
    CHECK_EQ(copy(&op), GNTST_general_error);
    op.dest.u.ref = 1 << 20;
    CHECK_EQ(copy(&op), GNTST_bad_gntref);
    op.dest.u.ref = REF;
    op.source.domid = 999;
    CHECK_EQ(copy(&op), GNTST_bad_domain);
    op.source.domid = 0;
    op.source.u.ref = REF + 5;
    CHECK_EQ(copy(&op), GNTST_general_error);
}

static void test_refused(void)
{
    struct gnttab_copy op = make(PAGE_SIZE - 10, 0, 11);

    fill();
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op = make(0, PAGE_SIZE - 10, 11);
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op = make(0, 0, 0xffff);
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op = make(0xffff, 0, 1);
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op = make(0, 0, 16);
    op.dest.domid = 0; /* a frame, but not one's own by the right name */
    CHECK_EQ(copy(&op), GNTST_permission_denied);
    check_moved(0, 0, 0);
}

static void test_batch(void)
{
    struct gnttab_copy op[3] = { make(0, 0, 16), make(0, PAGE_SIZE - 1, 2), make(16, 16, 16) };

    fill();
    CHECK_EQ(grant_op(GNTTABOP_copy, op, 3), 0);
    CHECK_EQ(op[0].status, GNTST_okay);
    CHECK_EQ(op[1].status, GNTST_bad_copy_arg);
    CHECK_EQ(op[2].status, GNTST_okay);
    check_moved(0, 0, 32);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("the test knows its own domain number only as domain 0");
        return;
    }
    grant_init();
    test_frames();
    test_grants();
    test_refused();
    test_batch();
}
