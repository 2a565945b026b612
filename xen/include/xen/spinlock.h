/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ticket spin locks with an order class. Critical sections are short, touch no guest memory
 * and never sleep. Locks that interrupt handlers take are always taken with the _irqsave form.
 */
#ifndef XEN_SPINLOCK_H
#define XEN_SPINLOCK_H

#include <xen/lock_order.h>
#include <xen/types.h>

struct spinlock {
    uint16_t next;    /* ticket handed out next */
    uint16_t serving; /* ticket that holds the lock */
    uint16_t class;   /* enum lock_class */
    uint16_t owner;   /* CPU number + 1 in debug builds, 0 when free */
};

#define SPINLOCK_INIT(cls) { .class = (cls) }

static inline void spin_init(struct spinlock *l, enum lock_class class)
{
    *l = (struct spinlock)SPINLOCK_INIT(class);
}

void spin_lock(struct spinlock *l);
/* True if taken. Exempt from the order check: it cannot deadlock. */
bool spin_trylock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
/* Also disables interrupts; returns the flags for the matching unlock. */
unsigned long spin_lock_irqsave(struct spinlock *l);
void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags);
/* Takes two locks of one class in address order (NULL and equal pointers allowed). */
void spin_lock_pair(struct spinlock *a, struct spinlock *b);
void spin_unlock_pair(struct spinlock *a, struct spinlock *b);
/*
 * Around an interrupt handler: the interrupted code's locks don't count for the order there. In
 * return, a class that handlers take may never be taken with interrupts on. Debug builds check.
 */
#ifdef XENIOS_DEBUG
unsigned int lock_order_enter_interrupt(void);
void lock_order_leave_interrupt(unsigned int base);
#else
static inline unsigned int lock_order_enter_interrupt(void)
{
    return 0;
}

static inline void lock_order_leave_interrupt(unsigned int base)
{
    (void)base;
}
#endif
bool spin_is_locked(const struct spinlock *l);

#endif
