/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domain that is destroyed. That it is ready it says by in_cons of its console's ring.
 */
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/io/console.h>
#include <public/sched.h>

#include "check.h"
#include "event.h"
#include "grant.h"
#include "hypercall.h"
#include "mm.h"
#include "parts.h"
#include "smp.h"
#include "string.h"
#include "time.h"

#define NR_TABLES 40

static void say_ready(void)
{
    struct xencons_interface *ring = mfn_to_virt(start_info->console.domU.mfn);

    __atomic_store_n(&ring->in_cons, 1, __ATOMIC_SEQ_CST);
}

static void spin(void *arg)
{
    (void)arg;
    for (;;)
        __asm__ volatile("pause");
}

/* Long calls, of which one is under way at any moment. */
static void call(void)
{
    static struct mmuext_op ops[512];

    for (unsigned int i = 0; i < 512; i++)
        ops[i] = (struct mmuext_op){ .cmd = MMUEXT_TLB_FLUSH_LOCAL };
    for (;;)
        hypercall_4(__HYPERVISOR_mmuext_op, ops, 512, NULL, DOMID_SELF);
}

static void poll(void)
{
    evtchn_port_t port = (evtchn_port_t)event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    struct sched_poll op = { .ports = &port, .nr_ports = 1 };

    for (;;)
        hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &op);
}

static void use_fifo(void)
{
    static uint8_t control[PAGE_SIZE] __attribute__((aligned(4096)));
    static uint8_t words[PAGE_SIZE] __attribute__((aligned(4096)));
    struct evtchn_init_control init = { .control_gfn = virt_to_mfn(control) };
    struct evtchn_expand_array expand = { .array_gfn = virt_to_mfn(words) };

    CHECK_EQ(event_op(EVTCHNOP_init_control, &init), 0);
    CHECK_EQ(event_op(EVTCHNOP_expand_array, &expand), 0);
    for (unsigned int i = 0; i < 300; i++)
        CHECK(event_alloc_unbound(DOMID_SELF, 0) > 0);
}

static void use_tables(void)
{
    for (unsigned int i = 0; i < NR_TABLES; i++) {
        uint64_t *table = page_alloc();

        for (unsigned int k = 0; k < 512; k++)
            table[k] = make_pte(virt_to_mfn(start_info), PTE_RO);
        CHECK_EQ(table_pin(table, 1), 0);
    }
}

/* Grows its own table, and maps a page that another domain grants: "from=" and its number. */
static void use_grants(const char *args)
{
    struct gnttab_map_grant_ref map[2] = {
        { .host_addr = (uint64_t)window(3), .flags = GNTMAP_host_map, .ref = GRANT_REF },
        { .host_addr = (uint64_t)window(4), .flags = GNTMAP_host_map | GNTMAP_readonly,
          .ref = GRANT_REF },
    };
    static xen_pfn_t frames[20];
    struct gnttab_setup_table setup = {
        .dom = DOMID_SELF, .nr_frames = 20, .frame_list = frames,
    };

    while (*args && memcmp(args, "from=", 5) != 0)
        args++;
    for (unsigned int i = 5; args[i] >= '0' && args[i] <= '9'; i++)
        map[0].dom = map[1].dom = (domid_t)(map[0].dom * 10 + args[i] - '0');
    CHECK_EQ(grant_op(GNTTABOP_setup_table, &setup, 1), 0);
    CHECK_EQ(grant_op(GNTTABOP_map_grant_ref, map, 2), 0);
    CHECK_EQ(map[0].status, GNTST_okay);
    CHECK_EQ(map[1].status, GNTST_okay);
    *(volatile uint64_t *)window(3) = 0x1234;
}

void victim_main(const char *args)
{
    if (text_contains(args, "fifo"))
        use_fifo();
    if (text_contains(args, "tables"))
        use_tables();
    if (text_contains(args, "from="))
        use_grants(args);
    if (text_contains(args, "vcpus"))
        CHECK_EQ(smp_start(1, spin, NULL), 0);
    say_ready();
    if (text_contains(args, "call"))
        call();
    if (text_contains(args, "poll"))
        poll();
    if (text_contains(args, "block"))
        for (;;)
            hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_block, 0);
    spin(NULL);
}
