/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: several vCPUs pin, unpin, link and rewrite the same few page tables at random, each
 * without regard for the others. Any single call may be refused. When all is unpinned again, no
 * frame may be left in use: each can be mapped writable, and nothing has crashed meanwhile.
 */
#include "check.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "smp.h"
#include "time.h"

#define VCPUS  3
#define FRAMES 30 /* frame i is meant for level i % 5; level 0: ordinary memory */
#define ROUNDS 300

static uint64_t frame[FRAMES];
static volatile unsigned int finished;
static volatile unsigned int pins, links, refusals;

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15UL);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
    return z ^ (z >> 31);
}

static uint64_t pick(uint64_t *state, unsigned int level)
{
    return frame[next_random(state) % (FRAMES / 5) * 5 + level];
}

static void count(volatile unsigned int *counter, long rc)
{
    __atomic_fetch_add(rc == 0 ? counter : &refusals, 1, __ATOMIC_RELAXED);
}

static void write_entry(uint64_t *state)
{
    unsigned int level = (unsigned int)(next_random(state) % 4) + 1;
    unsigned int index = (unsigned int)(next_random(state) % 6);
    uint64_t table = pick(state, level), val = 0;

    if (next_random(state) % 3 != 0)
        val = make_pte(pick(state, level - 1), next_random(state) % 4 ? PTE_TABLE : PTE_P);
    count(&links, mmu_update_one((table << PAGE_SHIFT) + index * 8UL, val, NULL, DOMID_SELF));
}

static void pin_or_unpin(uint64_t *state)
{
    unsigned int level = (unsigned int)(next_random(state) % 4) + 1;
    uint64_t table = pick(state, level);

    if (next_random(state) % 2)
        count(&pins, mmuext_one(MMUEXT_PIN_L1_TABLE + level - 1, table, 0));
    else
        (void)mmuext_one(MMUEXT_UNPIN_TABLE, table, 0);
}

static void disturb(void *arg)
{
    uint64_t state = (uint64_t)arg;

    for (unsigned int i = 0; i < ROUNDS; i++) {
        if (next_random(&state) % 3)
            write_entry(&state);
        else
            pin_or_unpin(&state);
    }
    __atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
}

void test_main(void)
{
    uint64_t end;

    mm_init();
    for (unsigned int i = 0; i < FRAMES; i++)
        frame[i] = pfn_to_mfn(pfn_alloc());
    for (unsigned int i = 1; i < VCPUS; i++)
        CHECK_EQ(smp_start(i, disturb, (void *)(uint64_t)(i * 1000)), 0);
    disturb((void *)1);
    end = time_now() + MILLISECS(20000);
    while (finished != VCPUS && time_now() < end)
        __asm__ volatile("pause");
    CHECK_EQ(finished, VCPUS);
    CHECK(pins > 5);
    CHECK(links > 50);

    for (unsigned int i = 0; i < FRAMES; i++)
        (void)mmuext_one(MMUEXT_UNPIN_TABLE, frame[i], 0);
    for (unsigned int i = 0; i < FRAMES; i++) {
        CHECK_EQ(va_map(window(0), make_pte(frame[i], PTE_DATA), UVMF_INVLPG | UVMF_ALL), 0);
        CHECK_EQ(va_map(window(0), 0, UVMF_INVLPG | UVMF_ALL), 0);
    }
}
