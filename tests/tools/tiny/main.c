/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest guest that the packaged tools create, as a PV guest or as a PVH one: it says on its
 * console what it was given, then answers each line of input. A word of its command line, or a line
 * of input, ends it: poweroff, reboot, crash. It takes no events and no traps: it polls the
 * console's port.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/event_channel.h>
#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include <public/hvm/start_info.h>
#include <public/io/console.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/xen.h>

#include "console.h"
#include "hypercall.h"
#include "print.h"
#include "string.h"

#define LINE_SIZE 128
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PTE_DATA 0x63UL /* present, writable, accessed, dirty */
#define VIRT_BASE 0xffffffff80200000UL
#define M2P ((const volatile uint64_t *)0xffff800000000000UL)

void tiny_main(const struct start_info *si);
void tiny_pvh_main(uint64_t start_info);

bool tiny_is_pvh;

static uint8_t shared_info_page[PAGE_SIZE] __attribute__((aligned(4096)));
/* What the tools need to find the guest's memory, for dump-core: its p2m, in two levels. */
static uint64_t p2m_frames[PAGE_SIZE / 8] __attribute__((aligned(4096)));
static uint64_t p2m_frame_lists[PAGE_SIZE / 8] __attribute__((aligned(4096)));
static volatile struct xencons_interface *ring;
static evtchn_port_t port;

static const struct {
    const char *word;
    uint32_t reason;
} endings[] = {
    { "poweroff", SHUTDOWN_poweroff },
    { "reboot", SHUTDOWN_reboot },
    { "crash", SHUTDOWN_crash },
};

/* Ends the guest if the line is one of the words above. */
static void end_if_told(const char *line)
{
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        uint32_t reason = endings[i].reason;

        if (text_equal(line, endings[i].word))
            hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &reason);
    }
}

static uint64_t virt_to_pfn(const volatile void *va)
{
    return ((uintptr_t)va - VIRT_BASE) >> PAGE_SHIFT;
}

static uint32_t load(const volatile uint32_t *index)
{
    return __atomic_load_n(index, __ATOMIC_SEQ_CST);
}

static void notify(void)
{
    struct evtchn_send op = { .port = port };

    hypercall_2(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &op);
}

/* Sleeps until the other end of the console has done something since the last clear_port(). */
static void wait_port(void)
{
    struct sched_poll poll = { .ports = &port, .nr_ports = 1 };

    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll);
}

static void clear_port(void)
{
    struct shared_info *shared = (struct shared_info *)shared_info_page;

    __atomic_fetch_and(&shared->evtchn_pending[port / 64], ~(1UL << port % 64), __ATOMIC_SEQ_CST);
}

void console_write(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (ring->out_prod - load(&ring->out_cons) >= sizeof(ring->out)) {
            clear_port();
            notify();
            if (ring->out_prod - load(&ring->out_cons) >= sizeof(ring->out))
                wait_port();
        }
        ring->out[ring->out_prod % sizeof(ring->out)] = text[i];
        __atomic_store_n(&ring->out_prod, ring->out_prod + 1, __ATOMIC_SEQ_CST);
    }
    notify();
}

static char next_byte(void)
{
    char c;

    while (ring->in_cons == load(&ring->in_prod)) {
        clear_port();
        if (ring->in_cons == load(&ring->in_prod))
            wait_port();
    }
    c = ring->in[ring->in_cons % sizeof(ring->in)];
    __atomic_store_n(&ring->in_cons, ring->in_cons + 1, __ATOMIC_SEQ_CST);
    notify();
    return c;
}

static void answer_lines(void)
{
    char line[LINE_SIZE];
    size_t len = 0;

    for (;;) {
        char c = next_byte();

        if (c != '\n' && c != '\r') {
            if (len < sizeof(line) - 1)
                line[len++] = c;
            continue;
        }
        line[len] = '\0';
        len = 0;
        printk("tiny: heard '%s'\n", line);
        end_if_told(line);
    }
}

/* Tells where the p2m is; the builder made it one contiguous array, up to 2 MiB here. */
static void publish_p2m(const struct start_info *si)
{
    struct shared_info *shared = (struct shared_info *)shared_info_page;
    const uint64_t *p2m = (const uint64_t *)si->mfn_list;

    for (uint64_t pfn = 0; pfn < si->nr_pages && pfn / 512 < 512; pfn += 512)
        p2m_frames[pfn / 512] = p2m[virt_to_pfn(p2m + pfn)];
    p2m_frame_lists[0] = p2m[virt_to_pfn(p2m_frames)];
    shared->arch.max_pfn = si->nr_pages;
    shared->arch.pfn_to_mfn_frame_list_list = p2m[virt_to_pfn(p2m_frame_lists)];
}

static void run(uint64_t kib, const char *cmdline, const char *trouble)
{
    printk("tiny: up with %lu KiB, '%s'%s\n", kib, cmdline, trouble);
    end_if_told(cmdline);
    answer_lines();
}

void tiny_main(const struct start_info *si)
{
    long rc = hypercall_3(__HYPERVISOR_update_va_mapping, shared_info_page,
                          si->shared_info | PTE_DATA, UVMF_INVLPG | UVMF_ALL);

    ring = (void *)(VIRT_BASE + (M2P[si->console.domU.mfn] << PAGE_SHIFT));
    port = si->console.domU.evtchn;
    publish_p2m(si);
    run(si->nr_pages * (PAGE_SIZE / 1024), (const char *)si->cmd_line,
        rc ? ", no shared_info" : "");
}

/* --- as a PVH guest --- */

/* The hypervisor's leaves say which MSR takes the hypercall page's address. */
static void fill_hypercall_page(void)
{
    uint32_t a = 0x40000002, b, c = 0, d;
    uint64_t page = virt_to_pfn(tiny_hypercall_page) << PAGE_SHIFT;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    __asm__ volatile("wrmsr" : : "c"(b), "a"((uint32_t)page), "d"((uint32_t)(page >> 32))
                     : "memory");
}

static uint64_t param(uint32_t index)
{
    struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };

    hypercall_2(__HYPERVISOR_hvm_op, HVMOP_get_param, &p);
    return p.value;
}

static const void *at(uint64_t paddr)
{
    return (const void *)(VIRT_BASE + paddr);
}

void tiny_pvh_main(uint64_t start_info)
{
    const struct hvm_start_info *info = at(start_info);
    const struct hvm_memmap_table_entry *map = at(info->memmap_paddr);
    struct xen_add_to_physmap shared = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info,
        .gpfn = virt_to_pfn(shared_info_page),
    };
    uint64_t bytes = 0;
    long rc;

    tiny_is_pvh = true;
    fill_hypercall_page();
    rc = hypercall_2(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &shared);
    ring = (void *)(param(HVM_PARAM_CONSOLE_PFN) << PAGE_SHIFT);
    port = (evtchn_port_t)param(HVM_PARAM_CONSOLE_EVTCHN);
    for (uint32_t i = 0; i < info->memmap_entries; i++)
        bytes += map[i].type == XEN_HVM_MEMMAP_TYPE_RAM ? map[i].size : 0;
    run(bytes / 1024, at(info->cmdline_paddr), rc ? ", no shared_info" : "");
}
