/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of device frames that guests may not write. Entries are counted: two MSI-X tables
 * may share a frame. Readers take no lock: an entry's frames are written
 * before its count, and a stale answer during a change is one that was right a moment ago.
 * Lock: protect_lock, against other writers.
 */
#include <asm/mmio.h>
#include <xen/compiler.h>
#include <xen/errno.h>
#include <xen/spinlock.h>

#define MAX_RANGES 512

struct range {
    uint64_t first, last; /* frames */
    uint32_t count;       /* 0: free */
};

static struct range ranges[MAX_RANGES];
static unsigned int nr_ranges; /* entries that were ever in use */
static struct spinlock protect_lock = SPINLOCK_INIT(LOCK_IOAPIC);

int mmio_protect(maddr_t start, uint64_t len)
{
    uint64_t first = start.a >> PAGE_SHIFT, last = (start.a + len - 1) >> PAGE_SHIFT;
    unsigned long flags = spin_lock_irqsave(&protect_lock);
    struct range *free = NULL;
    int rc = 0;

    for (unsigned int i = 0; i < nr_ranges; i++) {
        struct range *r = &ranges[i];

        if (!r->count) {
            free = free ? free : r;
        } else if (r->first == first && r->last == last) {
            WRITE_ONCE(r->count, r->count + 1);
            goto out;
        }
    }
    if (!free && nr_ranges < MAX_RANGES) {
        free = &ranges[nr_ranges];
        WRITE_ONCE(nr_ranges, nr_ranges + 1);
    }
    if (!free) {
        rc = -ENOSPC;
        goto out;
    }
    free->first = first;
    free->last = last;
    __atomic_store_n(&free->count, 1, __ATOMIC_RELEASE);
out:
    spin_unlock_irqrestore(&protect_lock, flags);
    return rc;
}

void mmio_unprotect(maddr_t start, uint64_t len)
{
    uint64_t first = start.a >> PAGE_SHIFT, last = (start.a + len - 1) >> PAGE_SHIFT;
    unsigned long flags = spin_lock_irqsave(&protect_lock);

    for (unsigned int i = 0; i < nr_ranges; i++) {
        struct range *r = &ranges[i];

        if (r->count && r->first == first && r->last == last) {
            WRITE_ONCE(r->count, r->count - 1);
            break;
        }
    }
    spin_unlock_irqrestore(&protect_lock, flags);
}

bool mmio_is_read_only(mfn_t frame)
{
    unsigned int n = READ_ONCE(nr_ranges);

    for (unsigned int i = 0; i < n; i++) {
        const struct range *r = &ranges[i];

        if (__atomic_load_n(&r->count, __ATOMIC_ACQUIRE) && frame.n >= r->first &&
            frame.n <= r->last) {
            return true;
        }
    }
    return false;
}
