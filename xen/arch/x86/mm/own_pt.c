/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own page tables: one set of L3 tables that hv_l4_template names and every
 * guest's root table shares. Built once at boot; only device mappings and per-CPU areas are added
 * later.
 *
 * Permissions: text read-execute, also through the direct map read-only; read-only data; everything
 * else writable and never executable.
 * Lock: LOCK_OWN_PT for additions.
 */
#include <asm/boot_info.h>
#include <asm/cpufeature.h>
#include <asm/own_pt.h>
#include <asm/page.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/e820.h>
#include <xen/init.h>
#include <xen/ioremap.h>
#include <xen/spinlock.h>
#include <xen/string.h>
#include <xen/tlb.h>

extern char image_start[], text_start[], text_end[], init_start[], init_text_end[], init_end[];
extern char data_start[], rodata_start[], rodata_end[], bss_start[], image_end[];
extern pte_t hv_l4_template[], image_l3[], image_l2[];
extern uint64_t early_alloc_limit;

uint64_t image_load_offset;

static struct spinlock own_pt_lock = SPINLOCK_INIT(LOCK_OWN_PT);
static pte_t *root = hv_l4_template; /* a spare one while boot replaces what it stands on */
static bool buddy_ready;
static uint64_t ioremap_next = IOREMAP_START;
static pte_t nx; /* PTE_NX where the CPU has it */

#define PTE_KERNEL (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G)

static pte_t *table_alloc(void)
{
    void *p = buddy_ready ? hv_page_alloc() : early_alloc(PAGE_SIZE, PAGE_SIZE);

    if (p == NULL) {
        panic("Not enough memory for the hypervisor's page tables.");
    }
    return p;
}

/* The table below @entry, created if there is none; a large page is split first. */
static pte_t *table_below(pte_t *entry, unsigned int shift)
{
    pte_t e = *entry;

    if (!(e & PTE_P)) {
        pte_t *t = table_alloc();

        *entry = pte_make(virt_to_mfn(t), PTE_P | PTE_RW | PTE_US | PTE_A);
        return t;
    }
    if (e & PTE_PS) {
        pte_t *t = table_alloc();
        uint64_t step = 1UL << (shift - PAGE_SHIFT - 9);
        pte_t flags = (e & ~PTE_ADDR) & (shift == L2_SHIFT ? ~PTE_PS : ~0UL);

        for (unsigned int i = 0; i < PT_ENTRIES; i++) {
            t[i] = pte_make(mfn_add(pte_mfn(e), i * step), flags);
        }
        *entry = pte_make(virt_to_mfn(t), PTE_P | PTE_RW | PTE_US | PTE_A);
        return t;
    }
    return mfn_to_virt(pte_mfn(e));
}

/* Maps one page of the largest size that fits; returns its size. */
static uint64_t map_one(uint64_t va, uint64_t pa, uint64_t size, pte_t flags)
{
    pte_t *e = &root[l4_index(va)];

    e = table_below(e, L4_SHIFT) + l3_index(va);
    if (((va | pa) & (GiB(1) - 1)) == 0 && size >= GiB(1) && cpu_has(HAS_PAGE1GB) &&
        !(*e & PTE_P)) {
        *e = pa | flags | PTE_PS;
        return GiB(1);
    }
    e = table_below(e, L3_SHIFT) + l2_index(va);
    if (((va | pa) & (MiB(2) - 1)) == 0 && size >= MiB(2) && !(*e & PTE_P)) {
        *e = pa | flags | PTE_PS;
        return MiB(2);
    }
    e = table_below(e, L2_SHIFT) + l1_index(va);
    *e = pa | flags;
    return PAGE_SIZE;
}

void own_pt_map(uint64_t va, maddr_t a, uint64_t size, pte_t flags)
{
    uint64_t pa = a.a;

    while (size > 0) {
        uint64_t done = map_one(va, pa, size, flags);

        va += done;
        pa += done;
        size -= done;
    }
}

void own_pt_unmap_page(uint64_t va)
{
    pte_t *t = mfn_to_virt(pte_mfn(hv_l4_template[l4_index(va)]));

    t = table_below(&t[l3_index(va)], L3_SHIFT);
    t = table_below(&t[l2_index(va)], L2_SHIFT);
    t[l1_index(va)] = 0;
    tlb_flush_page_local(va);
}

static void __init map_image_part(const char *start, const char *end, pte_t flags)
{
    own_pt_map((uint64_t)start, image_to_maddr(start), (uint64_t)(end - start), flags);
}

/* The image again, in 4 KiB pages with their own permissions. */
static void __init map_image(void)
{
    map_image_part(text_start, text_end, PTE_P | PTE_A | PTE_G);
    map_image_part(init_start, init_text_end, PTE_P | PTE_A | PTE_G);
    map_image_part(init_text_end, init_end, PTE_KERNEL | nx);
    map_image_part(data_start, rodata_start, PTE_KERNEL | nx);
    map_image_part(rodata_start, rodata_end, PTE_P | PTE_A | PTE_G | nx);
    map_image_part(bss_start, image_end, PTE_KERNEL | nx);
}

/* [start, end) of machine memory in the direct map; the image's text there is read-only. */
static void __init map_direct(uint64_t start, uint64_t end)
{
    uint64_t text = image_to_maddr(text_start).a, text_stop = image_to_maddr(text_end).a;
    uint64_t a = MAX(start, text), b = MIN(end, text_stop);

    if (a >= b) {
        own_pt_map(DIRECT_MAP_START + start, maddr(start), end - start, PTE_KERNEL | nx);
        return;
    }
    own_pt_map(DIRECT_MAP_START + start, maddr(start), a - start, PTE_KERNEL | nx);
    own_pt_map(DIRECT_MAP_START + a, maddr(a), b - a, PTE_P | PTE_A | PTE_G | nx);
    own_pt_map(DIRECT_MAP_START + b, maddr(b), end - b, PTE_KERNEL | nx);
}

/*
 * Image and direct map in a spare root table, then both switched at once: the boot tables map the
 * same addresses with too much permission, and boot runs on them.
 */
static void __init replace_boot_tables(void)
{
    pte_t *spare = early_alloc(PAGE_SIZE, PAGE_SIZE);

    root = spare;
    map_image();
    map_direct(0, MiB(1));
    for (unsigned int i = 0; i < host_e820.nr; i++) {
        const struct e820_entry *e = &host_e820.e[i];
        uint64_t start = ROUND_UP(MAX(e->addr, MiB(1)), PAGE_SIZE);
        uint64_t end = ROUND_DOWN(MIN(e->addr + e->size, FRAME_LIMIT << PAGE_SHIFT), PAGE_SIZE);

        if (e->type == E820_RAM && start < end) {
            map_direct(start, end);
            early_alloc_limit = MAX(early_alloc_limit, end);
        }
    }
    root = hv_l4_template;
    for (unsigned int i = L4_SLOT_FIRST_HV; i <= L4_SLOT_LAST_HV; i++) {
        root[i] = spare[i];
    }
    tlb_flush_local();
}

/* One chunk of a sparse table indexed by frame: @unit bytes an entry, mapped in 2 MiB steps. */
static void __init map_sparse(uint64_t base, uint64_t first, uint64_t last, uint64_t unit, bool m2p)
{
    uint64_t va = ROUND_DOWN(base + first * unit, MiB(2));
    uint64_t end = ROUND_UP(base + last * unit, MiB(2));

    for (; va < end; va += MiB(2)) {
        pte_t *l3 = table_below(&root[l4_index(va)], L4_SHIFT);
        pte_t *l2 = table_below(&l3[l3_index(va)], L3_SHIFT);
        uint64_t ro = M2P_RO_START + (va - base);
        void *mem;

        if (l2[l2_index(va)] & PTE_P) {
            continue;
        }
        mem = early_alloc(MiB(2), MiB(2));
        own_pt_map(va, virt_to_maddr(mem), MiB(2), PTE_KERNEL | nx);
        if (m2p) {
            memset((void *)va, 0xff, MiB(2));
            own_pt_map(ro, virt_to_maddr(mem), MiB(2), PTE_P | PTE_US | PTE_A | nx);
            /* Guests read their root tables: this slot shows itself as what it is. */
            root[L4_SLOT_M2P_RO] = (root[L4_SLOT_M2P_RO] & ~PTE_RW) | nx;
        }
    }
}

static void __init build_frame_tables(void)
{
    for (unsigned int i = 0; i < host_e820.nr; i++) {
        const struct e820_entry *e = &host_e820.e[i];
        uint64_t first = DIV_ROUND_UP(MAX(e->addr, MiB(1)), PAGE_SIZE);
        uint64_t last = MIN((e->addr + e->size) / PAGE_SIZE, FRAME_LIMIT);

        if (e->type == E820_RAM && first < last) {
            map_sparse(FRAME_TABLE_START, first, last, sizeof(struct page_info), false);
            map_sparse(M2P_RW_START, first, last, sizeof(uint64_t), true);
            frame_table_add_ram(mfn(first), mfn(last));
        }
    }
}

void __init own_pt_init(void)
{
    nx = cpu_has(HAS_NX) ? PTE_NX : 0;
    replace_boot_tables();
    build_frame_tables();
    /* Their L3 tables exist from now on, so that copies of the template never go stale. */
    table_below(&root[l4_index(CPU_AREA_START)], L4_SHIFT);
}

void __init own_pt_use_buddy(void)
{
    buddy_ready = true;
}

void own_pt_finish(void)
{
    maddr_t start = image_to_maddr(init_start);
    uint64_t size = (uint64_t)(init_end - init_start);

    root[0] = 0;
    for (uint64_t va = (uint64_t)init_start; va < (uint64_t)init_end; va += PAGE_SIZE) {
        own_pt_unmap_page(va);
    }
    early_free_range(start, size);
    tlb_flush_mask(&cpu_online_map);
}

static void *map_device(maddr_t a, size_t len, pte_t flags)
{
    uint64_t first = ROUND_DOWN(a.a, PAGE_SIZE), end = ROUND_UP(a.a + len, PAGE_SIZE);
    unsigned long f = spin_lock_irqsave(&own_pt_lock);
    uint64_t va = ioremap_next;

    if (end - first > IOREMAP_END - va) {
        panic("No address space left to map a device of %zu bytes.", len);
    }
    ioremap_next += end - first;
    for (uint64_t off = 0; off < end - first; off += PAGE_SIZE) {
        own_pt_map(va + off, maddr(first + off), PAGE_SIZE, flags);
    }
    spin_unlock_irqrestore(&own_pt_lock, f);
    return (void *)(va + (a.a - first));
}

void *ioremap(maddr_t a, size_t len)
{
    return map_device(a, len, PTE_KERNEL | nx | PTE_PCD | PTE_PWT);
}

const void *firmware_map(maddr_t a, size_t len)
{
    return map_device(a, len, (PTE_KERNEL & ~PTE_RW) | nx);
}
