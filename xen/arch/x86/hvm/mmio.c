/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses to guest-physical addresses with no memory behind them: the local APIC's page, or
 * nothing at all, which reads as ones. The moves that compilers make of such accesses are carried
 * out; any other instruction there ends the domain, with its bytes in the message.
 */
#include <asm/current.h>
#include <asm/decode.h>
#include <asm/hvm.h>
#include <asm/vlapic.h>
#include <xen/console.h>
#include <xen/domain.h>

#include "engine.h"

static uint64_t read_at(struct vcpu *v, uint64_t gpa, unsigned int size)
{
    unsigned int offset = gpa & (PAGE_SIZE - 1);

    if (!vlapic_has_address(v, gpa)) {
        return insn_truncate(~0UL, size);
    }
    return insn_truncate((uint64_t)vlapic_read(v, offset & ~15U) >> (offset & 3) * 8, size);
}

/* The registers take whole, aligned words only (SDM vol. 3, 11.4.1). */
static void write_at(struct vcpu *v, uint64_t gpa, uint64_t value, unsigned int size)
{
    unsigned int offset = gpa & (PAGE_SIZE - 1);

    if (vlapic_has_address(v, gpa) && (offset & 15) == 0 && size >= 4) {
        vlapic_write(v, offset, (uint32_t)value);
    }
}

static bool move(struct vcpu *v, struct cpu_regs *r, const struct insn *i, uint64_t gpa)
{
    unsigned int size = i->opcode & 1 ? i->op_size : 1;

    switch (i->opcode) {
    case 0x88:
    case 0x89:
        write_at(v, gpa, insn_read_register(i, r, i->reg, size), size);
        return true;
    case 0x8a:
    case 0x8b:
        insn_write_register(i, r, i->reg, size, read_at(v, gpa, size));
        return true;
    case 0x86:
    case 0x87: {
        uint64_t old = read_at(v, gpa, size);

        write_at(v, gpa, insn_read_register(i, r, i->reg, size), size);
        insn_write_register(i, r, i->reg, size, old);
        return true;
    }
    case 0xa0:
    case 0xa1:
        insn_write_register(i, r, 0, size, read_at(v, gpa, size));
        return true;
    case 0xa2:
    case 0xa3:
        write_at(v, gpa, insn_read_register(i, r, 0, size), size);
        return true;
    case 0xc6:
    case 0xc7:
        write_at(v, gpa, insn_truncate(i->immediate, size), size);
        return true;
    case INSN_0F(0xb6):
    case INSN_0F(0xb7):
        insn_write_register(i, r, i->reg, i->op_size,
                            read_at(v, gpa, i->opcode == INSN_0F(0xb6) ? 1 : 2));
        return true;
    default:
        return false;
    }
}

void hvm_exit_nested_fault(struct vcpu *v, struct cpu_regs *r, uint64_t gpa, bool write)
{
    struct hvm_segment cs;
    uint8_t code[INSN_MAX_LENGTH];
    struct insn i;
    size_t got;
    mfn_t m;

    if (p2m_lookup(v->domain, gpa >> PAGE_SHIFT, &m) == P2M_RAM) {
        return; /* it has come meanwhile */
    }
    hvm_engine->get_segment(v, HVM_CS, &cs);
    got = sizeof(code) - hvm_copy_from_guest(code, cs.base + r->rip, sizeof(code));
    if (insn_decode(&i, code, (unsigned int)got, hvm_in_long_mode(v)) != 0 ||
        !move(v, r, &i, gpa)) {
        domain_crash(v->domain, "vCPU %u %s guest address %#lx, where no memory is, with an "
                     "instruction that is not emulated (rip %#lx, bytes %02x %02x %02x %02x).",
                     v->id, write ? "wrote to" : "read from", gpa, r->rip, code[0], code[1],
                     code[2], code[3]);
        return;
    }
    hvm_skip(v, r, i.length);
}
