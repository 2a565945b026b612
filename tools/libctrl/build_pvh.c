/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building a PVH domain, step by step. Memory that the hypervisor gives holds zeros, so only what
 * is not zero is written. docs/interface/boot.md says what a guest finds, hvm.md where.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libctrl/domain.h>
#include <libctrl/hvm.h>
#include <libctrl/memory.h>

#include <public/hvm/params.h>
#include <public/hvm/save.h>
#include <public/hvm/start_info.h>

#include "acpi.h"
#include "build.h"
#include "pvh.h"

#define CMDLINE_MAX 2047u

/* --- memory --- */

#define LARGE_ORDER 9
#define BATCH       512u    /* extents at once */

/*
 * nr extents of an order from gfn on. Returns how many frames came; fewer than were asked for if
 * there are no more, or none so large.
 */
static int64_t populate_order(struct builder *b, unsigned int order, uint64_t gfn, uint64_t nr)
{
    uint64_t frames[BATCH], done = 0, some, i;
    long made;

    while (done < nr) {
        some = nr - done < BATCH ? nr - done : BATCH;
        for (i = 0; i < some; i++) {
            frames[i] = gfn + ((done + i) << order);
        }
        made = ctrl_memory_populate(b->ctrl, b->in->domid, order, some, frames);
        if (made < 0) {
            return made;
        }
        done += (uint64_t)made;
        if ((uint64_t)made < some) {
            break;
        }
    }
    return (int64_t)(done << order);
}

/* [gfn, gfn + pages), in large extents as far as there are any. */
static int populate_range(struct builder *b, uint64_t gfn, uint64_t pages)
{
    int64_t large = populate_order(b, LARGE_ORDER, gfn, pages >> LARGE_ORDER), small;

    if (large < 0) {
        return (int)large;
    }
    small = populate_order(b, 0, gfn + (uint64_t)large, pages - (uint64_t)large);
    if (small < 0) {
        return (int)small;
    }
    large += small;
    return (uint64_t)large == pages ? 0 : build_no_memory(b, (uint64_t)large);
}

static uint64_t high_pages(const struct builder *b)
{
    return b->in->nr_pages - b->pvh.low_pages;
}

/* What Xen's tools let the host have for its nested tables: a MiB a vCPU, 8 KiB a MiB of memory. */
static int give_paging_memory(struct builder *b)
{
    return ctrl_hvm_set_paging_memory(b->ctrl, b->in->domid, ((uint64_t)b->nr_vcpus << 20) +
                                      ((b->in->nr_pages >> 8) << 13));
}

static int populate(struct builder *b)
{
    uint64_t special[] = { PVH_STORE, PVH_IDENT_PT, PVH_CONSOLE };
    long made;
    int rc = give_paging_memory(b);

    rc = rc ? rc : populate_range(b, 0, b->pvh.low_pages);

    rc = rc || high_pages(b) == 0 ? rc : populate_range(b, PVH_HIGH_START, high_pages(b));
    rc = rc ? rc : populate_range(b, PVH_HOLE_START, b->acpi_pages);
    if (rc != 0) {
        return rc;
    }
    made = ctrl_memory_populate(b->ctrl, b->in->domid, 0, 3, special);
    return made < 0 ? (int)made : made < 3 ? build_no_memory(b, b->in->nr_pages) : 0;
}

/* --- what lies in it --- */

static int load_ramdisk(struct builder *b)
{
    return build_load_ramdisk(b, b->pvh.ramdisk);
}

static int load_bytes(struct builder *b, const void *bytes, uint64_t paddr, size_t size)
{
    const struct build_source from = { .bytes = bytes };

    return build_load(b, &from, 0, paddr, size);
}

static int write_acpi(struct builder *b, const uint8_t *tables)
{
    return load_bytes(b, tables, (uint64_t)PVH_HOLE_START << CTRL_PAGE_SHIFT,
                      b->acpi_pages << CTRL_PAGE_SHIFT);
}

/* Maps the first 4 GiB to themselves, in pages of 4 MiB. */
static int write_ident_pt(struct builder *b)
{
    uint32_t entries[CTRL_PAGE_SIZE / 4], i;

    for (i = 0; i < CTRL_PAGE_SIZE / 4; i++) {
        entries[i] = i << 22 | 0xe7;    /* present, writable, user, accessed, dirty, large */
    }
    return load_bytes(b, entries, (uint64_t)PVH_IDENT_PT << CTRL_PAGE_SHIFT, sizeof(entries));
}

#define MAP_MAX 4u

/* The memory map; returns how many entries it has. */
static unsigned int memory_map(const struct builder *b, struct ctrl_e820 map[MAP_MAX])
{
    unsigned int nr = 0;

    map[nr++] = (struct ctrl_e820){
        0, b->pvh.low_pages << CTRL_PAGE_SHIFT, XEN_HVM_MEMMAP_TYPE_RAM,
    };
    map[nr++] = (struct ctrl_e820){
        (uint64_t)PVH_HOLE_START << CTRL_PAGE_SHIFT, b->acpi_pages << CTRL_PAGE_SHIFT,
        XEN_HVM_MEMMAP_TYPE_ACPI,
    };
    map[nr++] = (struct ctrl_e820){
        (uint64_t)PVH_SPECIAL_START << CTRL_PAGE_SHIFT,
        (uint64_t)(PVH_SPECIAL_END - PVH_SPECIAL_START) << CTRL_PAGE_SHIFT,
        XEN_HVM_MEMMAP_TYPE_RESERVED,
    };
    if (high_pages(b) > 0) {
        map[nr++] = (struct ctrl_e820){
            (uint64_t)PVH_HIGH_START << CTRL_PAGE_SHIFT, high_pages(b) << CTRL_PAGE_SHIFT,
            XEN_HVM_MEMMAP_TYPE_RAM,
        };
    }
    return nr;
}

/* All that start_info points at, but for the ACPI tables, is in its page. */
struct start_page {
    struct hvm_start_info info;
    struct hvm_modlist_entry module;
    struct hvm_memmap_table_entry map[MAP_MAX];
    char cmdline[CMDLINE_MAX + 1];
};

static int write_start_info(struct builder *b)
{
    uint64_t paddr = b->pvh.start_info;
    struct ctrl_e820 map[MAP_MAX];
    struct start_page page = {
        .info = {
            .magic = XEN_HVM_START_MAGIC_VALUE, .version = 1,
            .cmdline_paddr = paddr + offsetof(struct start_page, cmdline),
            .rsdp_paddr = (uint64_t)PVH_HOLE_START << CTRL_PAGE_SHIFT,
            .memmap_paddr = paddr + offsetof(struct start_page, map),
            .memmap_entries = memory_map(b, map),
        },
    };
    unsigned int i;

    for (i = 0; i < page.info.memmap_entries; i++) {
        page.map[i] = (struct hvm_memmap_table_entry){ map[i].start, map[i].size, map[i].type, 0 };
    }
    if (b->ramdisk_size > 0) {
        page.info.nr_modules = 1;
        page.info.modlist_paddr = paddr + offsetof(struct start_page, module);
        page.module = (struct hvm_modlist_entry){ .paddr = b->pvh.ramdisk,
                                                  .size = b->ramdisk_size };
    }
    if (b->in->cmdline) {
        memcpy(page.cmdline, b->in->cmdline, strlen(b->in->cmdline));
    }
    return load_bytes(b, &page, paddr, sizeof(page));
}

static int write_tables(struct builder *b)
{
    uint8_t *tables = calloc(1, ACPI_TABLES_MAX);
    int rc;

    if (!tables) {
        return fail_errno(b->ctrl, -ENOMEM, "domain %u: its ACPI tables", b->in->domid);
    }
    acpi_build(tables, (uint64_t)PVH_HOLE_START << CTRL_PAGE_SHIFT, b->nr_vcpus);
    rc = write_acpi(b, tables);
    free(tables);
    rc = rc ? rc : write_ident_pt(b);
    return rc ? rc : write_start_info(b);
}

/* --- processors --- */

#define CR0_START  0x11u        /* protected mode; ET */
#define FLAT_CODE  0xc9bu       /* 32 bits, of pages, present, accessed */
#define FLAT_DATA  0xc93u
#define BUSY_TSS   0x8bu
#define PAT_RESET  0x0007040600070406ull
#define MTRR_CAP   0x508u       /* 8 variable ranges, fixed ones, write-combining */
#define MTRR_ON_WB 0x806u       /* all memory is write-back */

static uint8_t *put_record(uint8_t *p, uint16_t code, uint32_t instance, const void *data,
                           size_t size)
{
    const struct hvm_save_descriptor head = { code, (uint16_t)instance, (uint32_t)size };

    memcpy(p, &head, sizeof(head));
    if (size > 0) {
        memcpy(p + sizeof(head), data, size);
    }
    return p + sizeof(head) + size;
}

/* The state that a PVH kernel starts in: 32-bit protected mode, flat segments, no paging. */
static uint8_t *put_cpu(const struct builder *b, uint8_t *p)
{
    const struct hvm_hw_cpu cpu = {
        .rip = b->kernel->info.entry, .rbx = b->pvh.start_info, .rflags = 2, .cr0 = CR0_START,
        .cs_limit = UINT32_MAX, .ds_limit = UINT32_MAX, .es_limit = UINT32_MAX,
        .ss_limit = UINT32_MAX, .tr_limit = 0x67,
        .cs_arbytes = FLAT_CODE, .ds_arbytes = FLAT_DATA, .es_arbytes = FLAT_DATA,
        .ss_arbytes = FLAT_DATA, .tr_arbytes = BUSY_TSS,
        .dr6 = 0xffff0ff0, .dr7 = 0x400,
    };

    return put_record(p, HVM_SAVE_CODE_CPU, 0, &cpu, sizeof(cpu));
}

static int set_state(struct builder *b)
{
    const struct hvm_save_header header = { .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION };
    const struct hvm_hw_mtrr mtrr = {
        .msr_pat_cr = PAT_RESET, .msr_mtrr_cap = MTRR_CAP, .msr_mtrr_def_type = MTRR_ON_WB,
    };
    size_t head = sizeof(struct hvm_save_descriptor);
    uint8_t *records = malloc(3 * head + sizeof(header) + sizeof(struct hvm_hw_cpu) +
                              b->nr_vcpus * (head + sizeof(mtrr)));
    uint8_t *p;
    uint32_t vcpu;
    int rc;

    if (!records) {
        return fail_errno(b->ctrl, -ENOMEM, "domain %u: its processors' state", b->in->domid);
    }
    p = put_record(records, HVM_SAVE_CODE_HEADER, 0, &header, sizeof(header));
    p = put_cpu(b, p);
    for (vcpu = 0; vcpu < b->nr_vcpus; vcpu++) {
        p = put_record(p, HVM_SAVE_CODE_MTRR, vcpu, &mtrr, sizeof(mtrr));
    }
    p = put_record(p, HVM_SAVE_CODE_END, 0, NULL, 0);
    rc = ctrl_hvm_state_set(b->ctrl, b->in->domid, records, (size_t)(p - records));
    free(records);
    return rc;
}

/* --- the whole --- */

static int set_params(struct builder *b)
{
    const struct {
        enum ctrl_hvm_param param;
        uint64_t value;
    } params[] = {
        { CTRL_HVM_STORE_PFN, PVH_STORE },
        { CTRL_HVM_STORE_PORT, b->result.store_port },
        { CTRL_HVM_CONSOLE_PFN, PVH_CONSOLE },
        { CTRL_HVM_CONSOLE_PORT, b->result.console_port },
        { CTRL_HVM_IDENT_PT, (uint64_t)PVH_IDENT_PT << CTRL_PAGE_SHIFT },
        { CTRL_HVM_TIMER_MODE, HVMPTM_no_delay_for_missed_ticks },
    };
    size_t i;
    int rc = 0;

    for (i = 0; rc == 0 && i < sizeof(params) / sizeof(params[0]); i++) {
        rc = ctrl_hvm_param_set(b->ctrl, b->in->domid, params[i].param, params[i].value);
    }
    return rc;
}

static int tell_memory_map(struct builder *b)
{
    struct ctrl_e820 map[MAP_MAX];
    unsigned int nr = memory_map(b, map);

    return ctrl_memory_set_map(b->ctrl, b->in->domid, map, nr);
}

static int finish(struct builder *b)
{
    int rc = build_make_ports(b);

    b->result.store_mfn = PVH_STORE;
    b->result.console_mfn = PVH_CONSOLE;
    b->result.start_info_mfn = b->pvh.start_info >> CTRL_PAGE_SHIFT;
    b->result.pages_needed = b->pvh.pages_needed;
    rc = rc ? rc : tell_memory_map(b);
    rc = rc ? rc : set_params(b);
    rc = rc ? rc : set_state(b);
    return rc ? rc : build_seed_grants(b);
}

/* How many vCPUs it has, and pages for the tables that list them. */
static int count_vcpus(struct builder *b)
{
    struct ctrl_domain_info info;
    uint8_t *tables;
    int rc = ctrl_domain_info(b->ctrl, b->in->domid, &info);

    if (rc != 0) {
        return rc;
    }
    b->nr_vcpus = info.max_vcpu_id + 1;
    if (!info.hvm || b->nr_vcpus > PVH_MAX_VCPUS) {
        return ctrl_fail(b->ctrl, -EINVAL, "domain %u: it is %s", b->in->domid,
                         info.hvm ? "one of more than 128 vCPUs" : "not a PVH domain");
    }
    tables = calloc(1, ACPI_TABLES_MAX);
    if (!tables) {
        return fail_errno(b->ctrl, -ENOMEM, "domain %u: its ACPI tables", b->in->domid);
    }
    b->acpi_pages = (acpi_build(tables, 0, b->nr_vcpus) + CTRL_PAGE_SIZE - 1) >> CTRL_PAGE_SHIFT;
    free(tables);
    return 0;
}

int ctrl_build_pvh(struct ctrl *ctrl, const struct ctrl_build *build,
                   struct ctrl_build_result *result)
{
    static build_phase *const phases[CTRL_BUILD_NR_PHASES] = {
        [CTRL_BUILD_MEMORY] = populate,
        [CTRL_BUILD_KERNEL] = build_load_kernel,
        [CTRL_BUILD_RAMDISK] = load_ramdisk,
        [CTRL_BUILD_TABLES] = write_tables,
        [CTRL_BUILD_REST] = finish,
    };
    struct builder b = { .ctrl = ctrl, .in = build, .kernel = build->kernel };
    int rc;

    if (!b.kernel->info.pvh) {
        return ctrl_fail(ctrl, -EINVAL, "%s: the kernel was not opened for a PVH guest",
                         b.kernel->name);
    }
    rc = build_check_input(&b, CMDLINE_MAX);
    rc = rc ? rc : pvh_lay_out(ctrl, b.kernel, build->nr_pages, b.ramdisk_size, &b.pvh);
    rc = rc ? rc : count_vcpus(&b);
    rc = rc ? rc : build_run(&b, phases);
    if (rc == 0) {
        *result = b.result;
    }
    return rc;
}
