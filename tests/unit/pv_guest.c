/* SPDX-License-Identifier: BSD-2-Clause */
/* See pv_guest.h. */
#include "pv_guest.h"

#include <asm/cpufeature.h>
#include <asm/mmio.h>
#include <asm/own_pt.h>
#include <asm/pv_mm.h>
#include <xen/alloc.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/iocaps.h>
#include <xen/m2p.h>
#include <xen/tlb.h>

#include "../../xen/arch/fake/include/asm/current.h"

#define GUEST_ID    1
#define STRANGER_ID 2

struct domain guest, stranger;
struct vcpu guest_vcpu;
struct domain *dom_xen, *dom_io, *hardware_domain;
unsigned int preempt_odds;
uint64_t guest_seed;
pte_t hv_l4_template[PT_ENTRIES];
struct cpu_features boot_cpu;

static struct domain io_domain = { .id = DOMID_IO }, xen_domain = { .id = DOMID_XEN };
static uint64_t window[32];
static unsigned long call_args[5];
static uint64_t free_at_start;

/* ------------------------------------------------------------------------ */
/* What the modules under test expect from others */

bool hypercall_preempt_check(void)
{
    return preempt_odds != 0 && unit_random(&guest_seed) % preempt_odds == 0;
}

void hypercall_set_arg(unsigned int i, unsigned long value)
{
    call_args[i] = value;
}

unsigned long guest_arg(unsigned int i)
{
    return call_args[i];
}

struct domain *domain_get(domid_t id)
{
    if (id == STRANGER_ID) {
        domain_hold(&stranger);
        return &stranger;
    }
    if (id == guest.id) {
        domain_hold(&guest);
        return &guest;
    }
    return NULL;
}

void domain_hold(struct domain *d)
{
    d->references++;
}

void domain_put(struct domain *d)
{
    assert_true(d->references > 0);
    d->references--;
}

bool domain_may_control(const struct domain *caller, const struct domain *target)
{
    return caller == target || caller->is_control;
}

void pv_load_cr3(struct vcpu *v)
{
    v->arch.cr3 = mfn_to_maddr(v->arch.guest_table).a;
    tlb_flush_local();
}

void pv_load_ldt(struct vcpu *v)
{
    (void)v;
}

bool mmio_is_read_only(mfn_t m)
{
    (void)m;
    return false;
}

void tlb_flush_page_local(uint64_t va)
{
    (void)va;
}

void tlb_flush_page_mask(const cpumask_t *mask, uint64_t va)
{
    (void)mask;
    (void)va;
}

void cache_flush_mask(const cpumask_t *mask)
{
    (void)mask;
}

void fake_cpu_relax(void)
{
    /* With one CPU nobody else can be at work. */
    abort();
}

/* ------------------------------------------------------------------------ */

void pv_guest_init(void)
{
    fake_machine_init(GUEST_RAM_END);
    frame_table_add_ram(mfn(GUEST_RAM_START), mfn(GUEST_RAM_END));
    buddy_add(mfn(GUEST_RAM_START), mfn(GUEST_RAM_END));
    boot_cpu.phys_bits = 36;
    boot_cpu.word[HAS_NX / 32] |= 1U << (HAS_NX % 32);
    dom_io = &io_domain;
    dom_xen = &xen_domain;
    for (unsigned int i = L4_SLOT_FIRST_HV; i <= L4_SLOT_LAST_HV; i++) {
        hv_l4_template[i] = pte_make(mfn(GUEST_RAM_END + i), PTE_P | PTE_RW | PTE_A);
    }
    assert_int_equal(domain_memory_init(dom_xen), 0);
    /* What the heap and the modules keep for good is allocated by now. */
    guest.id = GUEST_ID;
    assert_int_equal(domain_memory_init(&guest), 0);
    guest_vcpu.arch.window_l1 = window;
    assert_int_equal(pv_descriptors_init(&guest_vcpu), 0);
}

static void domain_start(struct domain *d, domid_t id)
{
    *d = (struct domain){ .id = id, .references = 1, .max_vcpus = 1, .state = DOMAIN_ALIVE };
    cpumask_set(&d->dirty_cpus, 0);
    assert_int_equal(domain_memory_init(d), 0);
    d->memory.max_pages = 1000;
    assert_int_equal(iocaps_domain_init(d), 0);
}

void pv_guest_start(unsigned int nr, mfn_t *frames)
{
    static struct vcpu *vcpus[1] = { &guest_vcpu };

    domain_start(&stranger, STRANGER_ID);
    domain_start(&guest, GUEST_ID);
    guest.vcpu = vcpus;
    /* The heap keeps a page for each size that was ever asked for. */
    for (size_t size = 16; size < PAGE_SIZE; size += 16) {
        heap_free(heap_alloc(size));
    }
    free_at_start = buddy_free_pages();
    guest_vcpu = (struct vcpu){ .domain = &guest };
    guest_vcpu.arch.window_l1 = window;
    guest_vcpu.arch.guest_table = INVALID_MFN;
    guest_vcpu.arch.guest_table_user = INVALID_MFN;
    guest_vcpu.arch.kernel_mode = true;
    memset(window, 0, sizeof(window));
    memset(call_args, 0, sizeof(call_args));
    assert_int_equal(pv_descriptors_init(&guest_vcpu), 0);
    fake_current = &guest_vcpu;
    for (unsigned int i = 0; i < nr; i++) {
        struct page_info *pg = domain_alloc_pages(&guest, 0, 0);

        assert_non_null(pg);
        frames[i] = page_to_mfn(pg);
        m2p_set(frames[i], i);
    }
}

void pv_guest_end(void)
{
    int rc;

    guest.state = DOMAIN_DYING;
    do {
        rc = pv_drop_tables(&guest_vcpu);
        assert_int_equal(fake_locks_held, 0);
    } while (rc == -ERESTART);
    assert_int_equal(rc, 0);
    audit();
    do {
        rc = domain_relinquish_memory(&guest);
        assert_int_equal(fake_locks_held, 0);
        audit();
    } while (rc == -ERESTART);
    assert_int_equal(rc, 0);
    assert_int_equal(guest.memory.tot_pages, 0);
    assert_int_equal(guest.references, 1);
    assert_int_equal(stranger.memory.tot_pages, 0);
    assert_int_equal(buddy_free_pages(), free_at_start);
    iocaps_domain_fini(&guest);
    iocaps_domain_fini(&stranger);
    domain_memory_fini(&guest);
    domain_memory_fini(&stranger);
}

/* ------------------------------------------------------------------------ */
/* Calls */

long guest_mmu_update(const struct mmu_update *reqs, unsigned int count, unsigned int *done)
{
    long rc;

    call_args[0] = (unsigned long)reqs;
    call_args[1] = count;
    do {
        rc = hypercall_mmu_update((void *)call_args[0], (unsigned int)call_args[1], done,
                                  DOMID_SELF);
        assert_int_equal(fake_locks_held, 0);
    } while (rc == -ERESTART);
    return rc;
}

static struct mmuext_op make_op(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = { .cmd = cmd };

    op.arg1.linear_addr = arg1;
    op.arg2.src_mfn = arg2;
    return op;
}

long guest_mmuext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = make_op(cmd, arg1, arg2);
    unsigned int done = 77;
    long rc;

    call_args[0] = (unsigned long)&op;
    call_args[1] = 1;
    do {
        rc = hypercall_mmuext_op((void *)call_args[0], (unsigned int)call_args[1], &done,
                                 DOMID_SELF);
        assert_int_equal(fake_locks_held, 0);
    } while (rc == -ERESTART);
    assert_int_equal(done, rc == 0);
    return rc;
}

long guest_mmuext_once(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = make_op(cmd, arg1, arg2);

    return hypercall_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

long guest_update(mfn_t table, unsigned int index, uint64_t val)
{
    struct mmu_update req = { mfn_to_maddr(table).a + index * 8, val };

    return guest_mmu_update(&req, 1, NULL);
}

/* ------------------------------------------------------------------------ */
/* The audit */

struct expected {
    uint64_t general, typed, type;
    int linear;
};

static struct expected want[GUEST_RAM_END];
static bool was_writable[GUEST_RAM_END];
static uint32_t stale_since[GUEST_RAM_END], last_audit; /* on the clock of flushes */

static void want_general(uint64_t n)
{
    want[n].general++;
}

static void want_type(uint64_t n, uint64_t type)
{
    assert_true(n < GUEST_RAM_END);
    assert_true(want[n].typed == 0 || want[n].type == type);
    want[n].typed++;
    want[n].type = type;
}

static void count_entry(uint64_t table, unsigned int level, pte_t e)
{
    uint64_t n = pte_mfn(e).n;

    if (!(e & PTE_P) || !mfn_is_ram(pte_mfn(e))) {
        assert_true(level == 1 || !(e & PTE_P));
        return;
    }
    assert_true(e & PTE_US);
    if (level == 1) {
        if (e & PTE_RW) {
            want_type(n, PGT_WRITABLE);
        } else {
            want_general(n);
        }
        return;
    }
    assert_int_equal(e & (PTE_PS | PTE_PCD | PTE_PWT), 0);
    if (frame_type(pte_mfn(e)) == (uint64_t)level << 60) {
        assert_false(e & PTE_RW);
        if (n != table) {
            want_type(n, (uint64_t)level << 60);
            want[n].linear++;
            want[table].linear--;
        }
        return;
    }
    want_type(n, (uint64_t)(level - 1) << 60);
}

static void count_table(uint64_t n, const struct page_info *pg)
{
    unsigned int level = (unsigned int)(pg->type >> 60);
    const pte_t *t = mfn_to_virt(mfn(n));

    for (unsigned int i = 0; i < pg->nr_validated; i++) {
        if (level != 4 || i < L4_SLOT_FIRST_HV || i > L4_SLOT_LAST_HV) {
            count_entry(n, level, t[i]);
        }
    }
    if (level == 4 && (pg->type & PGT_VALIDATED)) {
        assert_int_equal(t[258], hv_l4_template[258]);
        assert_true(t[256] == 0 || t[256] == hv_l4_template[256]);
    }
}

static void count_vcpu(void)
{
    const struct arch_vcpu *a = &guest_vcpu.arch;

    if (!mfn_eq(a->guest_table, INVALID_MFN)) {
        want_type(a->guest_table.n, PGT_L4);
    }
    if (!mfn_eq(a->guest_table_user, INVALID_MFN)) {
        want_type(a->guest_table_user.n, PGT_L4);
    }
    for (unsigned int i = 0; i < GDT_GUEST_PAGES; i++) {
        if (!mfn_eq(a->gdt_frames[i], INVALID_MFN)) {
            want_type(a->gdt_frames[i].n, PGT_SEG_DESC);
        }
    }
    for (unsigned int i = 0; i < 16; i++) {
        if (a->ldt_mapped & (1U << i)) {
            want_type(pte_mfn(a->window_l1[16 + i]).n, PGT_SEG_DESC);
        }
    }
    if (a->old_table != NULL) {
        want_general(page_to_mfn(a->old_table).n);
    }
}

/*
 * A frame that just became a table: no CPU may still write to it by an old translation. When in a
 * step the last writable mapping went isn't known, so a flush earlier in the same step passes, too.
 */
static void check_tlb(uint64_t n, const struct page_info *pg)
{
    uint64_t type = pg->type & PGT_TYPE_MASK;
    bool in_use = (pg->type & PGT_COUNT_MASK) != 0;

    if (was_writable[n] && !(in_use && type == PGT_WRITABLE)) {
        stale_since[n] = last_audit;
    }
    if (type == PGT_NONE) {
        stale_since[n] = 0; /* fresh from the allocator, which flushed */
    }
    if (in_use && type != PGT_WRITABLE && stale_since[n] != 0) {
        assert_true((int32_t)(fake_tlb_flushed - stale_since[n]) > 0);
        stale_since[n] = 0;
    }
    was_writable[n] = in_use && type == PGT_WRITABLE;
}

void audit(void)
{
    memset(want, 0, sizeof(want));
    for (uint64_t n = GUEST_RAM_START; n < GUEST_RAM_END; n++) {
        const struct page_info *pg = mfn_to_page(mfn(n));
        uint64_t level = pg->type >> 60;

        if (pg->owner != GUEST_ID || (pg->count & PGC_COUNT_MASK) == 0) {
            continue;
        }
        page_check(pg);
        if (level >= 1 && level <= 4 && (pg->type & PGT_COUNT_MASK) != 0) {
            assert_true(pg->type & (PGT_VALIDATED | PGT_PARTIAL));
            count_table(n, pg);
        }
        if (pg->type & (PGT_PINNED | PGT_PARTIAL)) {
            want_type(n, level << 60);
        }
        if (pg->count & PGC_ALLOCATED) {
            want_general(n);
        }
    }
    count_vcpu();
    for (uint64_t n = GUEST_RAM_START; n < GUEST_RAM_END; n++) {
        const struct page_info *pg = mfn_to_page(mfn(n));
        const struct expected *w = &want[n];

        if (pg->owner != GUEST_ID) {
            assert_int_equal(w->general + w->typed, 0);
            was_writable[n] = false;
            stale_since[n] = 0;
            continue;
        }
        assert_int_equal(pg->type & PGT_COUNT_MASK, w->typed);
        assert_int_equal(pg->count & PGC_COUNT_MASK, w->general + (w->typed != 0));
        if (w->typed != 0) {
            assert_int_equal(pg->type & PGT_TYPE_MASK, w->type);
            if (w->type >= PGT_L2 && w->type <= PGT_L4) {
                assert_int_equal(pg->linear, w->linear);
            }
        }
        check_tlb(n, pg);
    }
    last_audit = fake_tlb_clock;
}

uint64_t frame_type(mfn_t m)
{
    return mfn_to_page(m)->type & PGT_TYPE_MASK;
}

uint64_t frame_type_count(mfn_t m)
{
    return mfn_to_page(m)->type & PGT_COUNT_MASK;
}

uint64_t frame_count(mfn_t m)
{
    return mfn_to_page(m)->count & PGC_COUNT_MASK;
}

uint64_t frame_word(mfn_t m, unsigned int index)
{
    return ((const uint64_t *)mfn_to_virt(m))[index];
}
