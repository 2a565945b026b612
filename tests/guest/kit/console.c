/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain's text goes out by the console_io hypercall, any other domain's through its
 * console ring. The ring's page is mapped by the builder, and its reader is waited for when it is
 * full.
 */
#include "console.h"

#include <stdint.h>

#include <public/event_channel.h>
#include <public/io/console.h>
#include <public/sched.h>

#include "hypercall.h"
#include "mm.h"
#include "start.h"

#define CONSOLE_IO_WRITE 0

static void ring_write(volatile struct xencons_interface *ring, const char *text, size_t len)
{
    const struct start_info *si = (const struct start_info *)entry_state.rsi;
    struct evtchn_send op = { .port = si->console.domU.evtchn };

    for (size_t i = 0; i < len; i++) {
        while (ring->out_prod - __atomic_load_n(&ring->out_cons, __ATOMIC_SEQ_CST) >=
               sizeof(ring->out)) {
            hypercall_2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &op);
            hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
        }
        ring->out[ring->out_prod % sizeof(ring->out)] = text[i];
        __atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_SEQ_CST);
    }
    hypercall_2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &op);
}

void console_write(const char *text, size_t len)
{
    const struct start_info *si = (const struct start_info *)entry_state.rsi;

    if (si->flags & SIF_INITDOMAIN)
        hypercall_3(__HYPERVISOR_console_io, CONSOLE_IO_WRITE, len, text);
    else
        ring_write(mfn_to_virt(si->console.domU.mfn), text, len);
}
