/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls of hardware-assisted guests in 32-bit mode, as GRUB's image for PVH guests makes them.
 * Offered are those whose arguments look the same in both widths, and what is converted here: all
 * else is -ENOSYS. Arguments come zero-extended.
 */
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/version.h>
#include <public/xen.h>
#include <xen/control.h>
#include <xen/errno.h>
#include <xen/hypercall_table.h>
#include <xen/usercopy.h>

struct add_to_physmap_32 {
    domid_t domid;
    uint16_t size;
    uint32_t space, idx, gpfn;
};

struct memory_map_32 {
    uint32_t nr_entries, buffer;
};

static long add_to_physmap_32(const struct add_to_physmap_32 *arg)
{
    struct add_to_physmap_32 op;

    return read_guest(&op, arg) ? physmap_add(op.domid, op.space, op.idx, op.gpfn) : -EFAULT;
}

static long memory_map_32(struct memory_map_32 *arg)
{
    struct memory_map_32 map;
    int rc;

    if (!read_guest(&map, arg)) {
        return -EFAULT;
    }
    rc = memory_map_write((void *)(uintptr_t)map.buffer, &map.nr_entries);
    return rc != 0 || write_guest(arg, &map) ? rc : -EFAULT;
}

static long memory_op_32(uint32_t cmd, void *arg)
{
    switch (cmd) {
    case XENMEM_add_to_physmap:
        return add_to_physmap_32(arg);
    case XENMEM_memory_map:
        return memory_map_32(arg);
    default:
        return -ENOSYS;
    }
}

/* The call is the same in both widths, and done in one go. */
static bool is_same(uint32_t nr, uint32_t cmd)
{
    switch (nr) {
    case __HYPERVISOR_event_channel_op:
        return cmd != EVTCHNOP_reset && cmd != EVTCHNOP_reset_cont;
    case __HYPERVISOR_hvm_op:
        return true;
    case __HYPERVISOR_sched_op:
        return cmd == SCHEDOP_yield || cmd == SCHEDOP_block || cmd == SCHEDOP_shutdown;
    case __HYPERVISOR_xen_version:
        return cmd != XENVER_platform_parameters;
    default:
        return false;
    }
}

long hypercall_32(uint32_t nr, const uint32_t args[5])
{
    if (nr == __HYPERVISOR_memory_op) {
        return memory_op_32(args[0], (void *)(uintptr_t)args[1]);
    }
    return is_same(nr, args[0])
               ? hypercall_table[nr](args[0], args[1], args[2], args[3], args[4]) : -ENOSYS;
}
