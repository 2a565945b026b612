/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control domain at boot: its size by dom0_mem=, its vCPUs by dom0_max_vcpus=, its kernel from
 * the first module and its initrd from the second.
 */
#include <asm/boot_dom0.h>
#include <asm/boot_info.h>
#include <asm/dom0.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/cpupool.h>
#include <xen/domain.h>
#include <xen/e820.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/kernel_image.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/unpack.h>

#include <public/xen.h>

/* Memory below 4 GiB that dom0 does not get, so that it can exchange some for its DMA buffers. */
#define LOW_RESERVE_PAGES (MiB(128) >> PAGE_SHIFT)

static struct dom0_size {
    uint64_t bytes, min, max; /* bytes: 0: what is free; is_negative: all but these */
    bool is_negative;
} opt_mem = { .max = UINT64_MAX };
static unsigned int opt_max_vcpus, opt_min_vcpus;
static bool opt_vcpus_pin;
PARAM_BOOL("dom0_vcpus_pin", opt_vcpus_pin);

static struct kernel_payload payload __initdata;
static struct kernel_image image __initdata;
static void *unpacked __initdata;
static uint64_t unpacked_size __initdata;

/* One size, not 0, with its suffix at *s, which moves behind it. A bare number means KiB. */
static int __init read_size(const char **s, uint64_t *out)
{
    static const char units[] __initconst = "bkmgt";
    const char *end;
    uint64_t n = string_to_ulong(*s, &end);
    const char *unit = *end != '\0' ? strchr(units, *end | 0x20) : NULL;
    unsigned int shift = unit != NULL ? (unsigned int)(unit - units) * 10 : 10;

    end += unit != NULL;
    if (n == 0 || n > UINT64_MAX >> shift || (*end != '\0' && *end != ',')) {
        return -EINVAL;
    }
    *s = end;
    *out = n << shift;
    return 0;
}

/* [min:S,][max:S,][S], in any order; a minus before the last kind means "all but". */
static int __init parse_dom0_mem(const char *v)
{
    struct dom0_size size = { .max = UINT64_MAX };

    for (;;) {
        uint64_t *target = &size.bytes;

        if (strncmp(v, "min:", 4) == 0 || strncmp(v, "max:", 4) == 0) {
            target = v[1] == 'i' ? &size.min : &size.max;
            v += 4;
        } else {
            size.is_negative = *v == '-';
            v += size.is_negative;
        }
        if (read_size(&v, target) != 0) {
            return -EINVAL;
        }
        if (*v == '\0') {
            opt_mem = size;
            return 0;
        }
        v++;
    }
}
PARAM_CUSTOM("dom0_mem", parse_dom0_mem);

/* N, or MIN-MAX. */
static int __init parse_max_vcpus(const char *v)
{
    const char *end;
    unsigned long max = string_to_ulong(v, &end), min = 0;

    if (*end == '-') {
        min = max;
        max = string_to_ulong(end + 1, &end);
    }
    if (*end != '\0' || max == 0 || max > MAX_VCPUS || min > max) {
        return -EINVAL;
    }
    opt_min_vcpus = (unsigned int)min;
    opt_max_vcpus = (unsigned int)max;
    return 0;
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
    if (kernel_payload_find(module_data(&boot_info.module[0]), boot_info.module[0].size, &payload,
                            &why) != 0) {
        panic("The first module is no kernel that can be booted: %s", why);
    }
    if (payload.format == PAYLOAD_ELF) {
        return;
    }
    unpacked_size = ROUND_UP(payload.unpacked_size, PAGE_SIZE);
    unpacked = early_alloc_raw(unpacked_size, PAGE_SIZE);
    if (unpacked == NULL) {
        panic("Not enough memory: found %lu MiB, and %lu MiB in one piece are needed to unpack the "
              "kernel.", e820_ram_bytes(&host_e820) >> 20, (unpacked_size + MiB(1) - 1) >> 20);
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
        panic("Not enough memory: %lu MiB are free, and %lu MiB in one piece are needed to unpack "
              "the kernel.", buddy_free_pages() >> 8, (PAGE_SIZE << order) >> 20);
    }
    if (unpack_payload(&payload, unpacked, page_to_virt(arena), arena_size, &why) != 0) {
        panic("The kernel cannot be unpacked (%s): %s", payload_format_name(payload.format), why);
    }
    pages_free(arena, order);
    return unpacked;
}

/*
 * What dom0 gets, in pages: by the option, else all but a sixteenth (at most 128 MiB) and the low
 * reserve.
 */
static uint64_t __init dom0_pages(void)
{
    uint64_t avail = buddy_free_pages();
    uint64_t spare = MIN(avail / 16, MiB(128) >> PAGE_SHIFT) + MIN(LOW_RESERVE_PAGES, avail / 4);
    uint64_t min = opt_mem.min >> PAGE_SHIFT, max = opt_mem.max >> PAGE_SHIFT;
    uint64_t pages = opt_mem.bytes >> PAGE_SHIFT;

    if (opt_mem.is_negative) {
        pages = avail > pages ? avail - pages : 0;
    } else if (pages == 0) {
        pages = avail > spare ? avail - spare : avail;
    }
    pages = MIN(MAX(pages, min), max);
    if (pages > avail) {
        panic("Not enough memory: the control domain is to have %lu MiB (dom0_mem=), and %lu MiB "
              "are free. Give it less.", pages >> 8, avail >> 8);
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
        panic("Not enough memory to create the control domain: %lu MiB are free.",
              buddy_free_pages() >> 8);
    }
    hardware_domain->memory.max_pages = MAX(pages, MIN(opt_mem.max >> PAGE_SHIFT,
                                                       (uint64_t)UINT32_MAX));
    for (unsigned int i = 0; i < cfg.max_vcpus; i++) {
        if (vcpu_create(hardware_domain, i) != 0) {
            panic("Not enough memory for the control domain's vCPU %u: %lu MiB are free. "
                  "Give it fewer (dom0_max_vcpus=).", i, buddy_free_pages() >> 8);
        }
    }
}

static void __init pin_vcpus(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        cpumask_t one = cpumask_of(i % nr_cpus_online);

        if (opt_vcpus_pin && cpupool_set_affinity(v, &one, &one) != 0) {
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
    if (strlen(boot_info.module[0].cmdline) >= MAX_GUEST_CMDLINE) {
        log_warn("The kernel's command line is longer than %u bytes; the rest is cut off.\n",
                 MAX_GUEST_CMDLINE - 1);
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
    log_info("Control domain: %lu MiB, %u vCPU%s, %s kernel\n", pages >> 8,
             hardware_domain->max_vcpus, hardware_domain->max_vcpus == 1 ? "" : "s",
             payload_format_name(payload.format));
    free_modules();
}

void dom0_start(void)
{
    struct vcpu *v = hardware_domain->vcpu[0];

    bit_clear_atomic(&v->pause_flags, VPF_DOWN);
    hardware_domain->controller_pause_count = 0;
    domain_unpause(hardware_domain);
}
