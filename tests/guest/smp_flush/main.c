/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: a mapping that another vCPU uses is changed. After each kind of flush that names
 * that vCPU it must not see the old page any more; and a page taken away from under its feet
 * becomes an ordinary fault, never a stale access.
 */
#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

#define ROUNDS 200

static uint64_t page[2][512] __attribute__((aligned(4096)));
static volatile unsigned int epoch, answer, stop;
static volatile uint64_t seen;

/* Reads all the time, so that the translation is cached; answers each epoch with a fresh read. */
static void other_vcpu(void *arg)
{
    volatile uint64_t *va = arg;

    while (!stop) {
        unsigned int now = epoch;
        uint64_t value = *va;

        if (answer != now) {
            seen = value;
            answer = now;
        }
    }
}

static void check_seen(uint64_t want)
{
    unsigned int next = epoch + 1;
    uint64_t end = time_now() + MILLISECS(5000);

    epoch = next;
    while (answer != next && time_now() < end)
        __asm__ volatile("pause");
    CHECK_EQ(answer, next);
    CHECK_EQ(seen, want);
}

static void flush_other(unsigned int how, void *va)
{
    uint64_t cpus = 2;

    switch (how) {
    case 0:
        CHECK_EQ(mmuext_one(MMUEXT_INVLPG_ALL, (uint64_t)va, 0), 0);
        break;
    case 1:
        CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
        break;
    case 2:
        CHECK_EQ(mmuext_one(MMUEXT_INVLPG_MULTI, (uint64_t)va, (uint64_t)&cpus), 0);
        break;
    default:
        CHECK_EQ(mmuext_one(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&cpus), 0);
    }
}

void test_main(void)
{
    void *va;

    kit_init();
    va = window(2);
    page[0][0] = 0xaaaa;
    page[1][0] = 0xbbbb;
    CHECK_EQ(va_map_flush(va, make_pte(virt_to_mfn(page[0]), PTE_DATA)), 0);
    CHECK_EQ(smp_start(1, other_vcpu, va), 0);
    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned int which = i & 1;
        uint64_t pte = make_pte(virt_to_mfn(page[which]), PTE_DATA);

        if (i % 5 == 4) {
            CHECK_EQ(va_map(va, pte, UVMF_INVLPG | UVMF_ALL), 0);
        } else {
            CHECK_EQ(va_map(va, pte, UVMF_NONE), 0);
            flush_other(i % 5, va);
        }
        check_seen(page[which][0]);
    }
    stop = 1;
}
