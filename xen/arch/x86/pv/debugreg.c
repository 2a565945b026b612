/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug registers of a PV vCPU (asm/debugreg.h). arch.dr[] is the truth for DR0-3 and DR7 always,
 * and for DR6, which the #DB handler copies there. The CPU's DR7 is clear unless the running vCPU
 * has a breakpoint armed.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/debugreg.h>
#include <asm/page.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>

#define DR6_WRITABLE 0x0001e00fUL /* B0-3 BD BS BT, RTM as it is */
#define DR7_RESERVED 0x0000d800UL /* must be 0: bits 11, 12, 14, 15 */
#define DR7_GD       (1UL << 13)
#define DR7_RW_IO    2

#define WRITE_DR(n, value) __asm__ __volatile__("mov %0, %%dr" #n :: "r"((uint64_t)(value)))

static bool is_armed(const struct vcpu *v)
{
    return (v->arch.dr[7] & DR7_ANY_ARMED) != 0;
}

void debugreg_load(const struct vcpu *v)
{
    if (likely(!is_armed(v))) {
        return;
    }
    WRITE_DR(0, v->arch.dr[0]);
    WRITE_DR(1, v->arch.dr[1]);
    WRITE_DR(2, v->arch.dr[2]);
    WRITE_DR(3, v->arch.dr[3]);
    WRITE_DR(7, v->arch.dr[7]);
}

void debugreg_save(const struct vcpu *v)
{
    if (unlikely(is_armed(v))) {
        WRITE_DR(7, DR7_DEFAULT);
    }
}

/* A breakpoint must not watch the hypervisor. */
static int set_address(struct vcpu *v, unsigned int reg, uint64_t value)
{
    if (!is_canonical(value) || (value >= HV_VIRT_START && value < HV_VIRT_END)) {
        return -EPERM;
    }
    v->arch.dr[reg] = value;
    return 0;
}

/* Intel SDM vol. 3, 17.2.4. */
static int set_control(struct vcpu *v, uint64_t value)
{
    if (value >> 32 != 0) {
        return -EINVAL;
    }
    if (value & DR7_GD) {
        return -EPERM;
    }
    for (unsigned int n = 0; n < 4; n++) {
        if ((value >> (16 + 4 * n) & 3) == DR7_RW_IO && !(v->arch.cr4 & CR4_DE)) {
            return -EPERM;
        }
    }
    v->arch.dr[7] = (value & ~DR7_RESERVED) | DR7_DEFAULT;
    return 0;
}

int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value)
{
    bool was_armed = is_armed(v);
    int rc;

    if (reg == 4 || reg == 5) {
        if (v->arch.cr4 & CR4_DE) {
            return -ENODEV;
        }
        reg += 2;
    }
    switch (reg) {
    case 0: case 1: case 2: case 3:
        rc = set_address(v, reg, value);
        break;
    case 6:
        if (value >> 32 != 0) {
            return -EINVAL;
        }
        v->arch.dr[6] = (value & DR6_WRITABLE) | DR6_DEFAULT;
        return 0;
    case 7:
        rc = set_control(v, value);
        break;
    default:
        return -ENODEV;
    }
    if (rc == 0 && v == current) {
        if (is_armed(v)) {
            debugreg_load(v);
        } else if (was_armed) {
            WRITE_DR(7, DR7_DEFAULT);
        }
    }
    return rc;
}

int debugreg_get(const struct vcpu *v, unsigned int reg, uint64_t *value)
{
    if (reg == 4 || reg == 5) {
        if (v->arch.cr4 & CR4_DE) {
            return -ENODEV;
        }
        reg += 2;
    }
    if (reg > 7) {
        return -ENODEV;
    }
    *value = v->arch.dr[reg];
    return 0;
}

long hypercall_set_debugreg(int reg, unsigned long value)
{
    return debugreg_set(current, (unsigned int)reg, value);
}

long hypercall_get_debugreg(int reg)
{
    uint64_t value;
    int rc = debugreg_get(current, (unsigned int)reg, &value);

    return rc != 0 ? rc : (long)value;
}
