/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket locks. In debug builds every CPU keeps the stack of classes it holds, and an acquire that
 * breaks the order of lock_order.h stops the machine on its first run instead of at its first
 * deadlock.
 */
#include <asm/cpu.h>
#include <xen/bug.h>
#include <xen/percpu.h>
#include <xen/spinlock.h>

#ifdef XENIOS_DEBUG
#define MAX_HELD 16
struct held_locks {
    unsigned int depth;
    unsigned int base; /* locks below it belong to the code that was interrupted */
    unsigned int interrupts; /* nested handlers */
    const struct spinlock *lock[MAX_HELD];
};
DEFINE_PER_CPU(struct held_locks, held);
static bool taken_by_handlers[NR_LOCK_CLASSES];

static void order_check(const struct spinlock *l, bool same_class_ok)
{
    const struct held_locks *h = &this_cpu(held);

    if (h->interrupts > 0) {
        taken_by_handlers[l->class] = true;
    } else if (taken_by_handlers[l->class] && irq_is_enabled()) {
        panic("Lock class %u, which interrupt handlers take, is taken with interrupts on",
              l->class);
    }
    for (unsigned int i = h->base; i < h->depth && i < MAX_HELD; i++) {
        if (h->lock[i]->class > l->class || (h->lock[i]->class == l->class && !same_class_ok)) {
            panic("Lock order: class %u is taken while class %u is held (xen/lock_order.h)",
                  l->class, h->lock[i]->class);
        }
    }
}

static void held_push(struct spinlock *l)
{
    unsigned long f = irq_save();
    struct held_locks *h = &this_cpu(held);

    if (h->depth < MAX_HELD) {
        h->lock[h->depth] = l;
    }
    h->depth++;
    l->owner = (uint16_t)(smp_processor_id() + 1);
    irq_restore(f);
}

static void held_remove(struct spinlock *l)
{
    unsigned long f = irq_save();
    struct held_locks *h = &this_cpu(held);
    unsigned int i;

    if (l->owner != smp_processor_id() + 1) {
        panic("A lock of class %u is released by a CPU that does not hold it", l->class);
    }
    l->owner = 0;
    for (i = h->depth; i > 0 && h->lock[i - 1] != l; i--) {
        continue;
    }
    for (; i > 0 && i < h->depth; i++) {
        h->lock[i - 1] = h->lock[i];
    }
    h->depth--;
    irq_restore(f);
}

unsigned int lock_order_enter_interrupt(void)
{
    struct held_locks *h = &this_cpu(held);
    unsigned int base = h->base;

    h->base = h->depth;
    h->interrupts++;
    return base;
}

void lock_order_leave_interrupt(unsigned int base)
{
    struct held_locks *h = &this_cpu(held);

    h->base = base;
    h->interrupts--;
}
#else
static void order_check(const struct spinlock *l, bool same_class_ok)
{
    (void)l;
    (void)same_class_ok;
}

static void held_push(struct spinlock *l)
{
    (void)l;
}

static void held_remove(struct spinlock *l)
{
    (void)l;
}
#endif

static void acquire(struct spinlock *l)
{
    uint16_t ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

    while (__atomic_load_n(&l->serving, __ATOMIC_ACQUIRE) != ticket) {
        cpu_relax();
    }
    held_push(l);
}

void spin_lock(struct spinlock *l)
{
    order_check(l, false);
    acquire(l);
}

bool spin_trylock(struct spinlock *l)
{
    uint16_t serving = __atomic_load_n(&l->serving, __ATOMIC_RELAXED);

    if (!__atomic_compare_exchange_n(&l->next, &serving, (uint16_t)(serving + 1), false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        return false;
    }
    held_push(l);
    return true;
}

void spin_unlock(struct spinlock *l)
{
    held_remove(l);
    __atomic_store_n(&l->serving, (uint16_t)(l->serving + 1), __ATOMIC_RELEASE);
}

unsigned long spin_lock_irqsave(struct spinlock *l)
{
    unsigned long f = irq_save();

    spin_lock(l);
    return f;
}

void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
    spin_unlock(l);
    irq_restore(flags);
}

void spin_lock_pair(struct spinlock *a, struct spinlock *b)
{
    struct spinlock *first = a < b ? a : b, *second = a < b ? b : a;

    if (first != NULL) {
        spin_lock(first);
    }
    if (second != NULL && second != first) {
        order_check(second, true);
        acquire(second);
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
    return READ_ONCE(l->next) != READ_ONCE(l->serving);
}
