/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that store to a memory operand of 1 to 8 bytes, computed apart from memory: given
 * what the operand held, what it holds afterwards, and the flags and registers that change.
 */
#ifndef PV_RMW_H
#define PV_RMW_H

#include <asm/decode.h>

enum rmw_kind {
    RMW_STORE, RMW_ALU, RMW_INC, RMW_DEC, RMW_NOT, RMW_NEG, RMW_BTS, RMW_BTR, RMW_BTC, RMW_XCHG,
    RMW_XADD, RMW_CMPXCHG, RMW_CMPXCHG8B,
    RMW_STOS, RMW_MOVS, RMW_POP, /* stores, too; MOVS and POP take the value from memory */
};

struct rmw {
    uint8_t kind;    /* enum rmw_kind */
    uint8_t size;    /* of the operand, in bytes */
    uint8_t alu;     /* RMW_ALU: ADD OR ADC SBB AND SUB XOR, as in the opcode */
    uint64_t source; /* the other operand; of bit operations the bit's offset, signed */
};

struct rmw_result {
    uint64_t value;       /* the operand's new value, the low bytes */
    bool stores;          /* false: a compare failed, the operand stays */
    uint32_t flags_mask;  /* of RFLAGS, what changes */
    uint32_t flags;
    uint8_t reg_size;     /* 0: no register changes */
    uint8_t reg;
    uint64_t reg_value;
    bool sets_edx;        /* CMPXCHG8B that failed: EDX too */
    uint32_t edx;
};

/* What the instruction is. False: none of these. */
bool rmw_prepare(struct rmw *w, const struct insn *i, const struct cpu_regs *r);
/* Address of the memory operand. */
uint64_t rmw_address(const struct rmw *w, const struct insn *i, const struct cpu_regs *r,
                     uint64_t segment_base);
void rmw_compute(const struct rmw *w, const struct insn *i, const struct cpu_regs *r, uint64_t old,
                 struct rmw_result *out);
/* Flags and registers of the result. */
void rmw_apply(const struct rmw_result *res, const struct insn *i, struct cpu_regs *r);

#endif
