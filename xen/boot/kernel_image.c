/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads an unpacked kernel: its load segments and its Xen notes, and refuses
 * what cannot run (kernel_image.h). Which notes are refused follows Xen 4.17:
 * docs/interface/boot.md. The control library is built from this file too.
 */
#include <public/elfnote.h>
#include <public/features.h>

#include <xen/errno.h>
#include <xen/init.h>
#include <xen/kernel_image.h>
#include <xen/string.h>
#include <xen/types.h>

/* More memory than a kernel may take at load: its initial mapping ends below 1 GiB. */
#define KERNEL_LOAD_MAX (1ul << 30)

#define OTHER_KERNEL " Use another kernel."

#define FEATURE(name) (1u << XENFEAT_##name)

static int __init image_read_segments(struct kernel_image *image, const char **why)
{
    struct elf_segment s;
    unsigned int i;

    image->paddr_start = UINT64_MAX;
    image->paddr_end = 0;
    for (i = 0; i < image->elf.nr_segments; i++) {
        if (elf_read_segment(&image->elf, i, &s) != 0) {
            *why = "The kernel's ELF file is cut off. Copy the kernel file again.";
            return -EINVAL;
        }
        if (s.type != ELF_PT_LOAD || s.mem_size == 0) {
            continue;
        }
        if (s.file_size > s.mem_size || s.paddr + s.mem_size < s.paddr) {
            *why = "The kernel's ELF file has a load segment that cannot be." OTHER_KERNEL;
            return -EINVAL;
        }
        image->paddr_start = MIN(image->paddr_start, s.paddr);
        image->paddr_end = MAX(image->paddr_end, s.paddr + s.mem_size);
    }
    if (image->paddr_end == 0) {
        *why = "The kernel's ELF file has nothing to load." OTHER_KERNEL;
        return -EINVAL;
    }
    return 0;
}

/* Where a note goes, and what to say of a number that is none. */
struct note_rule {
    uint32_t type;
    bool is_text;
    size_t member;
    const char *malformed;
};

#define NUMBER_NOTE(note, field)                                    \
    { XEN_ELFNOTE_##note, false, offsetof(struct kernel_image, field), \
      "The kernel's Xen note " #note " is not a number." OTHER_KERNEL }
#define TEXT_NOTE(note, field) \
    { XEN_ELFNOTE_##note, true, offsetof(struct kernel_image, field), NULL }

static const struct note_rule note_rules[] = {
    NUMBER_NOTE(ENTRY, entry),
    NUMBER_NOTE(HYPERCALL_PAGE, hypercall_page),
    NUMBER_NOTE(VIRT_BASE, virt_base),
    NUMBER_NOTE(PADDR_OFFSET, paddr_offset),
    NUMBER_NOTE(INIT_P2M, init_p2m),
    NUMBER_NOTE(PHYS32_ENTRY, phys32_entry),
    TEXT_NOTE(XEN_VERSION, xen_version),
    TEXT_NOTE(GUEST_OS, guest_os),
    TEXT_NOTE(GUEST_VERSION, guest_version),
    TEXT_NOTE(LOADER, loader),
    TEXT_NOTE(PAE_MODE, pae_mode),
    TEXT_NOTE(FEATURES, features),
};

/* The notes whose value is not stored as it is. */
static int __init image_read_special(struct kernel_image *image, const struct elf_note *note,
                                     const char **why)
{
    uint64_t value;

    switch (note->type) {
    case XEN_ELFNOTE_MOD_START_PFN:
        if (elf_note_number(note, &value) != 0) {
            *why = "The kernel's Xen note MOD_START_PFN is not a number." OTHER_KERNEL;
            return -EINVAL;
        }
        image->mod_start_pfn = value != 0;
        break;
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        if (elf_note_number(note, &value) != 0) {
            *why = "The kernel's Xen note SUPPORTED_FEATURES is not a number." OTHER_KERNEL;
            return -EINVAL;
        }
        image->features_supported |= (uint32_t)value;
        image->supported_features_given = true;
        break;
    default:
        break;
    }
    return 0;
}

static int __init image_read_note(struct kernel_image *image, const struct elf_note *note,
                                  const char **why)
{
    const struct note_rule *rule;
    struct elf_text text;
    uint64_t value;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(note_rules); i++) {
        rule = &note_rules[i];
        if (rule->type != note->type) {
            continue;
        }
        if (rule->is_text) {
            text = elf_note_text(note);
            memcpy((char *)image + rule->member, &text, sizeof(text));
        } else if (elf_note_number(note, &value) == 0) {
            memcpy((char *)image + rule->member, &value, sizeof(value));
        } else {
            *why = rule->malformed;
            return -EINVAL;
        }
        return 0;
    }
    return image_read_special(image, note, why);
}

static int __init image_read_notes(struct kernel_image *image, const char **why)
{
    struct elf_note_walk walk;
    struct elf_note note;
    bool any = false;
    int rc;

    image->entry = image->hypercall_page = image->init_p2m = KERNEL_NOTE_UNSET;
    image->virt_base = image->paddr_offset = image->phys32_entry = KERNEL_NOTE_UNSET;
    elf_note_walk_init(&walk, &image->elf, "Xen");
    while (elf_note_walk_next(&walk, &note)) {
        any = true;
        rc = image_read_note(image, &note, why);
        if (rc != 0) {
            return rc;
        }
    }
    if (!any) {
        *why = "The kernel has no Xen notes. Use one built to run on Xen (CONFIG_XEN_PV).";
        return -ENOEXEC;
    }
    return 0;
}

/* The feature's bit, or -1. The names are those a kernel may require in its notes. */
static int __init feature_bit(const char *name, size_t length)
{
    static const struct {
        const char *name;
        int bit;
    } features[] = {
        { "writable_page_tables", XENFEAT_writable_page_tables },
        { "writable_descriptor_tables", XENFEAT_writable_descriptor_tables },
        { "auto_translated_physmap", XENFEAT_auto_translated_physmap },
        { "supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel },
        { "pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb },
        { "hvm_callback_vector", XENFEAT_hvm_callback_vector },
        { "dom0", XENFEAT_dom0 },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(features); i++) {
        if (strlen(features[i].name) == length && memcmp(features[i].name, name, length) == 0) {
            return features[i].bit;
        }
    }
    return -1;
}

/* "!a|b|c": each is supported, the one with a mark is required too. */
static int __init image_read_features(struct kernel_image *image, const char **why)
{
    const char *p = image->features.chars;
    const char *end = p + image->features.length;
    bool required;
    size_t length;
    int bit;

    while (p < end) {
        required = *p == '!';
        p += required;
        length = 0;
        while (p + length < end && p[length] != '|') {
            length++;
        }
        bit = feature_bit(p, length);
        if (bit < 0 && required) {
            *why = "The kernel requires a feature that is not known (Xen note FEATURES)."
                   OTHER_KERNEL;
            return -EOPNOTSUPP;
        }
        if (bit >= 0) {
            image->features_supported |= 1u << bit;
        }
        if (bit >= 0 && required) {
            image->features_required |= 1u << bit;
        }
        p += length;
        if (p < end) {
            p++;
        }
    }
    return 0;
}

static bool __init text_starts(struct elf_text text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text.length >= length && memcmp(text.chars, prefix, length) == 0;
}

static int __init image_check_texts(const struct kernel_image *image, const char **why)
{
    if (!text_starts(image->loader, "generic") && !text_starts(image->guest_os, "linux")) {
        *why = "The kernel wants a loader of its own (Xen note LOADER is not \"generic\")."
               OTHER_KERNEL;
        return -EINVAL;
    }
    if (!text_starts(image->xen_version, "xen-3.0")) {
        *why = "The kernel is not for this interface (Xen note XEN_VERSION is not \"xen-3.0\")."
               OTHER_KERNEL;
        return -EINVAL;
    }
    return 0;
}

static int __init image_check_features(const struct kernel_image *image, const char **why)
{
    if (image->features_required & FEATURE(supervisor_mode_kernel)) {
        *why = "The kernel requires supervisor_mode_kernel (Xen note FEATURES), "
               "which is not offered." OTHER_KERNEL;
        return -EOPNOTSUPP;
    }
    return 0;
}

static int __init image_check_control_domain(const struct kernel_image *image, const char **why)
{
    if (image->supported_features_given && !(image->features_supported & FEATURE(dom0))) {
        *why = "The kernel cannot be the control domain (Xen note SUPPORTED_FEATURES lacks dom0)."
               OTHER_KERNEL;
        return -EOPNOTSUPP;
    }
    return 0;
}

/* Sets the addresses that follow from the notes, with the defaults of those not given. */
static int __init image_place(struct kernel_image *image, const char **why)
{
    if (image->virt_base == KERNEL_NOTE_UNSET && image->paddr_offset != KERNEL_NOTE_UNSET) {
        *why = "The kernel has the Xen note PADDR_OFFSET, but not VIRT_BASE." OTHER_KERNEL;
        return -EINVAL;
    }
    if (image->virt_base == KERNEL_NOTE_UNSET) {
        image->virt_base = 0;
    }
    if (image->paddr_offset == KERNEL_NOTE_UNSET) {
        image->paddr_offset = 0;
    }
    if (image->entry == KERNEL_NOTE_UNSET) {
        image->entry = image->elf.entry;
    }

    if ((image->virt_base | image->paddr_offset) & (PAGE_SIZE - 1)) {
        *why = "The kernel's Xen note VIRT_BASE or PADDR_OFFSET is not a page's address."
               OTHER_KERNEL;
        return -EINVAL;
    }
    if (image->paddr_start < image->paddr_offset ||
        image->paddr_end - image->paddr_offset > KERNEL_LOAD_MAX) {
        *why = "The kernel's segments are not within 1 GiB of the Xen note PADDR_OFFSET."
               OTHER_KERNEL;
        return -EINVAL;
    }
    image->virt_offset = image->virt_base - image->paddr_offset;
    image->virt_start = image->paddr_start + image->virt_offset;
    image->virt_end = image->paddr_end + image->virt_offset;
    if (image->virt_end < image->virt_base) {
        *why = "The kernel does not fit above the Xen note VIRT_BASE." OTHER_KERNEL;
        return -EINVAL;
    }
    return 0;
}

static int __init image_check_addresses(const struct kernel_image *image, const char **why)
{
    if (image->entry < image->virt_start || image->entry > image->virt_end) {
        *why = "The kernel's entry point is outside of it (Xen note ENTRY)." OTHER_KERNEL;
        return -EINVAL;
    }
    if (image->init_p2m != KERNEL_NOTE_UNSET &&
        image->init_p2m >= image->virt_start && image->init_p2m < image->virt_end) {
        *why = "The kernel wants the frame list inside itself (Xen note INIT_P2M)." OTHER_KERNEL;
        return -EINVAL;
    }
    return 0;
}

static int __init image_open_failed(const void *elf, size_t size, int rc, const char **why)
{
    if (rc == -ENOEXEC) {
        *why = elf_has_magic(elf, size)
            ? "The kernel is not a 64-bit x86 program. Use an amd64 kernel."
            : "The kernel does not unpack to an ELF file.";
    } else if (rc != 0) {
        *why = "The kernel's ELF file is cut off. Copy the kernel file again.";
    }
    return rc;
}

int __init kernel_image_read(const void *elf, size_t size, struct kernel_image *image,
                             const char **why)
{
    struct kernel_image read = { .features.chars = "" };
    int rc = image_open_failed(elf, size, elf_open(&read.elf, elf, size), why);

    rc = rc ? rc : image_read_segments(&read, why);
    rc = rc ? rc : image_read_notes(&read, why);
    rc = rc ? rc : image_check_texts(&read, why);
    rc = rc ? rc : image_read_features(&read, why);
    rc = rc ? rc : image_check_features(&read, why);
    rc = rc ? rc : image_place(&read, why);
    rc = rc ? rc : image_check_addresses(&read, why);
    if (rc == 0) {
        *image = read;
    }
    return rc;
}

static int __init image_check_pvh(struct kernel_image *image, const char **why)
{
    if (image->phys32_entry == KERNEL_NOTE_UNSET) {
        *why = "The kernel cannot start as a PVH guest (it has no Xen note PHYS32_ENTRY). "
               "Use one built with CONFIG_PVH.";
        return -ENOEXEC;
    }
    if (image->phys32_entry < image->paddr_start || image->phys32_entry >= image->paddr_end) {
        *why = "The kernel's entry point is outside of it (Xen note PHYS32_ENTRY)." OTHER_KERNEL;
        return -EINVAL;
    }
    if (image->paddr_end > KERNEL_LOAD_MAX) {
        *why = "The kernel's segments are not below 1 GiB." OTHER_KERNEL;
        return -EINVAL;
    }
    image->virt_base = image->paddr_offset = image->virt_offset = 0;
    image->virt_start = image->paddr_start;
    image->virt_end = image->paddr_end;
    image->entry = image->phys32_entry;
    return 0;
}

int __init kernel_image_read_pvh(const void *elf, size_t size, struct kernel_image *image,
                                 const char **why)
{
    struct kernel_image read = { .features.chars = "" };
    int rc = image_open_failed(elf, size, elf_open_any(&read.elf, elf, size), why);

    rc = rc ? rc : image_read_segments(&read, why);
    rc = rc ? rc : image_read_notes(&read, why);
    rc = rc ? rc : image_check_pvh(&read, why);
    if (rc == 0) {
        *image = read;
    }
    return rc;
}

int __init kernel_image_parse(const void *elf, size_t size, struct kernel_image *image,
                              const char **why)
{
    struct kernel_image read;
    int rc = kernel_image_read(elf, size, &read, why);

    rc = rc ? rc : image_check_control_domain(&read, why);
    if (rc == 0) {
        *image = read;
    }
    return rc;
}
