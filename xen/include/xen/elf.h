/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of an x86 ELF file that lies in memory. The file is not
 * trusted: every offset and length is checked against the buffer, so no input
 * makes a reader look outside it. Nothing is allocated; results point into the
 * buffer. Boot only.
 */
#ifndef XEN_ELF_H
#define XEN_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_PT_LOAD 1u
#define ELF_PT_NOTE 4u
#define ELF_PF_X    1u
#define ELF_PF_W    2u

/* More program headers than any kernel has: a bound on work. */
#define ELF_MAX_SEGMENTS 128u
/* Notes looked at before the search gives up. */
#define ELF_MAX_NOTES 4096u

struct elf_file {
    const uint8_t *data;
    size_t size;
    const struct elf_class *class;  /* elf.c's own */
    uint64_t entry;
    uint64_t segments_at;       /* file offset of the program headers */
    uint64_t sections_at;       /* file offset of the section headers */
    unsigned int nr_segments;
    unsigned int nr_sections;   /* 0 if there are none, or they are not all there */
};

/* A program header; [offset, offset + file_size) is inside the file. */
struct elf_segment {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t file_size;
    uint64_t mem_size;
};

struct elf_note {
    uint32_t type;
    uint32_t size;
    const uint8_t *desc;        /* size bytes, no alignment promised */
};

/* Characters without a zero byte at their end. */
struct elf_text {
    const char *chars;
    size_t length;
};

/* Walk over the notes of one owner. Fields belong to elf.c. */
struct elf_note_walk {
    const struct elf_file *elf;
    const char *owner;
    const uint8_t *pos;
    const uint8_t *end;
    unsigned int next;          /* header to look at next */
    unsigned int budget;
    bool in_sections;
    bool found;
};

/* True if the buffer begins like an ELF file of any kind. */
bool elf_has_magic(const void *data, size_t size);

/*
 * Reads the file header. -ENOEXEC: not a little-endian x86-64 ELF64
 * executable (ET_EXEC or ET_DYN); -EINVAL: program headers missing, cut off or
 * too many.
 */
int elf_open(struct elf_file *elf, const void *data, size_t size);
/* The same, and 32-bit files for the 80386 as well. */
int elf_open_any(struct elf_file *elf, const void *data, size_t size);

/* Program header number index. -EINVAL: no such one, or it leaves the file. */
int elf_read_segment(const struct elf_file *elf, unsigned int index, struct elf_segment *segment);

/*
 * Notes of an owner, in file order: those of PT_NOTE segments; if these hold
 * none of the owner, those of SHT_NOTE sections. A note that is cut off ends
 * its segment.
 */
void elf_note_walk_init(struct elf_note_walk *walk, const struct elf_file *elf, const char *owner);
bool elf_note_walk_next(struct elf_note_walk *walk, struct elf_note *note);

/* Value of a note of 1, 2, 4 or 8 bytes. -EINVAL: another size. */
int elf_note_number(const struct elf_note *note, uint64_t *value);

/* Text of a note, up to its first zero byte or the note's end. */
struct elf_text elf_note_text(const struct elf_note *note);

#endif
