/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instruction decoder (asm/decode.h). One table says what follows each opcode; the rest is
 * the order of the parts. Every byte is taken through next_byte(), which knows where the code ends.
 */
#include <asm/decode.h>
#include <xen/errno.h>

/* What follows an opcode. */
enum follow {
    NO    = 0x00, /* nothing */
    M     = 0x01, /* ModRM */
    I8    = 0x02, /* immediate of 1 byte */
    IZ    = 0x04, /* immediate of 2 or 4 bytes, by operand size */
    IV    = 0x08, /* immediate of 2, 4 or 8 bytes */
    I16   = 0x10, /* immediate of 2 bytes */
    AD    = 0x20, /* an address of the address size */
    GRP3  = 0x40, /* with ModRM: the immediate only for /0 and /1 */
    BAD   = 0x80, /* no instruction, or none that is decoded here */
    BAD64 = 0xc0, /* the same in 64-bit mode only; alone a flag, so tested as a value */
    MI8 = M | I8, MIZ = M | IZ, MI8G = MI8 | GRP3, MIZG = MIZ | GRP3,
};

#define ALU M, M, M, M, I8, IZ

static const uint8_t one_byte[256] = {
    ALU, BAD64, BAD64, ALU, BAD64, BAD,     /* 00: 0F is the escape */
    ALU, BAD64, BAD64, ALU, BAD64, BAD64,   /* 10 */
    ALU, BAD, BAD64, ALU, BAD, BAD64,       /* 20 */
    ALU, BAD, BAD64, ALU, BAD, BAD64,       /* 30 */
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, /* 40: 32-bit INC, DEC */
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, /* 50 */
    BAD64, BAD64, BAD, M, BAD, BAD, BAD, BAD, IZ, MIZ, I8, MI8, NO, NO, NO, NO, /* 60 */
    I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, /* 70 */
    MI8, MIZ, BAD, MI8, M, M, M, M, M, M, M, M, M, M, M, M,         /* 80 */
    NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, BAD, NO, NO, NO, NO, NO, /* 90 */
    AD, AD, AD, AD, NO, NO, NO, NO, I8, IZ, NO, NO, NO, NO, NO, NO, /* a0 */
    I8, I8, I8, I8, I8, I8, I8, I8, IV, IV, IV, IV, IV, IV, IV, IV, /* b0 */
    MI8, MI8, I16, NO, BAD, BAD, MI8, MIZ, I16 | I8, NO, I16, NO, NO, I8, BAD64, NO, /* c0 */
    M, M, M, M, BAD, BAD, BAD, NO, M, M, M, M, M, M, M, M,          /* d0 */
    I8, I8, I8, I8, I8, I8, I8, I8, IZ, IZ, BAD, I8, NO, NO, NO, NO, /* e0 */
    BAD, NO, BAD, BAD, NO, NO, MI8G, MIZG, NO, NO, NO, NO, NO, NO, M, M, /* f0 */
};

static const uint8_t two_byte[256] = {
    M, M, M, M, BAD, NO, NO, NO, NO, NO, BAD, NO, BAD, M, NO, MI8,  /* 00 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* 10 */
    M, M, M, M, BAD, BAD, BAD, BAD, M, M, M, M, M, M, M, M,         /* 20 */
    NO, NO, NO, NO, NO, NO, BAD, NO, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, /* 30 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* 40 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* 50 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* 60 */
    MI8, MI8, MI8, MI8, M, M, M, NO, M, M, BAD, BAD, M, M, M, M,    /* 70 */
    IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, IZ, /* 80 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* 90 */
    NO, NO, NO, M, MI8, M, BAD, BAD, NO, NO, NO, M, MI8, M, M, M,   /* a0 */
    M, M, M, M, M, M, M, M, M, M, MI8, M, M, M, M, M,               /* b0 */
    M, M, MI8, M, MI8, MI8, MI8, M, NO, NO, NO, NO, NO, NO, NO, NO, /* c0 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* d0 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* e0 */
    M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,                 /* f0 */
};

struct cursor {
    const uint8_t *code;
    unsigned int at, size; /* size is at most INSN_MAX_LENGTH */
    bool is_truncated;     /* something lay past the end; what was read there is 0 */
};

static always_inline uint8_t next_byte(struct cursor *c)
{
    if (unlikely(c->at >= c->size)) {
        c->is_truncated = true;
        return 0;
    }
    return c->code[c->at++];
}

/* @size bytes, little endian, sign-extended. */
static int64_t next_signed(struct cursor *c, unsigned int size)
{
    uint64_t value = 0;

    for (unsigned int i = 0; i < size; i++) {
        value |= (uint64_t)next_byte(c) << (i * 8);
    }
    return (int64_t)(value << (64 - size * 8)) >> (64 - size * 8);
}

/* A prefix other than REX. */
static void apply_prefix(struct insn *i, uint8_t b)
{
    switch (b) {
    case 0x64:
        i->segment = INSN_SEG_FS;
        break;
    case 0x65:
        i->segment = INSN_SEG_GS;
        break;
    case 0x66:
        i->prefixes |= INSN_OP16;
        break;
    case 0x67:
        i->prefixes |= INSN_ADDR;
        break;
    case 0xf0:
        i->prefixes |= INSN_LOCK;
        break;
    case 0xf2:
        i->prefixes = (uint8_t)((i->prefixes & ~INSN_REP) | INSN_REPNE);
        break;
    case 0xf3:
        i->prefixes = (uint8_t)((i->prefixes & ~INSN_REPNE) | INSN_REP);
        break;
    default:
        break; /* 26, 2E, 36, 3E: bases of 0 */
    }
}

/* One bit for each byte that is such a prefix. */
static const uint64_t prefix_bytes[4] = {
    1UL << 0x26 | 1UL << 0x2e | 1UL << 0x36 | 1UL << 0x3e,
    1UL << (0x64 - 64) | 1UL << (0x65 - 64) | 1UL << (0x66 - 64) | 1UL << (0x67 - 64),
    0,
    1UL << (0xf0 - 192) | 1UL << (0xf2 - 192) | 1UL << (0xf3 - 192),
};

/* Prefixes, up to the opcode's first byte, which is returned. Past the code all bytes are 0. */
static always_inline uint8_t read_prefixes(struct insn *i, struct cursor *c, bool is_64bit)
{
    for (;;) {
        uint8_t b = next_byte(c);

        if ((b & 0xf0) == 0x40 && is_64bit) {
            i->rex = b;
        } else if (unlikely(prefix_bytes[b >> 6] >> (b & 63) & 1)) {
            apply_prefix(i, b);
            i->rex = 0; /* only the one right before the opcode counts */
        } else {
            return b;
        }
    }
}

static always_inline uint8_t read_opcode(struct insn *i, struct cursor *c, bool is_64bit)
{
    uint8_t op = read_prefixes(i, c, is_64bit);
    uint8_t follow;

    i->opcode = op;
    if (op == 0x0f) {
        op = next_byte(c);
        i->opcode = INSN_0F(op);
        if (op == 0x38 || op == 0x3a) {
            i->opcode = (uint16_t)((op == 0x38 ? 0x200 : 0x300) + next_byte(c));
            return op == 0x38 ? M : MI8;
        }
        return two_byte[op];
    }
    follow = one_byte[op];
    if (follow == BAD64) {
        /* In 32-bit mode: segment pushes, decimal adjusts, PUSHA, POPA, INTO. No operands. */
        return is_64bit ? BAD : NO;
    }
    return follow;
}

static always_inline void read_address_32_64(struct insn *i, struct cursor *c, bool is_64bit)
{
    unsigned int low = i->rm & 7;

    if (low == 4) {
        uint8_t sib = next_byte(c);
        unsigned int index = (sib >> 3 & 7) | (i->rex & INSN_REX_X ? 8 : 0);

        i->scale = sib >> 6;
        i->index = index == 4 ? INSN_NO_REG : (uint8_t)index;
        low = sib & 7;
        i->base = (uint8_t)(low | (i->rex & INSN_REX_B ? 8 : 0));
        if (low == 5 && i->mod == 0) {
            i->base = INSN_NO_REG;
            i->displacement = next_signed(c, 4);
            return;
        }
    } else if (low == 5 && i->mod == 0) {
        i->base = is_64bit ? INSN_RIP : INSN_NO_REG;
        i->displacement = next_signed(c, 4);
        return;
    } else {
        i->base = i->rm;
    }
    if (i->mod == 1) {
        i->displacement = next_signed(c, 1);
    } else if (i->mod == 2) {
        i->displacement = next_signed(c, 4);
    }
}

static always_inline void read_modrm(struct insn *i, struct cursor *c, bool is_64bit)
{
    uint8_t b = next_byte(c);

    i->has_modrm = true;
    i->mod = b >> 6;
    i->reg = (uint8_t)((b >> 3 & 7) | (i->rex & INSN_REX_R ? 8 : 0));
    i->rm = (uint8_t)((b & 7) | (i->rex & INSN_REX_B ? 8 : 0));
    if (i->opcode >= INSN_0F(0x20) && i->opcode <= INSN_0F(0x23)) {
        i->mod = 3; /* MOV CR and MOV DR know only registers (SDM vol. 2, MOV) */
    }
    if (i->mod != 3) {
        read_address_32_64(i, c, is_64bit);
    }
}

static void read_immediate(struct insn *i, struct cursor *c, uint8_t follow)
{
    if ((follow & GRP3) && (i->reg & 6) != 0) {
        return;
    }
    if (follow & AD) {
        i->displacement = next_signed(c, i->addr_size);
        if (i->addr_size < 8) {
            i->displacement = (int64_t)insn_truncate((uint64_t)i->displacement, i->addr_size);
        }
    } else if (follow & IV) {
        i->immediate = (uint64_t)next_signed(c, i->op_size);
    } else if (follow & IZ) {
        i->immediate = (uint64_t)next_signed(c, i->op_size == 2 ? 2 : 4);
    }
    if (follow & I16) {
        i->immediate = (uint64_t)next_signed(c, 2);
    }
    if (follow & I8) {
        i->immediate = (uint64_t)next_signed(c, 1);
    }
}

int insn_decode(struct insn *i, const uint8_t *code, unsigned int size, bool is_64bit)
{
    struct cursor c = { .code = code, .size = MIN(size, INSN_MAX_LENGTH) };
    uint8_t follow;

    *i = (struct insn){ .base = INSN_NO_REG, .index = INSN_NO_REG };
    follow = read_opcode(i, &c, is_64bit);
    if (follow == BAD && !c.is_truncated) {
        return -EINVAL;
    }
    i->op_size = i->rex & INSN_REX_W ? 8 : i->prefixes & INSN_OP16 ? 2 : 4;
    i->addr_size = is_64bit ? (i->prefixes & INSN_ADDR ? 4 : 8) : (i->prefixes & INSN_ADDR ? 2 : 4);
    if (follow & M) {
        if (i->addr_size == 2 && !c.is_truncated) {
            return -EINVAL; /* 16-bit addressing forms */
        }
        read_modrm(i, &c, is_64bit);
    }
    if (follow & ~M) {
        read_immediate(i, &c, follow);
    }
    if (unlikely(c.is_truncated)) {
        return size >= INSN_MAX_LENGTH ? -EINVAL : -ENODATA;
    }
    i->length = (uint8_t)c.at;
    return 0;
}

/* Places of the 16 general registers in struct cpu_regs, in words. */
#define WORD_OF(field) (offsetof(struct cpu_regs, field) / 8)
static const uint8_t register_word[16] = {
    WORD_OF(rax), WORD_OF(rcx), WORD_OF(rdx), WORD_OF(rbx), WORD_OF(rsp), WORD_OF(rbp),
    WORD_OF(rsi), WORD_OF(rdi), WORD_OF(r8), WORD_OF(r9), WORD_OF(r10), WORD_OF(r11),
    WORD_OF(r12), WORD_OF(r13), WORD_OF(r14), WORD_OF(r15),
};

uint64_t *insn_register(struct cpu_regs *r, unsigned int n)
{
    return (uint64_t *)(void *)r + register_word[n & 15];
}

static uint64_t register_value(const struct cpu_regs *r, unsigned int n)
{
    return *((const uint64_t *)(const void *)r + register_word[n & 15]);
}

uint64_t insn_address(const struct insn *i, const struct cpu_regs *r, uint64_t segment_base)
{
    uint64_t a = (uint64_t)i->displacement;

    if (i->base == INSN_RIP) {
        a += r->rip + i->length;
    } else if (i->base != INSN_NO_REG) {
        a += register_value(r, i->base);
    }
    if (i->index != INSN_NO_REG) {
        a += register_value(r, i->index) << i->scale;
    }
    return insn_truncate(a, i->addr_size) + segment_base;
}

/* Without REX, byte registers 4-7 are AH, CH, DH, BH. */
static bool is_high_byte(const struct insn *i, unsigned int n, unsigned int size)
{
    return size == 1 && i->rex == 0 && n >= 4 && n < 8;
}

uint64_t insn_read_register(const struct insn *i, const struct cpu_regs *r, unsigned int n,
                            unsigned int size)
{
    if (is_high_byte(i, n, size)) {
        return register_value(r, n - 4) >> 8 & 0xff;
    }
    return insn_truncate(register_value(r, n), size);
}

void insn_write_register(const struct insn *i, struct cpu_regs *r, unsigned int n,
                         unsigned int size, uint64_t value)
{
    uint64_t *reg;

    if (is_high_byte(i, n, size)) {
        reg = insn_register(r, n - 4);
        *reg = (*reg & ~0xff00UL) | (value & 0xff) << 8;
        return;
    }
    reg = insn_register(r, n);
    if (size >= 4) {
        *reg = insn_truncate(value, size);
    } else {
        *reg = (*reg & ~((1UL << (size * 8)) - 1)) | insn_truncate(value, size);
    }
}
