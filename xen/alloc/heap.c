/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own memory: whole pages, and small objects cut from pages.
 *
 * A slab is one page: a header, then objects of one size. Which of them are taken stands in the
 * header's bitmap, never in a free object, so that a stray write cannot bend a list. Objects
 * that don't fit in a slab get pages of their own. A pointer tells which it is: only a large
 * object starts at a page border. Frees are checked in every build; debug builds also fill free
 * objects with a pattern, and look whether it is still there when they hand them out.
 *
 * Lock: heap. It nests inside the buddy lock, so pages are fetched and returned without it.
 */
#include <public/xen.h>
#include <xen/alloc.h>
#include <xen/bitmap.h>
#include <xen/bug.h>
#include <xen/list.h>
#include <xen/spinlock.h>
#include <xen/string.h>

#define SLAB_HEADER 64
#define SLAB_MAGIC  0x5b1ab5b1U
#define MAX_OBJECTS ((PAGE_SIZE - SLAB_HEADER) / 16)
#define POISON      0xd5d5d5d5d5d5d5d5UL

struct slab {
    struct list_node node;   /* in its class's list while it has a free object */
    uint32_t magic;
    uint16_t size_class;
    uint16_t nr_used;
    uint64_t taken[BITMAP_WORDS(MAX_OBJECTS)];
};
_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "objects begin behind the header");

/* As many objects to a page as the alignment allows: 16 bytes below 64, else 64. */
static const uint16_t class_sizes[] = { 16,  32,  48,  64,  128, 192, 256,  320, 384,
                                        448, 576, 640, 768, 960, 1344, 1984 };

static struct {
    struct spinlock lock;
    struct list_node partial[ARRAY_SIZE(class_sizes)]; /* next NULL: not yet used */
    unsigned int nr_empty[ARRAY_SIZE(class_sizes)];    /* of these; one is kept when freeing */
} heap = { .lock = SPINLOCK_INIT(LOCK_HEAP) };

/* ------------------------------------------------------------------------ */
/* Whole pages */

void *hv_pages_alloc(unsigned int order)
{
    struct page_info *pg = pages_alloc(order, 0);

    if (pg == NULL) {
        return NULL;
    }
    for (uint64_t i = 0; i < 1UL << order; i++) {
        pg[i].count = PGC_HV;
    }
    return page_to_virt(pg);
}

void hv_pages_free(void *p, unsigned int order)
{
    struct page_info *pg;

    if (p == NULL) {
        return;
    }
    BUG_ON(((uint64_t)p & (PAGE_SIZE - 1)) != 0);
    pg = virt_to_page(p);
    for (uint64_t i = 0; i < 1UL << order; i++) {
        BUG_ON((pg[i].count & (PGC_HV | PGC_FREE | PGC_COUNT_MASK)) != PGC_HV);
        BUG_ON((pg[i].flags & (PGF_SLAB | PGF_LARGE)) != 0);
        pg[i].count = 0;
    }
    pages_free(pg, order);
}

void *hv_page_alloc(void)
{
    return hv_pages_alloc(0);
}

void hv_page_free(void *p)
{
    hv_pages_free(p, 0);
}

/* ------------------------------------------------------------------------ */
/* Small objects */

static unsigned int objects_of(unsigned int size_class)
{
    return (PAGE_SIZE - SLAB_HEADER) / class_sizes[size_class];
}

static void *object_of(struct slab *slab, unsigned int index)
{
    return (char *)slab + SLAB_HEADER + (size_t)index * class_sizes[slab->size_class];
}

#ifdef XENIOS_DEBUG
static void poison_set(void *p, size_t size)
{
    for (uint64_t *w = p; w < (uint64_t *)((char *)p + size); w++) {
        *w = POISON;
    }
}

static void poison_check(const void *p, size_t size)
{
    for (const uint64_t *w = p; w < (const uint64_t *)((const char *)p + size); w++) {
        BUG_ON(*w != POISON); /* somebody wrote to freed memory */
    }
}
#else
static void poison_set(void *p, size_t size)
{
    (void)p;
    (void)size;
}

static void poison_check(const void *p, size_t size)
{
    (void)p;
    (void)size;
}
#endif

static struct slab *slab_create(unsigned int size_class)
{
    struct slab *slab = hv_page_alloc();

    if (slab == NULL) {
        return NULL;
    }
    virt_to_page(slab)->flags = PGF_SLAB;
    list_init(&slab->node);
    slab->magic = SLAB_MAGIC;
    slab->size_class = (uint16_t)size_class;
    poison_set(object_of(slab, 0), objects_of(size_class) * (size_t)class_sizes[size_class]);
    return slab;
}

static void slab_destroy(struct slab *slab)
{
    slab->magic = 0;
    virt_to_page(slab)->flags = 0;
    hv_page_free(slab);
}

/* Caller holds the lock. NULL: no slab of the class has room. */
static void *object_take(unsigned int size_class)
{
    struct list_node *partial = &heap.partial[size_class];
    unsigned int nr = objects_of(size_class), index;
    struct slab *slab;

    if (partial->next == NULL) {
        list_init(partial);
    }
    if (list_is_empty(partial)) {
        return NULL;
    }
    slab = list_entry(partial->next, struct slab, node);
    BUG_ON(slab->magic != SLAB_MAGIC);
    index = bitmap_find_next_zero(slab->taken, nr, 0);
    BUG_ON(index >= nr);
    bit_set(slab->taken, index);
    if (slab->nr_used++ == 0) {
        heap.nr_empty[size_class]--;
    }
    if (slab->nr_used == nr) {
        list_remove(&slab->node);
    }
    return object_of(slab, index);
}

static void *small_alloc(unsigned int size_class)
{
    unsigned long flags = spin_lock_irqsave(&heap.lock);
    void *p = object_take(size_class);

    if (p == NULL) {
        struct slab *slab;

        spin_unlock_irqrestore(&heap.lock, flags);
        slab = slab_create(size_class);
        if (slab == NULL) {
            return NULL;
        }
        flags = spin_lock_irqsave(&heap.lock);
        list_insert(&heap.partial[size_class], &slab->node);
        heap.nr_empty[size_class]++;
        p = object_take(size_class);
    }
    spin_unlock_irqrestore(&heap.lock, flags);
    poison_check(p, class_sizes[size_class]);
    memset(p, 0, class_sizes[size_class]);
    return p;
}

static void small_free(struct slab *slab, void *p)
{
    size_t offset = (size_t)((char *)p - (char *)slab) - SLAB_HEADER;
    bool drop = false;
    unsigned int size_class, size, index;
    unsigned long flags;

    BUG_ON(slab->magic != SLAB_MAGIC || (char *)p < (char *)slab + SLAB_HEADER);
    size_class = slab->size_class;
    size = class_sizes[size_class];
    index = (unsigned int)(offset / size);
    BUG_ON(offset % size != 0 || index >= objects_of(size_class));

    flags = spin_lock_irqsave(&heap.lock);
    BUG_ON(!bit_test(slab->taken, index)); /* freed twice */
    poison_set(p, size);
    bit_clear(slab->taken, index);
    if (slab->nr_used-- == objects_of(size_class)) {
        list_append(&heap.partial[size_class], &slab->node);
    }
    if (slab->nr_used == 0) {
        drop = heap.nr_empty[size_class] > 0;
        if (drop) {
            list_remove(&slab->node);
        } else {
            heap.nr_empty[size_class]++;
        }
    }
    spin_unlock_irqrestore(&heap.lock, flags);
    if (drop) {
        slab_destroy(slab);
    }
}

/* ------------------------------------------------------------------------ */

static void *large_alloc(size_t size)
{
    unsigned int order = 0;
    struct page_info *pg;
    void *p;

    while (order <= MAX_ORDER && PAGE_SIZE << order < size) {
        order++;
    }
    p = order <= MAX_ORDER ? hv_pages_alloc(order) : NULL;
    if (p != NULL) {
        pg = virt_to_page(p);
        pg->flags = PGF_LARGE;
        pg->order = (uint8_t)order;
    }
    return p;
}

static void large_free(void *p)
{
    struct page_info *pg = virt_to_page(p);
    unsigned int order = pg->order;

    BUG_ON((pg->count & PGC_HV) == 0 || pg->flags != PGF_LARGE);
    pg->flags = 0;
    pg->order = 0;
    hv_pages_free(p, order);
}

void *heap_alloc(size_t size)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(class_sizes); i++) {
        if (size <= class_sizes[i]) {
            return small_alloc(i);
        }
    }
    return large_alloc(size);
}

void *heap_alloc_array(size_t n, size_t size)
{
    size_t bytes;

    return __builtin_mul_overflow(n, size, &bytes) ? NULL : heap_alloc(bytes);
}

void heap_free(void *p)
{
    struct slab *slab = (struct slab *)((uint64_t)p & PAGE_MASK);

    if (p == NULL) {
        return;
    }
    if (p == (void *)slab) {
        large_free(p);
        return;
    }
    BUG_ON(virt_to_page(slab)->flags != PGF_SLAB);
    small_free(slab, p);
}
