/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads what a multiboot 1 or 2 loader left behind into boot_info and host_e820. Runs on the
 * boot page tables, where the first 4 GiB are in the direct map.
 */
#include <asm/boot_info.h>
#include <asm/boot_layout.h>
#include <asm/page.h>
#include <xen/e820.h>
#include <xen/init.h>
#include <xen/string.h>

struct boot_info boot_info;
static bool too_many_modules __initdata;
struct e820_map host_e820;

/* Multiboot 1 information, 3.3 of its specification. */
struct mb1_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t mods_count, mods_addr, syms[4], mmap_length, mmap_addr;
    uint32_t drives_length, drives_addr, config_table, boot_loader_name, apm_table;
};

struct mb1_module {
    uint32_t start, end, cmdline, reserved;
};

struct mb1_mmap {
    uint32_t size;
    uint64_t addr, len;
    uint32_t type;
} __attribute__((__packed__));

#define MB1_HAS_CMDLINE 0x004
#define MB1_HAS_MODULES 0x008
#define MB1_HAS_MMAP    0x040
#define MB1_HAS_LOADER  0x200

/* Multiboot 2 tags, 3.6. */
struct mb2_tag {
    uint32_t type, size;
};

enum {
    MB2_END = 0, MB2_CMDLINE = 1, MB2_LOADER = 2, MB2_MODULE = 3, MB2_MMAP = 6, MB2_FRAMEBUFFER = 8,
    MB2_EFI64 = 12, MB2_ACPI_OLD = 14, MB2_ACPI_NEW = 15,
};

struct mb2_module {
    struct mb2_tag tag;
    uint32_t start, end;
    char cmdline[];
};

struct mb2_mmap {
    struct mb2_tag tag;
    uint32_t entry_size, entry_version;
    uint8_t entries[];
};

struct mb2_framebuffer {
    struct mb2_tag tag;
    uint64_t addr;
    uint32_t pitch, width, height;
    uint8_t bpp, type;
    uint16_t reserved;
    uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

static void *__init phys(uint64_t a)
{
    return maddr_to_virt(maddr(a));
}

/* Drops the image's name, which QEMU puts first and GRUB does not: a word that holds a slash. */
static void __init copy_cmdline(char *dst, const char *src)
{
    const char *word_end = src;

    while (*word_end != '\0' && *word_end != ' ') {
        word_end++;
    }
    if (memchr(src, '/', (size_t)(word_end - src)) != NULL &&
        memchr(src, '=', (size_t)(word_end - src)) == NULL) {
        for (src = word_end; *src == ' '; src++) {
            continue;
        }
    }
    string_copy(dst, src, BOOT_CMDLINE_SIZE);
}

static void __init add_memory(uint64_t addr, uint64_t size, uint32_t type)
{
    if (host_e820.nr < E820_MAX) {
        host_e820.e[host_e820.nr++] = (struct e820_entry){ addr, size, type };
    }
}

static void __init add_module(uint64_t start, uint64_t end, const char *cmdline)
{
    struct boot_module *m = &boot_info.module[boot_info.nr_modules];

    if (boot_info.nr_modules == BOOT_MAX_MODULES) {
        too_many_modules = true;
        return;
    }
    m->start = maddr(start);
    m->size = end - start;
    copy_cmdline(m->cmdline, cmdline);
    boot_info.nr_modules++;
}

static void __init read_mb1(uint64_t addr)
{
    const struct mb1_info *mbi = phys(addr);
    const struct mb1_module *mod = phys(mbi->mods_addr);

    boot_info.info_size = sizeof(*mbi);
    if (mbi->flags & MB1_HAS_LOADER) {
        string_copy(boot_info.loader, phys(mbi->boot_loader_name), sizeof(boot_info.loader));
    }
    if (mbi->flags & MB1_HAS_CMDLINE) {
        copy_cmdline(boot_info.cmdline, phys(mbi->cmdline));
    }
    for (unsigned int i = 0; (mbi->flags & MB1_HAS_MODULES) && i < mbi->mods_count; i++) {
        add_module(mod[i].start, mod[i].end, mod[i].cmdline != 0 ? phys(mod[i].cmdline) : "");
    }
    if (!(mbi->flags & MB1_HAS_MMAP)) {
        return;
    }
    for (uint64_t a = mbi->mmap_addr; a < (uint64_t)mbi->mmap_addr + mbi->mmap_length;) {
        const struct mb1_mmap *e = phys(a);

        add_memory(e->addr, e->len, e->type);
        a += e->size + 4;
    }
}

static void __init read_mb2_mmap(const struct mb2_mmap *t)
{
    for (uint32_t off = sizeof(*t); off + t->entry_size <= t->tag.size; off += t->entry_size) {
        const struct e820_entry *e = (const void *)((const char *)t + off);

        add_memory(e->addr, e->size, e->type);
    }
}

static void __init read_mb2_video(const struct mb2_framebuffer *t)
{
    boot_info.video = (struct boot_video){
        .present = true, .is_text = t->type == 2, .base = t->addr, .pitch = t->pitch,
        .width = t->width, .height = t->height, .bpp = t->bpp,
        .red_pos = t->red_pos, .red_size = t->red_size, .green_pos = t->green_pos,
        .green_size = t->green_size, .blue_pos = t->blue_pos, .blue_size = t->blue_size,
    };
}

static void __init read_mb2_tag(const struct mb2_tag *t)
{
    const char *text = (const char *)(t + 1);
    const struct mb2_module *m = (const void *)t;

    switch (t->type) {
    case MB2_CMDLINE:
        copy_cmdline(boot_info.cmdline, text);
        break;
    case MB2_LOADER:
        string_copy(boot_info.loader, text, sizeof(boot_info.loader));
        break;
    case MB2_MODULE:
        add_module(m->start, m->end, m->cmdline);
        break;
    case MB2_MMAP:
        read_mb2_mmap((const void *)t);
        break;
    case MB2_FRAMEBUFFER:
        read_mb2_video((const void *)t);
        break;
    case MB2_EFI64:
        boot_info.efi_system_table = maddr(*(const uint64_t *)(t + 1));
        break;
    case MB2_ACPI_OLD:
    case MB2_ACPI_NEW:
        if (boot_info.rsdp.a == 0 || t->type == MB2_ACPI_NEW) {
            boot_info.rsdp = virt_to_maddr(text);
        }
        break;
    default:
        break;
    }
}

static void __init read_mb2(uint64_t addr)
{
    uint64_t end = addr + *(const uint32_t *)phys(addr);

    boot_info.info_size = end - addr;
    for (uint64_t a = addr + 8; a + sizeof(struct mb2_tag) <= end;) {
        const struct mb2_tag *t = phys(a);

        if (t->type == MB2_END || t->size < sizeof(*t)) {
            break;
        }
        read_mb2_tag(t);
        a = ROUND_UP(a + t->size, 8);
    }
}

const char *__init multiboot_read(uint32_t magic, maddr_t info)
{
    boot_info.info_start = info;
    if (magic == MB2_LOADER_MAGIC) {
        read_mb2(info.a);
    } else if (magic == MB1_LOADER_MAGIC) {
        read_mb1(info.a);
    } else {
        return "Started by something that is no multiboot loader. Boot with GRUB's multiboot2 "
               "command.";
    }
    e820_normalise(&host_e820);
    if (e820_ram_bytes(&host_e820) == 0) {
        return "The boot loader passed no memory map with RAM in it. Boot with GRUB's multiboot2 "
               "command.";
    }
    if (too_many_modules) {
        return "The boot loader passed more modules than there is room for (8). Remove some.";
    }
    return NULL;
}
