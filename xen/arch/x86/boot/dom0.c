/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain at boot: its size by dom0_mem=, its vCPUs by dom0_max_vcpus=, its kernel from the first
 * module and its initrd from the second.
 */
#include <asm/boot_dom0.h>
#include <asm/boot_info.h>
#include <asm/dom0.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/kernel_image.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/unpack.h>

/* Memory below 4 GiB that dom0 does not get, so that it can exchange some for its DMA buffers. */
#define LOW_RESERVE_PAGES (MiB(128) >> PAGE_SHIFT)

static uint64_t opt_mem, opt_mem_min, opt_mem_max = UINT64_MAX; /* bytes */
static bool opt_mem_is_negative;
static unsigned int opt_max_vcpus, opt_min_vcpus;
static bool opt_vcpus_pin;
PARAM_BOOL("dom0_vcpus_pin", opt_vcpus_pin);

static struct kernel_payload payload __initdata;
static struct kernel_image image __initdata;
static void *unpacked __initdata;
static uint64_t unpacked_size __initdata;

/* One size with its suffix; *end behind it. A bare number means KiB. */
static uint64_t __init read_size(const char *s, const char **end)
{
    uint64_t n = string_to_ulong(s, end);
    unsigned int shift = 10;

    switch (**end | 0x20) {
    case 't': shift = 40; break;
    case 'g': shift = 30; break;
    case 'm': shift = 20; break;
    case 'b': shift = 0; break;
    case 'k': break;
    default: return n << shift;
    }
    (*end)++;
    return n << shift;
}

/* [min:S,][max:S,][S], each once; a leading minus means "all but". */
static int __init parse_dom0_mem(const char *v)
{
    while (*v != '\0') {
        uint64_t *target = &opt_mem;
        const char *end;
        bool negative = false;

        if (strncmp(v, "min:", 4) == 0 || strncmp(v, "max:", 4) == 0) {
            target = v[1] == 'i' ? &opt_mem_min : &opt_mem_max;
            v += 4;
        } else if (*v == '-') {
            negative = true;
            v++;
        }
        *target = read_size(v, &end);
        if (end == v || (*end != '\0' && *end != ',')) {
            return -EINVAL;
        }
        opt_mem_is_negative |= negative;
        v = *end == ',' ? end + 1 : end;
    }
    return 0;
}
PARAM_CUSTOM("dom0_mem", parse_dom0_mem);

/* N, or MIN-MAX. */
static int __init parse_max_vcpus(const char *v)
{
    const char *end;
    unsigned long n = string_to_ulong(v, &end);

    opt_min_vcpus = 0;
    opt_max_vcpus = (unsigned int)MIN(n, MAX_VCPUS);
    if (*end == '-') {
        opt_min_vcpus = opt_max_vcpus;
        n = string_to_ulong(end + 1, &end);
        opt_max_vcpus = (unsigned int)MIN(n, MAX_VCPUS);
    }
    return *end == '\0' && end != v ? 0 : -EINVAL;
}
PARAM_CUSTOM("dom0_max_vcpus", parse_max_vcpus);

static void *__init module_data(const struct boot_module *m)
{
    return maddr_to_virt(m->start);
}

void __init dom0_reserve_unpack_buffer(void)
{
    const char *why = "";

    if (boot_info.nr_modules == 0) {
        panic("No control domain: the boot loader passed no module. Add the kernel: "
              "module2 /boot/vmlinuz-... (and module2 /boot/initrd.img-...) below multiboot2.");
    }
    if (kernel_payload_find(module_data(&boot_info.module[0]), boot_info.module[0].size, &payload, &why) != 0) {
        panic("The first module is no kernel that can be booted: %s", why);
    }
    if (payload.format == PAYLOAD_ELF) {
        return;
    }
    unpacked_size = ROUND_UP(payload.unpacked_size, PAGE_SIZE);
    unpacked = early_alloc_raw(unpacked_size, PAGE_SIZE);
    if (unpacked == NULL) {
        panic("Not enough memory to unpack the kernel: %lu MiB in one piece are needed.", unpacked_size >> 20);
    }
}

static const void *__init unpack_kernel(void)
{
    const char *why = "";
    size_t arena_size;
    unsigned int order = 0;
    struct page_info *arena;

    if (payload.format == PAYLOAD_ELF) {
        return payload.data;
    }
    if (unpack_arena_size(&payload, &arena_size, &why) != 0) {
        panic("The kernel cannot be unpacked (%s): %s", payload_format_name(payload.format), why);
    }
    while ((PAGE_SIZE << order) < arena_size) {
        order++;
    }
    /* The decoder needs no zeroes, and tens of MiB of them take time. */
    arena = pages_alloc(order, ALLOC_DIRTY);
    if (arena == NULL) {
        panic("Not enough memory to unpack the kernel: %zu KiB are needed for the decoder.", arena_size >> 10);
    }
    if (unpack_payload(&payload, unpacked, page_to_virt(arena), arena_size, &why) != 0) {
        panic("The kernel cannot be unpacked (%s): %s", payload_format_name(payload.format), why);
    }
    pages_free(arena, order);
    return unpacked;
}

/* What dom0 gets, in pages: by the option, else all but a sixteenth (at most 128 MiB) and the low reserve. */
static uint64_t __init dom0_pages(void)
{
    uint64_t avail = buddy_free_pages();
    uint64_t spare = MIN(avail / 16, MiB(128) >> PAGE_SHIFT) + MIN(LOW_RESERVE_PAGES, avail / 4);
    uint64_t min = opt_mem_min >> PAGE_SHIFT, max = opt_mem_max >> PAGE_SHIFT;
    uint64_t pages = opt_mem >> PAGE_SHIFT;

    if (opt_mem_is_negative) {
        pages = avail > pages ? avail - pages : 0;
    } else if (pages == 0) {
        pages = avail > spare ? avail - spare : avail;
    }
    pages = MIN(MAX(pages, min), max);
    if (pages > avail) {
        panic("Not enough memory: the control domain is to have %lu MiB (dom0_mem=), and %lu MiB are free.",
              pages >> 8, avail >> 8);
    }
    return pages;
}

static unsigned int __init dom0_nr_vcpus(void)
{
    unsigned int n = nr_cpus_online;

    if (opt_max_vcpus > 0) {
        n = MIN(n, opt_max_vcpus);
        n = MAX(n, opt_min_vcpus);
        if (opt_min_vcpus == 0) {
            n = opt_max_vcpus;
        }
    }
    return MIN(n, MAX_VCPUS);
}

static void __init create_dom0(uint64_t pages)
{
    struct domain_config cfg = {
        .max_vcpus = dom0_nr_vcpus(),
        .max_event_port = 131071,
        .max_grant_frames = 64,
        .max_maptrack_frames = 1024,
        .is_control = true,
        .is_hardware = true,
    };

    if (domain_create(0, &cfg, &hardware_domain) != 0) {
        panic("The control domain cannot be created: not enough memory.");
    }
    hardware_domain->memory.max_pages = MAX(pages, MIN(opt_mem_max >> PAGE_SHIFT, (uint64_t)UINT32_MAX));
    for (unsigned int i = 0; i < cfg.max_vcpus; i++) {
        if (vcpu_create(hardware_domain, i) != 0) {
            panic("The control domain's vCPU %u cannot be created: not enough memory.", i);
        }
    }
}

static void __init pin_vcpus(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        cpumask_t one = cpumask_of(i % nr_cpus_online);

        if (opt_vcpus_pin && vcpu_set_affinity(v, &one, &one) != 0) {
            log_warn("dom0_vcpus_pin: vCPU %u cannot be pinned.\n", i);
        }
    }
}

static void __init free_modules(void)
{
    if (unpacked != NULL) {
        early_free_range(virt_to_maddr(unpacked), unpacked_size);
    }
    for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
        early_free_range(boot_info.module[i].start, boot_info.module[i].size);
    }
}

void __init dom0_boot(void)
{
    const struct boot_module *initrd = boot_info.nr_modules > 1 ? &boot_info.module[1] : NULL;
    struct dom0_source src;
    const char *why = "";
    const void *elf = unpack_kernel();
    uint64_t pages;

    if (kernel_image_parse(elf, payload.unpacked_size, &image, &why) != 0) {
        panic("The control domain's kernel is refused: %s", why);
    }
    pages = dom0_pages();
    create_dom0(pages);
    src = (struct dom0_source){
        .image = &image,
        .initrd = initrd != NULL ? module_data(initrd) : NULL,
        .initrd_size = initrd != NULL ? initrd->size : 0,
        .cmdline = boot_info.module[0].cmdline,
        .video = boot_info.video.present ? &boot_info.video : NULL,
        .is_efi = boot_info.efi_system_table.a != 0,
        .nr_pages = pages,
    };
    if (dom0_build(hardware_domain, &src, &why) != 0) {
        panic("The control domain cannot be built: %s", why);
    }
    pin_vcpus(hardware_domain);
    log_info("Control domain: %lu MiB, %u vCPU%s, %s kernel\n", pages >> 8, hardware_domain->max_vcpus,
             hardware_domain->max_vcpus == 1 ? "" : "s", payload_format_name(payload.format));
    free_modules();
}

void dom0_start(void)
{
    struct vcpu *v = hardware_domain->vcpu[0];

    bit_clear_atomic(&v->pause_flags, VPF_DOWN);
    hardware_domain->controller_pause_count = 0;
    domain_unpause(hardware_domain);
}
