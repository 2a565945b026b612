/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: other vCPUs of a hardware-assisted guest: from INIT and SIPI through real and protected
 * mode into long mode, interrupts between vCPUs, and what each has of its own.
 */
#include "check.h"
#include "pvh.h"
#include "string.h"

#define VECTOR_CALL 0x70
#define EOI         0xb0
#define SPIV        0xf0
#define ICR         0x300
#define ICR_HIGH    0x310
#define INIT        0x4500
#define SIPI        0x4600
#define NR_OTHERS   3
#define LSTAR       0xc0000082

extern const char ap_code[], ap_code_end[];

static volatile unsigned int arrived, apic_id, is_told_to_end;
static volatile unsigned int calls[NR_OTHERS + 1];
static volatile uint64_t lstar_of_other;

static unsigned int self(void)
{
    return LAPIC(0x20) >> 24;
}

static void note_call(unsigned int vector)
{
    if (vector == VECTOR_CALL) {
        __atomic_fetch_add(&calls[self() / 2], 1, __ATOMIC_SEQ_CST);
        LAPIC(EOI) = 0;
    }
}

static void send(unsigned int to, uint32_t what)
{
    LAPIC(ICR_HIGH) = to << 24;
    LAPIC(ICR) = what;
}

/* Until told, each answers calls; then it waits for the next INIT. */
void test_other_vcpu(void)
{
    LAPIC(SPIV) = 0x1ff;
    apic_id = self();
    write_msr(LSTAR, 0x1000UL * self());
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    while (!is_told_to_end)
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    lstar_of_other = read_msr(LSTAR);
    __atomic_fetch_sub(&arrived, 1, __ATOMIC_SEQ_CST);
}

/* With interrupts on now and then: Bochs takes the CPU from no guest that has them off. */
static bool wait_for(volatile unsigned int *what, unsigned int value)
{
    for (unsigned int i = 0; i < 20000000 && *what != value; i++)
        __asm__ volatile("sti; pause; cli" : : : "memory");
    return *what == value;
}

static void check_one(unsigned int n)
{
    unsigned int id = n * 2, before = calls[n];

    is_told_to_end = 0;
    send(id, INIT);
    send(id, SIPI | AP_START >> 12);
    if (!CHECK(wait_for(&arrived, 1)))
        return;
    CHECK_EQ(apic_id, id);
    for (unsigned int i = 1; i <= 50; i++) {
        send(id, VECTOR_CALL);
        if (!CHECK(wait_for(&calls[n], before + i)))
            return;
    }
    is_told_to_end = 1;
    send(id, VECTOR_CALL);
    CHECK(wait_for(&arrived, 0));
    CHECK_EQ(lstar_of_other, 0x1000UL * id);
    CHECK_EQ(read_msr(LSTAR), 0x5000);
}

void test_main(void)
{
    on_interrupt = note_call;
    LAPIC(SPIV) = 0x1ff;
    write_msr(LSTAR, 0x5000);
    memcpy((void *)AP_START, ap_code, (size_t)(ap_code_end - ap_code));
    for (unsigned int n = 1; n <= NR_OTHERS; n++)
        check_one(n);
    /* A vCPU that was there before starts anew. */
    check_one(1);
}
