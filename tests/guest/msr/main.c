/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the MSRs of a PV kernel. Each row says what a read gives and what becomes of
 * writing that value back; every other number raises #GP both ways.
 */
#include "check.h"
#include "cpu.h"
#include "kit.h"
#include "mm.h"
#include "print.h"

enum outcome { FAULT, WORKS, DOM0 /* works there only */ };

struct row {
    uint32_t msr;
    enum outcome read, write;
    uint64_t value;
    bool any_value; /* the machine's own */
};

/* The same on both vendors, and the AMD ones: QEMU's default CPU is an AMD one. */
static const struct row common_rows[] = {
    { 0x00000000, WORKS, FAULT, 0, false },
    { 0x00000001, WORKS, FAULT, 0, false },
    { 0x00000010, WORKS, FAULT, 0, true },
    { 0x0000001b, WORKS, FAULT, 0xfee00900, false },
    { 0x0000008b, WORKS, FAULT, 0, true },
    { 0x000000ce, WORKS, FAULT, 0, false },
    { 0x00000140, WORKS, WORKS, 0, false },
    { 0x0000017a, WORKS, WORKS, 0, false },
    { 0x0000017b, WORKS, WORKS, 0, false },
    { 0x00000345, WORKS, FAULT, 0, false },
    { 0x00000402, WORKS, WORKS, 0, false },
    { 0x00000277, WORKS, FAULT, 0x0000050100070406, false },
    { 0xc0000080, WORKS, WORKS, 0xd01, false },
    { 0xc0000100, WORKS, WORKS, 0, false },
    { 0xc0000101, WORKS, WORKS, 0, false },
    { 0xc0000102, WORKS, WORKS, 0, false },
    { 0x40000000, WORKS, WORKS, 0, false },
};

static const struct row amd_rows[] = {
    { 0x00000179, WORKS, WORKS, 2, false },
    { 0x00000400, WORKS, WORKS, ~0UL, false },
    { 0x00000404, WORKS, WORKS, ~0UL, false },
    { 0xc0010010, DOM0, FAULT, 0, true },
    { 0xc0010016, DOM0, FAULT, 0, true },
    { 0xc001001a, DOM0, FAULT, 0, true },
    { 0xc001001d, DOM0, FAULT, 0, true },
    { 0xc0010112, DOM0, FAULT, 0, true },
    { 0xc0010113, DOM0, FAULT, 0, true },
    { 0xc0010200, WORKS, WORKS, 0, false },
    { 0xc001020b, WORKS, WORKS, 0, false },
    { 0xc0010000, WORKS, WORKS, 0, false },
    { 0xc0010007, WORKS, WORKS, 0, false },
    { 0xc0010015, WORKS, WORKS, 0, false },
    { 0xc001001f, WORKS, WORKS, 0, false },
    { 0xc0010061, WORKS, WORKS, 0, false },
    { 0xc001006b, WORKS, WORKS, 0, false },
    { 0xc0011029, WORKS, WORKS, 2, false },
};

static const uint32_t absent[] = {
    0x0000003a, 0x00000048, 0x00000049, 0x00000079, 0x000000fe, 0x00000174, 0x00000175,
    0x00000176, 0x000001d9, 0x00000200, 0x00000250, 0x000002ff, 0x00000800, 0x000008ff,
    0x0000019a, 0x00000da0, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0010020, 0x80000000,
    0xffffffff,
};

static void check_row(const struct row *row)
{
    bool readable = row->read == WORKS || (row->read == DOM0 && is_initial_domain());
    uint64_t value = msr_read(row->msr);

    if (!check_equal(__FILE__, __LINE__, "reading traps", trap_last.vector,
                     readable ? TRAP_NONE : 13))
        printk("     MSR 0x%x\n", row->msr);
    if (readable && !row->any_value &&
        !check_equal(__FILE__, __LINE__, "value read", value, row->value))
        printk("     MSR 0x%x\n", row->msr);
    /* The hypercall page would be written to frame 0. */
    if (row->msr == 0x40000000)
        return;
    msr_write(row->msr, value);
    if (!check_equal(__FILE__, __LINE__, "writing the value back traps", trap_last.vector,
                     row->write == WORKS ? TRAP_NONE : 13))
        printk("     MSR 0x%x\n", row->msr);
}

static void test_table(void)
{
    for (unsigned int i = 0; i < sizeof(common_rows) / sizeof(common_rows[0]); i++)
        check_row(&common_rows[i]);
    if (!cpu_is_amd()) {
        check_skip_part("amd", "the CPU is not an AMD one");
        return;
    }
    for (unsigned int i = 0; i < sizeof(amd_rows) / sizeof(amd_rows[0]); i++)
        check_row(&amd_rows[i]);
}

static void test_absent(void)
{
    for (unsigned int i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        msr_read(absent[i]);
        if (!check_equal(__FILE__, __LINE__, "reading traps", trap_last.vector, 13))
            printk("     MSR 0x%x\n", absent[i]);
        CHECK_EQ(trap_last.error, 0);
        CHECK_EQ(trap_last.rip, trap_last.insn);
        msr_write(absent[i], 0);
        if (!check_equal(__FILE__, __LINE__, "writing traps", trap_last.vector, 13))
            printk("     MSR 0x%x\n", absent[i]);
    }
}

static void test_bases(void)
{
    static uint64_t area = 0x5678;
    uint64_t value;

    msr_write(0xc0000100, (uint64_t)&area);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(msr_read(0xc0000100), &area);
    __asm__ volatile("mov %%fs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0x5678);
    msr_write(0xc0000101, (uint64_t)&area);
    __asm__ volatile("mov %%gs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0x5678);
    CHECK_EQ(msr_read(0xc0000102), 0);
    msr_write(0xc0000102, 0x1000);
    CHECK_EQ(msr_read(0xc0000102), 0x1000);
    CHECK_EQ(msr_read(0xc0000101), &area);
    for (uint32_t msr = 0xc0000100; msr <= 0xc0000102; msr++) {
        value = msr_read(msr);
        msr_write(msr, 0x0000800000000000);
        CHECK_EQ(trap_last.vector, 13);
        CHECK_EQ(msr_read(msr), value);
    }
}

static void test_values(void)
{
    uint64_t first = msr_read(0x10);

    CHECK(msr_read(0x10) > first);
    msr_write(0xc0000080, 0xd00);
    CHECK_EQ(trap_last.vector, 13);
    msr_write(0x140, 4);
    CHECK_EQ(trap_last.vector, 13);
}

void test_main(void)
{
    kit_init();
    test_table();
    test_absent();
    test_bases();
    test_values();
}
