/* SPDX-License-Identifier: BSD-2-Clause */
/* VT-x without the CPU (controls.h). Pure. */
#include "controls.h"

#include <asm/cpuid.h>

#include "../engine.h"
#include "vmcs_fields.h"

#define CR0_NW (1UL << 29)
#define CR0_CD (1UL << 30)

/* Bits of CR4 beyond asm/cpu.h's. */
#define CR4_VME (1UL << 0)
#define CR4_PVI (1UL << 1)
#define CR4_PSE (1UL << 4)
#define CR4_PCE (1UL << 8)
#define CR4_PKE (1UL << 22)

bool vmx_controls_adjust(uint64_t capability, uint32_t needed, uint32_t wanted, uint32_t *controls)
{
    uint32_t always = (uint32_t)capability, possible = (uint32_t)(capability >> 32);

    if (needed & ~possible) {
        return false;
    }
    *controls = always | needed | (wanted & possible);
    return true;
}

uint32_t vmx_event_info(const struct hvm_event *e, bool protected_mode)
{
    static const uint8_t types[] = {
        [HVM_EVENT_INTERRUPT] = INFO_INTERRUPT, [HVM_EVENT_NMI] = INFO_NMI,
        [HVM_EVENT_EXCEPTION] = INFO_EXCEPTION,
    };

    return INFO_VALID | e->vector | (uint32_t)types[e->type] << 8 |
           (e->has_error && protected_mode ? INFO_HAS_ERROR : 0);
}

void vmx_event_from_info(uint32_t info, uint32_t error, struct hvm_event *e)
{
    /* A software interrupt is delivered by its instruction, which is executed again. */
    static const uint8_t types[8] = {
        [INFO_INTERRUPT] = HVM_EVENT_INTERRUPT, [INFO_NMI] = HVM_EVENT_NMI,
        [INFO_EXCEPTION] = HVM_EVENT_EXCEPTION,
    };
    uint8_t type = info & INFO_VALID ? types[INFO_TYPE(info)] : (uint8_t)HVM_EVENT_NONE;

    *e = (struct hvm_event){ .type = type };
    if (type != HVM_EVENT_NONE) {
        e->vector = (uint8_t)info;
        e->has_error = (info & INFO_HAS_ERROR) != 0;
        e->error = e->has_error ? error : 0;
    }
}

uint32_t vmx_rights(uint16_t attr)
{
    return attr & 0x80 ? (attr & 0xffU) | (attr & 0xf00U) << 4 : RIGHTS_UNUSABLE;
}

uint16_t vmx_attr(uint32_t rights)
{
    return rights & RIGHTS_UNUSABLE ? 0 : (uint16_t)((rights & 0xff) | (rights >> 4 & 0xf00));
}

uint64_t vmx_cr4_allowed(const struct cpu_policy *p)
{
    const struct {
        uint32_t word;
        uint8_t bit;
        uint32_t cr4;
    } rows[] = {
        { p->basic[1].d, 1, CR4_VME | CR4_PVI }, { p->basic[1].d, 2, CR4_DE },
        { p->basic[1].d, 3, CR4_PSE },           { p->basic[1].d, 4, CR4_TSD },
        { p->basic[1].d, 6, CR4_PAE },           { p->basic[1].d, 7, CR4_MCE },
        { p->basic[1].d, 13, CR4_PGE },          { p->basic[1].d, 24, CR4_OSFXSR },
        { p->basic[1].d, 25, CR4_OSXMMEXCPT },   { p->basic[1].c, 17, CR4_PCIDE },
        { p->basic[1].c, 26, CR4_OSXSAVE },      { p->feat[0].b, 0, CR4_FSGSBASE },
        { p->feat[0].b, 7, CR4_SMEP },           { p->feat[0].b, 20, CR4_SMAP },
        { p->feat[0].c, 2, CR4_UMIP },           { p->feat[0].c, 3, CR4_PKE },
    };
    uint64_t allowed = CR4_PCE;

    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
        allowed |= rows[i].word >> rows[i].bit & 1 ? rows[i].cr4 : 0;
    }
    return allowed;
}

bool vmx_cr0_is_valid(const struct vmx_mode *m, uint64_t value)
{
    if (value >> 32 != 0 || ((value & CR0_PG) && !(value & CR0_PE)) ||
        ((value & CR0_NW) && !(value & CR0_CD))) {
        return false;
    }
    if (value & CR0_PG) {
        return (m->cr0 & CR0_PG) || !(m->efer & EFER_LME) ||
               ((m->cr4 & CR4_PAE) && !m->is_64bit);
    }
    return !(m->cr4 & CR4_PCIDE) && !((m->efer & EFER_LMA) && m->is_64bit);
}

bool vmx_cr4_is_valid(const struct vmx_mode *m, uint64_t value, uint64_t allowed)
{
    bool long_mode = (m->efer & EFER_LMA) != 0;

    return (value & ~allowed) == 0 && (!long_mode || (value & CR4_PAE)) &&
           (long_mode || !(value & CR4_PCIDE));
}
