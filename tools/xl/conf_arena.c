/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of a configuration: taken in blocks, freed all at once.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4000u
#define ALIGN      16u

struct block {
    struct block *next;
    size_t size, used;
    _Alignas(ALIGN) char data[];
};

struct xl_arena {
    struct block *blocks;
};

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (!memory) {
        fputs("Out of memory while a configuration is read.\n", stderr);
        exit(1);
    }
    return memory;
}

struct xl_arena *arena_new(void)
{
    return allocate(sizeof(struct xl_arena));
}

void arena_free(struct xl_arena *arena)
{
    struct block *block, *next;

    if (!arena)
        return;
    for (block = arena->blocks; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *arena_alloc(struct xl_arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    void *memory;

    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

        block = allocate(sizeof(*block) + room);
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    memory = block->data + block->used;
    block->used += size;
    return memory;
}

char *arena_copy(struct xl_arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);

    memcpy(copy, text, size);
    return copy;
}

char *arena_printf(struct xl_arena *arena, const char *format, ...)
{
    va_list args;
    int size;
    char *text;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = arena_alloc(arena, (size_t)(size < 0 ? 0 : size) + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)(size < 0 ? 0 : size) + 1, format, args);
    va_end(args);
    return text;
}

void *arena_grow(struct xl_arena *arena, void *array, unsigned count, size_t item)
{
    void *bigger;

    /* Room is 4, 8, 16 ...: full when the count is one of these. */
    if (count && (count < 4 || (count & (count - 1))))
        return array;
    bigger = arena_alloc(arena, item * (count ? (size_t)count * 2 : 4));
    if (count)
        memcpy(bigger, array, item * count);
    return bigger;
}
