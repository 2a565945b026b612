/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory limit, frame types, the page of call stubs, and what PV domains don't have. */
#include <public/errno.h>
#include <public/memory.h>

#include "builder.h"
#include "check.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "string.h"

static uint64_t frames[8];

static long populate(unsigned int id, unsigned int nr)
{
    struct xen_memory_reservation r = {
        .extent_start = frames, .nr_extents = nr, .domid = (domid_t)id,
    };

    for (unsigned int i = 0; i < nr; i++)
        frames[i] = i;
    return hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r);
}

static void test_limit(unsigned int id)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = 5 * 4 + 3 };
    struct xen_domctl_getdomaininfo info;

    CHECK_EQ(populate(id, 1), 0);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
    CHECK_EQ(populate(id, 8), 5);
    CHECK(domain_info(id, &info));
    CHECK_EQ(info.max_pages, 5);
    CHECK_EQ(info.tot_pages, 5);
    op.u.max_mem.max_memkb = 4;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
    CHECK_EQ(populate(id, 1), 0);
}

static void test_frame_info(unsigned int id)
{
    uint64_t list[3] = { 0, 0, 0x123456789 };
    struct xen_memory_reservation r = {
        .extent_start = frames, .nr_extents = 1, .domid = (domid_t)id,
    };
    struct xen_domctl op = { .u.max_mem.max_memkb = 400 };
    struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE };

    CHECK_EQ(domctl(&op, XEN_DOMCTL_max_mem, id), 0);
    frames[0] = 9;
    CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), 1);
    list[0] = frames[0];
    list[1] = virt_to_mfn(frames);
    pin.arg1.mfn = frames[0];
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &pin, 1, NULL, id), 0);
    op.u.getpageframeinfo3.num = 3;
    op.u.getpageframeinfo3.array = list;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getpageframeinfo3, id), 0);
    CHECK_EQ(list[0], XEN_DOMCTL_PFINFO_L1TAB | XEN_DOMCTL_PFINFO_LPINTAB);
    op.u.hypercall_init.gmfn = frames[0];
    CHECK_EQ(domctl(&op, XEN_DOMCTL_hypercall_init, id), -XEN_EPERM);
    CHECK_EQ(list[1], XEN_DOMCTL_PFINFO_XTAB);
    CHECK_EQ(list[2], XEN_DOMCTL_PFINFO_XTAB);
    pin.cmd = MMUEXT_UNPIN_TABLE;
    CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &pin, 1, NULL, id), 0);
    list[0] = frames[0];
    op.u.getpageframeinfo3.num = 1;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getpageframeinfo3, id), 0);
    CHECK_EQ(list[0] & ~(uint64_t)XEN_DOMCTL_PFINFO_L1TAB, XEN_DOMCTL_PFINFO_NOTAB);
    op.u.getpageframeinfo3.num = 1025;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getpageframeinfo3, id), -XEN_E2BIG);
    op.u.getpageframeinfo3.num = 1;
    op.u.getpageframeinfo3.array = (void *)0x1000;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_getpageframeinfo3, id), -XEN_EFAULT);

    op.u.hypercall_init.gmfn = frames[0];
    CHECK_EQ(domctl(&op, XEN_DOMCTL_hypercall_init, id), 0);
    CHECK_EQ(foreign_map(SLOT_PAGE, id, frames[0], PTE_RO), 0);
    CHECK_EQ(*(uint8_t *)window(SLOT_PAGE), 0x51);
    slot_unmap(SLOT_PAGE);
    op.u.hypercall_init.gmfn = virt_to_mfn(list);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_hypercall_init, id), -XEN_EINVAL);
    op.u.hypercall_init.gmfn = ~0UL;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_hypercall_init, id), -XEN_EINVAL);
}

void test_memory(unsigned int id)
{
    struct xen_domctl op = { .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION };

    test_limit(id);
    test_frame_info(id);
    CHECK_EQ(domctl(&op, XEN_DOMCTL_shadow_op, id), -XEN_EINVAL);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_shadow_op, id), -XEN_EINVAL);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_shadow_op, id), -XEN_EOPNOTSUPP);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF;
    CHECK_EQ(domctl(&op, XEN_DOMCTL_shadow_op, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_get_paging_mempool_size, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_set_paging_mempool_size, id), -XEN_EOPNOTSUPP);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_gethvmcontext, id), -XEN_EINVAL);
    CHECK_EQ(domctl_plain(XEN_DOMCTL_cacheflush, id), -XEN_ENOSYS);
}
