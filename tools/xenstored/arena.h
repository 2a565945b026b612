/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that outlives the process: a file in /run, mapped at a fixed address, so that what lies
 * in it can hold pointers. All changes to it are made by steps: a step is done as a whole or not
 * at all, also when the process is killed in the middle. Before a step changes memory that it did
 * not allocate itself it notes the old bytes (SET, arena_undo); arena_run() undoes a step that
 * fails, and arena_open() one that a killed process left half done.
 */
#ifndef XENSTORED_ARENA_H
#define XENSTORED_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where it is mapped: nothing else comes here, also not under sanitizers or valgrind. */
#define ARENA_BASE  0x10000000UL
#define ARENA_LIMIT 0x40000000UL

#define ARENA_BLOCK_MAX 16384u

/* The number that changes with the layout of anything that lies in the arena. */
#define ARENA_LAYOUT 1u

enum arena_found {
    ARENA_NEW,      /* there was none, or one of an earlier boot: it is empty now */
    ARENA_OLD,      /* a store was in it, and is whole */
};

/*
 * Maps the file, makes it if need be, and undoes a half-done step. -EBUSY: another process has
 * it; -EPROTO: it has another layout; -EBADMSG: it is no such file, or damaged; -ENOSPC: no room
 * for the first MiB; -EADDRINUSE: the address is taken; or an error of the file system.
 */
int arena_open(const char *path, enum arena_found *found);
void arena_close(void);
/* At most so many bytes of file; for tests. */
void arena_set_limit(size_t bytes);

/*
 * Runs one step. Its result, if that isn't negative: it is done and lasts. Else it is undone.
 * -ENOSPC also when there was no memory. Steps do not nest.
 */
int arena_run(int (*step)(void *arg), void *arg);
/*
 * The same when there is no memory left for other steps: for one that frees memory, or only needs
 * it until a client has its answer.
 */
int arena_run_relief(int (*step)(void *arg), void *arg);
/* The same when there is not even that: for one that only tells of an error, or ends something. */
int arena_run_last(int (*step)(void *arg), void *arg);
/* Runs a step and undoes it whatever its result; for tests. */
int arena_try(int (*step)(void *arg), void *arg);

/* In a step only. Zeroed memory; never NULL: without memory the step ends here, undone. */
void *arena_alloc(size_t size);
/* The block can be used again when the step is done. size as allocated. */
void arena_free(void *block, size_t size);
/* The bytes will be what they are now if the step is undone. */
void arena_undo(void *place, size_t size);

#define SET(place, value)                       \
    do {                                        \
        arena_undo(&(place), sizeof(place));    \
        (place) = (value);                      \
    } while (0)

/* Where the one object that leads to all others is noted. */
void *arena_root(void);
void arena_set_root(void *root);

/* Bytes of the file; bytes in use by blocks. */
size_t arena_file_bytes(void);
size_t arena_used_bytes(void);

/* Bytes of the heap that ever were in use; for tests. */
size_t arena_heap_bytes(void);
/* All free blocks, of which only the first 16 bytes mean something; for tests. */
void arena_each_free(void (*visit)(void *block, size_t size, void *arg), void *arg);
/* A block lies in the heap; for checks. */
bool arena_is_block(const void *block, size_t size);

#endif
