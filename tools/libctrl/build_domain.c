/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a PV domain, step by step. Memory that the hypervisor gives holds zeros, so only what is
 * not zero is written. docs/interface/boot.md says what a guest finds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include <libctrl/domain.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/memory.h>
#include <libctrl/vcpu.h>

#include <public/domctl.h>
#include <public/xen.h>

#include "build.h"

#define RFLAGS_IF   0x200u
#define E820_RAM    1u

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int load_kernel(struct builder *b)
{
    /* From the file straight into the guest where possible: the file is not mapped for it. */
    const struct build_source from = {
        .bytes = b->kernel->fd < 0 ? b->kernel->elf : NULL,
        .fd = b->kernel->fd, .name = b->kernel->name,
    };
    unsigned int i;
    int rc = 0;

    for (i = 0; rc == 0 && i < b->kernel->nr_segments; i++) {
        const struct kernel_segment *s = &b->kernel->segments[i];

        rc = build_load(b, &from, s->offset + (from.bytes ? 0 : b->kernel->elf_offset), s->paddr,
                        s->file_size);
    }
    return rc;
}

static int load_ramdisk(struct builder *b)
{
    const struct build_source from = { .fd = b->in->ramdisk_fd, .name = b->in->ramdisk_name };

    return build_load(b, &from, 0, b->layout.ramdisk.pfn << CTRL_PAGE_SHIFT, b->ramdisk_size);
}

static int check_input(struct builder *b)
{
    struct stat st;

    if (b->in->cmdline && strlen(b->in->cmdline) >= MAX_GUEST_CMDLINE) {
        return ctrl_fail(b->ctrl, -EINVAL, "domain %u: its command line has %zu bytes; at most "
                         "%u are possible", b->in->domid, strlen(b->in->cmdline),
                         MAX_GUEST_CMDLINE - 1);
    }
    if (b->in->ramdisk_fd >= 0) {
        if (fstat(b->in->ramdisk_fd, &st) != 0) {
            return fail_errno(b->ctrl, -errno, "%s", b->in->ramdisk_name);
        }
        b->ramdisk_size = (uint64_t)st.st_size;
    }
    return build_lay_out(b->ctrl, b->kernel, b->in->nr_pages, b->ramdisk_size, &b->layout);
}

static int make_port(struct builder *b, uint32_t given, uint32_t remote, uint32_t *port)
{
    int rc = given ? (int)given : ctrl_event_alloc_unbound(b->ctrl, b->in->domid, remote);

    if (rc < 0) {
        return rc;
    }
    *port = (uint32_t)rc;
    return 0;
}

/* The shared page is new, so only the masks of events are not yet as a guest wants them. */
static int prepare_shared_info(struct builder *b)
{
    struct ctrl_domain_info info;
    struct shared_info *shared;
    void *address;
    unsigned int i;
    int rc = ctrl_domain_info(b->ctrl, b->in->domid, &info);

    rc = rc ? rc : ctrl_foreign_map(b->ctrl, b->in->domid, PROT_READ | PROT_WRITE, 1,
                                    &info.shared_info_mfn, NULL, &address);
    if (rc != 0) {
        return rc;
    }
    shared = address;
    for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        shared->vcpu_info[i].evtchn_upcall_mask = 1;
    }
    b->result.shared_info_mfn = info.shared_info_mfn;
    return ctrl_foreign_unmap(b->ctrl, address, 1);
}

static void fill_start_info(struct builder *b, void *page)
{
    const struct build_layout *l = &b->layout;
    struct start_info *si = page;
    static const char magic[] = "xen-3.0-x86_64";

    memcpy(si->magic, magic, sizeof(magic));
    si->nr_pages = b->in->nr_pages;
    si->shared_info = b->result.shared_info_mfn << CTRL_PAGE_SHIFT;
    si->flags = b->in->flags;
    si->store_mfn = b->result.store_mfn;
    si->store_evtchn = b->result.store_port;
    si->console.domU.mfn = b->result.console_mfn;
    si->console.domU.evtchn = b->result.console_port;
    si->pt_base = l->tables.va;
    si->nr_pt_frames = l->tables.pages;
    si->mfn_list = l->p2m.va;
    if (l->p2m_tables.pages > 0) {
        si->first_p2m_pfn = l->p2m.pfn;
        si->nr_p2m_frames = l->p2m.pages + l->p2m_tables.pages;
    }
    if (b->ramdisk_size > 0) {
        si->flags |= l->ramdisk.va ? 0 : SIF_MOD_START_PFN;
        si->mod_start = l->ramdisk.va ? l->ramdisk.va : l->ramdisk.pfn;
        si->mod_len = b->ramdisk_size;
    }
    if (b->in->cmdline) {
        memcpy(si->cmd_line, b->in->cmdline, strlen(b->in->cmdline) + 1);
    }
}

static int write_hypercall_page(struct builder *b)
{
    struct xen_domctl op = { .cmd = 0 };
    uint64_t va = b->kernel->info.hypercall_page;

    if (va == CTRL_NOTE_UNSET) {
        return 0;
    }
    op.u.hypercall_init.gmfn = b->p2m[(va - b->layout.v_start) >> CTRL_PAGE_SHIFT];
    return domctl(b->ctrl, &op, XEN_DOMCTL_hypercall_init, b->in->domid,
                  "filling its hypercall page");
}

static int start_vcpu(struct builder *b)
{
    struct vcpu_guest_context c;
    const struct build_layout *l = &b->layout;

    memset(&c, 0, sizeof(c));
    c.flags = VGCF_in_kernel | VGCF_online;
    c.user_regs.rip = b->kernel->info.entry;
    c.user_regs.rsp = l->stack.va + CTRL_PAGE_SIZE;
    c.user_regs.rsi = l->start_info.va;
    c.user_regs.rflags = RFLAGS_IF;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.kernel_ss = c.user_regs.ss;
    c.kernel_sp = c.user_regs.rsp;
    c.ctrlreg[3] = xen_pfn_to_cr3(b->p2m[l->tables.pfn]);
    return ctrl_vcpu_set_context(b->ctrl, b->in->domid, 0, &c);
}

static int seed_grants(struct builder *b)
{
    const struct ctrl_grant_entry entries[] = {
        { CTRL_GRANT_CONSOLE, b->in->console_domid, b->result.console_mfn, false },
        { CTRL_GRANT_STORE, b->in->store_domid, b->result.store_mfn, false },
    };

    return ctrl_grant_seed(b->ctrl, b->in->domid, entries, 2);
}

static int tell_memory_map(struct builder *b)
{
    uint64_t pages = b->in->max_pages > b->in->nr_pages ? b->in->max_pages : b->in->nr_pages;
    const struct ctrl_e820 ram = { 0, pages << CTRL_PAGE_SHIFT, E820_RAM };

    return ctrl_memory_set_map(b->ctrl, b->in->domid, &ram, 1);
}

/* What the start page will say. */
static int prepare(struct builder *b)
{
    const struct build_layout *l = &b->layout;
    int rc = make_port(b, b->in->store_port, b->in->store_domid, &b->result.store_port);

    rc = rc ? rc : make_port(b, b->in->console_port, b->in->console_domid,
                             &b->result.console_port);
    b->result.store_mfn = b->p2m[l->store.pfn];
    b->result.console_mfn = b->p2m[l->console.pfn];
    b->result.start_info_mfn = b->p2m[l->start_info.pfn];
    b->result.pages_needed = l->pages_needed;
    return rc ? rc : prepare_shared_info(b);
}

static int write_tables(struct builder *b)
{
    int rc = prepare(b);

    rc = rc ? rc : build_tables(b, fill_start_info);
    return rc ? rc : build_pin(b);
}

static int finish(struct builder *b)
{
    int rc = tell_memory_map(b);

    rc = rc ? rc : write_hypercall_page(b);
    rc = rc ? rc : start_vcpu(b);
    return rc ? rc : seed_grants(b);
}

int ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                  struct ctrl_build_result *result)
{
    static int (*const phases[CTRL_BUILD_NR_PHASES])(struct builder *b) = {
        [CTRL_BUILD_MEMORY] = build_populate,
        [CTRL_BUILD_KERNEL] = load_kernel,
        [CTRL_BUILD_RAMDISK] = load_ramdisk,
        [CTRL_BUILD_TABLES] = write_tables,
        [CTRL_BUILD_REST] = finish,
    };
    struct builder b = { .ctrl = ctrl, .in = build, .kernel = build->kernel };
    uint64_t start, end;
    unsigned int i;
    int rc = check_input(&b);

    if (rc != 0) {
        return rc;
    }
    b.p2m = malloc(build->nr_pages * sizeof(b.p2m[0]));
    if (!b.p2m) {
        return fail_errno(ctrl, -ENOMEM, "domain %u: the list of its frames", build->domid);
    }
    start = now_ns();
    for (i = 0; rc == 0 && i < CTRL_BUILD_NR_PHASES; i++) {
        rc = phases[i](&b);
        end = now_ns();
        b.result.ns[i] = end - start;
        start = end;
    }
    free(b.p2m);
    if (rc == 0) {
        *result = b.result;
    }
    return rc;
}
