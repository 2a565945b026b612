/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own messages, written to hypervisor.log. */
#ifndef CONSOLED_HYPERVISOR_H
#define CONSOLED_HYPERVISOR_H

struct daemon;

/* Open the log, write what there is, and ask to be told of more. -errno: no log. */
int hypervisor_start(struct daemon *daemon);
/* There are more messages. */
void hypervisor_event(struct daemon *daemon);

#endif
