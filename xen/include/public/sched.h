/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vCPU tells the scheduler, and how a domain ends. See docs/interface/sched_op.md. */
#ifndef PUBLIC_SCHED_H
#define PUBLIC_SCHED_H

#include "event_channel.h"

#define SCHEDOP_yield           0
#define SCHEDOP_block           1
#define SCHEDOP_shutdown        2
#define SCHEDOP_poll            3
#define SCHEDOP_remote_shutdown 4
#define SCHEDOP_shutdown_code   5
#define SCHEDOP_watchdog        6
#define SCHEDOP_pin_override    7

#define SHUTDOWN_poweroff   0
#define SHUTDOWN_reboot     1
#define SHUTDOWN_suspend    2
#define SHUTDOWN_crash      3
#define SHUTDOWN_watchdog   4
#define SHUTDOWN_soft_reset 5
#define SHUTDOWN_MAX        5

struct sched_shutdown {
    uint32_t reason;
};
XEN_ABI_SIZE(struct sched_shutdown, 4, "sched_op.md");

struct sched_poll {
    XEN_GUEST_PTR(evtchn_port_t) ports;
    uint32_t nr_ports;
    uint64_t timeout; /* absolute system time in ns; 0 waits for ever */
};
XEN_ABI_SIZE(struct sched_poll, 24, "sched_op.md");
XEN_ABI_OFFSET(struct sched_poll, timeout, 16, "sched_op.md");

struct sched_remote_shutdown {
    domid_t domain_id;
    uint32_t reason;
};
XEN_ABI_SIZE(struct sched_remote_shutdown, 8, "sched_op.md");

struct sched_watchdog {
    uint32_t id;      /* 0: a new one */
    uint32_t timeout; /* seconds */
};
XEN_ABI_SIZE(struct sched_watchdog, 8, "sched_op.md");

struct sched_pin_override {
    int32_t pcpu; /* negative: no longer */
};
XEN_ABI_SIZE(struct sched_pin_override, 4, "sched_op.md");

#endif /* PUBLIC_SCHED_H */
