/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario: a hardware-assisted guest starts, makes hypercalls and prints. */
#include <public/cpuid.h>
#include <public/version.h>

#include "check.h"
#include "print.h"
#include "pvh.h"

void test_main(void)
{
    const struct hvm_start_info *si = (const struct hvm_start_info *)(uint64_t)pvh_start_info;

    printk("hello from a hardware-assisted guest, start_info at %x\n", pvh_start_info);
    CHECK_EQ(si->magic, XEN_HVM_START_MAGIC_VALUE);
    CHECK_EQ(hypercall(__HYPERVISOR_xen_version, XENVER_version, 0), 4 << 16 | 17);
    CHECK_EQ(cpuid(0x40000000).b, XEN_CPUID_SIGNATURE_EBX);
    CHECK(cpuid(0x40000000).a >= 0x40000004);
}
