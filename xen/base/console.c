/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owns the console: the message ring, the levels, the list of output devices, the bytes typed
 * for dom0, and the switch that sends input to dom0 or to the debug keys.
 *
 * Lock: console_lock, the innermost of all. A CPU that already holds it (an NMI or a fault in
 * the middle of a message) goes on without it: a garbled line is better than none.
 * The ring's indices only grow; a byte's place is its index modulo the ring's size.
 */
#include <asm/current.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/param.h>
#include <xen/printf.h>
#include <xen/spinlock.h>
#include <xen/string.h>
#include <xen/time.h>

#define RING_SIZE   KiB(32)
#define INPUT_SIZE  256
#define MAX_SINKS   4
#define LINE_MAX    512
#define WRITE_CHUNK 256

#define LINE_PREFIX "(XEN) "

/* Which levels are printed: below @always at once, below @limited at a bounded rate. */
struct thresholds {
    unsigned int always;
    unsigned int limited;
};

#define RATE_BURST    10
#define RATE_INTERVAL SECONDS(5)

struct rate {
    stime_t window_start;
    unsigned int printed;
    unsigned int dropped;
};

static struct spinlock console_lock = SPINLOCK_INIT(LOCK_CONSOLE);
static unsigned int lock_owner; /* CPU number + 1 */
static bool locks_are_off;

static char ring[RING_SIZE];
static uint32_t ring_end;   /* index behind the newest byte */
static uint32_t ring_start; /* where readers begin: the oldest byte, or the last clear */
static bool at_line_start = true;

static const struct console_sink *sinks[MAX_SINKS];
static unsigned int nr_sinks;

static char input[INPUT_SIZE]; /* for dom0; input_end - input_start bytes */
static unsigned int input_start, input_end;
static bool input_is_ours;     /* typed bytes are debug keys */
static unsigned int switch_count;

void (*console_input_notify)(void);
void (*console_key_notify)(char c);

static struct thresholds own_levels = { LOG_DEBUG, LOG_DEBUG };
static struct thresholds guest_levels = { LOG_ERR, LOG_INFO };
static struct rate own_rate, guest_rate;

static char wanted_devices[64] = "com1,vga";
static bool devices_are_chosen; /* console= was given */
static bool show_time;
static char switch_char = 'a' & 0x1f;

static const char *const level_names[] = { "none", "error", "warning", "info", "debug" };

/* The threshold a level's name stands for, and where the name ends. */
static int parse_level(const char *s, const char **end, unsigned int *out)
{
    size_t len = strchr(s, '/') ? (size_t)(strchr(s, '/') - s) : strlen(s);

    *end = s + len;
    if (len == 3 && strncmp(s, "all", 3) == 0) {
        *out = LOG_DEBUG + 1;
        return 0;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(level_names); i++) {
        if (strlen(level_names[i]) == len && strncmp(s, level_names[i], len) == 0) {
            *out = i;
            return 0;
        }
    }
    return -EINVAL;
}

static int parse_thresholds(const char *value, struct thresholds *out)
{
    struct thresholds t;
    const char *end;

    if (parse_level(value, &end, &t.always)) {
        return -EINVAL;
    }
    t.limited = t.always;
    if (*end == '/' && parse_level(end + 1, &end, &t.limited)) {
        return -EINVAL;
    }
    if (*end || t.limited < t.always) {
        return -EINVAL;
    }
    *out = t;
    return 0;
}

static int parse_loglvl(const char *value)
{
    return parse_thresholds(value, &own_levels);
}

static int parse_guest_loglvl(const char *value)
{
    return parse_thresholds(value, &guest_levels);
}

/* The letter of the switching control key; "x" behind it: input begins with the debug keys. */
static int parse_conswitch(const char *value)
{
    char c = value[0];

    if (c < 'a' || c > 'z' || (value[1] && strcmp(value + 1, "x") != 0)) {
        return -EINVAL;
    }
    switch_char = c & 0x1f;
    input_is_ours = value[1] == 'x';
    return 0;
}

static int parse_timestamps(const char *value)
{
    if (strcmp(value, "boot") != 0 && strcmp(value, "none") != 0) {
        return -EINVAL;
    }
    show_time = value[0] == 'b';
    return 0;
}

/* Length of the first word of a list with commas. */
static size_t word_length(const char *s)
{
    const char *comma = strchr(s, ',');

    return comma ? (size_t)(comma - s) : strlen(s);
}

static int parse_console(const char *value)
{
    static const char *const known[] = { "com1", "com2", "vga", "none" };
    const char *s = value;
    size_t n, k;

    do {
        n = word_length(s);
        for (k = 0; k < ARRAY_SIZE(known); k++) {
            if (n == strlen(known[k]) && strncmp(known[k], s, n) == 0) {
                break;
            }
        }
        if (k == ARRAY_SIZE(known)) {
            return -EINVAL;
        }
        s += n;
    } while (*s++ == ',');
    if (strlen(value) >= sizeof(wanted_devices)) {
        return -EINVAL;
    }
    string_copy(wanted_devices, value, sizeof(wanted_devices));
    devices_are_chosen = true;
    return 0;
}

PARAM_CUSTOM("loglvl", parse_loglvl);
PARAM_CUSTOM("guest_loglvl", parse_guest_loglvl);
PARAM_CUSTOM("conswitch", parse_conswitch);
PARAM_CUSTOM("console_timestamps", parse_timestamps);
PARAM_CUSTOM("console", parse_console);

bool console_is_wanted(const char *device)
{
    size_t len = strlen(device);
    const char *s = wanted_devices;

    for (;;) {
        size_t n = word_length(s);

        if (n == len && strncmp(s, device, len) == 0) {
            return true;
        }
        if (!s[n]) {
            return false;
        }
        s += n + 1;
    }
}

bool console_is_chosen(const char *device)
{
    return devices_are_chosen && console_is_wanted(device);
}

/* Returns false if this CPU already holds the lock; then there is nothing to unlock. */
static bool lock_console(unsigned long *flags)
{
    unsigned int me = smp_processor_id() + 1;

    if (READ_ONCE(lock_owner) == me || READ_ONCE(locks_are_off)) {
        return false;
    }
    *flags = spin_lock_irqsave(&console_lock);
    WRITE_ONCE(lock_owner, me);
    return true;
}

static void unlock_console(bool locked, unsigned long flags)
{
    if (locked) {
        WRITE_ONCE(lock_owner, 0);
        spin_unlock_irqrestore(&console_lock, flags);
    }
}

void console_force_unlock(void)
{
    WRITE_ONCE(locks_are_off, true);
}

static void emit(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ring[ring_end++ % RING_SIZE] = s[i];
    }
    if (ring_end - ring_start > RING_SIZE) {
        ring_start = ring_end - RING_SIZE;
    }
    for (unsigned int i = 0; i < nr_sinks; i++) {
        sinks[i]->write(s, len);
    }
}

static void emit_prefix(void)
{
    char stamp[40];
    stime_t t;
    int n;

    emit(LINE_PREFIX, sizeof(LINE_PREFIX) - 1);
    if (show_time) {
        t = now();
        n = snprintf(stamp, sizeof(stamp), "[%5lu.%06lu] ", (unsigned long)(t / SECONDS(1)),
                     (unsigned long)(t % SECONDS(1) / MICROSECS(1)));
        emit(stamp, MIN((size_t)n, sizeof(stamp) - 1));
    }
}

/* One message, line by line, each line with the prefix. */
static void emit_message(const char *s)
{
    while (*s) {
        const char *newline = strchr(s, '\n');
        size_t len = newline ? (size_t)(newline - s) + 1 : strlen(s);

        if (at_line_start) {
            emit_prefix();
        }
        emit(s, len);
        at_line_start = newline != NULL;
        s += len;
    }
}

static void print_va(const char *fmt, va_list ap)
{
    char line[LINE_MAX];
    unsigned long flags = 0;
    bool locked;

    vsnprintf(line, sizeof(line), fmt, ap);
    locked = lock_console(&flags);
    emit_message(line);
    unlock_console(locked, flags);
}

void printk(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_va(fmt, ap);
    va_end(ap);
}

/*
 * Whether another message fits in the current window. Not exact when CPUs race for it: a
 * few more lines do no harm.
 */
static bool rate_allows(struct rate *r)
{
    stime_t t = now();

    if (t - r->window_start > RATE_INTERVAL) {
        unsigned int dropped = r->dropped;

        r->window_start = t;
        r->printed = 0;
        r->dropped = 0;
        if (dropped) {
            printk("%u messages suppressed\n", dropped);
        }
    }
    if (r->printed >= RATE_BURST) {
        r->dropped++;
        return false;
    }
    r->printed++;
    return true;
}

static bool level_passes(enum log_level level, const struct thresholds *t, struct rate *r)
{
    if (level < t->always) {
        return true;
    }
    return level < t->limited && rate_allows(r);
}

void log_at(enum log_level level, const char *fmt, ...)
{
    va_list ap;

    if (level_passes(level, &own_levels, &own_rate)) {
        va_start(ap, fmt);
        print_va(fmt, ap);
        va_end(ap);
    }
}

void log_guest(enum log_level level, const char *fmt, ...)
{
    va_list ap;

    if (level_passes(level, &guest_levels, &guest_rate)) {
        va_start(ap, fmt);
        print_va(fmt, ap);
        va_end(ap);
    }
}

void console_write(const char *s, size_t len)
{
    while (len) {
        size_t n = MIN(len, (size_t)WRITE_CHUNK);
        unsigned long flags = 0;
        bool locked = lock_console(&flags);

        emit(s, n);
        at_line_start = s[n - 1] == '\n';
        unlock_console(locked, flags);
        s += n;
        len -= n;
    }
}

void console_add_sink(const struct console_sink *sink)
{
    unsigned long flags = 0;
    bool locked = lock_console(&flags);

    if (nr_sinks < MAX_SINKS) {
        uint32_t from = ring_start % RING_SIZE, len = ring_end - ring_start;
        uint32_t first = MIN(len, (uint32_t)RING_SIZE - from);

        sink->write(ring + from, first);
        sink->write(ring, len - first);
        sinks[nr_sinks++] = sink;
    }
    unlock_console(locked, flags);
}

size_t console_read(char *buf, size_t max)
{
    unsigned long flags = 0;
    bool locked = lock_console(&flags);
    size_t n = 0;

    while (n < max && input_start != input_end) {
        buf[n++] = input[input_start++ % INPUT_SIZE];
    }
    unlock_console(locked, flags);
    return n;
}

/* A byte that belongs to no switch. If dom0 reads too slowly the newest are lost. */
static void deliver_input(char c)
{
    unsigned long flags = 0;
    bool locked;

    if (input_is_ours) {
        if (console_key_notify) {
            console_key_notify(c);
        }
        return;
    }
    locked = lock_console(&flags);
    if (input_end - input_start < INPUT_SIZE) {
        input[input_end++ % INPUT_SIZE] = c;
    }
    unlock_console(locked, flags);
    if (console_input_notify) {
        console_input_notify();
    }
}

void console_input(char c)
{
    if (c == switch_char) {
        if (++switch_count < 3) {
            return;
        }
        switch_count = 0;
        input_is_ours = !input_is_ours;
        printk("*** Serial input to %s (type 'CTRL-%c' three times to switch input)\n",
               input_is_ours ? "Xen" : "DOM0", switch_char | 0x60);
        return;
    }
    while (switch_count) {
        switch_count--;
        deliver_input(switch_char);
    }
    deliver_input(c);
}

size_t console_ring_read(char *buf, size_t max, uint32_t *index, bool clear)
{
    unsigned long flags = 0;
    bool locked = lock_console(&flags);
    uint32_t from = *index;
    size_t n = 0;

    if (from - ring_start > ring_end - ring_start) {
        from = ring_start; /* gone, or cleared */
    }
    while (n < max && from != ring_end) {
        buf[n++] = ring[from++ % RING_SIZE];
    }
    if (clear) {
        ring_start = ring_end;
    }
    *index = from;
    unlock_console(locked, flags);
    return n;
}
