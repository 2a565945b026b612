/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clock arithmetic and what guests are told of it: scales, wraps, the time base, dates, versions.
 */
#include "unit.h"

#include <asm/acpi.h>
#include <asm/cmos.h>
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/vtsc.h>
#include <public/vcpu.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/softirq.h>
#include <xen/time.h>

#include "../../xen/arch/fake/machine.h"
#include "../../xen/arch/x86/time/clock.h"

struct acpi_info acpi;
static uint64_t tsc;
static struct runstate runstate;

uint64_t fake_rdtsc(void)
{
    return tsc;
}

void fake_cpu_relax(void)
{
    tsc += 1000;
}

void softirq_register(enum softirq nr, void (*handler)(void))
{
    (void)nr;
    (void)handler;
}

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
    (void)cpu;
    (void)nr;
}

void vcpu_runstate_get_at_entry(struct vcpu *v, struct runstate *out)
{
    (void)v;
    *out = runstate;
}

/* As a guest computes it: Linux, pvclock_scale_delta(). */
static uint64_t guest_scale(uint64_t delta, uint32_t mul, int8_t shift)
{
    delta = shift < 0 ? delta >> -shift : delta << shift;
    return (uint64_t)(((unsigned __int128)delta * mul) >> 32);
}

static uint64_t guest_time(const struct vcpu_time_info *t)
{
    assert_int_equal(t->version & 1, 0);
    return t->system_time + guest_scale(tsc - t->tsc_timestamp, t->tsc_to_system_mul, t->tsc_shift);
}

/* ------------------------------------------------------------------------ */

static void test_mul_div(void **state)
{
    uint64_t seed = unit_seed("mul_div");

    (void)state;
    assert_true(mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    assert_true(mul_div(UINT64_MAX, 2, 1) == UINT64_MAX);
    assert_true(mul_div(0, 5, 7) == 0);
    for (unsigned int i = 0; i < 100000; i++) {
        uint64_t a = unit_random(&seed) >> (unit_random(&seed) % 64);
        uint64_t b = unit_random(&seed) >> (unit_random(&seed) % 64);
        uint64_t c = (unit_random(&seed) >> (unit_random(&seed) % 64)) | 1;
        unsigned __int128 wanted = (unsigned __int128)a * b / c;

        assert_true(mul_div(a, b, c) == (wanted > UINT64_MAX ? UINT64_MAX : (uint64_t)wanted));
    }
}

static void check_rate(uint64_t hz)
{
    struct scale s = scale_of(1000000000, hz), back = scale_of(hz, 1000000000);
    /* A day, if that fits. */
    uint64_t ticks = hz * 1000, ns = scale_apply(s, ticks);

    assert_true(s.mul >> 31 == 1 && back.mul >> 31 == 1);
    assert_true(ns >= 999999999000UL - 1000 && ns <= 1000000001000UL);
    assert_true(scale_apply(s, 0) == 0);
    assert_true(guest_scale(ticks, s.mul, s.shift) == ns);
    /* There and back: within a ppb and a tick. */
    ticks = scale_apply(back, 1000000000000UL);
    assert_true(ticks + hz / 1000000 + 2 >= hz * 1000 && ticks <= hz * 1000 + hz / 1000000 + 2);
}

static void test_scale(void **state)
{
    uint64_t seed = unit_seed("scale");

    (void)state;
    check_rate(1000000);
    check_rate(999999999);
    check_rate(1000000000);
    check_rate(1000000001);
    check_rate(2000000000);
    check_rate(2399999997);
    check_rate(10000000000);
    for (unsigned int i = 0; i < 10000; i++) {
        check_rate(1000000 + unit_random(&seed) % 9000000000UL);
    }
    assert_int_equal(scale_of(1, 1).mul, 1U << 31);
    assert_int_equal(scale_of(1, 1).shift, 1);
    assert_true(scale_apply(scale_of(1, 1), UINT64_MAX / 2) == UINT64_MAX / 2);
    /* The largest delta whose shift loses no bit, at 1 GHz: 2^63 - 1 ticks, 292 years. */
    assert_true(scale_apply(scale_of(1000000000, 1000000000), (1UL << 63) - 1) == (1UL << 63) - 1);
    /* A slow TSC of 1 MHz, ten years. */
    assert_true(scale_apply(scale_of(1000000000, 1000000), 315360000000000UL) / 1000000000 ==
                315360000);
    assert_true(scale_apply(scale_of(1000000000, 4000000000), UINT64_MAX) == UINT64_MAX / 4);
}

static uint64_t ticks_now;

static uint64_t read_ticks(void)
{
    return ticks_now;
}

static void test_wraps(void **state)
{
    struct clocksource c = { .name = "test", .hz = 3579545, .bits = 24, .read = read_ticks };
    uint64_t seed = unit_seed("wraps");

    (void)state;
    for (unsigned int i = 0; i < 100000; i++) {
        static const unsigned int widths[] = { 16, 24, 32, 64 };
        uint64_t from, elapsed, error;

        c.bits = widths[unit_random(&seed) % 4];
        from = unit_random(&seed) & clocksource_mask(&c);
        elapsed = unit_random(&seed) >> (24 + unit_random(&seed) % 32);
        /* An estimate off by less than half a wrap gives the exact number. */
        error = c.bits == 64 ? elapsed / 2 : unit_random(&seed) % (clocksource_mask(&c) / 2 - 1);
        error = MIN(error, elapsed);
        if (unit_random(&seed) & 1) {
            error = -error;
        }
        assert_true(clocksource_elapsed(&c, from, (from + elapsed) & clocksource_mask(&c),
                                        elapsed + error) == elapsed);
    }
    assert_true(clocksource_elapsed(&c, 5, 5, 0) == 0);
}

static void set_base(uint64_t hz)
{
    tsc = 1000000;
    tsc_set_adjustment(0);
    time_base_set(tsc, 0, hz);
}

static void test_time_base(void **state)
{
    stime_t before;

    (void)state;
    set_base(3000000000);
    tsc += 3000000000;
    assert_true(now() >= 999999999 && now() <= 1000000000);
    /* A new rate changes nothing at once. */
    before = now();
    time_base_change_rate(2000000000);
    assert_true(now() == before);
    tsc += 2000000000;
    assert_true(now() - before >= 999999999 && now() - before <= 1000000000);
    /* A TSC that is a little behind the one that set the base. */
    before = now();
    time_base_change_rate(3000000000);
    tsc -= 50;
    assert_true(now() == before);
    /* Taking back ticks does not take back time, and forward goes forward. */
    tsc += 3000050;
    before = now();
    tsc_adjust(-1500000);
    assert_true(now() == before);
    tsc += 1499990;
    assert_true(now() == before);
    tsc += 3000000;
    assert_true(now() > before);
    before = now();
    tsc_adjust(3000);
    assert_true(now() >= before + 999 && now() <= before + 1001);
}

static void test_guest_agrees(void **state)
{
    uint64_t seed = unit_seed("pvclock");
    struct vcpu_info info = { 0 };
    struct vcpu_time_info area = { 0 };
    struct domain d = { 0 };
    struct vcpu v = { .info = &info, .domain = &d };

    (void)state;
    fake_current = &v;
    v.arch.kernel_mode = true;
    v.time_area = (uint64_t)&area;
    for (unsigned int i = 0; i < 2000; i++) {
        uint32_t version = info.time.version;
        uint64_t hz = 1000000 + unit_random(&seed) % 9000000000UL;

        set_base(hz);
        tsc_set_adjustment((int64_t)(unit_random(&seed) >> 34));
        tsc += unit_random(&seed) >> 30;
        time_base_change_rate(hz + hz / 1000);
        pvclock_update(&v);
        assert_int_equal(info.time.version, version + 2);
        assert_int_equal(info.time.flags, 0);
        assert_true(info.time.tsc_to_system_mul != 0);
        for (unsigned int k = 0; k < 10; k++) {
            tsc += unit_random(&seed) >> (20 + unit_random(&seed) % 40);
            assert_true(guest_time(&info.time) == (uint64_t)now());
            assert_true(guest_time(&area) == (uint64_t)now());
        }
        /* Nothing new: nothing is written. */
        version = info.time.version;
        pvclock_update(&v);
        assert_int_equal(info.time.version, version);
    }
    tsc_set_adjustment(0);
    /* Left odd by the guest itself: it is even again after the next update. */
    info.time.version = 7;
    pvclock_update(&v);
    assert_int_equal(info.time.version & 1, 0);
    info.time.version = UINT32_MAX;
    pvclock_update(&v);
    assert_int_equal(info.time.version, 0);
    v.info = NULL;
    pvclock_update(&v);
}

/* ns that guests make of a TSC value. */
static uint64_t guest_time_at(const struct vcpu_time_info *t, uint64_t value)
{
    return t->system_time +
           guest_scale(value - t->tsc_timestamp, t->tsc_to_system_mul, t->tsc_shift);
}

/* An emulated TSC runs at its own rate, and gives the guest the same time as the CPU's. */
static void test_emulated_tsc(void **state)
{
    uint64_t seed = unit_seed("vtsc");

    (void)state;
    for (unsigned int i = 0; i < 2000; i++) {
        uint32_t khz = 1000 + (uint32_t)(unit_random(&seed) % 9000000);
        uint64_t elapsed = unit_random(&seed) >> 12, from;
        struct vcpu_time_info t;
        struct domain d = { 0 };
        stime_t start;

        set_base(1000000000 + unit_random(&seed) % 4000000000UL);
        tsc += unit_random(&seed) >> 30;
        vtsc_set(&d, TSC_MODE_EMULATE, khz, elapsed, 3);
        assert_true(d.arch.tsc.is_emulated);
        assert_int_equal(d.arch.tsc.incarnation, 4);
        assert_true(vtsc_elapsed(&d) == elapsed);
        start = now();
        from = vtsc_read(&d);
        t = vtsc_time_info(&d);
        for (unsigned int k = 0; k < 10; k++) {
            uint64_t ticks, guest, real;

            tsc += unit_random(&seed) >> (30 + unit_random(&seed) % 30);
            ticks = mul_div((uint64_t)(now() - start), khz, 1000000);
            real = vtsc_read(&d) - from;
            assert_true(real <= ticks + 2 + ticks / 1000000000 &&
                        ticks <= real + 2 + ticks / 1000000000);
            guest = guest_time_at(&t, vtsc_read(&d));
            real = (uint64_t)now();
            ticks = 2000000 / khz + 2 + (real - (uint64_t)start) / 1000000000;
            assert_true(guest <= real + ticks && real <= guest + ticks);
        }
    }
}

static void test_tsc_modes(void **state)
{
    struct domain d = { 0 };

    (void)state;
    set_base(3000000000);
    cpu_khz = 3000000;
    vtsc_set(&d, TSC_MODE_DEFAULT, 0, 5, 0);
    assert_false(d.arch.tsc.is_emulated);
    assert_int_equal(d.arch.tsc.khz, cpu_khz);
    assert_true(vtsc_read(&d) == tsc);
    tsc += 3000;
    assert_in_range(vtsc_elapsed(&d), 1004, 1006);
    vtsc_set(&d, TSC_MODE_DEFAULT, cpu_khz, 0, 0);
    assert_false(d.arch.tsc.is_emulated);
    vtsc_set(&d, TSC_MODE_DEFAULT, cpu_khz - 1, 0, 0);
    assert_true(d.arch.tsc.is_emulated);
    vtsc_set(&d, TSC_MODE_NATIVE, cpu_khz - 1, 0, 0);
    assert_false(d.arch.tsc.is_emulated);
    assert_int_equal(d.arch.tsc.khz, 0);
    assert_int_equal(vtsc_elapsed(&d), 0);
}

static void test_runstate_area(void **state)
{
    struct vcpu_runstate_info area = { 0 };
    struct vcpu_info info = { 0 };
    struct domain d = { 0 };
    struct vcpu v = { .info = &info, .domain = &d, .runstate_area = (uint64_t)&area };

    (void)state;
    fake_current = &v;
    runstate = (struct runstate){ RUNSTATE_runnable, 1234, { 1, 2, 3, 4 } };
    /* In user mode the kernel's addresses are not there: later. */
    arch_update_runstate_area(&v);
    assert_true(area.state_entry_time == 0);
    assert_true(v.arch.areas_due);
    v.arch.kernel_mode = true;
    arch_update_runstate_area(&v);
    assert_int_equal(area.state, RUNSTATE_runnable);
    assert_true(area.state_entry_time == 1234 && area.time[3] == 4);
    d.arch.vm_assist = 1U << VMASST_TYPE_runstate_update_flag;
    runstate.entry_time = 5678;
    arch_update_runstate_area(&v);
    assert_true(area.state_entry_time == 5678);
    /* Not mapped: nothing happens. */
    fake_fault_start = (uint64_t)&area;
    fake_fault_len = sizeof(area);
    runstate.entry_time = 9999;
    arch_update_runstate_area(&v);
    fake_fault_len = 0;
    assert_true(area.state_entry_time == 5678);
}

/* ------------------------------------------------------------------------ */

static uint8_t bcd(unsigned int x)
{
    return (uint8_t)(x / 10 << 4 | x % 10);
}

static void test_dates(void **state)
{
    uint64_t seed = unit_seed("dates");

    (void)state;
    for (unsigned int i = 0; i < 100000; i++) {
        /* 1970 to 2969 */
        time_t t = (time_t)(unit_random(&seed) % 31525286400UL) + 1;
        struct tm tm;
        struct cmos_date date = { 0 };
        bool is_binary = i & 1, is_24 = i & 2, has_century = i & 4;
        unsigned int hour;

        gmtime_r(&t, &tm);
        if (!has_century && tm.tm_year >= 170) {
            continue;
        }
        hour = (unsigned int)tm.tm_hour;
        if (!is_24) {
            hour = hour % 12 == 0 ? 12 : hour % 12;
        }
#define FIELD(x) (is_binary ? (uint8_t)(x) : bcd((unsigned int)(x)))
        date.second = FIELD(tm.tm_sec);
        date.minute = FIELD(tm.tm_min);
        date.hour = (uint8_t)(FIELD(hour) | (!is_24 && tm.tm_hour >= 12 ? 0x80 : 0));
        date.day = FIELD(tm.tm_mday);
        date.month = FIELD(tm.tm_mon + 1);
        date.year = FIELD(tm.tm_year % 100);
        date.century = has_century ? FIELD(19 + tm.tm_year / 100) : 0;
        date.status_b = (uint8_t)((is_binary ? 4 : 0) | (is_24 ? 2 : 0));
        assert_true(cmos_date_to_seconds(&date) == (uint64_t)t);
    }
}

static void test_no_dates(void **state)
{
    const struct cmos_date good = { 0x59, 0x59, 0x23, 0x31, 0x12, 0x99, 0x20, 2 };
    struct cmos_date bad;

    (void)state;
    assert_true(cmos_date_to_seconds(&good) == 4102444799);
#define BAD(field, value)                              \
    do {                                               \
        bad = good;                                    \
        bad.field = (value);                           \
        assert_true(cmos_date_to_seconds(&bad) == 0);  \
    } while (0)
    BAD(second, 0x60);
    BAD(minute, 0xff);
    BAD(hour, 0x24);
    BAD(day, 0);
    BAD(day, 0x32);
    BAD(month, 0);
    BAD(month, 0x13);
    BAD(year, 0xff);
    bad = good;
    bad.status_b = 0;
    bad.hour = 0;
    assert_true(cmos_date_to_seconds(&bad) == 0);
    bad.hour = 0x13;
    assert_true(cmos_date_to_seconds(&bad) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mul_div),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_time_base),
        cmocka_unit_test(test_guest_agrees),
        cmocka_unit_test(test_emulated_tsc),
        cmocka_unit_test(test_tsc_modes),
        cmocka_unit_test(test_runstate_area),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_no_dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
