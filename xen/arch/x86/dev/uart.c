/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The serial ports (16550 and its like): polled output, 16 bytes at a time where there is a
 * FIFO; input by interrupt, or by a timer where there is none.
 *
 * Options: com1=, com2= BAUD|auto[/CLOCK_HZ][,DPS[,IO-BASE[,IRQ]]], such as 115200,8n1.
 * Output runs under the console lock. Input runs in interrupt context and takes no lock:
 * only the interrupt (or only the timer) of a port reads from it.
 */
#include <asm/acpi.h>
#include <asm/console_devices.h>
#include <asm/cpu.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/hwirq.h>
#include <xen/iocaps.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/time.h>
#include <xen/timer.h>

#define REG_DATA 0
#define REG_IER  1 /* interrupt enable */
#define REG_FCR  2 /* FIFO control (write) */
#define REG_IIR  2 /* interrupt identification (read) */
#define REG_LCR  3 /* line control */
#define REG_MCR  4 /* modem control */
#define REG_LSR  5 /* line status */

#define IER_RECEIVE    0x01
#define IIR_NONE       0x01
#define IIR_FIFO       0xc0
#define FCR_ENABLE     0xc7 /* with both FIFOs cleared, trigger at 14 bytes */
#define LCR_DIVISOR    0x80
#define MCR_DTR_RTS    0x03
#define MCR_OUT2       0x08 /* gates the interrupt on PCs */
#define LSR_DATA       0x01
#define LSR_THR_EMPTY  0x20

#define DEFAULT_CLOCK  1843200
#define FIFO_DEPTH     16
#define POLL_PERIOD    MILLISECS(20)
#define SPIN_LIMIT     200000 /* reads of a status register: far more than a byte's time */
#define INPUT_BATCH    256

struct uart {
    uint16_t base;
    uint16_t irq;
    uint32_t clock;
    uint32_t baud;   /* 0: as the firmware left it */
    uint8_t lcr;
    bool is_set;     /* an option describes it */
    bool is_used;
    uint8_t fifo;    /* bytes that fit at once */
    char last;       /* newest byte sent */
};

static struct uart uarts[2] = {
    { .base = 0x3f8, .irq = 4, .clock = DEFAULT_CLOCK, .baud = 115200, .lcr = 3 },
    { .base = 0x2f8, .irq = 3, .clock = DEFAULT_CLOCK, .baud = 115200, .lcr = 3 },
};
static struct timer poll_timer;

/* "8n1": data bits, parity, stop bits. */
static int parse_format(const char *s, const char **end, uint8_t *lcr)
{
    static const char parities[] = "noems";
    static const uint8_t parity_bits[] = { 0x00, 0x08, 0x18, 0x28, 0x38 };
    const char *parity;

    if (s[0] < '5' || s[0] > '8' || !s[1] || !(parity = strchr(parities, s[1])) ||
        (s[2] != '1' && s[2] != '2')) {
        return -EINVAL;
    }
    *lcr = (uint8_t)((s[0] - '5') | parity_bits[parity - parities] | (s[2] == '2' ? 4 : 0));
    *end = s + 3;
    return 0;
}

static int parse_number(const char *s, const char **end, uint32_t max, uint32_t *out)
{
    unsigned long n = string_to_ulong(s, end);

    if (*end == s || n > max) {
        return -EINVAL;
    }
    *out = (uint32_t)n;
    return 0;
}

static int parse_speed(const char *s, const char **end, struct uart *u)
{
    if (strncmp(s, "auto", 4) == 0) {
        u->baud = 0;
        *end = s + 4;
    } else if (parse_number(s, end, 1500000, &u->baud) || !u->baud) {
        return -EINVAL;
    }
    if (**end == '/') {
        return parse_number(*end + 1, end, 500000000, &u->clock);
    }
    return 0;
}

static int parse_uart(const char *s, struct uart *out)
{
    struct uart u = *out;
    uint32_t n;

    if (parse_speed(s, &s, &u)) {
        return -EINVAL;
    }
    if (*s == ',' && parse_format(s + 1, &s, &u.lcr)) {
        return -EINVAL;
    }
    if (*s == ',') {
        if (parse_number(s + 1, &s, 0xfff8, &n)) {
            return -EINVAL;
        }
        u.base = (uint16_t)n;
    }
    if (*s == ',') {
        if (parse_number(s + 1, &s, 0xffff, &n)) {
            return -EINVAL;
        }
        u.irq = (uint16_t)n;
    }
    if (*s) {
        return -EINVAL;
    }
    u.is_set = true;
    *out = u;
    return 0;
}

static int parse_com1(const char *value)
{
    return parse_uart(value, &uarts[0]);
}

static int parse_com2(const char *value)
{
    return parse_uart(value, &uarts[1]);
}

PARAM_CUSTOM("com1", parse_com1);
PARAM_CUSTOM("com2", parse_com2);

/* True once the transmitter takes a FIFO's worth of bytes; false if the port is dead. */
static bool wait_transmitter(const struct uart *u)
{
    for (unsigned int i = 0; i < SPIN_LIMIT; i++) {
        if (inb(u->base + REG_LSR) & LSR_THR_EMPTY) {
            return true;
        }
        cpu_relax();
    }
    return false;
}

static void uart_write(struct uart *u, const char *s, size_t len)
{
    unsigned int room = 0;

    for (size_t i = 0; i < len;) {
        char c = s[i];

        if (c == '\n' && u->last != '\r') {
            c = '\r';
        } else {
            i++;
        }
        if (!room) {
            if (!wait_transmitter(u)) {
                return;
            }
            room = u->fifo;
        }
        outb(u->base + REG_DATA, (uint8_t)c);
        u->last = c;
        room--;
    }
}

static void uart0_write(const char *s, size_t len)
{
    uart_write(&uarts[0], s, len);
}

static void uart1_write(const char *s, size_t len)
{
    uart_write(&uarts[1], s, len);
}

static const struct console_sink uart_sinks[] = { { uart0_write }, { uart1_write } };

/* False if nothing answers at the port. */
static bool uart_start(struct uart *u)
{
    uint32_t divisor;

    if (inb(u->base + REG_LSR) == 0xff && inb(u->base + REG_MCR) == 0xff) {
        return false;
    }
    outb(u->base + REG_IER, 0);
    if (u->baud) {
        divisor = u->clock / (u->baud * 16);
        divisor = MAX(divisor, 1U);
        outb(u->base + REG_LCR, u->lcr | LCR_DIVISOR);
        outb(u->base + 0, (uint8_t)divisor);
        outb(u->base + 1, (uint8_t)(divisor >> 8));
        outb(u->base + REG_LCR, u->lcr);
    } else {
        outb(u->base + REG_LCR, inb(u->base + REG_LCR) & ~LCR_DIVISOR);
    }
    outb(u->base + REG_FCR, FCR_ENABLE);
    u->fifo = (inb(u->base + REG_IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_DEPTH : 1;
    outb(u->base + REG_MCR, MCR_DTR_RTS);
    return true;
}

void uart_init(void)
{
    static const char *const names[] = { "com1", "com2" };

    for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
        struct uart *u = &uarts[i];

        if (!console_is_wanted(names[i])) {
            if (u->is_set) {
                log_warn("Command line: option \"%s\" has no effect: console= does not name it.\n",
                         names[i]);
            }
            continue;
        }
        if (!u->is_set) {
            if (!console_is_chosen(names[i])) {
                continue;
            }
            u->baud = 0; /* console=com1 alone: at the firmware's speed */
        }
        u->is_used = uart_start(u);
        if (u->is_used) {
            console_add_sink(&uart_sinks[i]);
            iocaps_reserve_ports(u->base, u->base + 7);
        } else {
            log_warn("%s: no serial port answers at %#x; it is not used.\n", names[i], u->base);
        }
    }
}

static void uart_receive(const struct uart *u)
{
    for (unsigned int i = 0; i < INPUT_BATCH; i++) {
        if (!(inb(u->base + REG_LSR) & LSR_DATA)) {
            return;
        }
        console_input((char)inb(u->base + REG_DATA));
    }
}

static void uart_interrupt(void *arg)
{
    const struct uart *u = arg;

    uart_receive(u);
    (void)inb(u->base + REG_IIR); /* some parts drop the line only when this is read */
}

static void uart_poll(void *arg)
{
    struct timer *t = arg;

    for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
        if (uarts[i].is_used && !uarts[i].irq) {
            uart_receive(&uarts[i]);
        }
    }
    timer_set(t, now() + POLL_PERIOD);
}

static unsigned int irq_to_gsi(unsigned int irq)
{
    return irq < 16 ? acpi_isa_irq(irq).gsi : irq;
}

void uart_init_input(void)
{
    bool poll = false;

    for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++) {
        struct uart *u = &uarts[i];

        if (!u->is_used) {
            continue;
        }
        if (u->irq && irq_request_gsi(irq_to_gsi(u->irq), uart_interrupt, u, "uart")) {
            log_warn("com%u: interrupt %u is not available, input is polled\n", i + 1, u->irq);
            u->irq = 0;
        }
        if (u->irq) {
            outb(u->base + REG_MCR, MCR_DTR_RTS | MCR_OUT2);
            outb(u->base + REG_IER, IER_RECEIVE);
        } else {
            poll = true;
        }
    }
    if (poll) {
        timer_init(&poll_timer, uart_poll, &poll_timer, 0);
        timer_set(&poll_timer, now() + POLL_PERIOD);
    }
}
