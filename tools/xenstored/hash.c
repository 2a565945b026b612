/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linear hashing: buckets [0, buckets) exist; an item whose hash leads beyond them is in the bucket
 * that the smaller mask leads to. Buckets lie in segments of a fixed size. Past the last segment
 * the table does not grow, and chains do.
 */
#include "hash.h"

#include <string.h>

#define SEGMENT_SHIFT 10
#define SEGMENT       (1u << SEGMENT_SHIFT)
#define SEGMENTS      1024u

void hash_init(struct hash_table *table)
{
    struct hash_item ***segments = arena_alloc(SEGMENTS * sizeof(*segments));

    segments[0] = arena_alloc(SEGMENT * sizeof(**segments));
    SET(table->segments, segments);
    SET(table->buckets, SEGMENT);
    SET(table->mask, SEGMENT - 1);
    SET(table->items, 0);
}

static struct hash_item **bucket_at(const struct hash_table *table, uint32_t index)
{
    return &table->segments[index >> SEGMENT_SHIFT][index & (SEGMENT - 1)];
}

static struct hash_item **bucket_of(const struct hash_table *table, uint64_t hash)
{
    uint32_t index = (uint32_t)hash & (table->mask * 2 + 1);

    if (index >= table->buckets) {
        index &= table->mask;
    }
    return bucket_at(table, index);
}

struct hash_item *hash_chain(const struct hash_table *table, uint64_t hash)
{
    return *bucket_of(table, hash);
}

/* One more bucket: it takes its items from the one that they were in for want of it. */
static void add_bucket(struct hash_table *table)
{
    uint32_t added = table->buckets, wide = table->mask * 2 + 1;
    struct hash_item **from, **to, *item;

    if (added >= SEGMENTS * SEGMENT) {
        return;
    }
    if (!table->segments[added >> SEGMENT_SHIFT]) {
        SET(table->segments[added >> SEGMENT_SHIFT],
            arena_alloc(SEGMENT * sizeof(**table->segments)));
    }
    from = bucket_at(table, added & table->mask);
    to = bucket_at(table, added);
    while ((item = *from)) {
        if (((uint32_t)item->hash & wide) == added) {
            SET(*from, item->next);
            SET(item->next, *to);
            SET(*to, item);
        } else {
            from = &item->next;
        }
    }
    SET(table->buckets, added + 1);
    if (added == wide) {
        SET(table->mask, wide);
    }
}

void hash_insert(struct hash_table *table, struct hash_item *item, uint64_t hash)
{
    struct hash_item **bucket;

    if (table->items >= table->buckets) {
        add_bucket(table);
    }
    bucket = bucket_of(table, hash);
    SET(item->hash, hash);
    SET(item->next, *bucket);
    SET(*bucket, item);
    SET(table->items, table->items + 1);
}

void hash_remove(struct hash_table *table, struct hash_item *item)
{
    struct hash_item **place = bucket_of(table, item->hash);

    while (*place != item) {
        place = &(*place)->next;
    }
    SET(*place, item->next);
    SET(table->items, table->items - 1);
}

/* --- SipHash-1-3 --- */

static uint64_t rotate(uint64_t value, unsigned int bits)
{
    return value << bits | value >> (64 - bits);
}

/* In line, the four words stay in registers. */
__attribute__((always_inline)) static inline void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

__attribute__((always_inline)) static inline void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t hash_bytes(const uint64_t key[2], uint64_t number, const void *bytes, size_t length)
{
    uint64_t v[4] = {
        key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
        key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL,
    };
    const char *from = bytes;
    uint64_t word;
    size_t left;

    sip_word(v, number);
    for (left = length; left >= 8; left -= 8, from += 8) {
        memcpy(&word, from, 8);
        sip_word(v, word);
    }
    word = (uint64_t)(length + 8) << 56;
    memcpy(&word, from, left);
    sip_word(v, word);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
