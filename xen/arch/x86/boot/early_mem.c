/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory before the buddy allocator: a list of ranges in use, and a search downwards from the top
 * of RAM for what none of them covers. What remains is handed over whole.
 */
#include <asm/boot_info.h>
#include <asm/page.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/e820.h>
#include <xen/init.h>
#include <xen/string.h>

#define MAX_RESERVED 64

static struct range {
    uint64_t start, end;
} reserved[MAX_RESERVED] __initdata;
static unsigned int nr_reserved __initdata;
/* Highest address early_alloc may give out: what the page tables reach by now. */
uint64_t early_alloc_limit __initdata = GiB(4);

void __init early_reserve(maddr_t start, uint64_t size)
{
    uint64_t a = ROUND_DOWN(start.a, PAGE_SIZE), b = ROUND_UP(start.a + size, PAGE_SIZE);
    unsigned int i = nr_reserved;

    if (size == 0) {
        return;
    }
    for (unsigned int k = 0; k < nr_reserved; k++) {
        if (reserved[k].start == b) {
            reserved[k].start = a; /* the common case: early_alloc grows downwards */
            return;
        }
    }
    if (nr_reserved == MAX_RESERVED) {
        panic("Boot reserves more than %u ranges of memory.", MAX_RESERVED);
    }
    for (; i > 0 && reserved[i - 1].start > a; i--) {
        reserved[i] = reserved[i - 1];
    }
    reserved[i] = (struct range){ a, b };
    nr_reserved++;
}

/* The highest place for [p, p+size) within [lo, hi) that touches nothing reserved; 0: none. */
static uint64_t __init find_free(uint64_t lo, uint64_t hi, uint64_t size, uint64_t align)
{
    uint64_t p;

    if (hi < lo + size) {
        return 0;
    }
    p = ROUND_DOWN(hi - size, align);
    for (unsigned int i = nr_reserved; i > 0 && p >= lo;) {
        const struct range *r = &reserved[--i];

        if (r->start < p + size && r->end > p) {
            if (r->start < lo + size) {
                return 0;
            }
            p = ROUND_DOWN(r->start - size, align);
            i = nr_reserved;
        }
    }
    return p >= lo ? p : 0;
}

void *__init early_alloc_raw(uint64_t size, uint64_t align)
{
    for (unsigned int i = host_e820.nr; i > 0; i--) {
        const struct e820_entry *e = &host_e820.e[i - 1];
        uint64_t lo = ROUND_UP(MAX(e->addr, MiB(1)), PAGE_SIZE);
        uint64_t hi = ROUND_DOWN(MIN(e->addr + e->size, early_alloc_limit), PAGE_SIZE);
        uint64_t p = e->type == E820_RAM && hi > lo ? find_free(lo, hi, size, align) : 0;

        if (p != 0) {
            early_reserve(maddr(p), size);
            return maddr_to_virt(maddr(p));
        }
    }
    return NULL;
}

void *__init early_alloc(uint64_t size, uint64_t align)
{
    void *p = early_alloc_raw(size, align);

    if (p == NULL) {
        panic("Not enough memory: found %lu MiB, and %lu KiB more are needed for the hypervisor's "
              "tables.",
              e820_ram_bytes(&host_e820) >> 20, size >> 10);
    }
    memset(p, 0, size);
    return p;
}

void __init early_mem_finish(void)
{
    for (unsigned int i = 0; i < host_e820.nr; i++) {
        const struct e820_entry *e = &host_e820.e[i];
        uint64_t a = ROUND_UP(MAX(e->addr, MiB(1)), PAGE_SIZE);
        uint64_t end = ROUND_DOWN(e->addr + e->size, PAGE_SIZE);

        if (e->type != E820_RAM || end <= a) {
            continue;
        }
        for (unsigned int k = 0; k < nr_reserved && a < end; k++) {
            const struct range *r = &reserved[k];

            if (r->end <= a || r->start >= end) {
                continue;
            }
            if (r->start > a) {
                buddy_add(maddr_to_mfn(maddr(a)), maddr_to_mfn(maddr(r->start)));
            }
            a = r->end;
        }
        if (a < end) {
            buddy_add(maddr_to_mfn(maddr(a)), maddr_to_mfn(maddr(end)));
        }
    }
}

void early_free_range(maddr_t start, uint64_t size)
{
    uint64_t a = ROUND_UP(start.a, PAGE_SIZE), b = ROUND_DOWN(start.a + size, PAGE_SIZE);

    if (a < b) {
        buddy_add(maddr_to_mfn(maddr(a)), maddr_to_mfn(maddr(b)));
    }
}
