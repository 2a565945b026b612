/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hash tables in the arena that grow by one bucket with each entry, so that no insertion is dearer
 * than another; and a keyed hash of names that guests choose.
 */
#ifndef XENSTORED_HASH_H
#define XENSTORED_HASH_H

#include "arena.h"

struct hash_item {
    struct hash_item *next;
    uint64_t hash;
};

struct hash_table {
    struct hash_item ***segments;
    uint32_t buckets;       /* in use: never fewer than a segment has */
    uint32_t mask;          /* of the last full doubling */
    uint32_t items;
};

void hash_init(struct hash_table *table);
void hash_insert(struct hash_table *table, struct hash_item *item, uint64_t hash);
void hash_remove(struct hash_table *table, struct hash_item *item);
/* The first item of the chain in which those with this hash are. */
struct hash_item *hash_chain(const struct hash_table *table, uint64_t hash);

/* SipHash-1-3 of a number and then bytes. */
uint64_t hash_bytes(const uint64_t key[2], uint64_t number, const void *bytes, size_t length);

#endif
