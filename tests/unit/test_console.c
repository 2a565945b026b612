/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: ring, levels, rate limit, replay to a late device, input switch. The source is
 * included, not linked: its option parsers are reachable only through a table of the linker.
 */
#include "unit.h"

#include "../../xen/base/console.c"

unsigned int fake_cpu;
static stime_t clock_now;
static char output[256 * 1024];
static size_t output_len;
static char keys[64];
static unsigned int nr_keys, nr_notified, nr_locked;

stime_t now(void)
{
    return clock_now;
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
    (void)l;
    assert_int_equal(nr_locked, 0);
    nr_locked++;
    return 0;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
    (void)l;
    (void)flags;
    nr_locked--;
}

size_t string_copy(char *dst, const char *src, size_t size)
{
    (void)snprintf(dst, size, "%s", src);
    return strlen(src);
}

static void sink_write(const char *s, size_t len)
{
    assert_true(output_len + len < sizeof(output));
    memcpy(output + output_len, s, len);
    output_len += len;
    output[output_len] = 0;
}

static const struct console_sink sink = { sink_write };

static void take_key(char c)
{
    keys[nr_keys++ % sizeof(keys)] = c;
}

static void notify(void)
{
    nr_notified++;
}

static int setup(void **state)
{
    (void)state;
    ring_start = ring_end = 0;
    at_line_start = true;
    nr_sinks = 0;
    output_len = nr_keys = nr_notified = 0;
    output[0] = 0;
    input_start = input_end = 0;
    input_is_ours = false;
    switch_count = 0;
    clock_now = SECONDS(100);
    guest_rate = own_rate = (struct rate){ 0 };
    assert_int_equal(parse_loglvl("info"), 0);
    assert_int_equal(parse_guest_loglvl("none/warning"), 0);
    string_copy(wanted_devices, "com1,vga", sizeof(wanted_devices));
    show_time = false;
    console_key_notify = take_key;
    console_input_notify = notify;
    return 0;
}

static void prefix_and_levels(void **state)
{
    (void)state;
    console_add_sink(&sink);
    log_info("one");
    log_info(" two\nthree\n");
    log_debug("hidden\n");
    assert_string_equal(output, "(XEN) one two\n(XEN) three\n");
    assert_int_equal(parse_loglvl("error"), 0);
    log_warn("hidden\n");
    log_err("shown\n");
    printk("always\n");
    assert_non_null(strstr(output, "(XEN) shown\n(XEN) always\n"));
    assert_null(strstr(output, "hidden"));
}

static void level_options(void **state)
{
    (void)state;
    assert_int_equal(parse_loglvl("all"), 0);
    assert_int_equal(own_levels.always, LOG_DEBUG + 1);
    assert_int_equal(parse_loglvl("warning/debug"), 0);
    assert_int_equal(own_levels.always, LOG_WARN + 1);
    assert_int_equal(own_levels.limited, LOG_DEBUG + 1);
    assert_int_equal(parse_loglvl("warn"), -EINVAL);
    assert_int_equal(parse_loglvl("info/"), -EINVAL);
    assert_int_equal(parse_loglvl("info/error"), -EINVAL);
    assert_int_equal(parse_loglvl(""), -EINVAL);
    assert_int_equal(parse_conswitch("B"), -EINVAL);
    assert_int_equal(parse_conswitch("bx"), 0);
    assert_true(input_is_ours);
    assert_int_equal(parse_conswitch("a"), 0);
}

static void rate_limit(void **state)
{
    unsigned int lines = 0;

    (void)state;
    console_add_sink(&sink);
    for (unsigned int i = 0; i < 50; i++) {
        log_guest(LOG_WARN, "guest %u\n", i);
    }
    for (const char *s = output; (s = strstr(s, "guest ")); s++) {
        lines++;
    }
    assert_int_equal(lines, RATE_BURST);
    clock_now += RATE_INTERVAL + 1;
    log_guest(LOG_WARN, "later\n");
    assert_non_null(strstr(output, "40 messages suppressed\n(XEN) later"));
    log_guest(LOG_INFO, "below the limit\n");
    assert_null(strstr(output, "below"));
}

static void replay_to_late_device(void **state)
{
    (void)state;
    printk("early\n");
    assert_int_equal(output_len, 0);
    console_add_sink(&sink);
    assert_string_equal(output, "(XEN) early\n");
}

static void ring_wraps(void **state)
{
    static char buf[RING_SIZE + 100];
    uint32_t index = 0;
    size_t n;

    (void)state;
    for (unsigned int i = 0; i < 5000; i++) {
        char line[16];

        console_write(line, (size_t)snprintf(line, sizeof(line), "line %08u\n", i));
    }
    n = console_ring_read(buf, sizeof(buf), &index, false);
    assert_int_equal(n, RING_SIZE);
    assert_memory_equal(buf + n - 14, "line 00004999\n", 14);
    assert_int_equal(console_ring_read(buf, sizeof(buf), &index, false), 0);
    console_write("more", 4);
    assert_int_equal(console_ring_read(buf, 3, &index, true), 3);
    assert_memory_equal(buf, "mor", 3);
    index = 12345; /* long gone */
    assert_int_equal(console_ring_read(buf, sizeof(buf), &index, false), 0);
    console_add_sink(&sink);
    assert_int_equal(output_len, 0); /* it was cleared */
}

static void input_switch(void **state)
{
    char buf[8];

    (void)state;
    console_input('x');
    console_input(1);
    console_input('y'); /* one Ctrl-A is dom0's */
    assert_int_equal(console_read(buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "x\001y", 3);
    assert_int_equal(nr_notified, 3);
    for (unsigned int i = 0; i < 3; i++) {
        console_input(1);
    }
    console_input('h');
    assert_int_equal(nr_keys, 1);
    assert_int_equal(keys[0], 'h');
    assert_int_equal(console_read(buf, sizeof(buf)), 0);
    for (unsigned int i = 0; i < 3; i++) {
        console_input(1);
    }
    console_input('z');
    assert_int_equal(console_read(buf, sizeof(buf)), 1);
}

static void input_overflow(void **state)
{
    char buf[2 * INPUT_SIZE];

    (void)state;
    for (unsigned int i = 0; i < 2 * INPUT_SIZE; i++) {
        console_input(i ? 'b' : 'a');
    }
    assert_int_equal(console_read(buf, sizeof(buf)), INPUT_SIZE);
    assert_int_equal(buf[0], 'a');
}

/* A message in the middle of another one, as from an NMI: it must come out, and not deadlock. */
static void nested_sink(const char *s, size_t len)
{
    static bool inside;

    (void)s;
    (void)len;
    if (!inside) {
        inside = true;
        printk("nested\n");
        inside = false;
    }
}

static void nested_message(void **state)
{
    static const struct console_sink nested = { nested_sink };

    (void)state;
    console_add_sink(&sink);
    console_add_sink(&nested);
    printk("outer\n");
    assert_non_null(strstr(output, "nested"));
    assert_int_equal(nr_locked, 0);
}

static void device_list(void **state)
{
    (void)state;
    assert_true(console_is_wanted("com1"));
    assert_true(console_is_wanted("vga"));
    assert_false(console_is_wanted("com"));
    assert_false(console_is_wanted("com11"));
    string_copy(wanted_devices, "none", sizeof(wanted_devices));
    assert_false(console_is_wanted("com1"));
}

static void time_stamps(void **state)
{
    (void)state;
    console_add_sink(&sink);
    assert_int_equal(parse_timestamps("boot"), 0);
    clock_now = SECONDS(3) + MICROSECS(7);
    printk("x\n");
    assert_string_equal(output, "(XEN) [    3.000007] x\n");
    assert_int_equal(parse_timestamps("date"), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(prefix_and_levels, setup),
        cmocka_unit_test_setup(level_options, setup),
        cmocka_unit_test_setup(rate_limit, setup),
        cmocka_unit_test_setup(replay_to_late_device, setup),
        cmocka_unit_test_setup(ring_wraps, setup),
        cmocka_unit_test_setup(input_switch, setup),
        cmocka_unit_test_setup(input_overflow, setup),
        cmocka_unit_test_setup(nested_message, setup),
        cmocka_unit_test_setup(device_list, setup),
        cmocka_unit_test_setup(time_stamps, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
