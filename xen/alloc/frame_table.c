/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which frames are RAM.
 *
 * Firmware draws the borders of RAM at 4 KiB, so the truth is a short list of ranges. A bit for
 * each 2 MiB that is RAM throughout answers nearly every question without searching it.
 * Written at boot only, on one CPU; read without a lock.
 */
#include <xen/bitmap.h>
#include <xen/bug.h>
#include <xen/frame_table.h>

#define MAX_RANGES  128

uint64_t max_mfn;

uint64_t ram_chunks[BITMAP_WORDS(FRAME_LIMIT >> RAM_CHUNK_SHIFT)];
static struct {
    uint64_t start, end;
} ranges[MAX_RANGES];
static unsigned int nr_ranges;

void frame_table_add_ram(mfn_t start, mfn_t end)
{
    uint64_t last = MIN(end.n, FRAME_LIMIT);

    if (start.n >= last) {
        return;
    }
    if (nr_ranges > 0 && ranges[nr_ranges - 1].end == start.n) {
        /* Neighbours may fill a 2 MiB chunk together. */
        start.n = ranges[--nr_ranges].start;
    }
    if (nr_ranges == MAX_RANGES) {
        panic("The memory map has more than %u RAM ranges. Update the firmware.", MAX_RANGES);
    }
    ranges[nr_ranges].start = start.n;
    ranges[nr_ranges].end = last;
    nr_ranges++;

    for (uint64_t chunk = ROUND_UP(start.n, 1UL << RAM_CHUNK_SHIFT) >> RAM_CHUNK_SHIFT;
         chunk < last >> RAM_CHUNK_SHIFT; chunk++) {
        bit_set(ram_chunks, (unsigned int)chunk);
    }
    max_mfn = MAX(max_mfn, last);
}

bool mfn_is_ram_in_part(mfn_t m)
{
    for (unsigned int i = 0; i < nr_ranges; i++) {
        if (m.n >= ranges[i].start && m.n < ranges[i].end) {
            return true;
        }
    }
    return false;
}
