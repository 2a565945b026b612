/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building over the model: every address is looked up through the tables that were built, as the
 * processor would. Then every hypercall and every mapping of a build is made to fail once.
 */
#include "common.h"
#include "kernel_maker.h"

#include <fcntl.h>

#include <libctrl/build.h>
#include <libctrl/domain.h>
#include <libctrl/dump.h>
#include <libctrl/memory.h>

#include <public/grant_table.h>
#include <public/xen.h>

#define PAGES   8192u
#define PRESENT 1u
#define WRITE   2u
#define ADDRESS 0x000ffffffffff000ull

static struct ctrl_build_result result;

static uint32_t new_domain(uint64_t pages)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    int id;

    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    if (id > 0 && ctrl_domain_set_max_mem(ctrl, (uint32_t)id, pages * 4) != 0) {
        ctrl_domain_destroy(ctrl, (uint32_t)id);
        return 0;
    }
    return id > 0 ? (uint32_t)id : 0;
}

/* The entry of the last level for an address; 0: not mapped. */
static uint64_t walk(uint32_t id, uint64_t va)
{
    uint64_t entry = fake_domain(id)->pinned_mfn << 12 | PRESENT | WRITE;
    int level;

    for (level = 4; level > 0; level--) {
        uint64_t mfn = (entry & ADDRESS) >> 12;

        assert_true(mfn < FAKE_FRAMES && fake.owner[mfn] == id);
        assert_true(level == 4 || (entry & WRITE));
        entry = ((uint64_t *)fake_frame(mfn))[va >> (12 + 9 * (level - 1)) & 511];
        if (!(entry & PRESENT)) {
            return 0;
        }
    }
    return entry;
}

static void *guest_at(uint32_t id, uint64_t va)
{
    uint64_t entry = walk(id, va);

    assert_true(entry & PRESENT);
    return (uint8_t *)fake_frame((entry & ADDRESS) >> 12) + va % 4096;
}

static struct ctrl_kernel *made_kernel(struct elf_maker *m)
{
    struct ctrl_kernel *kernel;
    int fd = kernel_made(m);

    assert_int_equal(ctrl_kernel_open(ctrl, fd, "made", &kernel), 0);
    close(fd);
    return kernel;
}

/* What holds for every guest. Returns its start page. */
static const struct start_info *check_guest(uint32_t id)
{
    struct fake_domain *d = fake_domain(id);
    const struct vcpu_guest_context *c = &d->vcpus[0].context;
    const struct start_info *si = guest_at(id, c->user_regs.rsi);
    const struct shared_info *shared = fake_frame(d->shared_info_mfn);
    const struct grant_entry_v1 *grants = fake_frame(d->grant_mfn);
    const uint64_t *p2m;
    uint64_t i, va, entry;

    assert_true(d->vcpus[0].has_context && d->vcpus[0].online);
    assert_true(c->user_regs.rip == MADE_ENTRY && c->user_regs.cs == FLAT_KERNEL_CS);
    assert_true(c->ctrlreg[3] == d->pinned_mfn << 12);
    assert_true(walk(id, c->user_regs.rsp - 8) & WRITE);
    assert_string_equal(si->magic, "xen-3.0-x86_64");
    assert_int_equal(si->nr_pages, PAGES);
    assert_int_equal(si->shared_info, d->shared_info_mfn << 12);
    assert_int_equal(si->store_mfn, result.store_mfn);
    assert_int_equal(si->console.domU.mfn, result.console_mfn);
    assert_int_equal(d->ports[si->store_evtchn].status, 1);
    assert_int_equal(d->ports[si->console.domU.evtchn].status, 1);
    assert_int_equal(grants[0].frame, result.console_mfn);
    assert_int_equal(grants[1].frame, result.store_mfn);
    assert_int_equal(grants[1].flags, GTF_permit_access);
    assert_true(shared->vcpu_info[0].evtchn_upcall_mask &&
                shared->vcpu_info[31].evtchn_upcall_mask);
    assert_int_equal(d->nr_map, 1);
    for (i = 0; i < PAGES; i++) {
        p2m = guest_at(id, si->mfn_list + i * 8);
        assert_true(*p2m < FAKE_FRAMES && fake.owner[*p2m] == id);
    }
    /* The mapping is linear; its tables cannot be written. */
    for (va = MADE_BASE, i = 0; (entry = walk(id, va)); va += 4096, i++) {
        p2m = guest_at(id, si->mfn_list + i * 8);
        assert_int_equal((entry & ADDRESS) >> 12, *p2m);
        assert_int_equal(!!(entry & WRITE),
                         va < si->pt_base || va >= si->pt_base + si->nr_pt_frames * 4096);
    }
    assert_int_equal(va % (4 << 20), 0);
    assert_int_equal(((uint8_t *)guest_at(id, MADE_ENTRY))[77], 77);
    return si;
}

static void test_small(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES, .max_pages = 2 * PAGES };
    const struct start_info *si;
    struct ctrl_kernel *kernel;
    struct elf_maker m;

    (void)state;
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_HYPERCALL_PAGE, MADE_ENTRY + 4096);
    build.kernel = kernel = made_kernel(&m);
    build.cmdline = "one two";
    build.domid = new_domain(PAGES);
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    si = check_guest(build.domid);
    assert_string_equal((const char *)si->cmd_line, "one two");
    assert_int_equal(si->flags, 0);
    assert_int_equal(si->mod_len, 0);
    assert_int_equal(si->nr_p2m_frames, 0);
    assert_true(fake_domain(build.domid)->hypercall_page_mfn ==
                (walk(build.domid, MADE_ENTRY + 4096) & ADDRESS) >> 12);
    assert_int_equal(fake_domain(build.domid)->map_end, 2 * PAGES * 4096ull);
    assert_true(result.pages_needed <= PAGES);
    ctrl_kernel_close(kernel);
}

static void test_apart(void **state)
{
    struct ctrl_build build = { .nr_pages = PAGES, .ramdisk_name = "ramdisk" };
    uint8_t ramdisk[10000];
    const struct start_info *si;
    const uint64_t *p2m;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    unsigned int i;

    (void)state;
    for (i = 0; i < sizeof(ramdisk); i++) {
        ramdisk[i] = (uint8_t)(i * 7);
    }
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(&m, XEN_ELFNOTE_MOD_START_PFN, 1);
    build.kernel = kernel = made_kernel(&m);
    build.ramdisk_fd = kernel_file(ramdisk, sizeof(ramdisk));
    build.domid = new_domain(PAGES);
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    si = check_guest(build.domid);
    assert_true(si->mfn_list == 0x8000000000);
    assert_int_equal(si->flags, SIF_MOD_START_PFN);
    assert_int_equal(si->mod_len, sizeof(ramdisk));
    assert_int_equal(si->nr_p2m_frames, 16 + 3);
    p2m = guest_at(build.domid, 0x8000000000 + si->mod_start * 8);
    assert_memory_equal(fake_frame(p2m[0]), ramdisk, 4096);
    assert_memory_equal(fake_frame(p2m[2]), ramdisk + 8192, sizeof(ramdisk) - 8192);
    assert_int_equal(walk(build.domid, 0x8000000000 + 16 * 4096), 0);
    close(build.ramdisk_fd);
    ctrl_kernel_close(kernel);
}

/* Data, holes and zeros: all bytes arrive, and zeros are not touched. */
static void test_sparse(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    enum { SIZE = 3 << 20, STEP = 300000 };
    uint8_t *data = calloc(1, SIZE);
    const uint64_t *p2m;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    unsigned int i, maps;

    (void)state;
    for (i = 1000; i < SIZE; i += STEP) {
        memset(data + i, (int)(i / STEP + 1), 9000);
    }
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(&m, XEN_ELFNOTE_MOD_START_PFN, 1);
    build.kernel = kernel = made_kernel(&m);
    build.ramdisk_fd = memfd_create("sparse", MFD_CLOEXEC);
    build.ramdisk_name = "sparse";
    assert_int_equal(ftruncate(build.ramdisk_fd, SIZE), 0);
    for (i = 1000; i < SIZE; i += STEP) {
        assert_int_equal(pwrite(build.ramdisk_fd, data + i, 9000, i), 9000);
    }
    build.domid = new_domain(PAGES);
    maps = fake.maps;
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    assert_true(fake.maps - maps > 10);
    p2m = guest_at(build.domid, 0x8000000000 +
                   check_guest(build.domid)->mod_start * 8);
    for (i = 0; i < SIZE; i += 4096) {
        assert_memory_equal(fake_frame(p2m[i / 4096]), data + i, 4096);
    }
    close(build.ramdisk_fd);
    ctrl_kernel_close(kernel);
    free(data);
}

/* The same from memory: a packed kernel with a long run of zeros. */
static void test_zeros_in_memory(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    enum { SIZE = 1 << 20, LAST = 700000 };
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    uint8_t *file = calloc(1, ELF_MAKER_SIZE + SIZE), *small;
    unsigned int i;

    (void)state;
    kernel_notes(&m);
    m.load.p_filesz = m.load.p_memsz = SIZE;
    small = elf_maker_file(&m);
    memcpy(file, small, ELF_MAKER_SIZE);
    file[ELF_MAKER_TEXT_AT + LAST] = 9;
    i = ELF_MAKER_TEXT_AT + SIZE;
    {
        int fd = kernel_file(file, i), packed = memfd_create("packed", MFD_CLOEXEC);
        char line[128];

        snprintf(line, sizeof(line), "gzip -n < /proc/%d/fd/%d > /proc/%d/fd/%d", getpid(), fd,
                 getpid(), packed);
        assert_int_equal(system(line), 0);
        lseek(packed, 0, SEEK_END);
        ctrl_modules_at(ctrl, MODULES_DIR);
        assert_int_equal(ctrl_kernel_open(ctrl, packed, "packed", &kernel), 0);
        close(fd);
        close(packed);
    }
    build.kernel = kernel;
    build.domid = new_domain(PAGES);
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    assert_int_equal(*(uint8_t *)guest_at(build.domid, MADE_ENTRY + LAST), 9);
    assert_int_equal(*(uint8_t *)guest_at(build.domid, MADE_ENTRY + 200), 200);
    assert_int_equal(*(uint8_t *)guest_at(build.domid, MADE_ENTRY + LAST + 1), 0);
    ctrl_kernel_close(kernel);
    free(file);
    free(small);
}

static void test_refused(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    char cmdline[2000];
    struct ctrl_kernel *kernel;
    struct elf_maker m;

    (void)state;
    kernel_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(1000);
    assert_fails(ctrl_build_pv(ctrl, &build, &result), -ENOMEM, "32 MiB were wanted, 3 MiB");
    memset(cmdline, 'x', sizeof(cmdline));
    cmdline[1024] = '\0';
    build.cmdline = cmdline;
    assert_fails(ctrl_build_pv(ctrl, &build, &result), -EINVAL, "1024 bytes; at most 1023");
    build.cmdline = NULL;
    build.nr_pages = 100;
    assert_fails(ctrl_build_pv(ctrl, &build, &result), -ENOMEM, "the guest has 400 KiB");
    build.nr_pages = PAGES;
    build.domid = 99;
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), -ENOMEM);
    /* The ramdisk cannot be read. */
    build.domid = new_domain(PAGES);
    build.ramdisk_name = "ramdisk";
    build.ramdisk_fd = kernel_file(cmdline, sizeof(cmdline));
    close(build.ramdisk_fd);
    assert_fails(ctrl_build_pv(ctrl, &build, &result), -EBADF, "ramdisk: ");
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
    int rc;

    (void)state;
    kernel_notes(&m);
    elf_maker_number(&m, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
    elf_maker_number(&m, XEN_ELFNOTE_HYPERCALL_PAGE, MADE_ENTRY + 4096);
    build.kernel = kernel = made_kernel(&m);
    build.ramdisk_fd = kernel_file("ramdisk", 8);
    build.domid = new_domain(PAGES);
    calls = fake.hypercalls;
    maps = fake.maps;
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    calls = fake.hypercalls - calls;
    maps = fake.maps - maps;
    assert_true(calls >= 8 && maps >= 4);
    ctrl_domain_destroy(ctrl, build.domid);
    for (i = 1; i <= calls + maps; i++) {
        build.domid = new_domain(PAGES);
        assert_true(build.domid > 0);
        if (i <= calls) {
            fake.fail_hypercall.after = i;
            fake.fail_hypercall.error = EIO;
        } else {
            fake.fail_map.after = i - calls;
            fake.fail_map.error = EIO;
        }
        rc = ctrl_build_pv(ctrl, &build, &result);
        assert_true(rc == -EIO);
        assert_non_null(strstr(ctrl_error(ctrl), "domain "));
        fake.fail_hypercall.after = fake.fail_map.after = 0;
        assert_int_equal(ctrl_domain_destroy(ctrl, build.domid), 0);
        assert_int_equal(fake.free_pages, before);
    }
    close(build.ramdisk_fd);
    ctrl_kernel_close(kernel);
}

/* Says where its list is, as a guest does: the three levels of lists, in pages of its own. */
static void publish(uint32_t id, bool by_address)
{
    struct fake_domain *d = fake_domain(id);
    struct shared_info *shared = fake_frame(d->shared_info_mfn);
    const struct start_info *si = guest_at(id, d->vcpus[0].context.user_regs.rsi);
    uint64_t *lists = guest_at(id, MADE_BASE), *root = guest_at(id, MADE_BASE + 4096), i;

    shared->arch.max_pfn = PAGES;
    if (by_address) {
        shared->arch.p2m_cr3 = d->pinned_mfn << 12;
        shared->arch.p2m_vaddr = si->mfn_list;
        shared->arch.pfn_to_mfn_frame_list_list = 0;
        return;
    }
    for (i = 0; i < PAGES / 512; i++) {
        lists[i] = (walk(id, si->mfn_list + i * 4096) & ADDRESS) >> 12;
    }
    root[0] = (walk(id, MADE_BASE) & ADDRESS) >> 12;
    shared->arch.pfn_to_mfn_frame_list_list = (walk(id, MADE_BASE + 4096) & ADDRESS) >> 12;
}

static void check_core(uint32_t id, uint64_t pages)
{
    int fd = memfd_create("core", MFD_CLOEXEC);
    const uint8_t *core;
    const Elf64_Ehdr *head;
    const Elf64_Shdr *s;
    const char *names;
    off_t size;

    assert_int_equal(ctrl_dump_core(ctrl, id, fd, NULL, NULL), 0);
    size = lseek(fd, 0, SEEK_END);
    core = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
    head = (const void *)core;
    s = (const void *)(core + head->e_shoff);
    names = (const char *)core + s[head->e_shstrndx].sh_offset;
    assert_int_equal(head->e_shnum, 7);
    assert_string_equal(names + s[2].sh_name, ".note.Xen");
    assert_string_equal(names + s[3].sh_name, ".xen_prstatus");
    assert_int_equal(s[3].sh_size, 5168);
    assert_memory_equal(core + s[3].sh_offset, &fake_domain(id)->vcpus[0].context, 5168);
    assert_string_equal(names + s[4].sh_name, ".xen_shared_info");
    assert_string_equal(names + s[5].sh_name, ".xen_p2m");
    assert_int_equal(s[5].sh_size, pages * 16);
    assert_string_equal(names + s[6].sh_name, ".xen_pages");
    assert_int_equal(s[6].sh_offset % 4096, 0);
    assert_int_equal(s[6].sh_offset + s[6].sh_size, size);
    /* The kernel's first page, by its pfn. */
    assert_int_equal(((const uint64_t *)(core + s[5].sh_offset))[0x1000 * 2], 0x1000);
    assert_int_equal((core + s[6].sh_offset)[0x1000 * 4096 + 77], 77);
    munmap((void *)(uintptr_t)core, (size_t)size);
    close(fd);
}

static void test_dump(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    uint64_t *list, *entry;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    size_t nr;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    kernel_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(PAGES);
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    assert_fails(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -ENODATA, "not run far enough");
    publish(build.domid, true);
    check_core(build.domid, PAGES);
    publish(build.domid, false);
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), 0);
    assert_int_equal(nr, PAGES);
    free(list);
    /* A page given away, one of somebody else, one marked as I/O memory. */
    entry = guest_at(build.domid, ((struct start_info *)guest_at(
        build.domid, fake_domain(build.domid)->vcpus[0].context.user_regs.rsi))->mfn_list);
    entry[500] = UINT64_MAX;
    entry[501] = 1;
    entry[502] = 1ull << 62 | 5;
    ((struct shared_info *)fake_frame(fake_domain(build.domid)->shared_info_mfn))->arch.max_pfn =
        PAGES;
    {
        int fd = memfd_create("core", MFD_CLOEXEC);
        Elf64_Shdr s[7];

        assert_int_equal(ctrl_dump_core(ctrl, build.domid, fd, NULL, NULL), 0);
        assert_int_equal(pread(fd, s, sizeof(s), sizeof(Elf64_Ehdr)), sizeof(s));
        assert_int_equal(s[6].sh_size, (PAGES - 3) * 4096ull);
        close(fd);
    }
    assert_fails(ctrl_dump_core(ctrl, build.domid, full, NULL, NULL), -ENOSPC, "its core file");
    close(full);
    ctrl_kernel_close(kernel);
}

/* What a guest may write there to mislead. */
static void test_hostile_lists(void **state)
{
    struct ctrl_build build = { .ramdisk_fd = -1, .nr_pages = PAGES };
    struct arch_shared_info *arch;
    struct ctrl_kernel *kernel;
    struct elf_maker m;
    uint64_t *list;
    size_t nr;

    (void)state;
    kernel_notes(&m);
    build.kernel = kernel = made_kernel(&m);
    build.domid = new_domain(PAGES);
    assert_int_equal(ctrl_build_pv(ctrl, &build, &result), 0);
    publish(build.domid, false);
    arch = &((struct shared_info *)fake_frame(fake_domain(build.domid)->shared_info_mfn))->arch;
    arch->max_pfn = UINT64_MAX;
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -ENODATA);
    arch->max_pfn = 600 * 512 * 512;
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -ENODATA);
    arch->max_pfn = PAGES;
    arch->pfn_to_mfn_frame_list_list = 12345678;
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -EINVAL);
    arch->pfn_to_mfn_frame_list_list = UINT64_MAX;
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -ENODATA);
    arch->p2m_cr3 = 12345678ull << 12;
    arch->p2m_vaddr = MADE_BASE;
    assert_int_equal(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -EINVAL);
    arch->p2m_cr3 = fake_domain(build.domid)->pinned_mfn << 12;
    arch->p2m_vaddr = 0x1000;
    assert_fails(ctrl_p2m_read(ctrl, build.domid, &list, &nr), -ENODATA, "not mapped at 0x1000");
    ctrl_kernel_close(kernel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_small), TEST(test_apart), TEST(test_sparse), TEST(test_zeros_in_memory),
        TEST(test_refused), TEST(test_every_failure), TEST(test_dump),
        TEST(test_hostile_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
