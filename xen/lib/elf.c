/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF reader (elf.h). Owns no state. Invariant: each byte is reached
 * through elf_bytes() or lies between a walk's pos and end, which came from it.
 * Fields are assembled byte by byte: the buffer may have any alignment.
 */
#include <xen/elf.h>
#include <xen/errno.h>
#include <xen/init.h>

enum elf_constant {
    ELF_NOTE_HEADER_SIZE = 12,
    ELF_CLASS_32 = 1,
    ELF_CLASS_64 = 2,
    ELF_LITTLE_ENDIAN = 1,
    ELF_TYPE_EXEC = 2,
    ELF_TYPE_DYN = 3,
    ELF_MACHINE_386 = 3,
    ELF_MACHINE_X86_64 = 62,
    ELF_SHT_NOTE = 7,
};

/* Where things stand in the headers of a class; numbers of its own size are word bytes long. */
struct elf_class {
    uint8_t header_size, segment_size, section_size, word;
    uint8_t entry, segments_at, sections_at;
    uint8_t segment_entry_size, nr_segments, section_entry_size, nr_sections;
    uint8_t flags, offset, vaddr, paddr, file_size, mem_size;   /* of a program header */
    uint8_t section_offset, section_size_at;                    /* of a section header */
};

static const struct elf_class class_32 = {
    52, 32, 40, 4, 24, 28, 32, 42, 44, 46, 48, 24, 4, 8, 12, 16, 20, 16, 20,
};
static const struct elf_class class_64 = {
    64, 56, 64, 8, 24, 32, 40, 54, 56, 58, 60, 4, 8, 16, 24, 32, 40, 24, 32,
};

static uint64_t __init elf_number(const uint8_t *p, unsigned int bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0) {
        value = (value << 8) | p[bytes];
    }
    return value;
}

/* The only way into the buffer: [offset, offset + length), or NULL. */
static const uint8_t *__init elf_bytes(const struct elf_file *elf, uint64_t offset, uint64_t length)
{
    if (offset > elf->size || length > elf->size - offset) {
        return NULL;
    }
    return elf->data + offset;
}

bool __init elf_has_magic(const void *data, size_t size)
{
    const uint8_t *p = data;

    return size >= 4 && p[0] == 0x7f && p[1] == 'E' && p[2] == 'L' && p[3] == 'F';
}

/* The header's class and machine, or NULL: not one that is read. */
static const struct elf_class *__init elf_class_of(const uint8_t *h, size_t size)
{
    uint64_t type, machine;

    /* Both classes have these fields at the same place. */
    if (size < class_32.header_size || !elf_has_magic(h, size) || h[5] != ELF_LITTLE_ENDIAN) {
        return NULL;
    }
    type = elf_number(h + 16, 2);
    machine = elf_number(h + 18, 2);
    if (type != ELF_TYPE_EXEC && type != ELF_TYPE_DYN) {
        return NULL;
    }
    if (h[4] == ELF_CLASS_64 && machine == ELF_MACHINE_X86_64 && size >= class_64.header_size) {
        return &class_64;
    }
    return h[4] == ELF_CLASS_32 && machine == ELF_MACHINE_386 ? &class_32 : NULL;
}

int __init elf_open_any(struct elf_file *elf, const void *data, size_t size)
{
    const uint8_t *h = data;
    const struct elf_class *c = elf_class_of(h, size);
    struct elf_file file = { .data = data, .size = size, .class = c };

    if (!c) {
        return -ENOEXEC;
    }
    file.entry = elf_number(h + c->entry, c->word);
    file.segments_at = elf_number(h + c->segments_at, c->word);
    file.sections_at = elf_number(h + c->sections_at, c->word);
    file.nr_segments = elf_number(h + c->nr_segments, 2);
    file.nr_sections = elf_number(h + c->nr_sections, 2);

    if (elf_number(h + c->segment_entry_size, 2) != c->segment_size || file.nr_segments == 0 ||
        file.nr_segments > ELF_MAX_SEGMENTS ||
        !elf_bytes(&file, file.segments_at, (uint64_t)file.nr_segments * c->segment_size)) {
        return -EINVAL;
    }
    /* Sections only matter to the fallback search for notes: without them there is none. */
    if (elf_number(h + c->section_entry_size, 2) != c->section_size ||
        !elf_bytes(&file, file.sections_at, (uint64_t)file.nr_sections * c->section_size)) {
        file.nr_sections = 0;
    }

    *elf = file;
    return 0;
}

int __init elf_open(struct elf_file *elf, const void *data, size_t size)
{
    struct elf_file file;
    int rc = elf_open_any(&file, data, size);

    if (rc != 0 || file.class != &class_64) {
        return rc ? rc : -ENOEXEC;
    }
    *elf = file;
    return 0;
}

int __init elf_read_segment(const struct elf_file *elf, unsigned int index,
                            struct elf_segment *segment)
{
    const struct elf_class *c = elf->class;
    const uint8_t *h;
    struct elf_segment s;

    if (index >= elf->nr_segments) {
        return -EINVAL;
    }
    h = elf_bytes(elf, elf->segments_at + (uint64_t)index * c->segment_size, c->segment_size);
    if (!h) {
        return -EINVAL;
    }
    s = (struct elf_segment){
        .type = elf_number(h, 4),
        .flags = elf_number(h + c->flags, 4),
        .offset = elf_number(h + c->offset, c->word),
        .vaddr = elf_number(h + c->vaddr, c->word),
        .paddr = elf_number(h + c->paddr, c->word),
        .file_size = elf_number(h + c->file_size, c->word),
        .mem_size = elf_number(h + c->mem_size, c->word),
    };
    if (!elf_bytes(elf, s.offset, s.file_size)) {
        return -EINVAL;
    }
    *segment = s;
    return 0;
}

void __init elf_note_walk_init(struct elf_note_walk *walk, const struct elf_file *elf,
                               const char *owner)
{
    *walk = (struct elf_note_walk){
        .elf = elf,
        .owner = owner,
        .pos = elf->data,
        .end = elf->data,
        .budget = ELF_MAX_NOTES,
    };
}

/* Points the walk at header number next's bytes if it holds notes. */
static void __init elf_note_walk_enter(struct elf_note_walk *walk)
{
    const struct elf_file *elf = walk->elf;
    const struct elf_class *c = elf->class;
    unsigned int index = walk->next++;
    const uint8_t *h, *bytes = NULL;
    struct elf_segment segment;
    uint64_t length = 0;

    if (!walk->in_sections) {
        if (elf_read_segment(elf, index, &segment) == 0 && segment.type == ELF_PT_NOTE) {
            length = segment.file_size;
            bytes = elf_bytes(elf, segment.offset, length);
        }
    } else {
        h = elf_bytes(elf, elf->sections_at + (uint64_t)index * c->section_size,
                      c->section_size);
        if (h && elf_number(h + 4, 4) == ELF_SHT_NOTE) {
            length = elf_number(h + c->section_size_at, c->word);
            bytes = elf_bytes(elf, elf_number(h + c->section_offset, c->word), length);
        }
    }
    if (bytes) {
        walk->pos = bytes;
        walk->end = bytes + length;
    }
}

/* Moves on to the next segment or section; false when all have been seen. */
static bool __init elf_note_walk_advance(struct elf_note_walk *walk)
{
    unsigned int count = walk->in_sections ? walk->elf->nr_sections : walk->elf->nr_segments;

    if (walk->next == count) {
        if (walk->in_sections || walk->found) {
            return false;
        }
        walk->in_sections = true;
        walk->next = 0;
        return true;
    }
    elf_note_walk_enter(walk);
    return true;
}

static bool __init elf_is_owner(const uint8_t *name, uint64_t size, const char *owner)
{
    uint64_t i;

    for (i = 0; i < size; i++) {
        if (name[i] != (uint8_t)owner[i]) {
            return false;
        }
        if (owner[i] == '\0') {
            return i + 1 == size;
        }
    }
    return false;
}

bool __init elf_note_walk_next(struct elf_note_walk *walk, struct elf_note *note)
{
    const uint8_t *name, *h;
    uint64_t left, name_size, desc_size, name_room, desc_room;

    for (;;) {
        left = walk->end - walk->pos;
        if (left < ELF_NOTE_HEADER_SIZE) {
            walk->pos = walk->end;
            if (!elf_note_walk_advance(walk)) {
                return false;
            }
            continue;
        }
        if (walk->budget == 0) {
            return false;
        }
        walk->budget--;

        h = walk->pos;
        left -= ELF_NOTE_HEADER_SIZE;
        name_size = elf_number(h, 4);
        desc_size = elf_number(h + 4, 4);
        name_room = (name_size + 3) & ~3ull;
        desc_room = (desc_size + 3) & ~3ull;
        /* The last note's padding may be missing, its contents may not. */
        if (name_room > left || desc_size > left - name_room) {
            walk->pos = walk->end;
            continue;
        }
        name = h + ELF_NOTE_HEADER_SIZE;
        left -= name_room;
        walk->pos = name + name_room + (desc_room < left ? desc_room : left);
        if (!elf_is_owner(name, name_size, walk->owner)) {
            continue;
        }

        walk->found = true;
        *note = (struct elf_note){
            .type = elf_number(h + 8, 4),
            .size = desc_size,
            .desc = name + name_room,
        };
        return true;
    }
}

int __init elf_note_number(const struct elf_note *note, uint64_t *value)
{
    if (note->size != 1 && note->size != 2 && note->size != 4 && note->size != 8) {
        return -EINVAL;
    }
    *value = elf_number(note->desc, note->size);
    return 0;
}

struct elf_text __init elf_note_text(const struct elf_note *note)
{
    struct elf_text text = { (const char *)note->desc, 0 };

    while (text.length < note->size && text.chars[text.length] != '\0') {
        text.length++;
    }
    return text;
}
