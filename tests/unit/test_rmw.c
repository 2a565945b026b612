/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores and read-modify-writes, computed: each form is also executed by this CPU on the same
 * operands, and memory, registers and flags must agree.
 */
#include "unit.h"

#include <sys/mman.h>

#include <asm/decode.h>

#include "../../xen/arch/x86/pv/rmw.h"

#define CF 0x001
#define PF 0x004
#define AF 0x010
#define ZF 0x040
#define SF 0x080
#define OF 0x800
#define ALL (CF | PF | AF | ZF | SF | OF)

/* Memory operand (%rdi); 48, 66 and F0 go before the code. */
struct form {
    const char *name;
    uint8_t code[8], length;
    uint8_t is_byte;  /* always one byte: no size prefixes */
    uint8_t no_word;  /* no 66 form */
    uint32_t defined; /* flags that the CPU defines */
    bool lockable;
};

#define CODE(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static const struct form forms[] = {
    { "mov %al,m", CODE(0x88, 0x07), 1, 0, ALL, false },
    { "mov %ah,m", CODE(0x88, 0x27), 1, 0, ALL, false },
    { "mov %eax,m", CODE(0x89, 0x07), 0, 0, ALL, false },
    { "movb $0xa5,m", CODE(0xc6, 0x07, 0xa5), 1, 0, ALL, false },
    { "movnti %edx,m", CODE(0x0f, 0xc3, 0x17), 0, 1, ALL, false },
    { "xchg %dl,m", CODE(0x86, 0x17), 1, 0, ALL, true },
    { "xchg %edx,m", CODE(0x87, 0x17), 0, 0, ALL, true },
    { "add %al,m", CODE(0x00, 0x07), 1, 0, ALL, true },
    { "add %edx,m", CODE(0x01, 0x17), 0, 0, ALL, true },
    { "or %edx,m", CODE(0x09, 0x17), 0, 0, ALL & ~AF, true },
    { "adc %edx,m", CODE(0x11, 0x17), 0, 0, ALL, true },
    { "adc %dl,m", CODE(0x10, 0x17), 1, 0, ALL, true },
    { "sbb %edx,m", CODE(0x19, 0x17), 0, 0, ALL, true },
    { "sbb %dl,m", CODE(0x18, 0x17), 1, 0, ALL, true },
    { "and %edx,m", CODE(0x21, 0x17), 0, 0, ALL & ~AF, true },
    { "and %dh,m", CODE(0x20, 0x37), 1, 0, ALL & ~AF, true },
    { "sub %edx,m", CODE(0x29, 0x17), 0, 0, ALL, true },
    { "xor %edx,m", CODE(0x31, 0x17), 0, 0, ALL & ~AF, true },
    { "andb $0xfd,m", CODE(0x80, 0x27, 0xfd), 1, 0, ALL & ~AF, true },
    { "add $-3,m", CODE(0x83, 0x07, 0xfd), 0, 0, ALL, true },
    { "adc $0x7f,m", CODE(0x83, 0x17, 0x7f), 0, 0, ALL, true },
    { "sub $0x7f,m", CODE(0x83, 0x2f, 0x7f), 0, 0, ALL, true },
    { "inc m", CODE(0xff, 0x07), 0, 0, ALL, true },
    { "decb m", CODE(0xfe, 0x0f), 1, 0, ALL, true },
    { "dec m", CODE(0xff, 0x0f), 0, 0, ALL, true },
    { "not m", CODE(0xf7, 0x17), 0, 0, ALL, true },
    { "neg m", CODE(0xf7, 0x1f), 0, 0, ALL, true },
    { "negb m", CODE(0xf6, 0x1f), 1, 0, ALL, true },
    { "bts $5,m", CODE(0x0f, 0xba, 0x2f, 0x05), 0, 0, CF | ZF, true },
    { "btr $0xff,m", CODE(0x0f, 0xba, 0x37, 0xff), 0, 0, CF | ZF, true },
    { "btc $12,m", CODE(0x0f, 0xba, 0x3f, 0x0c), 0, 0, CF | ZF, true },
    { "bts %ecx,m", CODE(0x0f, 0xab, 0x0f), 0, 0, CF | ZF, true },
    { "btr %ecx,m", CODE(0x0f, 0xb3, 0x0f), 0, 0, CF | ZF, true },
    { "btc %ecx,m", CODE(0x0f, 0xbb, 0x0f), 0, 0, CF | ZF, true },
    { "xadd %dl,m", CODE(0x0f, 0xc0, 0x17), 1, 0, ALL, true },
    { "xadd %edx,m", CODE(0x0f, 0xc1, 0x17), 0, 0, ALL, true },
    { "cmpxchg %dl,m", CODE(0x0f, 0xb0, 0x17), 1, 0, ALL, true },
    { "cmpxchg %edx,m", CODE(0x0f, 0xb1, 0x17), 0, 0, ALL, true },
};
static const struct form cmpxchg8b = { "cmpxchg8b m", CODE(0x0f, 0xc7, 0x0f), 1, 0, ALL, true };

static uint8_t *page; /* executable */

/* Runs code that ends in RET with the registers, on the operand. */
static void run_native(struct cpu_regs *r, uint64_t *operand)
{
    __asm__ __volatile__("sub $128, %%rsp\n\t"
                         "push %[f]\n\t"
                         "popfq\n\t"
                         "call *%[code]\n\t"
                         "pushfq\n\t"
                         "pop %[f]\n\t"
                         "add $128, %%rsp"
                         : "+a"(r->rax), "+b"(r->rbx), "+c"(r->rcx),
                           "+d"(r->rdx), [f] "+r"(r->rflags)
                         : "D"(operand), [code] "r"(page)
                         : "memory", "cc");
}

static uint64_t value(uint64_t *seed)
{
    static const uint64_t corners[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff,
                                        0x7fffffffffffffff, 0x8000000000000000, ~0UL, 0x10 };
    uint64_t r = unit_random(seed);

    return r & 3 ? unit_random(seed) : corners[(r >> 8) % ARRAY_SIZE(corners)];
}

static void compare(const struct form *f, const struct cpu_regs *want, const struct cpu_regs *got,
                    const uint64_t *want_memory, const uint64_t *got_memory)
{
    if (((want->rflags ^ got->rflags) & f->defined) || want->rax != got->rax ||
        want->rbx != got->rbx || want->rcx != got->rcx || want->rdx != got->rdx ||
        memcmp(want_memory, got_memory, 8 * 32) != 0) {
        fail_msg("%s: CPU has flags %lx rax %lx rdx %lx memory %lx, computed %lx %lx %lx %lx",
                 f->name, want->rflags & f->defined, want->rax, want->rdx, want_memory[16],
                 got->rflags & f->defined, got->rax, got->rdx, got_memory[16]);
    }
}

static void check_form(const struct form *f, uint8_t prefix, bool lock, uint64_t *seed)
{
    uint64_t native[32], ours[32];
    struct cpu_regs r = {
        .rax = value(seed), .rbx = value(seed), .rcx = value(seed), .rdx = value(seed)
    };
    struct cpu_regs after;
    struct rmw_result res;
    struct insn i;
    struct rmw w;
    unsigned int n = 0;
    uint64_t operand = 0;

    for (unsigned int k = 0; k < 32; k++) {
        native[k] = ours[k] = value(seed);
    }
    if (unit_random(seed) & 1) {
        r.rax = native[16]; /* so that compares succeed, too */
        r.rdx = native[16] >> 32;
    }
    r.rcx = (uint64_t)((int64_t)(r.rcx % 512) - 256); /* a bit within the memory, by its offset */
    r.rflags = 0x202 | (unit_random(seed) & ALL);
    if (lock) {
        page[n++] = 0xf0;
    }
    if (prefix != 0) {
        page[n++] = prefix;
    }
    memcpy(page + n, f->code, f->length);
    n += f->length;
    page[n] = 0xc3;

    assert_int_equal(insn_decode(&i, page, n, true), 0);
    assert_int_equal(i.length, n);
    r.rdi = (uint64_t)&ours[16];
    assert_true(rmw_prepare(&w, &i, &r));
    memcpy(&operand, (void *)rmw_address(&w, &i, &r, 0), w.size);
    rmw_compute(&w, &i, &r, operand, &res);
    if (res.stores) {
        memcpy((void *)rmw_address(&w, &i, &r, 0), &res.value, w.size);
    }
    after = r;
    rmw_apply(&res, &i, &after);

    run_native(&r, &native[16]);
    compare(f, &r, &after, native, ours);
}

static void test_against_cpu(void **state)
{
    uint64_t seed = unit_seed("rmw");

    (void)state;
    for (unsigned int round = 0; round < 400; round++) {
        for (unsigned int n = 0; n < ARRAY_SIZE(forms); n++) {
            const struct form *f = &forms[n];
            bool lock = f->lockable && (round & 1);

            check_form(f, 0, lock, &seed);
            if (!f->is_byte) {
                check_form(f, 0x48, lock, &seed);
            }
            if (!f->is_byte && !f->no_word) {
                check_form(f, 0x66, lock, &seed);
            }
        }
    }
}

/* ECX is half of the new value here, so the operands are its own. */
static void test_cmpxchg8b(void **state)
{
    uint64_t seed = unit_seed("cmpxchg8b");

    (void)state;
    for (unsigned int round = 0; round < 2000; round++) {
        check_form(&cmpxchg8b, 0, round & 1, &seed);
    }
}

static bool prepares(const uint8_t *code, unsigned int length)
{
    struct cpu_regs r = { 0 };
    struct insn i;
    struct rmw w;

    assert_int_equal(insn_decode(&i, code, length, true), 0);
    return rmw_prepare(&w, &i, &r);
}

static void test_refused(void **state)
{
    static const uint8_t cmp[] = { 0x39, 0x07 }, cmp_imm[] = { 0x83, 0x3f, 0x01 },
                         load[] = { 0x8b, 0x07 }, to_register[] = { 0x89, 0xc7 },
                         bt[] = { 0x0f, 0xba, 0x27, 0x01 },
                         cmpxchg16b[] = { 0x48, 0x0f, 0xc7, 0x0f }, movups[] = { 0x0f, 0x11, 0x07 },
                         push[] = { 0xff, 0x37 }, test[] = { 0xf6, 0x07, 0x01 };

    (void)state;
    assert_false(prepares(cmp, sizeof(cmp)));
    assert_false(prepares(cmp_imm, sizeof(cmp_imm)));
    assert_false(prepares(load, sizeof(load)));
    assert_false(prepares(to_register, sizeof(to_register)));
    assert_false(prepares(bt, sizeof(bt)));
    assert_false(prepares(cmpxchg16b, sizeof(cmpxchg16b)));
    assert_false(prepares(movups, sizeof(movups)));
    assert_false(prepares(push, sizeof(push)));
    assert_false(prepares(test, sizeof(test)));
}

static void test_pop_address(void **state)
{
    static const uint8_t pop_rsp8[] = { 0x8f, 0x44, 0x24, 0x08 }, pop_rdi[] = { 0x8f, 0x07 };
    struct cpu_regs r = { .rsp = 0x1000, .rdi = 0x2000 };
    struct insn i;
    struct rmw w;

    (void)state;
    assert_int_equal(insn_decode(&i, pop_rsp8, sizeof(pop_rsp8), true), 0);
    assert_true(rmw_prepare(&w, &i, &r));
    assert_int_equal(w.size, 8);
    assert_int_equal(rmw_address(&w, &i, &r, 0), 0x1010);
    assert_int_equal(insn_decode(&i, pop_rdi, sizeof(pop_rdi), true), 0);
    assert_true(rmw_prepare(&w, &i, &r));
    assert_int_equal(rmw_address(&w, &i, &r, 0), 0x2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_cpu), cmocka_unit_test(test_cmpxchg8b),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_pop_address),
    };

    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
