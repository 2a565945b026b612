/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of building, in the order of the tools: memory, image, tables, start_info, pin, vCPU,
 * grants.
 */
#include "builder.h"

#include <public/errno.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/io/console.h>
#include <public/memory.h>
#include <public/sched.h>

#include "check.h"
#include "control.h"
#include "elf_image.h"
#include "event.h"
#include "hypercall.h"
#include "mm.h"
#include "print.h"
#include "string.h"
#include "time.h"

#define L1_SPAN   (512 * PAGE_SIZE)
#define TOP_ALIGN (4UL << 20)
#define TIME_LIMIT MILLISECS(40000)

struct guest the_guest;
uint32_t guest_create_flags;

static uint64_t extents[512];

long foreign_map(unsigned int slot, unsigned int domain, uint64_t mfn, uint64_t flags)
{
    return hypercall_4(__HYPERVISOR_update_va_mapping_otherdomain, window(slot),
                       make_pte(mfn, flags), UVMF_INVLPG | UVMF_ALL, domain);
}

void slot_unmap(unsigned int slot)
{
    va_map_flush(window(slot), 0);
}

long guest_create_empty(unsigned int vcpus)
{
    struct xen_domctl op = {
        .u.createdomain = {
            .flags = guest_create_flags,
            .max_vcpus = vcpus,
            .arch.emulation_flags = guest_create_flags & XEN_DOMCTL_CDF_hvm ? XEN_X86_EMU_LAPIC : 0,
            .max_evtchn_port = 131071,
            .max_grant_frames = -1,
            .max_maptrack_frames = -1,
            .grant_opts = XEN_DOMCTL_GRANT_version(1),
        },
    };
    long rc = domctl(&op, XEN_DOMCTL_createdomain, 0);

    return rc ? rc : (long)op.domain;
}

/* Memory limit and vCPUs. */
static long prepare(const struct guest *g)
{
    struct xen_domctl op = { .u.max_vcpus.max = g->vcpus };
    long rc = domctl(&op, XEN_DOMCTL_max_vcpus, g->id);

    if (rc)
        return rc;
    op.u.max_mem.max_memkb = (uint64_t)(g->pages + 64) * 4;
    return domctl(&op, XEN_DOMCTL_max_mem, g->id);
}

bool guest_populate(struct guest *g)
{
    for (unsigned int done = 0; done < g->pages;) {
        unsigned int n = g->pages - done < 512 ? g->pages - done : 512;
        struct xen_memory_reservation r = {
            .extent_start = extents, .nr_extents = n, .domid = (domid_t)g->id,
        };

        for (unsigned int i = 0; i < n; i++)
            extents[i] = done + i;
        if (!CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap, &r), n))
            return false;
        memcpy(&g->p2m[done], extents, n * sizeof(extents[0]));
        done += n;
    }
    return true;
}

void *guest_page(struct guest *g, uint64_t pfn)
{
    if (!CHECK_EQ(foreign_map(SLOT_PAGE, g->id, g->p2m[pfn], PTE_DATA), 0))
        return NULL;
    return window(SLOT_PAGE);
}

static uint64_t pfn_of(uint64_t va)
{
    return (va - VIRT_BASE) >> PAGE_SHIFT;
}

/* len bytes of the boot module, from offset on, to the guest at va. */
static bool copy_in(struct guest *g, uint64_t va, uint64_t offset, uint64_t len)
{
    while (len) {
        uint64_t n = PAGE_SIZE - va % PAGE_SIZE;
        uint8_t *page = guest_page(g, pfn_of(va));

        n = n < len ? n : len;
        if (!page)
            return false;
        module_read(offset, page + va % PAGE_SIZE, n);
        va += n;
        offset += n;
        len -= n;
    }
    return true;
}

static bool load_image(struct guest *g, uint64_t *end)
{
    struct elf_image image;

    if (!CHECK(elf_image_read(&image)))
        return false;
    g->entry = image.entry;
    g->init_p2m = image.init_p2m;
    g->hypercall_page = image.hypercall_page;
    *end = image.end;
    for (unsigned int i = 0; i < image.nr_segments; i++)
        if (!copy_in(g, image.segment[i].va, image.segment[i].offset, image.segment[i].size))
            return false;
    return true;
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

/* Image, p2m list, start_info, xenstore, console, tables, stack; mapped to the next 4 MiB. */
static uint64_t lay_out(struct guest *g, uint64_t image_end)
{
    uint64_t at = round_up(image_end, PAGE_SIZE), top, nr_l1;

    g->p2m_address = g->init_p2m;
    if (!g->init_p2m) {
        g->p2m_address = at;
        at += round_up(g->pages * 8, PAGE_SIZE);
    }
    g->start_info = at;
    g->store_mfn = g->p2m[pfn_of(at + PAGE_SIZE)];
    g->console_mfn = g->p2m[pfn_of(at + 2 * PAGE_SIZE)];
    g->tables = at + 3 * PAGE_SIZE;
    nr_l1 = 1;
    do {
        nr_l1++;
        g->nr_tables = nr_l1 + 3;
        g->stack = g->tables + g->nr_tables * PAGE_SIZE;
        top = round_up(g->stack + PAGE_SIZE + (512 << 10), TOP_ALIGN);
    } while (top - VIRT_BASE > nr_l1 * L1_SPAN);
    g->p2m_pfn = pfn_of(top);
    g->nr_p2m_frames = g->init_p2m ? (g->pages + 511) / 512 + 3 : 0;
    return top;
}

/* Tables lie in the order L4, L3, L2, L1s. */
static bool write_tables(struct guest *g, uint64_t top)
{
    uint64_t first = pfn_of(g->tables), nr_l1 = g->nr_tables - 3, *t;

    for (unsigned int level = 4; level > 2; level--) {
        t = guest_page(g, first + 4 - level);
        if (!t)
            return false;
        t[(VIRT_BASE >> (12 + 9 * (level - 1))) & 511] =
            make_pte(g->p2m[first + 5 - level], PTE_TABLE);
    }
    t = guest_page(g, first + 2);
    for (uint64_t i = 0; t && i < nr_l1; i++)
        t[i] = make_pte(g->p2m[first + 3 + i], PTE_TABLE);
    for (uint64_t i = 0; t && i < nr_l1; i++) {
        t = guest_page(g, first + 3 + i);
        for (uint64_t k = 0; t && k < 512; k++) {
            uint64_t pfn = i * 512 + k;
            bool table = pfn >= first && pfn < first + g->nr_tables;

            /* Tables of the list of frames lie beyond the top. */
            if (pfn < pfn_of(top) && pfn < g->pages)
                t[k] = make_pte(g->p2m[pfn], table ? PTE_RO : PTE_DATA);
        }
    }
    return t != NULL;
}

static bool write_start_info(struct guest *g)
{
    struct start_info *si = guest_page(g, pfn_of(g->start_info));
    static const char magic[] = "xen-3.0-x86_64";

    if (!si)
        return false;
    memcpy(si->magic, magic, sizeof(magic));
    si->nr_pages = g->pages;
    si->shared_info = g->shared_info_mfn << PAGE_SHIFT;
    si->store_mfn = g->store_mfn;
    si->store_evtchn = g->store_port;
    si->console.domU.mfn = g->console_mfn;
    si->console.domU.evtchn = g->console_port;
    si->pt_base = g->tables;
    si->nr_pt_frames = g->nr_tables;
    si->mfn_list = g->p2m_address;
    if (g->init_p2m) {
        si->first_p2m_pfn = g->p2m_pfn;
        si->nr_p2m_frames = g->nr_p2m_frames;
    }
    for (unsigned int i = 0; g->args && g->args[i] && i < sizeof(si->cmd_line) - 1; i++)
        si->cmd_line[i] = (int8_t)g->args[i];
    return true;
}

/* Cleared, with every upcall masked. */
static bool prepare_shared_info(struct guest *g)
{
    struct xen_domctl_getdomaininfo info;
    struct shared_info *s;

    if (!CHECK(domain_info(g->id, &info)))
        return false;
    g->shared_info_mfn = info.shared_info_frame;
    if (!CHECK_EQ(foreign_map(SLOT_SHARED, g->id, g->shared_info_mfn, PTE_DATA), 0))
        return false;
    s = window(SLOT_SHARED);
    memset(s, 0, PAGE_SIZE);
    for (unsigned int i = 0; i < 32; i++)
        s->vcpu_info[i].evtchn_upcall_mask = 1;
    slot_unmap(SLOT_SHARED);
    return true;
}

static bool write_hypercall_page(struct guest *g)
{
    struct xen_domctl op = { 0 };

    if (!g->hypercall_page)
        return true;
    op.u.hypercall_init.gmfn = g->p2m[pfn_of(g->hypercall_page)];
    return CHECK_EQ(domctl(&op, XEN_DOMCTL_hypercall_init, g->id), 0);
}

static bool pin_root(struct guest *g)
{
    struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE };

    op.arg1.mfn = g->p2m[pfn_of(g->tables)];
    slot_unmap(SLOT_PAGE);
    return CHECK_EQ(hypercall_4(__HYPERVISOR_mmuext_op, &op, 1, NULL, g->id), 0);
}

static bool start_vcpu(struct guest *g)
{
    static struct vcpu_guest_context c;
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 0, .ctxt = &c } };

    memset(&c, 0, sizeof(c));
    c.flags = VGCF_in_kernel | VGCF_online;
    c.user_regs.rip = g->entry;
    c.user_regs.rsp = g->stack + PAGE_SIZE;
    c.user_regs.rsi = g->start_info;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.user_regs.rflags = 1UL << 9;
    c.kernel_ss = c.user_regs.ss;
    c.kernel_sp = c.user_regs.rsp;
    c.ctrlreg[3] = xen_pfn_to_cr3(g->p2m[pfn_of(g->tables)]);
    return CHECK_EQ(domctl(&op, XEN_DOMCTL_setvcpucontext, g->id), 0);
}

/* Entries 0 and 1 of its grant table: console and xenstore, for us. */
static bool seed_grants(struct guest *g)
{
    uint64_t frame = 0;
    struct xen_mem_acquire_resource r = {
        .domid = (domid_t)g->id, .type = XENMEM_resource_grant_table,
        .id = XENMEM_resource_grant_table_id_shared, .nr_frames = 1, .frame_list = &frame,
    };
    struct grant_entry_v1 *e;

    if (!CHECK_EQ(hypercall_2(__HYPERVISOR_memory_op, XENMEM_acquire_resource, &r), 0) ||
        !CHECK_EQ(foreign_map(SLOT_SHARED, g->id, frame, PTE_DATA), 0))
        return false;
    e = window(SLOT_SHARED);
    e[0] = (struct grant_entry_v1){ GTF_permit_access, 0, (uint32_t)g->console_mfn };
    e[1] = (struct grant_entry_v1){ GTF_permit_access, 0, (uint32_t)g->store_mfn };
    slot_unmap(SLOT_SHARED);
    return true;
}

/* Ports of the guest for us, and our end of the console. */
bool guest_connect(struct guest *g)
{
    long store = event_alloc_unbound(g->id, 0), console = event_alloc_unbound(g->id, 0), local;

    if (!CHECK(store > 0) || !CHECK(console > 0))
        return false;
    g->store_port = (unsigned int)store;
    g->console_port = (unsigned int)console;
    local = event_bind_interdomain(g->id, g->console_port);
    if (!CHECK(local > 0))
        return false;
    g->local_port = (unsigned int)local;
    port_clear_pending(g->local_port);
    return true;
}

bool guest_create(struct guest *g)
{
    long id = guest_create_empty(g->vcpus);

    g->line_length = 0;
    g->passed = g->failed = g->skipped = false;
    g->ring = NULL;
    if (!CHECK(id > 0))
        return false;
    g->id = (unsigned int)id;
    return CHECK_EQ(prepare(g), 0);
}

bool guest_map_console(struct guest *g)
{
    if (!CHECK_EQ(foreign_map(SLOT_RING, g->id, g->console_mfn, PTE_DATA), 0))
        return false;
    g->ring = window(SLOT_RING);
    return true;
}

bool guest_build(struct guest *g)
{
    uint64_t end, top;

    if (!guest_create(g) || !guest_populate(g) || !load_image(g, &end) || !guest_connect(g) ||
        !prepare_shared_info(g))
        return false;
    top = lay_out(g, end);
    if (!write_tables(g, top) || !guest_write_p2m(g) || !write_start_info(g) ||
        !write_hypercall_page(g) || !pin_root(g) || !start_vcpu(g) || !seed_grants(g))
        return false;
    return guest_map_console(g);
}

static bool starts_with(const char *text, const char *with)
{
    while (*with)
        if (*text++ != *with++)
            return false;
    return true;
}

static void end_line(struct guest *g)
{
    g->line[g->line_length] = '\0';
    g->line_length = 0;
    printk("d%u| %s\n", g->id, g->line);
    g->passed = g->passed || starts_with(g->line, "VERDICT pass");
    g->failed = g->failed || starts_with(g->line, "VERDICT fail") || starts_with(g->line, "FAIL ");
    g->skipped = g->skipped || starts_with(g->line, "VERDICT skip");
}

void guest_drain_console(struct guest *g)
{
    volatile struct xencons_interface *ring = (volatile struct xencons_interface *)g->ring;
    uint32_t cons = ring->out_cons, prod = __atomic_load_n(&ring->out_prod, __ATOMIC_SEQ_CST);

    if (prod - cons > sizeof(ring->out))
        return;
    for (; cons != prod; cons++) {
        char c = ring->out[cons % sizeof(ring->out)];

        if (c == '\n' || g->line_length == sizeof(g->line) - 1)
            end_line(g);
        else
            g->line[g->line_length++] = c;
    }
    /* No event: the guest's tests count theirs, and a guest that waits for room looks itself. */
    __atomic_store_n(&ring->out_cons, cons, __ATOMIC_SEQ_CST);
}

static void wait_for_console(const struct guest *g)
{
    evtchn_port_t port = g->local_port;
    struct sched_poll poll = {
        .ports = &port, .nr_ports = 1, .timeout = time_now() + MILLISECS(5),
    };

    hypercall_2(__HYPERVISOR_sched_op, SCHEDOP_poll, &poll);
    port_clear_pending(g->local_port);
}

int guest_run(struct guest *g)
{
    uint64_t limit = time_now() + TIME_LIMIT;
    struct xen_domctl_getdomaininfo info;

    CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain, g->id), 0);
    while (time_now() < limit) {
        wait_for_console(g);
        guest_drain_console(g);
        if (!domain_info(g->id, &info))
            return -1;
        if (info.flags & XEN_DOMINF_shutdown) {
            guest_drain_console(g);
            return (int)(info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask);
        }
    }
    return -1;
}

void guest_end_all(struct guest *g)
{
    slot_unmap(SLOT_PAGE);
    slot_unmap(SLOT_RING);
    slot_unmap(SLOT_SHARED);
    if (g->local_port)
        CHECK_EQ(event_close(g->local_port), 0);
    g->local_port = 0;
    CHECK_EQ(domain_destroy(g->id), 0);
}
