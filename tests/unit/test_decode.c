/* SPDX-License-Identifier: BSD-2-Clause */
/* The instruction decoder: known encodings, and any 15 bytes at all. */
#include "unit.h"

#include <asm/decode.h>
#include <xen/errno.h>

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[])BYTES_ONLY(__VA_ARGS__))
#define BYTES_ONLY(...) { __VA_ARGS__ }

struct known {
    const char *text;
    uint8_t code[16];
    unsigned int length;
    uint16_t opcode;
    uint8_t op_size;
    uint8_t reg, base, index, scale; /* of ModRM; reg 0xff: no ModRM */
    int64_t displacement;
    uint64_t immediate;
};

#define NONE INSN_NO_REG

static const struct known known[] = {
    { "xchg %rax,(%rdi)", BYTES(0x48, 0x87, 0x07), 0x87, 8, 0, 7, NONE, 0, 0, 0 },
    { "xchg %rdx,0x18(%r12)", BYTES(0x49, 0x87, 0x54, 0x24, 0x18),
      0x87, 8, 2, 12, NONE, 0, 0x18, 0 },
    { "lock andb $0xfd,(%rbx)", BYTES(0xf0, 0x80, 0x23, 0xfd), 0x80, 4, 4, 3, NONE, 0, 0, ~2UL },
    { "lock btrq $5,(%r13)", BYTES(0xf0, 0x49, 0x0f, 0xba, 0x75, 0x00, 0x05),
      INSN_0F(0xba), 8, 6, 13, NONE, 0, 0, 5 },
    { "lock cmpxchg %rdx,(%r12)", BYTES(0xf0, 0x49, 0x0f, 0xb1, 0x14, 0x24),
      INSN_0F(0xb1), 8, 2, 12, NONE, 0, 0, 0 },
    { "mov %rsi,(%rdi)", BYTES(0x48, 0x89, 0x37), 0x89, 8, 6, 7, NONE, 0, 0, 0 },
    { "movq $-1,-8(%rax,%r9,8)", BYTES(0x4a, 0xc7, 0x44, 0xc8, 0xf8, 0xff, 0xff, 0xff, 0xff),
      0xc7, 8, 0, 0, 9, 3, -8, ~0UL },
    { "movl $1,0x12345678", BYTES(0xc7, 0x04, 0x25, 0x78, 0x56, 0x34, 0x12, 1, 0, 0, 0),
      0xc7, 4, 0, NONE, NONE, 0, 0x12345678, 1 },
    { "movw $1,(%rip)", BYTES(0x66, 0xc7, 0x05, 0, 1, 0, 0, 1, 0),
      0xc7, 2, 0, INSN_RIP, NONE, 0, 0x100, 1 },
    { "movabs %rax,0x1122334455667788",
      BYTES(0x48, 0xa3, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
            0x11), 0xa3, 8, 0xff, NONE, NONE, 0, 0x1122334455667788, 0 },
    { "movabs $0x1122334455667788,%r8",
      BYTES(0x49, 0xb8, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22,
            0x11), 0xb8, 8, 0xff, NONE, NONE, 0, 0, 0x1122334455667788 },
    { "mov %cr4,%rax", BYTES(0x0f, 0x20, 0xe0), INSN_0F(0x20), 4, 4, NONE, NONE, 0, 0, 0 },
    { "mov %r8,%cr3 with mod 0", BYTES(0x41, 0x0f, 0x22, 0x18),
      INSN_0F(0x22), 4, 3, NONE, NONE, 0, 0, 0 },
    { "wrmsr", BYTES(0x0f, 0x30), INSN_0F(0x30), 4, 0xff, NONE, NONE, 0, 0, 0 },
    { "xsetbv", BYTES(0x0f, 0x01, 0xd1), INSN_0F(0x01), 4, 2, NONE, NONE, 0, 0, 0 },
    { "out %al,$0x70", BYTES(0xe6, 0x70), 0xe6, 4, 0xff, NONE, NONE, 0, 0, 0x70 },
    { "rep outsw", BYTES(0xf3, 0x66, 0x6f), 0x6f, 2, 0xff, NONE, NONE, 0, 0, 0 },
    { "testb $1,(%rax)", BYTES(0xf6, 0x00, 0x01), 0xf6, 4, 0, 0, NONE, 0, 0, 1 },
    { "notq (%rax)", BYTES(0x48, 0xf7, 0x10), 0xf7, 8, 2, 0, NONE, 0, 0, 0 },
    { "enter", BYTES(0xc8, 0x10, 0x00, 0x01), 0xc8, 4, 0xff, NONE, NONE, 0, 0, 1 },
    { "pshufb (%rax),%mm0", BYTES(0x0f, 0x38, 0x00, 0x00), 0x200, 4, 0, 0, NONE, 0, 0, 0 },
    { "palignr $4,(%rax),%mm0", BYTES(0x0f, 0x3a, 0x0f, 0x00, 0x04),
      0x30f, 4, 0, 0, NONE, 0, 0, 4 },
    { "REX before 66 is no REX", BYTES(0x48, 0x66, 0x89, 0x07), 0x89, 2, 0, 7, NONE, 0, 0, 0 },
    { "(%rbp,%riz) by SIB, no index", BYTES(0x48, 0x89, 0x44, 0x25, 0x10),
      0x89, 8, 0, 5, NONE, 0, 0x10, 0 },
    { "fifteen bytes",
      BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
            0x66, 0x0f, 0x30), INSN_0F(0x30), 2, 0xff, NONE, NONE, 0, 0, 0 },
};

static void check_known(const struct known *k)
{
    struct insn i;

    if (insn_decode(&i, k->code, k->length, true) != 0 || i.length != k->length ||
        i.opcode != k->opcode || i.op_size != k->op_size || i.has_modrm != (k->reg != 0xff) ||
        (i.has_modrm && i.reg != k->reg) || i.base != k->base || i.index != k->index ||
        i.scale != k->scale || i.displacement != k->displacement || i.immediate != k->immediate) {
        fail_msg(
            "%s: length %u opcode %x size %u reg %u base %x index %x scale %u disp %lx imm %lx",
            k->text, i.length, i.opcode, i.op_size, i.reg, i.base, i.index, i.scale,
            (long)i.displacement, (long)i.immediate);
    }
}

static void test_known(void **state)
{
    (void)state;
    for (unsigned int n = 0; n < ARRAY_SIZE(known); n++) {
        check_known(&known[n]);
    }
}

static void expect(int rc, bool is_64bit, unsigned int size, const uint8_t *code)
{
    struct insn i;

    assert_int_equal(insn_decode(&i, code, size, is_64bit), rc);
}

static void test_refused(void **state)
{
    static const uint8_t vex[] = { 0xc5, 0xf8, 0x77 }, push_es[] = { 0x06 }, aam[] = { 0xd4, 0x0a };
    uint8_t prefixes[20];

    (void)state;
    memset(prefixes, 0x66, sizeof(prefixes));
    expect(-EINVAL, true, sizeof(vex), vex);
    expect(-EINVAL, true, sizeof(push_es), push_es);
    expect(0, false, sizeof(push_es), push_es);
    expect(-EINVAL, true, sizeof(aam), aam);
    expect(-EINVAL, true, sizeof(prefixes), prefixes);
    expect(-ENODATA, true, 14, prefixes);
    expect(-ENODATA, true, 0, prefixes);
}

static void test_32bit(void **state)
{
    static const uint8_t inc[] = { 0x40 }, in[] = { 0x66, 0xed },
                         absolute[] = { 0x89, 0x05, 1, 2, 3, 4 };
    struct cpu_regs r = { .rip = 0x1000 };
    struct insn i;

    (void)state;
    assert_int_equal(insn_decode(&i, inc, sizeof(inc), false), 0);
    assert_int_equal(i.length, 1);
    assert_int_equal(insn_decode(&i, in, sizeof(in), false), 0);
    assert_int_equal(i.op_size, 2);
    assert_int_equal(insn_decode(&i, absolute, sizeof(absolute), false), 0);
    assert_int_equal(insn_address(&i, &r, 0), 0x04030201);
}

static void test_addresses(void **state)
{
    struct cpu_regs r = { .rip = 0x400000, .rax = 0x1000, .r9 = 0x20, .rdi = 0xffff888000001000,
                          .r12 = 0x7000, .rsp = 0x9000, .rbx = 0x1ffffffff };
    static const struct {
        uint8_t code[10];
        uint64_t segment, address;
    } cases[] = {
        { { 0x48, 0x89, 0x37 }, 0, 0xffff888000001000 },
        { { 0x4a, 0xc7, 0x44, 0xc8, 0xf8, 0, 0, 0, 0 }, 0, 0x1000 + 0x100 - 8 },
        { { 0x66, 0xc7, 0x05, 0, 1, 0, 0, 1, 0 }, 0, 0x400000 + 9 + 0x100 },
        { { 0x65, 0x48, 0x89, 0x00 }, 0x50000, 0x51000 },
        { { 0x48, 0x89, 0x04, 0x24 }, 0, 0x9000 },
        { { 0x67, 0x48, 0x89, 0x03 }, 0, 0xffffffff },
    };
    struct insn i;

    (void)state;
    for (unsigned int n = 0; n < ARRAY_SIZE(cases); n++) {
        assert_int_equal(insn_decode(&i, cases[n].code, sizeof(cases[n].code), true), 0);
        assert_int_equal(insn_address(&i, &r, cases[n].segment), cases[n].address);
    }
}

static void test_registers(void **state)
{
    struct cpu_regs r = { .rax = 0x1122334455667788, .rsp = 5, .rsi = 0x99 };
    struct insn plain = { .rex = 0 }, rex = { .rex = 0x40 };

    (void)state;
    assert_int_equal(insn_read_register(&plain, &r, 4, 1), 0x77);
    assert_int_equal(insn_read_register(&rex, &r, 4, 1), 5);
    assert_int_equal(insn_read_register(&plain, &r, 0, 4), 0x55667788);
    insn_write_register(&plain, &r, 4, 1, 0xabcd);
    assert_int_equal(r.rax, 0x112233445566cd88);
    insn_write_register(&plain, &r, 0, 2, 0x1234);
    assert_int_equal(r.rax, 0x1122334455661234);
    insn_write_register(&plain, &r, 0, 4, ~0UL);
    assert_int_equal(r.rax, 0xffffffff);
    insn_write_register(&rex, &r, 6, 1, 0);
    assert_int_equal(r.rsi, 0);
    for (unsigned int n = 0; n < 16; n++) {
        *insn_register(&r, n) = n;
    }
    assert_int_equal(r.r15, 15);
    assert_int_equal(r.rbx, 3);
    assert_int_equal(r.rsp, 4);
}

/* Bytes that lead deep: prefixes, escapes, SIB. */
static uint8_t likely_byte(uint64_t *seed)
{
    static const uint8_t bytes[] = { 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x48, 0x4f,
                                     0x0f, 0x0f, 0x38, 0x3a, 0x65, 0x84, 0x04,
                                     0x24, 0x05, 0xc7, 0xa3, 0xb8, 0xf7, 0x22 };
    uint64_t r = unit_random(seed);

    return r & 1 ? bytes[(r >> 8) % sizeof(bytes)] : (uint8_t)(r >> 32);
}

/* The buffer ends where the code ends, so a byte read too much is seen by ASan. */
static void test_any_bytes(void **state)
{
    uint64_t seed = unit_seed("decode");
    uint8_t code[16];

    (void)state;
    for (unsigned int round = 0; round < 200000; round++) {
        bool is_64bit = round & 1;
        struct insn i, shorter;
        uint8_t *exact;
        int rc;

        for (unsigned int n = 0; n < sizeof(code); n++) {
            code[n] = likely_byte(&seed);
        }
        rc = insn_decode(&i, code, 15, is_64bit);
        assert_true(rc == 0 || rc == -EINVAL);
        if (rc != 0) {
            continue;
        }
        assert_in_range(i.length, 1, 15);
        exact = malloc(i.length);
        memcpy(exact, code, i.length);
        assert_int_equal(insn_decode(&shorter, exact, i.length, is_64bit), 0);
        assert_memory_equal(&i, &shorter, sizeof(i));
        free(exact);
        exact = malloc(i.length > 1 ? i.length - 1U : 1);
        memcpy(exact, code, i.length - 1U);
        assert_int_equal(insn_decode(&shorter, exact, i.length - 1U, is_64bit), -ENODATA);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_32bit),     cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_registers), cmocka_unit_test(test_any_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
