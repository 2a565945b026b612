/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a PV domain, step by step. Memory that the hypervisor gives holds zeros, so only what is
 * not zero is written. docs/interface/boot.md says what a guest finds.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libctrl/domain.h>
#include <libctrl/memory.h>
#include <libctrl/vcpu.h>

#include <public/domctl.h>
#include <public/xen.h>

#include "build.h"

#define RFLAGS_IF   0x200u
#define E820_RAM    1u

static int load_ramdisk(struct builder *b)
{
    return build_load_ramdisk(b, b->layout.ramdisk.pfn << CTRL_PAGE_SHIFT);
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
    int rc = build_make_ports(b);

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
    return rc ? rc : build_seed_grants(b);
}

int ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                  struct ctrl_build_result *result)
{
    static build_phase *const phases[CTRL_BUILD_NR_PHASES] = {
        [CTRL_BUILD_MEMORY] = build_populate,
        [CTRL_BUILD_KERNEL] = build_load_kernel,
        [CTRL_BUILD_RAMDISK] = load_ramdisk,
        [CTRL_BUILD_TABLES] = write_tables,
        [CTRL_BUILD_REST] = finish,
    };
    struct builder b = { .ctrl = ctrl, .in = build, .kernel = build->kernel };
    int rc = build_check_input(&b, MAX_GUEST_CMDLINE - 1);

    rc = rc ? rc : build_lay_out(ctrl, b.kernel, build->nr_pages, b.ramdisk_size, &b.layout);
    if (rc != 0) {
        return rc;
    }
    b.p2m = malloc(build->nr_pages * sizeof(b.p2m[0]));
    if (!b.p2m) {
        return fail_errno(ctrl, -ENOMEM, "domain %u: the list of its frames", build->domid);
    }
    rc = build_run(&b, phases);
    free(b.p2m);
    if (rc == 0) {
        *result = b.result;
    }
    return rc;
}
