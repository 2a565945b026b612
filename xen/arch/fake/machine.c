/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor's modules stand on, over plain memory: machine frames, the frame table,
 * locks, assertions, guest copies. One CPU; a lock that is taken twice, or out of order, or is
 * still held at a guest copy, is a failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <asm/current.h>
#include <asm/memory_map.h>
#include <asm/percpu.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/frame_table.h>
#include <xen/spinlock.h>
#include <xen/tlb.h>
#include <xen/usercopy.h>

#include "machine.h"

uint64_t fake_frame_table, fake_ram, fake_m2p;
struct vcpu *fake_current;
struct cpu_regs fake_guest_regs;
unsigned int fake_cpu;
unsigned long percpu_offset[NR_CPUS];

unsigned int fake_locks_held;
static const struct spinlock *held[16];

jmp_buf fake_bug_target;
bool fake_bug_awaited;

uint64_t fake_fault_start, fake_fault_len;
bool fake_write_fault;

cpumask_t cpu_online_map = { { 1 } };
unsigned int nr_cpus_online = 1;
uint32_t fake_tlb_clock = 1, fake_tlb_flushed;

static uint64_t map_zeroed(uint64_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED) {
        perror("mmap");
        abort();
    }
    return (uint64_t)p;
}

void fake_machine_init(uint64_t nr_frames)
{
    fake_ram = map_zeroed(nr_frames << PAGE_SHIFT);
    fake_frame_table = map_zeroed(nr_frames * sizeof(struct page_info));
    fake_m2p = map_zeroed(nr_frames * sizeof(uint64_t));
}

/* ------------------------------------------------------------------------ */
/* Assertions and messages */

static void stop(void) noreturn;
static void stop(void)
{
    if (fake_bug_awaited) {
        longjmp(fake_bug_target, 1);
    }
    abort();
}

void fake_bug_forget(void)
{
    fake_bug_awaited = false;
    while (fake_locks_held > 0) {
        struct spinlock *l = (struct spinlock *)held[--fake_locks_held];

        l->serving = l->next;
    }
}

void bug_at(const char *file, int line, const char *what)
{
    if (!fake_bug_awaited) {
        fprintf(stderr, "%s:%d: %s\n", file, line, what);
    }
    stop();
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (!fake_bug_awaited) {
        vfprintf(stderr, fmt, ap);
    }
    va_end(ap);
    stop();
}

void printk(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

void log_at(enum log_level level, const char *fmt, ...)
{
    (void)level;
    (void)fmt;
}

void log_guest(enum log_level level, const char *fmt, ...)
{
    (void)level;
    (void)fmt;
}

/* ------------------------------------------------------------------------ */
/* Locks */

static void acquire(struct spinlock *l, bool same_class_ok)
{
    for (unsigned int i = 0; i < fake_locks_held; i++) {
        if (held[i]->class > l->class || (held[i]->class == l->class && !same_class_ok)) {
            panic("lock class %u taken while class %u is held\n", l->class, held[i]->class);
        }
    }
    BUG_ON(l->next != l->serving || fake_locks_held == ARRAY_SIZE(held) || l->class == 0);
    l->next++;
    held[fake_locks_held++] = l;
}

void spin_lock(struct spinlock *l)
{
    acquire(l, false);
}

bool spin_trylock(struct spinlock *l)
{
    if (l->next != l->serving) {
        return false;
    }
    l->next++;
    held[fake_locks_held++] = l;
    return true;
}

void spin_unlock(struct spinlock *l)
{
    unsigned int i = fake_locks_held;

    while (i > 0 && held[i - 1] != l) {
        i--;
    }
    BUG_ON(i == 0);
    memmove(&held[i - 1], &held[i], (fake_locks_held - i) * sizeof(held[0]));
    fake_locks_held--;
    l->serving++;
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
    spin_lock(l);
    return 0;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
    (void)flags;
    spin_unlock(l);
}

void spin_lock_pair(struct spinlock *a, struct spinlock *b)
{
    struct spinlock *first = a < b ? a : b, *second = a < b ? b : a;

    if (first != NULL) {
        acquire(first, false);
    }
    if (second != NULL && second != first) {
        acquire(second, true);
    }
}

void spin_unlock_pair(struct spinlock *a, struct spinlock *b)
{
    if (a != NULL) {
        spin_unlock(a);
    }
    if (b != NULL && b != a) {
        spin_unlock(b);
    }
}

bool spin_is_locked(const struct spinlock *l)
{
    return l->next != l->serving;
}

/* ------------------------------------------------------------------------ */
/* Guest memory */

static bool faults(const void *p, size_t len)
{
    uint64_t a = (uint64_t)p;

    BUG_ON(fake_locks_held != 0);
    return a < fake_fault_start + fake_fault_len && fake_fault_start < a + len;
}

size_t copy_from_guest(void *dst, const void *guest_src, size_t len)
{
    if (faults(guest_src, len)) {
        return len;
    }
    memcpy(dst, guest_src, len);
    return 0;
}

size_t copy_to_guest(void *guest_dst, const void *src, size_t len)
{
    if (faults(guest_dst, len) || fake_write_fault) {
        return len;
    }
    memcpy(guest_dst, src, len);
    return 0;
}

size_t clear_guest(void *guest_dst, size_t len)
{
    if (faults(guest_dst, len)) {
        return len;
    }
    memset(guest_dst, 0, len);
    return 0;
}

/* ------------------------------------------------------------------------ */
/* TLB */

void tlb_flush_local(void)
{
    fake_tlb_flushed = ++fake_tlb_clock;
}

void tlb_flush_mask(const cpumask_t *mask)
{
    if (cpumask_test(mask, 0)) {
        tlb_flush_local();
    }
}

uint32_t tlb_stamp(void)
{
    return fake_tlb_clock;
}

void tlb_flush_since(const cpumask_t *mask, uint32_t stamp)
{
    if ((int32_t)(fake_tlb_flushed - stamp) <= 0) {
        tlb_flush_mask(mask);
    }
}
