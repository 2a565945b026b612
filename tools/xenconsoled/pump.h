/* SPDX-License-Identifier: BSD-2-Clause */
/* Moves a console's bytes: guest to log and reader, reader to guest. */
#ifndef CONSOLED_PUMP_H
#define CONSOLED_PUMP_H

#include <stdint.h>

struct console;
struct loop_source;

/* The ring may have changed: take what the guest wrote, give it what it has room for. */
void pump_guest(struct console *console);

/* The domain is dead: take what the ring holds, whether or not a reader keeps up. */
void pump_last(struct console *console);

/* The pty is ready; the source is a console's. */
void pump_reader(struct loop_source *source, uint32_t events);

/* There is a reader now: let the loop tell what it does. */
void pump_watch_reader(struct console *console);

#endif
