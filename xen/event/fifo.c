/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FIFO ABI: one word a port, in pages the guest gives (the event array), and per vCPU 16 queues
 * linked through those words, whose heads are in the vCPU's control block.
 *
 * The guest writes these pages at will. All that is kept here is each queue's tail; a guest that
 * breaks the protocol loses or repeats its own events, no more. Loops on its words are bounded.
 *
 * LINKED in a word is the right to be in a queue: whoever sets it links the port, and only the
 * guest clears it when it takes the port out.
 *
 * Locks. Each vCPU's queue_lock guards its queues; a raise holds that of the vCPU it notifies. To
 * change over, or to add a page, the new state is published under the bind lock and then every
 * queue_lock is passed once: after that nobody works with the old state. So array and control
 * pages may be used under any queue_lock of the domain once uses_fifo was seen.
 */
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/mm.h>

#include "port.h"

#define WORD_PENDING (1U << EVTCHN_FIFO_PENDING)
#define WORD_MASKED  (1U << EVTCHN_FIFO_MASKED)
#define WORD_LINKED  (1U << EVTCHN_FIFO_LINKED)
#define WORD_BUSY    (1U << EVTCHN_FIFO_BUSY)
#define WORD_LINK    ((uint32_t)EVTCHN_FIFO_LINK_MASK)

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define MAX_PAGES      (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
#define LINK_TRIES     4

/* The port's word, or NULL while its page has not been given. */
static event_word_t *word_of(const struct event_table *t, event_port_t port)
{
    event_word_t *page = __atomic_load_n(&t->pages[port / WORDS_PER_PAGE], __ATOMIC_ACQUIRE);

    return page != NULL ? &page[port % WORDS_PER_PAGE] : NULL;
}

static uint32_t word_or(event_word_t *w, uint32_t bits)
{
    return __atomic_fetch_or(w, bits, __ATOMIC_SEQ_CST);
}

static uint32_t word_and(event_word_t *w, uint32_t bits)
{
    return __atomic_fetch_and(w, bits, __ATOMIC_SEQ_CST);
}

/*
 * Takes the queue_lock of the vCPU that the port notifies, if the domain uses FIFO. NULL: it
 * doesn't. Pairs with queue_unlock().
 */
static struct vcpu *queue_lock(struct domain *d, const struct event_port *p, unsigned long *flags)
{
    struct vcpu *v;

    if (!READ_ONCE(d->events->uses_fifo)) {
        return NULL;
    }
    v = d->vcpu[READ_ONCE(p->vcpu)];
    *flags = spin_lock_irqsave(&v->events->queue_lock);
    if (!READ_ONCE(d->events->uses_fifo)) {
        spin_unlock_irqrestore(&v->events->queue_lock, *flags);
        return NULL;
    }
    return v;
}

static void queue_unlock(struct vcpu *v, unsigned long flags)
{
    spin_unlock_irqrestore(&v->events->queue_lock, flags);
}

/* Everybody who saw the state before is through with it. Caller holds the bind lock. */
static void queues_pass(const struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (d, v, i) {
        unsigned long flags = spin_lock_irqsave(&v->events->queue_lock);

        spin_unlock_irqrestore(&v->events->queue_lock, flags);
    }
}

/* ------------------------------------------------------------------------ */
/* Queues */

/*
 * Lets the word of a queue's tail point to @link, if the guest has not taken it out yet. BUSY
 * asks the guest to leave the word alone, should it interfere.
 */
static bool word_set_link(event_word_t *w, uint32_t link)
{
    uint32_t old = READ_ONCE(*w), new;

    for (unsigned int i = 0; i < 2 * LINK_TRIES; i++) {
        if (!(old & WORD_LINKED)) {
            break;
        }
        if (i == LINK_TRIES) {
            old = word_or(w, WORD_BUSY) | WORD_BUSY;
        }
        new = (old & ~(WORD_BUSY | WORD_LINK)) | link;
        if (__atomic_compare_exchange_n(w, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            return true;
        }
    }
    if (old & WORD_BUSY) {
        word_and(w, ~WORD_BUSY);
    }
    return false;
}

/* Appends a port whose LINKED we have set. True: the vCPU must be told. queue_lock is held. */
static bool queue_append(const struct event_table *t, struct event_vcpu *ev, unsigned int q,
                         event_port_t port)
{
    uint32_t tail = ev->tail[q];
    event_word_t *w = tail != 0 && tail != port ? word_of(t, tail) : NULL;

    ev->tail[q] = port;
    if (w != NULL && word_set_link(w, port)) {
        return false;
    }
    /* The guest has taken out the former tail: the queue is empty. */
    __atomic_store_n(&ev->control->head[q], port, __ATOMIC_RELEASE);
    return !(__atomic_fetch_or(&ev->control->ready, 1U << q, __ATOMIC_SEQ_CST) & (1U << q));
}

/* A port that has left its former queue must not be found there as the tail. queue_lock is held. */
static void queue_forget(struct event_vcpu *ev, unsigned int q, event_port_t port)
{
    if (ev->tail[q] == port) {
        ev->tail[q] = 0;
    }
}

/*
 * Links a pending, unmasked port. True: v must be told. v's queue_lock is held; it's given
 * up for a moment if the port was in another vCPU's queue before.
 */
static bool port_link(struct vcpu *v, struct event_port *p, event_port_t port,
                      unsigned long *flags)
{
    const struct domain *d = v->domain;
    event_word_t *w = word_of(d->events, port);
    struct vcpu *former = d->vcpu[p->queue_vcpu];

    if (v->events->control == NULL || (word_or(w, WORD_LINKED) & WORD_LINKED)) {
        return false;
    }
    if (former != v && former != NULL) {
        queue_unlock(v, *flags);
        *flags = spin_lock_irqsave(&former->events->queue_lock);
        queue_forget(former->events, p->queue_priority, port);
        spin_unlock_irqrestore(&former->events->queue_lock, *flags);
        *flags = spin_lock_irqsave(&v->events->queue_lock);
        if (!READ_ONCE(d->events->uses_fifo) || v->events->control == NULL) {
            return false;
        }
    } else if (p->queue_priority != p->priority) {
        queue_forget(v->events, p->queue_priority, port);
    }
    p->queue_vcpu = (uint16_t)v->id;
    p->queue_priority = p->priority;
    return queue_append(d->events, v->events, p->queue_priority, port);
}

/* ------------------------------------------------------------------------ */
/* Ports */

bool event_fifo_raise(struct domain *d, struct event_port *p, event_port_t port)
{
    unsigned long flags;
    struct vcpu *v = queue_lock(d, p, &flags);
    bool was_pending, tell = false;
    event_word_t *w;
    uint32_t old;

    if (v == NULL) {
        return false;
    }
    w = word_of(d->events, port);
    if (w == NULL) {
        was_pending = p->pending;
        p->pending = true;
    } else {
        old = word_or(w, WORD_PENDING);
        was_pending = (old & WORD_PENDING) != 0;
        if (!(old & (WORD_PENDING | WORD_MASKED | WORD_LINKED))) {
            tell = port_link(v, p, port, &flags);
        }
    }
    queue_unlock(v, flags);
    if (tell) {
        event_upcall_pending(v);
    }
    if (!was_pending) {
        event_poll_notify(d, port);
    }
    return true;
}

bool event_fifo_unmask(struct domain *d, struct event_port *p, event_port_t port)
{
    unsigned long flags;
    struct vcpu *v = queue_lock(d, p, &flags);
    event_word_t *w;
    bool tell = false;

    if (v == NULL) {
        return false;
    }
    w = word_of(d->events, port);
    if (w != NULL && (word_and(w, ~WORD_MASKED) & WORD_PENDING)) {
        tell = port_link(v, p, port, &flags);
    }
    queue_unlock(v, flags);
    if (tell) {
        event_upcall_pending(v);
    }
    return true;
}

bool event_fifo_clear_pending(struct domain *d, struct event_port *p, event_port_t port)
{
    unsigned long flags;
    struct vcpu *v = queue_lock(d, p, &flags);
    event_word_t *w;

    if (v == NULL) {
        return false;
    }
    w = word_of(d->events, port);
    if (w != NULL) {
        word_and(w, ~WORD_PENDING);
    }
    p->pending = false;
    queue_unlock(v, flags);
    return true;
}

bool event_fifo_is_pending(struct domain *d, const struct event_port *p, event_port_t port,
                           bool *pending)
{
    unsigned long flags;
    struct vcpu *v = queue_lock(d, p, &flags);
    event_word_t *w;

    if (v == NULL) {
        return false;
    }
    w = word_of(d->events, port);
    *pending = w != NULL ? (READ_ONCE(*w) & WORD_PENDING) != 0 : p->pending;
    queue_unlock(v, flags);
    return true;
}

bool event_fifo_is_masked(struct domain *d, const struct event_port *p, event_port_t port,
                          bool *masked)
{
    unsigned long flags;
    struct vcpu *v = queue_lock(d, p, &flags);
    event_word_t *w;

    if (v == NULL) {
        return false;
    }
    w = word_of(d->events, port);
    *masked = w == NULL || (READ_ONCE(*w) & WORD_MASKED) != 0;
    queue_unlock(v, flags);
    return true;
}

/* ------------------------------------------------------------------------ */
/* Setting up, and undoing it */

/* A page of the guest's to write to. NULL: not its own, or used as a table. */
static void *guest_page_get(struct domain *d, uint64_t gfn)
{
    struct page_info *pg = arch_frame_get(d, gfn, false);

    return pg != NULL ? page_to_virt(pg) : NULL;
}

static void guest_page_put(void *page)
{
    if (page != NULL) {
        page_put_and_type(virt_to_page((void *)((uint64_t)page & PAGE_MASK)));
    }
}

/* Events noted in shared_info wait until their words appear. Caller holds the bind lock. */
static void switch_to_fifo(struct domain *d)
{
    struct event_table *t = d->events;
    uint64_t *bits = d->shared_info->evtchn_pending;

    __atomic_store_n(&t->uses_fifo, true, __ATOMIC_SEQ_CST);
    for (event_port_t port = 1; port < MIN(t->max_ports, (uint32_t)EVTCHN_2L_NR_CHANNELS); port++) {
        struct event_port *p = event_port_lookup(d, port);

        if (p != NULL && bit_test_and_clear_atomic(bits, port)) {
            p->pending = true;
        }
    }
}

static int control_set(struct domain *d, struct vcpu *v, void *control)
{
    struct event_table *t = d->events;
    unsigned long flags;

    if (v->events->control != NULL) {
        return -EINVAL;
    }
    if (t->pages == NULL) {
        t->pages = heap_alloc_array(MAX_PAGES, sizeof(t->pages[0]));
        if (t->pages == NULL) {
            return -ENOMEM;
        }
    }
    flags = spin_lock_irqsave(&v->events->queue_lock);
    v->events->control = control;
    spin_unlock_irqrestore(&v->events->queue_lock, flags);
    if (!t->uses_fifo) {
        switch_to_fifo(d);
    }
    return 0;
}

int event_fifo_init_control(struct domain *d, const struct evtchn_init_control *op)
{
    struct vcpu *v = domain_vcpu(d, op->vcpu);
    uint8_t *page;
    int rc;

    if (v == NULL) {
        return -ENOENT;
    }
    if (op->offset % 8 != 0 ||
        op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block)) {
        return -EINVAL;
    }
    page = guest_page_get(d, op->control_gfn);
    if (page == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    rc = d->state == DOMAIN_ALIVE ? control_set(d, v, page + op->offset) : -EINVAL;
    spin_unlock(&event_bind_lock);
    if (rc != 0) {
        guest_page_put(page);
    }
    return rc;
}

int event_fifo_expand_array(struct domain *d, uint64_t gfn)
{
    struct event_table *t = d->events;
    event_word_t *page;
    event_port_t first = 0;
    int rc = 0;

    if (!READ_ONCE(t->uses_fifo)) {
        return -EOPNOTSUPP;
    }
    page = guest_page_get(d, gfn);
    if (page == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    if (!t->uses_fifo) {
        rc = -EOPNOTSUPP;
    } else if (t->nr_pages * WORDS_PER_PAGE >= t->max_ports) {
        rc = -ENOSPC;
    } else {
        first = t->nr_pages * WORDS_PER_PAGE;
        __atomic_store_n(&t->pages[t->nr_pages++], page, __ATOMIC_SEQ_CST);
        queues_pass(d);
    }
    spin_unlock(&event_bind_lock);
    if (rc != 0) {
        guest_page_put(page);
        return rc;
    }

    for (event_port_t port = first; port < first + WORDS_PER_PAGE; port++) {
        struct event_port *p = event_port_lookup(d, port);

        if (p != NULL && p->pending) {
            p->pending = false;
            event_port_raise(d, p, port);
        }
    }
    return 0;
}

int event_fifo_set_priority(struct domain *d, event_port_t port, uint32_t priority)
{
    struct event_port *p = event_port_lookup(d, port);
    int rc = -EINVAL;

    if (!READ_ONCE(d->events->uses_fifo)) {
        return -ENOSYS;
    }
    if (priority > EVTCHN_FIFO_PRIORITY_MIN || p == NULL) {
        return -EINVAL;
    }
    spin_lock(&event_bind_lock);
    if (p->state != PORT_FREE) {
        WRITE_ONCE(p->priority, (uint8_t)priority);
        rc = 0;
    }
    spin_unlock(&event_bind_lock);
    return rc;
}

void event_fifo_disable(struct domain *d)
{
    struct evtchn_fifo_control_block *controls[MAX_VCPUS] = { NULL };
    struct event_table *t = d->events;
    event_word_t *pages[MAX_PAGES];
    unsigned int i, nr_pages;
    struct vcpu *v;

    spin_lock(&event_bind_lock);
    __atomic_store_n(&t->uses_fifo, false, __ATOMIC_SEQ_CST);
    for_each_vcpu (d, v, i) {
        unsigned long flags = spin_lock_irqsave(&v->events->queue_lock);

        controls[i] = v->events->control;
        v->events->control = NULL;
        for (unsigned int q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++) {
            v->events->tail[q] = 0;
        }
        spin_unlock_irqrestore(&v->events->queue_lock, flags);
    }
    nr_pages = t->nr_pages;
    t->nr_pages = 0;
    for (i = 0; i < nr_pages; i++) {
        pages[i] = t->pages[i];
        t->pages[i] = NULL;
    }
    spin_unlock(&event_bind_lock);

    for (i = 0; i < MAX_VCPUS; i++) {
        guest_page_put(controls[i]);
    }
    for (i = 0; i < nr_pages; i++) {
        guest_page_put(pages[i]);
    }
}
