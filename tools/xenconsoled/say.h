/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's own messages: to standard error in the foreground, else to the system's log. */
#ifndef CONSOLED_SAY_H
#define CONSOLED_SAY_H

#include <stdbool.h>

void say_to_syslog(void);
/* say_more() is heard after this. */
void say_verbose(void);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_more(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
