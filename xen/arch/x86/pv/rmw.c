/* SPDX-License-Identifier: BSD-2-Clause */
/* Stores and read-modify-writes, computed (rmw.h). Intel SDM vol. 2 for each instruction. Pure. */
#include "rmw.h"

#define FLAG_CF 0x001U
#define FLAG_PF 0x004U
#define FLAG_AF 0x010U
#define FLAG_ZF 0x040U
#define FLAG_SF 0x080U
#define FLAG_OF 0x800U
#define FLAGS_ARITHMETIC (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

enum alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

static uint32_t flags_of_result(uint64_t res, unsigned int size)
{
    uint32_t f = (res >> (size * 8 - 1) & 1) ? FLAG_SF : 0;

    if (res == 0) {
        f |= FLAG_ZF;
    }
    if (!__builtin_parity((uint8_t)res)) {
        f |= FLAG_PF;
    }
    return f;
}

/* Carry and overflow out of the top bit, and the half carry out of bit 3. */
static uint32_t flags_of_carry(uint64_t carries, uint64_t overflow, uint64_t half,
                               unsigned int size)
{
    unsigned int top = size * 8 - 1;

    return ((carries >> top & 1) ? FLAG_CF : 0) | ((overflow >> top & 1) ? FLAG_OF : 0) |
           ((half & 0x10) ? FLAG_AF : 0);
}

static uint64_t add(uint64_t a, uint64_t b, uint64_t carry, unsigned int size, uint32_t *flags)
{
    uint64_t res = insn_truncate(a + b + carry, size);

    *flags = flags_of_result(res, size) |
             flags_of_carry((a & b) | ((a | b) & ~res), (a ^ res) & (b ^ res), a ^ b ^ res, size);
    return res;
}

static uint64_t subtract(uint64_t a, uint64_t b, uint64_t borrow, unsigned int size,
                         uint32_t *flags)
{
    uint64_t res = insn_truncate(a - b - borrow, size);

    *flags = flags_of_result(res, size) |
             flags_of_carry((~a & b) | ((~a | b) & res), (a ^ b) & (a ^ res), a ^ b ^ res, size);
    return res;
}

static uint64_t alu(enum alu op, uint64_t a, uint64_t b, uint64_t carry, unsigned int size,
                    uint32_t *flags)
{
    uint64_t res;

    switch (op) {
    case ALU_ADD:
        return add(a, b, 0, size, flags);
    case ALU_ADC:
        return add(a, b, carry, size, flags);
    case ALU_SUB:
    case ALU_CMP:
        return subtract(a, b, 0, size, flags);
    case ALU_SBB:
        return subtract(a, b, carry, size, flags);
    case ALU_OR:
        res = a | b;
        break;
    case ALU_AND:
        res = a & b;
        break;
    default:
        res = a ^ b;
        break;
    }
    *flags = flags_of_result(res, size);
    return res;
}

static bool set(struct rmw *w, enum rmw_kind kind, uint64_t source)
{
    w->kind = (uint8_t)kind;
    w->source = insn_truncate(source, w->size);
    return true;
}

static bool set_register(struct rmw *w, enum rmw_kind kind, const struct insn *i,
                         const struct cpu_regs *r)
{
    return set(w, kind, insn_read_register(i, r, i->reg, w->size));
}

/* 80-83, C6-C7, F6-F7, FE-FF, 8F: the ModRM's register field chooses. */
static bool prepare_group(struct rmw *w, const struct insn *i)
{
    unsigned int which = i->reg & 7;

    switch (i->opcode) {
    case 0x80: case 0x81: case 0x83:
        w->alu = (uint8_t)which;
        return which != ALU_CMP && set(w, RMW_ALU, i->immediate);
    case 0xc6: case 0xc7:
        return which == 0 && set(w, RMW_STORE, i->immediate);
    case 0xf6: case 0xf7:
        return (which & ~1U) == 2 && set(w, which == 2 ? RMW_NOT : RMW_NEG, 0);
    case 0xfe: case 0xff:
        return which < 2 && set(w, which == 0 ? RMW_INC : RMW_DEC, 1);
    case 0x8f:
        w->size = i->op_size == 2 ? 2 : 8;
        return which == 0 && set(w, RMW_POP, 0);
    default:
        return false;
    }
}

static bool prepare_bit(struct rmw *w, const struct insn *i, const struct cpu_regs *r)
{
    unsigned int shift = 64 - i->op_size * 8U;
    unsigned int which;
    int64_t bit;

    w->size = i->op_size;
    if (i->opcode == INSN_0F(0xba)) {
        which = i->reg & 7;
        w->source = i->immediate & (i->op_size * 8U - 1);
    } else {
        which = i->opcode >> 3 & 7; /* AB: 5, B3: 6, BB: 7 */
        bit = (int64_t)(insn_read_register(i, r, i->reg, i->op_size) << shift) >> shift;
        w->source = (uint64_t)bit;
    }
    if (which < 5) {
        return false; /* BT stores nothing */
    }
    w->kind = (uint8_t)(which == 5 ? RMW_BTS : which == 6 ? RMW_BTR : RMW_BTC);
    return true;
}

static bool prepare_two_byte(struct rmw *w, const struct insn *i, const struct cpu_regs *r)
{
    switch (i->opcode) {
    case INSN_0F(0xab): case INSN_0F(0xb3): case INSN_0F(0xbb): case INSN_0F(0xba):
        return prepare_bit(w, i, r);
    case INSN_0F(0xb0): case INSN_0F(0xb1):
        return set_register(w, RMW_CMPXCHG, i, r);
    case INSN_0F(0xc0): case INSN_0F(0xc1):
        return set_register(w, RMW_XADD, i, r);
    case INSN_0F(0xc3):
        w->size = i->op_size;
        return i->op_size >= 4 && set_register(w, RMW_STORE, i, r);
    case INSN_0F(0xc7):
        w->size = 8;
        return (i->reg & 7) == 1 && i->op_size != 8 &&
               set(w, RMW_CMPXCHG8B, r->rcx << 32 | (uint32_t)r->rbx);
    default:
        return false;
    }
}

static bool prepare_memory_operand(struct rmw *w, const struct insn *i, const struct cpu_regs *r)
{
    if (i->mod == 3) {
        return false;
    }
    if (i->opcode >= INSN_0F(0)) {
        return prepare_two_byte(w, i, r);
    }
    switch (i->opcode) {
    case 0x88: case 0x89:
        return set_register(w, RMW_STORE, i, r);
    case 0x86: case 0x87:
        return set_register(w, RMW_XCHG, i, r);
    default:
        break;
    }
    if (i->opcode < 0x38) {
        w->alu = (uint8_t)(i->opcode >> 3);
        return (i->opcode & 7) < 2 && set_register(w, RMW_ALU, i, r);
    }
    return prepare_group(w, i);
}

bool rmw_prepare(struct rmw *w, const struct insn *i, const struct cpu_regs *r)
{
    /* Nearly everywhere the lowest bit of the opcode tells bytes from larger operands. */
    w->size = i->opcode & 1 ? i->op_size : 1;
    if (i->has_modrm) {
        return prepare_memory_operand(w, i, r);
    }
    switch (i->opcode) {
    case 0xa2: case 0xa3:
        return set(w, RMW_STORE, r->rax);
    case 0xaa: case 0xab:
        return set(w, RMW_STOS, r->rax);
    case 0xa4: case 0xa5:
        return set(w, RMW_MOVS, 0);
    default:
        return false;
    }
}

uint64_t rmw_address(const struct rmw *w, const struct insn *i, const struct cpu_regs *r,
                     uint64_t segment_base)
{
    uint64_t a;

    switch (w->kind) {
    case RMW_STOS:
    case RMW_MOVS:
        return insn_truncate(r->rdi, i->addr_size);
    case RMW_POP:
        /* RSP is that after the pop. */
        return insn_address(i, r, segment_base) + (i->base == 4 ? w->size : 0);
    case RMW_BTS:
    case RMW_BTR:
    case RMW_BTC:
        a = insn_address(i, r, segment_base);
        return a + (uint64_t)(((int64_t)w->source >> (__builtin_ctz(w->size) + 3)) * w->size);
    default:
        return insn_address(i, r, segment_base);
    }
}

static void compute_exchange(const struct rmw *w, const struct insn *i, const struct cpu_regs *r,
                             uint64_t old, struct rmw_result *out)
{
    uint64_t expected;

    switch (w->kind) {
    case RMW_XADD:
        out->value = add(old, w->source, 0, w->size, &out->flags);
        out->flags_mask = FLAGS_ARITHMETIC;
        break;
    case RMW_CMPXCHG:
        expected = insn_truncate(r->rax, w->size);
        (void)subtract(expected, old, 0, w->size, &out->flags);
        out->flags_mask = FLAGS_ARITHMETIC;
        out->stores = expected == old;
        if (!out->stores) {
            out->reg_size = w->size;
            out->reg = 0;
            out->reg_value = old;
        }
        return;
    case RMW_CMPXCHG8B:
        out->stores = old == (r->rdx << 32 | (uint32_t)r->rax);
        out->flags_mask = FLAG_ZF;
        out->flags = out->stores ? FLAG_ZF : 0;
        if (!out->stores) {
            out->reg_size = 4;
            out->reg = 0;
            out->reg_value = (uint32_t)old;
            out->sets_edx = true;
            out->edx = (uint32_t)(old >> 32);
        }
        return;
    default:
        break;
    }
    out->reg_size = w->size;
    out->reg = i->reg;
    out->reg_value = old;
}

static void compute_bit(const struct rmw *w, uint64_t old, struct rmw_result *out)
{
    uint64_t bit = 1UL << (w->source & (w->size * 8U - 1));

    out->flags_mask = FLAG_CF;
    out->flags = old & bit ? FLAG_CF : 0;
    out->value = w->kind == RMW_BTS ? old | bit : w->kind == RMW_BTR ? old & ~bit : old ^ bit;
}

void rmw_compute(const struct rmw *w, const struct insn *i, const struct cpu_regs *r, uint64_t old,
                 struct rmw_result *out)
{
    *out = (struct rmw_result){ .value = w->source, .stores = true };
    switch (w->kind) {
    case RMW_ALU:
        out->value = alu((enum alu)w->alu, old, w->source, r->rflags & FLAG_CF, w->size,
                         &out->flags);
        out->flags_mask = FLAGS_ARITHMETIC;
        break;
    case RMW_INC:
    case RMW_DEC:
        out->value = alu(w->kind == RMW_INC ? ALU_ADD : ALU_SUB, old, 1, 0, w->size, &out->flags);
        out->flags_mask = FLAGS_ARITHMETIC & ~FLAG_CF;
        break;
    case RMW_NOT:
        out->value = insn_truncate(~old, w->size);
        break;
    case RMW_NEG:
        out->value = alu(ALU_SUB, 0, old, 0, w->size, &out->flags);
        out->flags_mask = FLAGS_ARITHMETIC;
        break;
    case RMW_BTS:
    case RMW_BTR:
    case RMW_BTC:
        compute_bit(w, old, out);
        break;
    case RMW_XCHG:
    case RMW_XADD:
    case RMW_CMPXCHG:
    case RMW_CMPXCHG8B:
        compute_exchange(w, i, r, old, out);
        break;
    default:
        break;
    }
}

void rmw_apply(const struct rmw_result *res, const struct insn *i, struct cpu_regs *r)
{
    r->rflags = (r->rflags & ~(uint64_t)res->flags_mask) | (res->flags & res->flags_mask);
    if (res->reg_size != 0) {
        insn_write_register(i, r, res->reg, res->reg_size, res->reg_value);
    }
    if (res->sets_edx) {
        r->rdx = res->edx;
    }
}
