/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owns the state file: its mapping, the undo log and the heap in it.
 *
 * The file: a page with the header, the log up to HEAP_START, then the heap. All parts are as long
 * as they were needed at some time; the file has holes behind them, and space is reserved before
 * it is touched, so that a full file system is an error of a call and not a SIGBUS.
 *
 * The log is a stack of records: old bytes, padded to 8, then where they belong and how many they
 * are. log_used is 0 between steps. A record is written before log_used covers it, and log_used
 * is written before the bytes change; a killed process leaves its stores in this order, so the
 * compiler is all that must be kept from changing it.
 *
 * The heap: blocks of size classes, one free list a class. Blocks that a step frees wait in
 * 'limbo' until the step is done: their bytes may be needed to undo it.
 */
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       0x65726f7473736f6eULL
#define LOG_START   4096UL
#define HEAP_START  0x4000000UL
#define LOG_STEP    0x10000UL
#define HEAP_STEP   0x100000UL
#define LOG_KEEP    0x100000UL
#define CLASSES     64
/* Of the heap, what steps leave for more important ones. */
#define RESERVE_RELIEF 0x40000u
#define RESERVE_LAST   0x10000u
#define SMALL_MAX   512u
#define BOOT_ID     "/proc/sys/kernel/random/boot_id"

struct free_block {
    struct free_block *next;
    uint64_t class;
};

struct header {
    uint64_t magic;
    uint32_t layout;
    uint32_t initialised;
    char boot_id[40];
    void *root;
    uint64_t log_used;
    uint64_t log_end;       /* offsets in the file */
    uint64_t heap_top;
    uint64_t heap_end;
    uint64_t free_bytes;
    struct free_block *limbo;
    struct free_block *free[CLASSES];
};

struct record {
    void *place;
    uint64_t size;
};

static struct {
    int fd;
    size_t limit;
    bool in_step;
    size_t reserve;
    jmp_buf no_memory;
} arena = { .fd = -1, .limit = ARENA_LIMIT };

#define header ((struct header *)ARENA_BASE)
#define barrier() __asm__ volatile("" ::: "memory")

static char *at(uint64_t offset)
{
    return (char *)ARENA_BASE + offset;
}

/* --- size classes --- */

/* 16-byte steps up to SMALL_MAX, then four classes for each doubling. */
static unsigned int class_of(size_t size, size_t *rounded)
{
    unsigned int shift, step;

    if (size <= SMALL_MAX) {
        *rounded = size ? (size + 15) & ~(size_t)15 : 16;
        return (unsigned int)(*rounded / 16 - 1);
    }
    shift = 63 - (unsigned int)__builtin_clzl(size - 1);
    step = (unsigned int)((size - 1) >> (shift - 2));
    *rounded = (size_t)(step + 1) << (shift - 2);
    return SMALL_MAX / 16 + (shift - 9) * 4 + step - 4;
}


static size_t class_size(unsigned int class)
{
    if (class < SMALL_MAX / 16) {
        return (class + 1) * 16;
    }
    class -= SMALL_MAX / 16;
    return (size_t)(class % 4 + 5) << (class / 4 + 7);
}

/* --- growth --- */

static int reserve_space(uint64_t from, uint64_t to)
{
    int rc;

    do {
        rc = posix_fallocate(arena.fd, (off_t)from, (off_t)(to - from));
    } while (rc == EINTR);
    return -rc;
}

static void grow(uint64_t *end, uint64_t need, uint64_t step, uint64_t most)
{
    uint64_t to = (need + step - 1) / step * step;

    if (to > most || reserve_space(*end, to)) {
        longjmp(arena.no_memory, 1);
    }
    *end = to;
}

/* --- undo --- */

/* Apart, so that the one below needs no stack. */
__attribute__((noinline)) static void log_grow(uint64_t end)
{
    if (!arena.in_step) {
        abort();
    }
    if (end > header->log_end) {
        grow(&header->log_end, end, LOG_STEP, HEAP_START);
    }
}

__attribute__((noinline)) static void undo_any(void *place, size_t size)
{
    size_t padded = (size + 7) & ~(size_t)7;
    uint64_t end = LOG_START + header->log_used + padded + sizeof(struct record);
    char *to = at(LOG_START + header->log_used);
    struct record *record = (struct record *)(to + padded);

    log_grow(end);
    memcpy(to, place, size);
    record->place = place;
    record->size = size;
    barrier();
    header->log_used = end - LOG_START;
    barrier();
}

/* A word, as nearly always: a request changes hundreds. */
static void undo_word(uint64_t *place)
{
    struct {
        uint64_t old;
        struct record record;
    } *to = (void *)at(LOG_START + header->log_used);

    to->old = *place;
    to->record.place = place;
    to->record.size = sizeof(*place);
    barrier();
    header->log_used += sizeof(*to);
    barrier();
}

void arena_undo(void *place, size_t size)
{
    uint64_t room = header->log_end - LOG_START - header->log_used;

    if (size == sizeof(uint64_t) && (uintptr_t)place % sizeof(uint64_t) == 0 && arena.in_step &&
        room >= sizeof(uint64_t) + sizeof(struct record)) {
        undo_word(place);
    } else {
        undo_any(place, size);
    }
}

static bool record_is_sane(const struct record *record)
{
    uintptr_t place = (uintptr_t)record->place;

    return place >= ARENA_BASE && place < ARENA_BASE + ARENA_LIMIT &&
           record->size <= ARENA_BLOCK_MAX && record->size <= header->log_used;
}

static int roll_back(void)
{
    while (header->log_used) {
        struct record *record = (struct record *)at(LOG_START + header->log_used) - 1;
        size_t padded = (record->size + 7) & ~(size_t)7;

        if (!record_is_sane(record)) {
            return -EBADMSG;
        }
        memcpy(record->place, (char *)record - padded, record->size);
        barrier();
        header->log_used -= padded + sizeof(*record);
        barrier();
    }
    return 0;
}

/* A step is done; a log that a large one left gives its pages back. */
static void commit(void)
{
    barrier();
    header->log_used = 0;
    barrier();
    if (header->log_end > LOG_START + LOG_KEEP) {
        header->log_end = LOG_START + LOG_KEEP;
        fallocate(arena.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  (off_t)(LOG_START + LOG_KEEP), (off_t)(HEAP_START - LOG_START - LOG_KEEP));
    }
}

/* --- the heap --- */

void *arena_alloc(size_t size)
{
    size_t rounded;
    unsigned int class = class_of(size, &rounded);
    struct free_block *block;

    if (size > ARENA_BLOCK_MAX) {
        abort();
    }
    block = header->free[class];
    if (block) {
        SET(header->free[class], block->next);
        SET(header->free_bytes, header->free_bytes - rounded);
        arena_undo(block, sizeof(*block));
    } else {
        uint64_t need = header->heap_top + rounded + arena.reserve;

        if (need > header->heap_end) {
            grow(&header->heap_end, need, HEAP_STEP, arena.limit);
        }
        block = (struct free_block *)at(header->heap_top);
        SET(header->heap_top, header->heap_top + rounded);
    }
    return memset(block, 0, size);
}

void arena_free(void *block, size_t size)
{
    struct free_block *freed = block;
    size_t rounded;

    if (!block) {
        return;
    }
    arena_undo(freed, sizeof(*freed));
    freed->class = class_of(size, &rounded);
    freed->next = header->limbo;
    SET(header->limbo, freed);
    SET(header->free_bytes, header->free_bytes + rounded);
}

/* Blocks that finished steps freed become usable: a step of its own, some blocks at a time. */
static void empty_limbo(void)
{
    if (setjmp(arena.no_memory)) {
        roll_back();
        return;
    }
    while (header->limbo) {
        for (int i = 0; i < 64 && header->limbo; i++) {
            struct free_block *block = header->limbo;
            unsigned int class = (unsigned int)block->class;

            SET(header->limbo, block->next);
            SET(block->next, header->free[class]);
            SET(header->free[class], block);
        }
        commit();
    }
}

/* --- steps --- */

static int run(int (*step)(void *arg), void *arg, size_t reserve, bool keep)
{
    int rc;

    if (arena.in_step) {
        abort();
    }
    arena.in_step = true;
    arena.reserve = reserve;
    rc = setjmp(arena.no_memory) ? -ENOSPC : step(arg);
    if (rc < 0 || !keep) {
        if (roll_back()) {
            abort();
        }
    } else {
        commit();
        if (header->limbo) {
            empty_limbo();
        }
    }
    arena.in_step = false;
    return rc;
}

int arena_run(int (*step)(void *arg), void *arg)
{
    return run(step, arg, RESERVE_RELIEF, true);
}

int arena_run_relief(int (*step)(void *arg), void *arg)
{
    return run(step, arg, RESERVE_LAST, true);
}

int arena_run_last(int (*step)(void *arg), void *arg)
{
    return run(step, arg, 0, true);
}

int arena_try(int (*step)(void *arg), void *arg)
{
    return run(step, arg, RESERVE_RELIEF, false);
}

/* --- the file --- */

static void read_boot_id(char id[40])
{
    int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, id, 36);

    id[got > 0 ? got : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
}

static int initialise(void)
{
    int rc;

    if (ftruncate(arena.fd, 0) || ftruncate(arena.fd, (off_t)ARENA_LIMIT)) {
        return -errno;
    }
    rc = reserve_space(0, LOG_START + LOG_STEP);
    if (!rc) {
        rc = reserve_space(HEAP_START, HEAP_START + HEAP_STEP);
    }
    if (rc) {
        return rc;
    }
    header->layout = ARENA_LAYOUT;
    read_boot_id(header->boot_id);
    header->log_end = LOG_START + LOG_STEP;
    header->heap_top = HEAP_START;
    header->heap_end = HEAP_START + HEAP_STEP;
    barrier();
    header->magic = MAGIC;
    return 0;
}

static bool header_is_sane(void)
{
    return header->log_end >= LOG_START && header->log_end <= HEAP_START &&
           header->log_used <= header->log_end - LOG_START &&
           header->heap_top >= HEAP_START && header->heap_top <= header->heap_end &&
           header->heap_end <= ARENA_LIMIT;
}

/* What is in the file: 1 something of this boot, 0 nothing that counts. */
static int examine(off_t size)
{
    char boot_id[40];

    if (size < (off_t)ARENA_LIMIT || header->magic == 0) {
        return 0;
    }
    if (header->magic != MAGIC) {
        return -EBADMSG;
    }
    read_boot_id(boot_id);
    if (strncmp(boot_id, header->boot_id, sizeof(boot_id)) != 0) {
        return 0;
    }
    if (header->layout != ARENA_LAYOUT) {
        return -EPROTO;
    }
    if (!header_is_sane() || roll_back()) {
        return -EBADMSG;
    }
    return header->root != NULL;
}

static int map_file(void)
{
    void *where = mmap((void *)ARENA_BASE, ARENA_LIMIT, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_FIXED_NOREPLACE, arena.fd, 0);

    if (where == MAP_FAILED) {
        return errno == EEXIST ? -EADDRINUSE : -errno;
    }
    if (where != (void *)ARENA_BASE) {
        munmap(where, ARENA_LIMIT);
        return -EADDRINUSE;
    }
    return 0;
}

int arena_open(const char *path, enum arena_found *found)
{
    struct stat st;
    int rc;

    arena.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (arena.fd < 0) {
        return -errno;
    }
    rc = flock(arena.fd, LOCK_EX | LOCK_NB) ? -EBUSY : fstat(arena.fd, &st) ? -errno : map_file();
    if (rc) {
        close(arena.fd);
        arena.fd = -1;
        return rc;
    }
    /* Even reading a hole takes a page. */
    rc = st.st_size ? reserve_space(0, LOG_START) : 0;
    rc = rc ? rc : examine(st.st_size);
    *found = rc > 0 ? ARENA_OLD : ARENA_NEW;
    if (rc == 0) {
        rc = initialise();
    }
    if (rc < 0) {
        arena_close();
        return rc;
    }
    arena.in_step = false;
    return 0;
}

void arena_close(void)
{
    munmap((void *)ARENA_BASE, ARENA_LIMIT);
    close(arena.fd);
    arena.fd = -1;
}

void arena_set_limit(size_t bytes)
{
    arena.limit = bytes ? HEAP_START + bytes : ARENA_LIMIT;
}

void *arena_root(void)
{
    return header->root;
}

void arena_set_root(void *root)
{
    SET(header->root, root);
}

size_t arena_file_bytes(void)
{
    return header->log_end + header->heap_end - HEAP_START;
}

size_t arena_used_bytes(void)
{
    return header->heap_top - HEAP_START - header->free_bytes;
}

size_t arena_heap_bytes(void)
{
    return header->heap_top - HEAP_START;
}

void arena_each_free(void (*visit)(void *block, size_t size, void *arg), void *arg)
{
    struct free_block *block;

    for (unsigned int class = 0; class < CLASSES; class++) {
        for (block = header->free[class]; block; block = block->next) {
            visit(block, class_size(class), arg);
        }
    }
}

bool arena_is_block(const void *block, size_t size)
{
    uintptr_t from = (uintptr_t)block - ARENA_BASE;

    return from >= HEAP_START && from + size <= header->heap_top && from % 16 == 0;
}
