/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all of the daemon shares. Everything runs in one thread, from the loop; nothing waits but
 * for xenstored's replies.
 */
#ifndef CONSOLED_DAEMON_H
#define CONSOLED_DAEMON_H

#include "logfile.h"
#include "loop.h"

#include <stdbool.h>
#include <stdint.h>

#include <libctrl/ctrl.h>

struct console;
struct ctrl_event;
struct ctrl_grant;
struct ctrl_store;

struct options {
    bool foreground;
    bool log_guests, log_hypervisor;
    bool keep_output;             /* a guest waits for its reader when its buffer is full */
    const char *log_folder;
    const char *pid_file;
    struct logfile_rules guest_rules, hypervisor_rules;
};

struct daemon {
    struct options options;
    struct loop loop;
    struct ctrl *ctrl;
    struct ctrl_event *event;
    struct ctrl_grant *grant;     /* NULL: no device for it; pages are then mapped as foreign */
    struct ctrl_store *store;     /* NULL: xenstored is away */
    struct loop_source event_source, store_source, inotify_source;
    uint64_t store_retry_ms;      /* while store is NULL: when to try again */
    bool store_more;              /* it may have more events for us */
    bool rescan;                  /* the list of domains may have changed */
    uint32_t next_domid;          /* above those of the domains seen by the last look at all */

    struct console *first;        /* all consoles, in no order */
    struct console *by_domid[CTRL_DOMID_LIMIT];
    struct console **by_port;     /* our ports; NULL: not a console's */
    size_t ports;
    unsigned int throttled;       /* consoles whose event waits for the end of their period */
    unsigned int ending;          /* consoles of dead guests, kept for their readers */

    struct logfile hypervisor_log;
    uint32_t hypervisor_index;    /* of the next message to read */
    int hypervisor_port;          /* -1: not bound */
};

#endif
