/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: setting up a grant table: versions, sizes, frames, and the errors of the call as
 * a whole.
 */
#include <public/errno.h>

#include "check.h"
#include "grant.h"
#include "kit.h"
#include "mm.h"

static xen_pfn_t frames[64];

static void test_versions(void)
{
    struct gnttab_set_version op = { .version = 1 };
    struct gnttab_get_version get = { .dom = DOMID_SELF };

    CHECK_EQ(grant_op(GNTTABOP_set_version, &op, 1), 0);
    CHECK_EQ(op.version, 1);
    CHECK_EQ(grant_op(GNTTABOP_get_version, &get, 1), 0);
    CHECK_EQ(get.version, 1);
    op.version = 0;
    CHECK_EQ(grant_op(GNTTABOP_set_version, &op, 1), -XEN_EINVAL);
    op.version = 3;
    CHECK_EQ(grant_op(GNTTABOP_set_version, &op, 1), -XEN_EINVAL);
    get.dom = 999;
    CHECK_EQ(grant_op(GNTTABOP_get_version, &get, 1), -XEN_ESRCH);
}

static void test_sizes(void)
{
    struct gnttab_query_size query = { .dom = DOMID_SELF };
    struct gnttab_setup_table setup = {
        .dom = DOMID_SELF, .nr_frames = 4, .frame_list = frames,
    };

    CHECK_EQ(grant_op(GNTTABOP_query_size, &query, 1), 0);
    CHECK_EQ(query.status, GNTST_okay);
    CHECK(query.nr_frames >= 1);
    CHECK_EQ(query.max_nr_frames, 64);
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_okay);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(va_map_flush(window(i), make_pte(frames[i], PTE_DATA)), 0);
        /* A builder has used the first entries of a domU: console and xenstore. */
        CHECK_EQ(((volatile uint64_t *)window(i))[2], 0);
    }
    CHECK_EQ(grant_op(GNTTABOP_query_size, &query, 1), 0);
    CHECK_EQ(query.nr_frames, 4);
    /* Asking for fewer changes nothing. */
    setup.nr_frames = 1;
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(grant_op(GNTTABOP_query_size, &query, 1), 0);
    CHECK_EQ(query.nr_frames, 4);
    setup.nr_frames = 65;
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_general_error);
    query.dom = 999;
    CHECK_EQ(grant_op(GNTTABOP_query_size, &query, 1), 0);
    CHECK_EQ(query.status, GNTST_bad_domain);
    setup.dom = 999;
    setup.nr_frames = 1;
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(setup.status, GNTST_bad_domain);
}

static void test_calls(void)
{
    struct gnttab_query_size query[2] = { { .dom = DOMID_SELF }, { .dom = DOMID_SELF } };

    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, NULL, 0), 0);
    CHECK_EQ(grant_op(GNTTABOP_copy, NULL, 0), 0);
    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, query, ~0u), -XEN_EINVAL);
    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, (void *)0x1000, 1), -XEN_EFAULT);
    CHECK_EQ(grant_op(GNTTABOP_unmap_grant_ref, (void *)0x1000, 1), -XEN_EFAULT);
    CHECK_EQ(grant_op(GNTTABOP_copy, (void *)0x1000, 1), -XEN_EFAULT);
    CHECK_EQ(grant_op(GNTTABOP_query_size, (void *)0x1000, 1), -XEN_EFAULT);
    CHECK_EQ(grant_op(GNTTABOP_setup_table, query, 2), -XEN_EINVAL);
    CHECK_EQ(grant_op(GNTTABOP_query_size, query, 2), -XEN_EINVAL);
    CHECK_EQ(grant_op(13, query, 1), -XEN_ENOSYS);
}

void test_main(void)
{
    kit_init();
    test_versions();
    test_sizes();
    test_calls();
}
