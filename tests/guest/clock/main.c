/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: system time never runs backwards on one vCPU nor between two, follows the TSC,
 * and the wallclock gives a believable date. A second time area receives the same values.
 */
#include <public/errno.h>
#include <public/vcpu.h>

#include "check.h"
#include "event.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "print.h"
#include "smp.h"
#include "time.h"

#define ROUNDS 20000
#define YEAR_2020 1577836800UL
#define YEAR_2100 4102444800UL

static volatile uint64_t shared_time;
static volatile unsigned int backwards, stop, other_runs;
static volatile uint64_t worst;
static struct vcpu_time_info second_area;

static void test_monotonic(void)
{
    uint64_t last = time_now(), now;
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < ROUNDS; i++) {
        now = time_now();
        wrong += now < last;
        last = now;
    }
    CHECK_EQ(wrong, 0);
}

/* Each side takes the time, and compares with the last one that the other published. */
static void compare_with_other(void)
{
    uint64_t seen = shared_time;
    uint64_t now = time_now();

    if (now < seen) {
        backwards++;
        if (seen - now > worst)
            worst = seen - now;
    }
    shared_time = now;
}

static void other_vcpu(void *arg)
{
    (void)arg;
    while (!stop) {
        compare_with_other();
        other_runs++;
    }
}

static void test_two_vcpus(void)
{
    CHECK_EQ(smp_start(1, other_vcpu, NULL), 0);
    CHECK(wait_count(&other_runs, 1, MILLISECS(5000)));
    for (unsigned int i = 0; i < ROUNDS; i++)
        compare_with_other();
    stop = 1;
    CHECK(other_runs > 1);
    if (backwards)
        printk("between vCPUs %u steps back, at most %lu ns\n", backwards, (unsigned long)worst);
    CHECK_EQ(backwards, 0);
}

static void test_wallclock(void)
{
    uint64_t sec;
    uint32_t version;

    do {
        version = shared_info->wc_version;
        sec = shared_info->wc_sec | ((uint64_t)shared_info->wc_sec_hi << 32);
    } while ((version & 1) || version != shared_info->wc_version);
    sec += time_now() / 1000000000;
    CHECK(sec > YEAR_2020);
    CHECK(sec < YEAR_2100);
    CHECK(shared_info->wc_nsec < 1000000000);
}

static void test_second_area(void)
{
    struct vcpu_register_time_memory_area op = { .addr.v = &second_area };
    uint64_t before;

    CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &op), 0);
    CHECK(second_area.version != 0);
    CHECK_EQ(second_area.version & 1, 0);
    before = time_now();
    CHECK(time_read(&second_area) >= before);
    CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 1, &op), 0);
    op.addr.p = HYPERVISOR_VIRT_START;
    CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &op), -XEN_EFAULT);
}

void test_main(void)
{
    kit_init();
    test_monotonic();
    test_second_area();
    test_wallclock();
    test_two_vcpus();
}
