/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon among other daemons: detaching, telling who waits for it, the pid file. */
#ifndef XENSTORED_SERVICE_H
#define XENSTORED_SERVICE_H

#include "options.h"

/* Goes on in a child; the caller's process ends when that calls service_ready(), or ends itself. */
void service_detach(void);
/* The store can be used: writes the pid file, tells systemd and the process that started this. */
void service_ready(const struct options *options);
void service_end(const struct options *options);

#endif
