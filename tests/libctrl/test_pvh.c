/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building PVH domains over the model: what the guest would find in its memory, and in its
 * registers. Then every hypercall and every mapping of a build is made to fail once. ACPI tables
 * are read by Intel's own tools: test_acpi writes them to files, acpi.py has them disassembled.
 */
#include "common.h"
#include "kernel_maker.h"

#include <fcntl.h>

#include <libctrl/build.h>
#include <libctrl/domain.h>
#include <libctrl/dump.h>
#include <libctrl/hvm.h>
#include <libctrl/memory.h>

#include <public/grant_table.h>
#include <public/hvm/save.h>
#include <public/hvm/start_info.h>

#include "acpi.h"
#include "pvh.h"

#define PAGES   8192u
#define EXTRA   (CTRL_PVH_EXTRA_KIB / 4)
#define ENTRY32 0x1000010u
#define RSDP_AT ((uint64_t)PVH_HOLE_START << 12)

static struct ctrl_build_result result;

static uint32_t new_domain(uint64_t pages, uint32_t vcpus)
{
    struct ctrl_domain_create create = { .max_vcpus = vcpus, .hvm = true, .hap = true };
    int id;

    fake.hvm = true;
    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    if (id > 0 && ctrl_domain_set_max_mem(ctrl, (uint32_t)id, pages * 4) != 0) {
        ctrl_domain_destroy(ctrl, (uint32_t)id);
        return 0;
    }
    return id > 0 ? (uint32_t)id : 0;
}

static void *guest_at(uint32_t id, uint64_t paddr)
{
    uint64_t mfn = fake_hvm_frame(fake_domain(id), paddr >> 12);

    assert_true(mfn < FAKE_FRAMES && fake.owner[mfn] == id);
    return (uint8_t *)fake_frame(mfn) + paddr % 4096;
}

static void pvh_notes(struct elf_maker *m)
{
    elf_maker_init(m);
    elf_maker_number(m, XEN_ELFNOTE_PHYS32_ENTRY, ENTRY32);
}

static struct ctrl_kernel *made_kernel(struct elf_maker *m)
{
    struct ctrl_kernel *kernel;
    int fd = kernel_made(m);

    assert_int_equal(ctrl_kernel_open_pvh(ctrl, fd, "made", &kernel), 0);
    close(fd);
    return kernel;
}

static int open_made(const struct elf_maker *m, struct ctrl_kernel **kernel)
{
    int fd = kernel_made(m), rc = ctrl_kernel_open_pvh(ctrl, fd, "k", kernel);

    close(fd);
    return rc;
}

/* The record of a kind, for a vCPU; it stays where it is. */
static const void *record(uint32_t id, uint16_t code, uint16_t instance)
{
    const struct fake_domain *d = fake_domain(id);
    const uint8_t *p = d->hvm_state, *end = p + d->hvm_state_size;
    struct hvm_save_descriptor head;

    while (p < end) {
        memcpy(&head, p, sizeof(head));
        p += sizeof(head);
        if (head.typecode == code && head.instance == instance) {
            return p;
        }
        p += head.length;
    }
    return NULL;
}

static void check_state(uint32_t id, uint32_t vcpus)
{
    struct hvm_save_header header;
    struct hvm_hw_cpu cpu;
    struct hvm_hw_mtrr mtrr;
    uint32_t vcpu;

    memcpy(&header, record(id, HVM_SAVE_CODE_HEADER, 0), sizeof(header));
    assert_true(header.magic == HVM_FILE_MAGIC && header.version == HVM_FILE_VERSION);
    memcpy(&cpu, record(id, HVM_SAVE_CODE_CPU, 0), sizeof(cpu));
    assert_int_equal(cpu.rip, ENTRY32);
    assert_int_equal(cpu.rbx, result.start_info_mfn << 12);
    assert_int_equal(cpu.cr0, 0x11);
    assert_true(cpu.cr4 == 0 && cpu.msr_efer == 0 && cpu.rflags == 2);
    assert_true(cpu.cs_arbytes == 0xc9b && cpu.cs_limit == UINT32_MAX && cpu.cs_base == 0);
    assert_true(cpu.ds_arbytes == 0xc93 && cpu.es_arbytes == 0xc93 && cpu.ss_arbytes == 0xc93);
    assert_true(cpu.tr_arbytes == 0x8b && cpu.tr_limit == 0x67);
    assert_null(record(id, HVM_SAVE_CODE_CPU, 1));
    for (vcpu = 0; vcpu < vcpus; vcpu++) {
        memcpy(&mtrr, record(id, HVM_SAVE_CODE_MTRR, (uint16_t)vcpu), sizeof(mtrr));
        assert_int_equal(mtrr.msr_mtrr_def_type, 0x806);
        assert_true(mtrr.msr_pat_cr == 0x0007040600070406);
    }
    assert_non_null(record(id, HVM_SAVE_CODE_END, 0));
}

static uint8_t sum(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint8_t total = 0;

    while (size-- > 0) {
        total = (uint8_t)(total + *p++);
    }
    return total;
}

/* Finds a table through the RSDP, as a kernel does. */
static const uint8_t *find_table(uint32_t id, uint64_t rsdp, const char *signature)
{
    const uint8_t *r = guest_at(id, rsdp), *x, *t;
    uint64_t xsdt, at;
    uint32_t i, length;

    assert_memory_equal(r, "RSD PTR ", 8);
    assert_true(sum(r, 20) == 0 && sum(r, 36) == 0);
    memcpy(&xsdt, r + 24, 8);
    x = guest_at(id, xsdt);
    memcpy(&length, x + 4, 4);
    for (i = 36; i < length; i += 8) {
        memcpy(&at, x + i, 8);
        t = guest_at(id, at);
        if (memcmp(t, signature, 4) == 0) {
            memcpy(&length, t + 4, 4);
            assert_int_equal(sum(t, length), 0);
            return t;
        }
    }
    return NULL;
}

static void check_acpi(uint32_t id, uint64_t rsdp, uint32_t vcpus)
{
    const uint8_t *madt = find_table(id, rsdp, "APIC"), *fadt = find_table(id, rsdp, "FACP");
    uint32_t length, flags, i;
    uint64_t dsdt;

    memcpy(&length, madt + 4, 4);
    assert_int_equal(length, 44 + 8 * vcpus);
    for (i = 0; i < vcpus; i++) {
        const uint8_t apic[8] = { 0, 8, (uint8_t)i, (uint8_t)(2 * i), 1 };

        assert_memory_equal(madt + 44 + 8 * i, apic, 8);
    }
    memcpy(&flags, fadt + 112, 4);
    assert_true(flags & 1u << 20);
    memcpy(&dsdt, fadt + 140, 8);
    assert_memory_equal(guest_at(id, dsdt), "DSDT", 4);
}

/* The memory map has no overlaps, and what it calls memory is there. Returns its pages of RAM. */
static uint64_t check_map(uint32_t id, const struct hvm_start_info *info)
{
    const struct hvm_memmap_table_entry *map = guest_at(id, info->memmap_paddr);
    uint64_t end = 0, ram = 0, i, at;

    assert_int_equal(fake_domain(id)->nr_map, info->memmap_entries);
    for (i = 0; i < info->memmap_entries; i++) {
        uint32_t type;

        assert_true(map[i].addr >= end && map[i].size > 0 && map[i].addr % 4096 == 0);
        end = map[i].addr + map[i].size;
        memcpy(&at, fake_domain(id)->map + i * 20, 8);
        memcpy(&type, fake_domain(id)->map + i * 20 + 16, 4);
        assert_true(at == map[i].addr && type == map[i].type);
        for (at = map[i].addr; at < end && map[i].type != XEN_HVM_MEMMAP_TYPE_RESERVED;
             at += 4096) {
            guest_at(id, at);
        }
        ram += map[i].type == XEN_HVM_MEMMAP_TYPE_RAM ? map[i].size >> 12 : 0;
    }
    return ram;
}

/* What holds for every guest. Returns its start_info. */
static const struct hvm_start_info *check_guest(uint32_t id, uint64_t pages, uint32_t vcpus)
{
    const struct fake_domain *d = fake_domain(id);
    const struct hvm_start_info *info = guest_at(id, result.start_info_mfn << 12);
    const struct grant_entry_v1 *grants = fake_frame(d->grant_mfn);

    assert_true(info->magic == XEN_HVM_START_MAGIC_VALUE && info->version == 1);
    assert_int_equal(check_map(id, info), pages);
    check_acpi(id, info->rsdp_paddr, vcpus);
    check_state(id, vcpus);
    assert_int_equal(d->hvm_params[HVM_PARAM_STORE_PFN], result.store_mfn);
    assert_int_equal(d->hvm_params[HVM_PARAM_CONSOLE_PFN], result.console_mfn);
    assert_int_equal(d->ports[d->hvm_params[HVM_PARAM_STORE_EVTCHN]].status, 1);
    assert_int_equal(d->ports[d->hvm_params[HVM_PARAM_CONSOLE_EVTCHN]].status, 1);
    assert_int_equal(grants[0].frame, result.console_mfn);
    assert_int_equal(grants[1].frame, result.store_mfn);
    guest_at(id, result.console_mfn << 12);
    guest_at(id, result.store_mfn << 12);
    assert_int_equal(*(uint32_t *)guest_at(id, d->hvm_params[HVM_PARAM_IDENT_PT] + 4), 0x4000e7);
    assert_true(d->nr_pages <= pages + EXTRA);
    assert_true(d->paging_bytes >= (uint64_t)vcpus << 20 && d->paging_bytes % 4096 == 0);
    assert_int_equal(((uint8_t *)guest_at(id, 0x1000000))[77], 77);
    return info;
}

static void test_small(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES, .cmdline = "one two" };
    const struct hvm_start_info *info;
    struct ctrl_kernel_info kernel_info;
    struct ctrl_kernel *kernel;
    struct elf_maker m;

    (void)state;
    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    ctrl_kernel_info(kernel, &kernel_info);
    assert_true(kernel_info.pvh && kernel_info.entry == ENTRY32);
    build.domid = new_domain(PAGES + EXTRA, 1);
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    info = check_guest(build.domid, PAGES, 1);
    assert_string_equal(guest_at(build.domid, info->cmdline_paddr), "one two");
    assert_int_equal(info->nr_modules, 0);
    assert_int_equal(result.start_info_mfn, 0x1003);
    assert_int_equal(result.pages_needed, 0x1004);
    ctrl_kernel_close(kernel);
}

/* And odd numbers of pages. */
static void test_ramdisk_many(void **state)
{
    struct ctrl_build build = { .nr_pages = PAGES + 77, .ramdisk_name = "ramdisk" };
    const struct hvm_modlist_entry *module;
    const struct hvm_start_info *info;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    uint8_t ramdisk[10000];
    unsigned int i;

    (void)state;
    for (i = 0; i < sizeof(ramdisk); i++) {
        ramdisk[i] = (uint8_t)(i * 7 + 1);
    }
    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.ramdisk_fd = kernel_file(ramdisk, sizeof(ramdisk));
    build.domid = new_domain(build.nr_pages + EXTRA, 128);
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    info = check_guest(build.domid, build.nr_pages, 128);
    assert_int_equal(info->nr_modules, 1);
    module = guest_at(build.domid, info->modlist_paddr);
    assert_int_equal(module->size, sizeof(ramdisk));
    assert_memory_equal(guest_at(build.domid, module->paddr), ramdisk, 4096);
    assert_memory_equal(guest_at(build.domid, module->paddr + 8192), ramdisk + 8192, 1808);
    close(build.ramdisk_fd);
    ctrl_kernel_close(kernel);
}

static void test_above_hole(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PVH_HOLE_START + 512 + 3 };
    const struct hvm_memmap_table_entry *map;
    const struct hvm_start_info *info;
    struct ctrl_kernel *kernel;
    struct elf_maker m;

    (void)state;
    fake.one_large = true;
    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(build.nr_pages + EXTRA, 2);
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    info = check_guest(build.domid, build.nr_pages, 2);
    assert_int_equal(info->memmap_entries, 4);
    map = guest_at(build.domid, info->memmap_paddr);
    assert_true(map[3].addr == 1ull << 32 && map[3].size == 515 * 4096ull);
    ctrl_domain_destroy(ctrl, build.domid);
    ctrl_kernel_close(kernel);
}

/* A 32-bit file, as GRUB's image is. */
static void test_32_bit(void **state)
{
    struct {
        Elf32_Ehdr head;
        Elf32_Phdr parts[2];
        uint32_t note[6];
        uint8_t text[64];
    } file = {
        .head = {
            .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
            .e_type = ET_EXEC, .e_machine = EM_386, .e_version = EV_CURRENT, .e_entry = 0x1000000,
            .e_phoff = sizeof(file.head), .e_ehsize = sizeof(file.head),
            .e_phentsize = sizeof(file.parts[0]), .e_phnum = 2,
        },
        .parts = {
            { PT_LOAD, offsetof(__typeof__(file), text), 0, 0x100000, 64, 0x2000, 7, 4096 },
            { PT_NOTE, offsetof(__typeof__(file), note), 0, 0, sizeof(file.note), 0, 4, 4 },
        },
        .note = { 4, 4, XEN_ELFNOTE_PHYS32_ENTRY, 0x6e6558 /* "Xen" */, 0x100020 },
    };
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = 1024 };
    int fd;
    struct ctrl_kernel *kernel;
    struct ctrl_kernel_info info;

    (void)state;
    memset(file.text, 0x5a, sizeof(file.text));
    fd = kernel_file(&file, sizeof(file));
    assert_fails(ctrl_kernel_open(ctrl, fd, "32", &kernel), -ENOEXEC, "amd64");
    assert_int_equal(ctrl_kernel_open_pvh(ctrl, fd, "32", &kernel), 0);
    close(fd);
    ctrl_kernel_info(kernel, &info);
    assert_true(info.entry == 0x100020 && info.paddr_end == 0x102000);
    build.kernel = kernel;
    build.domid = new_domain(1024 + EXTRA, 1);
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    assert_int_equal(*(uint8_t *)guest_at(build.domid, 0x10003f), 0x5a);
    assert_int_equal(*(uint8_t *)guest_at(build.domid, 0x100040), 0);
    ctrl_kernel_close(kernel);
}

static void test_refused(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    char cmdline[3000];
    struct ctrl_kernel *kernel, *pv;
    struct elf_maker m;
    uint64_t needed;
    int fd;

    (void)state;
    kernel_notes(&m);
    assert_fails(open_made(&m, &kernel), -ENOEXEC, "no Xen note PHYS32_ENTRY");
    fd = kernel_made(&m);
    assert_int_equal(ctrl_kernel_open(ctrl, fd, "pv", &pv), 0);
    close(fd);
    build.kernel = pv;
    assert_fails(ctrl_build_pvh(ctrl, &build, &result), -EINVAL, "not opened for a PVH guest");
    ctrl_kernel_close(pv);
    elf_maker_init(&m);
    elf_maker_number(&m, XEN_ELFNOTE_PHYS32_ENTRY, 0x1003000);
    assert_fails(open_made(&m, &kernel), -EINVAL, "outside of it");
    pvh_notes(&m);
    m.load.p_paddr = (1u << 30) - 4096;
    assert_fails(open_made(&m, &kernel), -EINVAL, "outside of it");
    pvh_notes(&m);
    m.load.p_memsz = 1u << 30;
    assert_fails(open_made(&m, &kernel), -EINVAL, "below 1 GiB");

    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(1000, 1);
    assert_fails(ctrl_build_pvh(ctrl, &build, &result), -ENOMEM, "32 MiB were wanted");
    memset(cmdline, 'x', sizeof(cmdline));
    cmdline[2048] = '\0';
    build.cmdline = cmdline;
    assert_fails(ctrl_build_pvh(ctrl, &build, &result), -EINVAL, "2048 bytes; at most 2047");
    build.cmdline = NULL;
    assert_fails(ctrl_kernel_fits(ctrl, kernel, 0x1003, 0, &needed), -ENOMEM, "the guest has");
    assert_int_equal(needed, 0x1004);
    assert_int_equal(ctrl_kernel_fits(ctrl, kernel, 0x1005, 4096, &needed), 0);
    assert_fails(ctrl_kernel_fits(ctrl, kernel, 1u << 22, 0xfb000000, NULL), -EINVAL, "the hole");
    ctrl_kernel_close(kernel);
}

static void test_no_pvh(void **state)
{
    struct ctrl_domain_create create = { .max_vcpus = 1, .hvm = true, .hap = true };
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    struct elf_maker m;
    uint64_t value;

    (void)state;
    ctrl_domain_create_defaults(&create);
    fake.hvm = false;
    assert_int_equal(ctrl_domain_create(ctrl, &create), -EOPNOTSUPP);
    create.hvm = create.hap = false;
    build.domid = (uint32_t)ctrl_domain_create(ctrl, &create);
    pvh_notes(&m);
    build.kernel = made_kernel(&m);
    assert_fails(ctrl_build_pvh(ctrl, &build, &result), -EINVAL, "not a PVH domain");
    ctrl_kernel_close((struct ctrl_kernel *)(uintptr_t)build.kernel);
    assert_fails(ctrl_hvm_param_set(ctrl, build.domid, CTRL_HVM_STORE_PFN, 1), -EINVAL,
                 "setting its HVM parameter 1");
    assert_fails(ctrl_hvm_param_get(ctrl, 99, CTRL_HVM_STORE_PFN, &value), -ESRCH,
                 "reading its HVM parameter 1");
}

static void test_hvm_calls(void **state)
{
    uint8_t records[] = { 1, 2, 3 }, got[8] = { 0 };
    uint32_t id = new_domain(100, 1);
    uint64_t value = 0;

    (void)state;
    assert_int_equal(ctrl_hvm_param_set(ctrl, id, CTRL_HVM_CONSOLE_PFN, 77), 0);
    assert_int_equal(ctrl_hvm_param_get(ctrl, id, CTRL_HVM_CONSOLE_PFN, &value), 0);
    assert_int_equal(value, 77);
    assert_int_equal(ctrl_hvm_state_set(ctrl, id, records, sizeof(records)), 0);
    assert_int_equal(ctrl_hvm_state_get(ctrl, id, got, 2), -ENOSPC);
    assert_int_equal(ctrl_hvm_state_get(ctrl, id, got, sizeof(got)), 3);
    assert_memory_equal(got, records, 3);
    assert_int_equal(ctrl_hvm_set_paging_memory(ctrl, id, 8192), 0);
    assert_int_equal(fake_domain(id)->paging_bytes, 8192);
}

static void test_dump(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    int fd = memfd_create("core", MFD_CLOEXEC), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    Elf64_Shdr s[7];
    uint64_t pfn, magic[4], i;
    uint8_t byte;
    char name[16];

    (void)state;
    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(PAGES + EXTRA, 2);
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    assert_int_equal(ctrl_dump_core(ctrl, build.domid, fd, NULL, NULL), 0);
    assert_int_equal(pread(fd, s, sizeof(s), sizeof(Elf64_Ehdr)), sizeof(s));
    assert_int_equal(pread(fd, name, 16, (off_t)(s[1].sh_offset + s[5].sh_name)), 16);
    assert_string_equal(name, ".xen_pfn");
    assert_int_equal(pread(fd, magic, 32, (off_t)s[2].sh_offset + 32), 32);
    assert_true(magic[0] == 0xf00febee && magic[1] == 1);
    assert_int_equal(magic[2], fake_domain_pages(build.domid));
    assert_int_equal(s[4].sh_size, 0);
    assert_int_equal(s[5].sh_size, magic[2] * 8);
    assert_int_equal(s[6].sh_size, magic[2] * 4096);
    for (i = 0; i < magic[2]; i++) {
        assert_int_equal(pread(fd, &pfn, 8, (off_t)(s[5].sh_offset + 8 * i)), 8);
        guest_at(build.domid, pfn << 12);
        if (pfn == 0x1000) {
            assert_int_equal(pread(fd, &byte, 1, (off_t)(s[6].sh_offset + 4096 * i + 77)), 1);
            assert_int_equal(byte, 77);
        }
    }
    assert_int_equal(pfn, PVH_CONSOLE);
    assert_fails(ctrl_dump_core(ctrl, build.domid, full, NULL, NULL), -ENOSPC, "its core file");
    close(fd);
    close(full);
    ctrl_kernel_close(kernel);
}

/* Every step fails once: an error comes back, and destroying the domain gives all back. */
static void test_every_failure(void **state)
{
    struct ctrl_build build = { .nr_pages = PAGES, .ramdisk_name = "r" };
    uint64_t before = fake.free_pages;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    unsigned int calls, maps, i;

    (void)state;
    pvh_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.ramdisk_fd = kernel_file("ramdisk", 8);
    build.domid = new_domain(PAGES + EXTRA, 2);
    calls = fake.hypercalls;
    maps = fake.maps;
    assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), 0);
    calls = fake.hypercalls - calls;
    maps = fake.maps - maps;
    assert_true(calls >= 12 && maps >= 5);
    ctrl_domain_destroy(ctrl, build.domid);
    for (i = 1; i <= calls + maps; i++) {
        build.domid = new_domain(PAGES + EXTRA, 2);
        assert_true(build.domid > 0);
        if (i <= calls) {
            fake.fail_hypercall.after = i;
            fake.fail_hypercall.error = EIO;
        } else {
            fake.fail_map.after = i - calls;
            fake.fail_map.error = EIO;
        }
        assert_int_equal(ctrl_build_pvh(ctrl, &build, &result), -EIO);
        assert_non_null(strstr(ctrl_error(ctrl), "domain "));
        fake.fail_hypercall.after = fake.fail_map.after = 0;
        assert_int_equal(ctrl_domain_destroy(ctrl, build.domid), 0);
        assert_int_equal(fake.free_pages, before);
    }
    close(build.ramdisk_fd);
    ctrl_kernel_close(kernel);
}

/* To files, one a table, for acpi.py. */
static void dump_table(const uint8_t *tables, const char *folder, uint32_t vcpus, uint64_t at)
{
    char path[600];
    uint32_t length;
    FILE *file;

    memcpy(&length, tables + at + 4, 4);
    snprintf(path, sizeof(path), "%s/%.4s-%u.dat", folder, (const char *)tables + at, vcpus);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(tables + at, 1, length, file), length);
    fclose(file);
}

static void test_acpi(void **state)
{
    static const uint32_t counts[] = { 1, 2, 33, 128 };
    const char *folder = getenv("ACPI_FOLDER");
    unsigned int i, k;

    (void)state;
    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint8_t *tables = calloc(1, ACPI_TABLES_MAX);
        size_t used = acpi_build(tables, RSDP_AT, counts[i]);
        uint64_t xsdt, at;

        assert_true(used <= ACPI_TABLES_MAX);
        memcpy(&xsdt, tables + 24, 8);
        for (k = 0; k < 2; k++) {
            memcpy(&at, tables + xsdt - RSDP_AT + 36 + 8 * k, 8);
            assert_true(at >= RSDP_AT && at < RSDP_AT + used);
            if (folder) {
                dump_table(tables, folder, counts[i], at - RSDP_AT);
            }
            if (folder && k == 0) {
                memcpy(&at, tables + at - RSDP_AT + 140, 8);
                dump_table(tables, folder, counts[i], at - RSDP_AT);
            }
        }
        if (folder) {
            dump_table(tables, folder, counts[i], xsdt - RSDP_AT);
        }
        free(tables);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_small), TEST(test_ramdisk_many), TEST(test_above_hole), TEST(test_32_bit),
        TEST(test_refused), TEST(test_no_pvh), TEST(test_hvm_calls), TEST(test_every_failure),
        TEST(test_dump), TEST(test_acpi),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
