/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the module page by page, since it is mapped nowhere. */
#include "elf_image.h"

#include "builder.h"
#include "mm.h"
#include "string.h"

#define PT_LOAD 1
#define PT_NOTE 4
#define NOTE_HYPERCALL_PAGE 2
#define NOTE_INIT_P2M 15

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

void module_read(uint64_t offset, void *to, size_t size)
{
    uint8_t *out = to;

    while (size) {
        size_t n = PAGE_SIZE - offset % PAGE_SIZE;

        n = n < size ? n : size;
        if (offset < start_info->mod_len) {
            uint64_t mfn = pfn_to_mfn(start_info->mod_start + offset / PAGE_SIZE);

            va_map_flush(window(SLOT_MODULE), make_pte(mfn, PTE_RO));
            memcpy(out, (uint8_t *)window(SLOT_MODULE) + offset % PAGE_SIZE, n);
        } else {
            memset(out, 0, n);
        }
        out += n;
        offset += n;
        size -= n;
    }
    slot_unmap(SLOT_MODULE);
}

/* Names and contents are padded to four bytes; those of interest here are 64-bit numbers. */
static void read_notes(struct elf_image *image, uint64_t at, uint64_t end)
{
    while (at + 12 <= end) {
        uint32_t note[3];
        uint64_t value = 0;

        module_read(at, note, sizeof(note));
        at += 12 + (note[0] + 3) / 4 * 4;
        module_read(at, &value, sizeof(value));
        if (note[2] == NOTE_HYPERCALL_PAGE)
            image->hypercall_page = value;
        if (note[2] == NOTE_INIT_P2M)
            image->init_p2m = value;
        at += (note[1] + 3) / 4 * 4;
    }
}

bool elf_image_read(struct elf_image *image)
{
    static const uint8_t magic[] = { 0x7f, 'E', 'L', 'F', 2, 1 };
    struct elf_header h;

    if (start_info->mod_len < sizeof(h))
        return false;
    module_read(0, &h, sizeof(h));
    if (memcmp(h.ident, magic, sizeof(magic)) || h.phentsize != sizeof(struct elf_segment))
        return false;
    *image = (struct elf_image){ .entry = h.entry };
    for (unsigned int i = 0; i < h.phnum; i++) {
        struct elf_segment s;

        module_read(h.phoff + i * sizeof(s), &s, sizeof(s));
        if (s.type == PT_NOTE)
            read_notes(image, s.offset, s.offset + s.filesz);
        if (s.type != PT_LOAD || image->nr_segments == 8)
            continue;
        image->segment[image->nr_segments].va = s.vaddr;
        image->segment[image->nr_segments].offset = s.offset;
        image->segment[image->nr_segments++].size = s.filesz;
        if (s.vaddr + s.memsz > image->end)
            image->end = s.vaddr + s.memsz;
    }
    return image->nr_segments > 0;
}
