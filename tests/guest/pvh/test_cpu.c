/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: what makes a hardware-assisted guest exit, each once or more, with the outcome that
 * the CPU's manual promises: instructions, control registers, MSRs, ports, exceptions.
 */
#include <public/cpuid.h>

#include "check.h"
#include "pvh.h"

#define DB 1
#define BP 3
#define UD 6
#define NM 7
#define GP 13
#define PF 14
#define TRAP_FLAG 0x100
#define DR6_STEP  0x4000

#define EFER           0xc0000080
#define STAR           0xc0000081
#define LSTAR          0xc0000082
#define KERNEL_GS_BASE 0xc0000102
#define GS_BASE        0xc0000101
#define PAT            0x277
#define SYSENTER_EIP   0x176
#define APIC_BASE      0x1b

static uint64_t read_cr0(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static uint64_t read_cr4(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static void check_exceptions(void)
{
    uint64_t unmapped = 0xc0001000;

    CHECK_EQ(TRY(UD, "ud2", : : : "r10", "memory"), 1);
    CHECK_EQ(TRY(PF, "movb $1, (%0)", : : "r"(unmapped) : "r10", "memory"), 1);
    CHECK_EQ(trap_seen[PF].cr2, unmapped);
    CHECK_EQ(trap_seen[PF].error, 2);
    CHECK_EQ(TRY(GP, "mov %0, %%fs", : : "r"(0x1238) : "r10", "memory"), 1);
    CHECK_EQ(trap_seen[GP].error, 0x1238);
    __asm__ volatile("int3");
    CHECK_EQ(trap_seen[BP].count, 1);
    __asm__ volatile("int $0x40");
    CHECK_EQ(trap_seen[0x40].count, 1);
}

/* A single step over an instruction that is carried out by the hypervisor, and over a plain one. */
static void check_single_step(void)
{
    uint64_t dr6, zero = 0;

    __asm__ volatile("mov %0, %%dr6" : : "r"(zero));
    __asm__ volatile("pushfq; orq %0, (%%rsp); popfq; nop; nop" : : "i"(TRAP_FLAG) : "memory");
    __asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
    CHECK_EQ(trap_seen[DB].count, 1);
    CHECK_EQ(dr6 & DR6_STEP, DR6_STEP);
}

/* A breakpoint on a write. */
static void check_breakpoint(void)
{
    static volatile uint64_t watched;
    unsigned int before = trap_seen[DB].count;
    uint64_t dr6, dr7 = 0x400 | 1 | 9UL << 16;

    __asm__ volatile("mov %0, %%dr0" : : "r"(&watched));
    __asm__ volatile("mov %0, %%dr7" : : "r"(dr7));
    watched = 1;
    __asm__ volatile("mov %0, %%dr7" : : "r"(0x400UL));
    __asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
    CHECK_EQ(trap_seen[DB].count, before + 1);
    CHECK_EQ(dr6 & 1, 1);
}

/* VMX's and SVM's own, and others that no guest has. */
static void check_refused(void)
{
    uint64_t area = 0;

    CHECK_EQ(TRY(UD, "vmxoff", : : : "r10", "memory"), 1);
    CHECK_EQ(TRY(UD, "vmptrld %0", : : "m"(area) : "r10", "memory"), 1);
    CHECK_EQ(TRY(UD, "vmlaunch", : : : "r10", "memory"), 1);
    CHECK_EQ(TRY(UD, "vmrun %%rax", : : "a"(0) : "r10", "memory"), 1);
    CHECK_EQ(TRY(UD, "stgi", : : : "r10", "memory"), 1);
    CHECK_EQ(TRY(UD, "monitor", : : "a"(&area), "c"(0), "d"(0) : "r10", "memory"), 1);
    __asm__ volatile("wbinvd");
}

static void check_control_registers(void)
{
    uint64_t cr0 = read_cr0(), cr4 = read_cr4(), cr8;

    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0 | 8));
    CHECK_EQ(read_cr0(), cr0 | 8);
    CHECK_EQ(TRY(NM, "fninit", : : : "r10", "memory"), 1);
    __asm__ volatile("clts");
    CHECK_EQ(read_cr0(), cr0);
    /* NE is the guest's to see as it wrote it, whatever the CPU wants; caches, too. */
    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0 ^ 0x20));
    CHECK_EQ(read_cr0(), cr0 ^ 0x20);
    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0 | 0x40000000));
    CHECK_EQ(read_cr0(), cr0 | 0x40000000);
    __asm__ volatile("mov %0, %%cr0" : : "r"(cr0));
    __asm__ volatile("lmsw %w0" : : "r"((uint32_t)cr0 | 8));
    CHECK_EQ(read_cr0(), cr0 | 8);
    __asm__ volatile("clts");

    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 0x80));
    CHECK_EQ(read_cr4(), cr4 | 0x80);
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
    CHECK_EQ(read_cr4(), cr4);

    __asm__ volatile("mov %1, %%cr8; mov %%cr8, %0" : "=r"(cr8) : "r"(5UL));
    CHECK_EQ(cr8, 5);
    if (cpu_is_amd())
        check_skip_part("cr8", "with AMD-V, CR8 and the local APIC's TPR are not the same here");
    else
        CHECK_EQ(LAPIC(0x80), 0x50);
    __asm__ volatile("mov %0, %%cr8" : : "r"(0UL));
}

/* Long mode without paging, protection or PAE; bits that are not there. */
static void check_wrong_control_registers(void)
{
    uint64_t cr0 = read_cr0(), cr4 = read_cr4();

    if (cpu_is_qemus()) {
        check_skip_part("control-registers", "QEMU lets a guest write all of CR0 and CR4");
        return;
    }
    CHECK_EQ(TRY(GP, "mov %0, %%cr0", : : "r"(cr0 & ~1UL) : "r10", "memory"), 1);
    CHECK_EQ(TRY(GP, "mov %0, %%cr0", : : "r"(cr0 & ~0x80000000UL) : "r10", "memory"), 1);
    CHECK_EQ(TRY(GP, "mov %0, %%cr4", : : "r"(cr4 & ~0x20UL) : "r10", "memory"), 1);
    CHECK_EQ(TRY(GP, "mov %0, %%cr4", : : "r"(cr4 | 1UL << 31) : "r10", "memory"), 1);
    CHECK_EQ(read_cr0(), cr0);
    CHECK_EQ(read_cr4(), cr4);
}

static void check_efer(void)
{
    uint64_t efer = read_msr(EFER);

    write_msr(EFER, efer | 1);
    CHECK_EQ(read_msr(EFER), efer | 1);
    CHECK_EQ(TRY(GP, "wrmsr", : : "c"(EFER), "a"((uint32_t)efer & ~0x100U), "d"(0)
                 : "r10", "memory"), 1);
    write_msr(EFER, efer);
}

static void check_msrs(void)
{
    static const uint32_t kept[] = { STAR, LSTAR, KERNEL_GS_BASE, GS_BASE, SYSENTER_EIP };
    uint64_t pat = read_msr(PAT);

    for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        uint64_t old = read_msr(kept[i]);

        write_msr(kept[i], 0x123456789000UL + i);
        CHECK_EQ(read_msr(kept[i]), 0x123456789000UL + i);
        write_msr(kept[i], old);
    }
    CHECK_EQ(TRY(GP, "rdmsr", : : "c"(0xbadbad) : "rax", "rdx", "r10", "memory"), 1);
    write_msr(PAT, pat ^ 0x0100000000000000UL);
    CHECK_EQ(read_msr(PAT), pat ^ 0x0100000000000000UL);
    write_msr(PAT, pat);
    CHECK_EQ(read_msr(APIC_BASE) & 0xfffff900, 0xfee00900);
}

static void check_ports(void)
{
    uint8_t bytes[4] = { 0, 0, 0, 0x5a };
    void *to = bytes;
    uint64_t count = 3;
    uint32_t value = 0x12345678;

    __asm__ volatile("inb $0x80, %%al" : "+a"(value));
    CHECK_EQ(value, 0x123456ff);
    __asm__ volatile("inl %%dx, %%eax" : "+a"(value) : "d"(0xcfc));
    CHECK_EQ(value, 0xffffffff);
    __asm__ volatile("outb %%al, %%dx" : : "a"(1), "d"(0x80));
    __asm__ volatile("rep insb" : "+D"(to), "+c"(count) : "d"(0x60) : "memory");
    CHECK_EQ(count, 0);
    CHECK_EQ(bytes[2], 0xff);
    CHECK_EQ(bytes[3], 0x5a);
}

/* Values that a register doesn't take, and counters that are not there. */
static void check_wrong_values(void)
{
    if (cpu_is_qemus()) {
        check_skip_part("values", "QEMU lets a guest write what it likes, where that doesn't exit");
        return;
    }
    CHECK_EQ(TRY(GP, "wrmsr", : : "c"(LSTAR), "a"(0), "d"(0x800000) : "r10", "memory"), 1);
    CHECK_EQ(TRY(GP, "wrmsr", : : "c"(PAT), "a"(2), "d"(0) : "r10", "memory"), 1);
    CHECK_EQ(TRY(GP, "rdpmc", : : "c"(0) : "rax", "rdx", "r10", "memory"), 1);
}

/* Where no memory is, and the local APIC's page. */
static void check_memory(void)
{
    volatile uint32_t *hole = (volatile uint32_t *)0x40000000UL;

    CHECK_EQ(*hole, 0xffffffff);
    *hole = 1;
    CHECK_EQ(*hole, 0xffffffff);
    CHECK_EQ(LAPIC(0x20) >> 24, 0);
    LAPIC(0x80) = 0x30;
    CHECK_EQ(LAPIC(0x80), 0x30);
    LAPIC(0x80) = 0;
}

static void check_tsc(void)
{
    uint32_t low, high, low2, high2;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    __asm__ volatile("rdtsc" : "=a"(low2), "=d"(high2));
    CHECK(((uint64_t)high2 << 32 | low2) > ((uint64_t)high << 32 | low));
}

void test_main(void)
{
    check_exceptions();
    check_single_step();
    check_breakpoint();
    check_refused();
    check_control_registers();
    check_wrong_control_registers();
    check_efer();
    check_msrs();
    check_wrong_values();
    check_ports();
    check_memory();
    check_tsc();
}
