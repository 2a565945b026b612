/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain without page tables of its own to begin with: memory from guest frame 0 on, the image at
 * its physical addresses, start_info, console and store pages behind it, and a vCPU in flat 32-bit
 * mode. Frames of the domain are named by guest frame numbers throughout.
 */
#include "build_pvh.h"

#include <public/hvm/hvm_op.h>
#include <public/hvm/params.h>
#include <public/hvm/save.h>
#include <public/hvm/start_info.h>

#include "check.h"
#include "control.h"
#include "elf_image.h"
#include "hypercall.h"
#include "mm.h"
#include "string.h"

#define POOL_BYTES (4UL << 20) /* for the domain's map, where the hypervisor takes it from that */
#define SEGMENT_CODE 0xc9bU
#define SEGMENT_DATA 0xc93U
#define SEGMENT_TSS  0x8bU
#define CR0_PE_ET    0x11UL

struct cpu_records {
    struct hvm_save_descriptor header_head;
    struct hvm_save_header header;
    struct hvm_save_descriptor cpu_head;
    struct hvm_hw_cpu cpu;
    struct hvm_save_descriptor end;
} __attribute__((packed));

bool pvh_is_offered(void)
{
    struct xen_sysctl op = { 0 };

    return sysctl(&op, XEN_SYSCTL_physinfo) == 0 &&
           (op.u.physinfo.capabilities & XEN_SYSCTL_PHYSCAP_hvm);
}

static bool copy_in(struct guest *g, uint64_t address, uint64_t offset, uint64_t len)
{
    while (len) {
        uint64_t n = PAGE_SIZE - address % PAGE_SIZE;
        uint8_t *page = guest_page(g, address >> PAGE_SHIFT);

        n = n < len ? n : len;
        if (!page)
            return false;
        module_read(offset, page + address % PAGE_SIZE, n);
        address += n;
        offset += n;
        len -= n;
    }
    return true;
}

static bool load_image(struct guest *g)
{
    struct elf_image image;

    if (!CHECK(elf_image_read(&image)))
        return false;
    for (unsigned int i = 0; i < image.nr_segments; i++)
        if (!copy_in(g, image.segment[i].va, image.segment[i].offset, image.segment[i].size))
            return false;
    g->entry = image.entry;
    g->start_info = (image.end + PAGE_SIZE - 1) & -PAGE_SIZE;
    g->console_mfn = (g->start_info >> PAGE_SHIFT) + 1;
    g->store_mfn = g->console_mfn + 1;
    return true;
}

static bool write_start_info(struct guest *g)
{
    struct hvm_start_info *si = guest_page(g, g->start_info >> PAGE_SHIFT);

    if (si)
        *si = (struct hvm_start_info){ .magic = XEN_HVM_START_MAGIC_VALUE, .version = 1 };
    return si != NULL;
}

static bool set_param(const struct guest *g, uint32_t index, uint64_t value)
{
    struct xen_hvm_param p = { .domid = (domid_t)g->id, .index = index, .value = value };

    return CHECK_EQ(hypercall_2(__HYPERVISOR_hvm_op, HVMOP_set_param, &p), 0);
}

static void make_cpu(const struct guest *g, struct hvm_hw_cpu *c)
{
    memset(c, 0, sizeof(*c));
    c->rip = g->entry;
    c->rbx = g->start_info;
    c->rflags = 2;
    c->cr0 = CR0_PE_ET;
    c->cs_limit = c->ds_limit = c->es_limit = c->ss_limit = ~0U;
    c->cs_arbytes = SEGMENT_CODE;
    c->ds_arbytes = c->es_arbytes = c->ss_arbytes = SEGMENT_DATA;
    c->tr_limit = 0x67;
    c->tr_arbytes = SEGMENT_TSS;
    c->dr6 = 0xffff0ff0;
    c->dr7 = 0x400;
}

/* The hypervisor's own header, then ours. */
static bool start_vcpu(struct guest *g)
{
    static uint8_t saved[32768];
    static struct cpu_records r;
    static struct hvm_hw_cpu cpu;
    struct xen_domctl op = { .u.hvmcontext = { .size = sizeof(saved), .buffer = saved } };

    if (!CHECK_EQ(domctl(&op, XEN_DOMCTL_gethvmcontext, g->id), 0))
        return false;
    memset(&r, 0, sizeof(r));
    memcpy(&r, saved, sizeof(r.header_head) + sizeof(r.header));
    r.cpu_head.typecode = HVM_SAVE_CODE_CPU;
    r.cpu_head.length = sizeof(r.cpu);
    make_cpu(g, &cpu);
    r.cpu = cpu;
    op.u.hvmcontext.size = sizeof(r);
    op.u.hvmcontext.buffer = (uint8_t *)&r;
    return CHECK_EQ(domctl(&op, XEN_DOMCTL_sethvmcontext, g->id), 0);
}

bool pvh_build(struct guest *g)
{
    struct xen_domctl op = { .u.paging_mempool.size = POOL_BYTES };

    guest_create_flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
    return guest_create(g) &&
           CHECK_EQ(domctl(&op, XEN_DOMCTL_set_paging_mempool_size, g->id), 0) &&
           guest_populate(g) && load_image(g) && guest_connect(g) && write_start_info(g) &&
           set_param(g, HVM_PARAM_CONSOLE_PFN, g->console_mfn) &&
           set_param(g, HVM_PARAM_CONSOLE_EVTCHN, g->console_port) &&
           set_param(g, HVM_PARAM_STORE_PFN, g->store_mfn) &&
           set_param(g, HVM_PARAM_STORE_EVTCHN, g->store_port) && start_vcpu(g) &&
           guest_map_console(g);
}
