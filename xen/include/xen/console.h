/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's console: levelled messages to the ring and the serial line, and the
 * input switch between the hypervisor's debug keys and dom0.
 * Lock: console (innermost); safe from any context, NMI included (then the lock is only tried).
 */
#ifndef XEN_CONSOLE_H
#define XEN_CONSOLE_H

#include <xen/compiler.h>
#include <xen/types.h>

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Prints one line (or part of one) if @level passes loglvl=. */
void log_at(enum log_level level, const char *fmt, ...) printf_like(2, 3);
/* The same under guest_loglvl=, rate limited: for what a guest can provoke. */
void log_guest(enum log_level level, const char *fmt, ...) printf_like(2, 3);

#define log_err(...)   log_at(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

/* Unconditional: register dumps and panics. */
void printk(const char *fmt, ...) printf_like(1, 2);

/* Raw output on behalf of dom0 (console_io write). */
void console_write(const char *s, size_t len);
/* Bytes typed for dom0; returns how many were copied to @buf. */
size_t console_read(char *buf, size_t max);
/* A byte from the serial line; called by the UART's interrupt or poll. */
void console_input(char c);
/* Copies from the message ring (XEN_SYSCTL_readconsole), from *index on; returns bytes copied. */
size_t console_ring_read(char *buf, size_t max, uint32_t *index, bool clear);
/* Locks are ignored from here on: used once, by a CPU that is about to stop the machine. */
void console_force_unlock(void);

/*
 * A registered output device; write() is called with the console lock held. A new one is
 * first given what the ring holds, so nothing printed before the devices start is lost.
 */
struct console_sink {
    void (*write)(const char *s, size_t len);
};
void console_add_sink(const struct console_sink *sink);
/* Whether console= names the device (com1, com2, vga). */
bool console_is_wanted(const char *device);
/* Whether it was given, and names the device: not just by default. */
bool console_is_chosen(const char *device);
/* Called (outside the lock) when there is input for dom0: set by the event module. */
extern void (*console_input_notify)(void);
/* Gets the bytes typed while input goes to the hypervisor. Interrupt context. */
extern void (*console_key_notify)(char c);

#endif
