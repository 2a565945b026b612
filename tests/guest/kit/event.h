/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels of a test guest, two-level ABI. Per-vCPU state follows smp_self(). */
#ifndef GUEST_KIT_EVENT_H
#define GUEST_KIT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <public/xen.h>

#define EVENT_PORTS 64

/* How often the upcall saw each port pending and unmasked, and on which vCPU last. */
extern volatile unsigned int event_count[EVENT_PORTS];
extern volatile unsigned int event_vcpu[EVENT_PORTS];
extern volatile unsigned int event_upcalls;
/* Asked first in the upcall when set; true: it did all. */
extern bool (*event_upcall_hook)(void);

/* The vcpu_info in use, also after register_vcpu_info. */
extern struct vcpu_info *event_vcpu_info[];
struct vcpu_info *vcpu_info_self(void);

void event_upcall(void);

/* Clears or sets this vCPU's upcall mask; enable delivers what is pending. */
void events_enable(void);
void events_disable(void);

bool port_is_pending(unsigned int port);
bool port_is_masked(unsigned int port);
void port_set_mask(unsigned int port, bool masked);
void port_clear_pending(unsigned int port);

long event_op(unsigned int cmd, void *arg);
/* Each returns the port, or a negative errno. */
long event_bind_virq(unsigned int virq, unsigned int vcpu);
long event_bind_ipi(unsigned int vcpu);
long event_alloc_unbound(unsigned int dom, unsigned int remote);
long event_bind_interdomain(unsigned int remote_dom, unsigned int remote_port);
long event_close(unsigned int port);
long event_send(unsigned int port);
long event_unmask(unsigned int port);
long event_bind_vcpu(unsigned int port, unsigned int vcpu);
/* EVTCHNSTAT_*, or a negative errno. */
long event_status(unsigned int port);

#endif
