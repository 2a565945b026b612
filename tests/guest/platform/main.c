/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: platform_op as dom0 kernels use it: the interface version, firmware questions
 * that must end with an error, CPU and memory type enumeration, setting the wallclock.
 */
#include <public/errno.h>
#include <public/platform.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "time.h"

static struct xen_platform_op op;

static long call(uint32_t cmd)
{
    op.cmd = cmd;
    op.interface_version = XENPF_INTERFACE_VERSION;
    return hypercall_1(__HYPERVISOR_platform_op, &op);
}

static void test_refused(void)
{
    static const uint32_t absent[] = { 0, 1, 16, 34, 36, 40, 41, 64, 65, 1000 };

    op.cmd = XENPF_get_cpuinfo;
    op.interface_version = XENPF_INTERFACE_VERSION + 1;
    CHECK_EQ(hypercall_1(__HYPERVISOR_platform_op, &op), -XEN_EACCES);
    CHECK_EQ(hypercall_1(__HYPERVISOR_platform_op, 0x1000), -XEN_EFAULT);
    for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        CHECK_EQ(call(absent[i]), -XEN_ENOSYS);
}

/* Each kind of firmware information ends: no answer for ever. */
static void test_firmware(void)
{
    static uint8_t edid[128];

    for (uint32_t type = XEN_FW_DISK_INFO; type <= XEN_FW_DISK_MBR_SIGNATURE; type++) {
        uint32_t index = 0;
        long rc;

        do {
            static uint16_t room[64];

            room[0] = sizeof(room);
            op.u.firmware_info = (struct xenpf_firmware_info){ .type = type, .index = index };
            if (type == XEN_FW_DISK_INFO)
                op.u.firmware_info.u.disk_info.edd_params = room;
            rc = call(XENPF_firmware_info);
        } while (!rc && ++index < 300);
        CHECK(index < 300);
        CHECK(rc < 0);
    }
    op.u.firmware_info = (struct xenpf_firmware_info){ .type = XEN_FW_VBEDDC_INFO, .index = 1 };
    op.u.firmware_info.u.vbeddc_info.edid = edid;
    CHECK_EQ(call(XENPF_firmware_info), -XEN_ESRCH);
    op.u.firmware_info = (struct xenpf_firmware_info){ .type = XEN_FW_EFI_INFO };
    CHECK_EQ(call(XENPF_firmware_info), -XEN_ENOSYS);
    op.u.firmware_info = (struct xenpf_firmware_info){ .type = XEN_FW_KBD_SHIFT_FLAGS };
    CHECK_EQ(call(XENPF_firmware_info), 0);
    op.u.firmware_info = (struct xenpf_firmware_info){ .type = XEN_FW_KBD_SHIFT_FLAGS,
                                                       .index = 1 };
    CHECK_EQ(call(XENPF_firmware_info), -XEN_ESRCH);
    op.u.firmware_info = (struct xenpf_firmware_info){ .type = 6 };
    CHECK_EQ(call(XENPF_firmware_info), -XEN_EINVAL);
}

static void test_cpus(void)
{
    op.u.pcpu_info = (struct xenpf_pcpuinfo){ .xen_cpuid = 0 };
    CHECK_EQ(call(XENPF_get_cpuinfo), 0);
    CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
    CHECK_EQ(op.u.pcpu_info.apic_id, 0);
    CHECK(op.u.pcpu_info.max_present >= 1);
    op.u.pcpu_info = (struct xenpf_pcpuinfo){ .xen_cpuid = 1 };
    CHECK_EQ(call(XENPF_get_cpuinfo), 0);
    CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
    CHECK_EQ(op.u.pcpu_info.apic_id, 1);
    op.u.pcpu_info = (struct xenpf_pcpuinfo){ .xen_cpuid = 200 };
    CHECK_EQ(call(XENPF_get_cpuinfo), 0);
    CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);
}

/* A dom0 kernel reads memory types until it is told to stop. */
static void test_memory_types(void)
{
    unsigned int reg = 0;
    long rc;

    do {
        op.u.read_memtype = (struct xenpf_read_memtype){ .reg = reg };
        rc = call(XENPF_read_memtype);
    } while (!rc && ++reg < 300);
    CHECK(reg < 300);
    CHECK(rc < 0);
}

static uint64_t wallclock_seconds(void)
{
    return shared_info->wc_sec | ((uint64_t)shared_info->wc_sec_hi << 32);
}

static void test_settime(void)
{
    uint64_t now = time_now();
    uint32_t version = shared_info->wc_version;
    const uint64_t date = 2000000000;

    op.u.settime64 = (struct xenpf_settime64){
        .secs = date, .nsecs = 500, .system_time = now,
    };
    CHECK_EQ(call(XENPF_settime64), 0);
    CHECK(shared_info->wc_version != version);
    CHECK_EQ(shared_info->wc_version & 1, 0);
    CHECK_EQ(wallclock_seconds(), (date * 1000000000UL + 500 - now) / 1000000000UL);
    CHECK_EQ(shared_info->wc_nsec, (date * 1000000000UL + 500 - now) % 1000000000UL);
    op.u.settime64.mbz = 1;
    CHECK_EQ(call(XENPF_settime64), -XEN_EINVAL);
    op.u.settime32 = (struct xenpf_settime32){ .secs = 1900000000, .system_time = now };
    CHECK_EQ(call(XENPF_settime32), 0);
    CHECK_EQ(wallclock_seconds(), (1900000000UL * 1000000000UL - now) / 1000000000UL);
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain may ask");
        return;
    }
    test_refused();
    test_firmware();
    test_cpus();
    test_memory_types();
    test_settime();
}
