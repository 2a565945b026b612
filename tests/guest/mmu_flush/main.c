/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the rest of mmuext_op: flushes and their errors, CLEAR_PAGE and COPY_PAGE, the
 * owner's name, batches, and commands that do not exist.
 */
#include <public/errno.h>

#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"

static uint64_t page_a[512] __attribute__((aligned(4096)));
static uint64_t page_b[512] __attribute__((aligned(4096)));
static uint64_t cpus = 1;

static void test_flushes(void)
{
    CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_INVLPG_LOCAL, (uint64_t)window(0), 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_INVLPG_ALL, (uint64_t)window(0), 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&cpus), 0);
    CHECK_EQ(mmuext_one(MMUEXT_INVLPG_MULTI, (uint64_t)window(0), (uint64_t)&cpus), 0);
    CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, 0x1000), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_INVLPG_MULTI, (uint64_t)window(0), 0x1000), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_INVLPG_LOCAL, HYPERVISOR_VIRT_START, 0), 0);
    CHECK_EQ(mmuext_one(MMUEXT_FLUSH_CACHE, 0, 0), is_initial_domain() ? 0 : -XEN_EACCES);
    CHECK_EQ(mmuext_one(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), is_initial_domain() ? 0 : -XEN_EINVAL);
}

static void test_pages(void)
{
    uint64_t a = virt_to_mfn(page_a), b = virt_to_mfn(page_b);
    uint64_t l4 = virt_to_mfn((void *)start_info->pt_base);
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < 512; i++)
        page_a[i] = i;
    CHECK_EQ(mmuext_one(MMUEXT_COPY_PAGE, b, a), 0);
    for (unsigned int i = 0; i < 512; i++)
        wrong += page_b[i] != i;
    CHECK_EQ(wrong, 0);
    CHECK_EQ(mmuext_one(MMUEXT_CLEAR_PAGE, a, 0), 0);
    for (unsigned int i = 0; i < 512; i++)
        wrong += page_a[i] != 0;
    CHECK_EQ(wrong, 0);
    CHECK_EQ(mmuext_one(MMUEXT_CLEAR_PAGE, l4, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_CLEAR_PAGE, 0xfed00, 0), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_COPY_PAGE, l4, a), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_COPY_PAGE, a, 0xfed00), -XEN_EINVAL);
    CHECK_EQ(mmuext_one(MMUEXT_CLEAR_PAGE, 0x7fffffffff, 0), -XEN_EINVAL);
}

static void test_commands(void)
{
    static const unsigned int absent[] = { 14, 21, 22, 100, ~0u };

    CHECK_EQ(mmuext_one(MMUEXT_MARK_SUPER, 0, 0), -XEN_EOPNOTSUPP);
    CHECK_EQ(mmuext_one(MMUEXT_UNMARK_SUPER, 0, 0), -XEN_EOPNOTSUPP);
    for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        CHECK_EQ(mmuext_one(absent[i], 0, 0), -XEN_ENOSYS);
}

static void test_batches(void)
{
    struct mmuext_op op[3] = {
        { .cmd = MMUEXT_TLB_FLUSH_LOCAL }, { .cmd = MMUEXT_UNPIN_TABLE },
        { .cmd = MMUEXT_TLB_FLUSH_LOCAL },
    };
    unsigned int done = 77;

    op[1].arg1.mfn = virt_to_mfn(page_a);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 3, &done, DOMID_SELF), -XEN_EINVAL);
    CHECK_EQ(done, 1);
    op[1].cmd = MMUEXT_TLB_FLUSH_ALL;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 3, &done, DOMID_SELF), 0);
    CHECK_EQ(done, 3);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, 0x1000, 3, &done, DOMID_SELF), -XEN_EFAULT);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 1, NULL, 999), -XEN_ESRCH);
    if (!is_initial_domain())
        return;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 1, NULL, 0), -XEN_ESRCH);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 1, NULL, DOMID_XEN), -XEN_EPERM);
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, op, 1, NULL, DOMID_IO), -XEN_EPERM);
}

void test_main(void)
{
    kit_init();
    test_flushes();
    test_pages();
    test_commands();
    test_batches();
}
