/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decodes one x86 instruction: prefixes, opcode, ModRM, SIB, displacement, immediate (Intel SDM
 * vol. 2, chapter 2). One-byte and 0F opcodes; neither VEX nor EVEX nor the 0F 38 and 0F 3A maps
 * but for their length. It knows nothing of what an instruction does. Pure: no state, no guest
 * memory.
 */
#ifndef ASM_DECODE_H
#define ASM_DECODE_H

#include <asm/regs.h>
#include <xen/compiler.h>
#include <xen/types.h>

#define INSN_MAX_LENGTH 15

#define INSN_LOCK  0x01
#define INSN_REPNE 0x02 /* F2 */
#define INSN_REP   0x04 /* F3 */
#define INSN_OP16  0x08 /* 66 */
#define INSN_ADDR  0x10 /* 67 */

enum insn_segment { INSN_SEG_NONE, INSN_SEG_FS, INSN_SEG_GS };

#define INSN_REX_B 1
#define INSN_REX_X 2
#define INSN_REX_R 4
#define INSN_REX_W 8

/* Opcodes of the 0F map are 0x100 on, of 0F 38 0x200 on, of 0F 3A 0x300 on. */
#define INSN_0F(op) (0x100 + (op))

struct insn {
    uint16_t opcode;
    uint8_t length;     /* in bytes, prefixes included */
    uint8_t prefixes;   /* INSN_LOCK ... */
    uint8_t segment;    /* enum insn_segment: the one that matters in 64-bit mode */
    uint8_t rex;        /* 0: none */
    bool has_modrm;
    uint8_t mod;
    uint8_t reg;        /* 0-15 */
    uint8_t rm;         /* 0-15; with mod 3 a register, else part of the address */
    uint8_t op_size;    /* 2, 4 or 8 bytes, of operands that aren't single bytes */
    uint8_t addr_size;  /* 2, 4 or 8 */
    uint8_t base;       /* of the memory operand: register, or INSN_NO_REG, INSN_RIP */
    uint8_t index;      /* register, or INSN_NO_REG */
    uint8_t scale;      /* shift */
    int64_t displacement;
    uint64_t immediate; /* sign-extended */
};

#define INSN_NO_REG 0xff
#define INSN_RIP    0xfe

/*
 * Decodes @code, of which @size bytes can be read. @is_64bit: 64-bit mode, else 32-bit.
 * 0; -ENODATA: it goes on past @size; -EINVAL: no instruction, or one longer than 15 bytes.
 */
must_check int insn_decode(struct insn *i, const uint8_t *code, unsigned int size, bool is_64bit);

/*
 * Address of the memory operand. @segment_base is that of i->segment (0 for none). The next
 * instruction's address counts for RIP-relative operands.
 */
uint64_t insn_address(const struct insn *i, const struct cpu_regs *r, uint64_t segment_base);

/* General register @n (0-15) of the frame. */
uint64_t *insn_register(struct cpu_regs *r, unsigned int n);

/* The low @size bytes of a value. */
static inline uint64_t insn_truncate(uint64_t value, unsigned int size)
{
    return size >= 8 ? value : value & ((1UL << (size * 8)) - 1);
}

/* A register operand of @size bytes, AH-BH included. */
uint64_t insn_read_register(const struct insn *i, const struct cpu_regs *r, unsigned int n,
                            unsigned int size);
/* The same for a write: 4 bytes clear the upper half, 1 and 2 keep the rest. */
void insn_write_register(const struct insn *i, struct cpu_regs *r, unsigned int n,
                         unsigned int size, uint64_t value);

#endif
