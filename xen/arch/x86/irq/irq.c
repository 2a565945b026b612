/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owns the interrupt descriptors and what happens when a device interrupt arrives.
 *
 * The path to a guest: find the descriptor by vector, mask it if it is level, tell the local
 * APIC, raise the port. Level interrupts stay masked until every guest that got one said EOI;
 * that is also when they are moved, since nothing can be in flight then. Edge interrupts move
 * when one arrives.
 * Lock: the descriptor's. It is not held while a port is raised, because ports come first in
 * the order; in_handler says that a domain pointer may still be in use.
 */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/ioapic.h>
#include <asm/irq.h>
#include <asm/lapic.h>
#include <asm/msi.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/hwirq.h>

#define MAX_MSIS 2048

unsigned int nr_gsis;

static struct irq_desc *gsi_descs;            /* nr_gsis */
static struct irq_desc *msi_descs[MAX_MSIS];  /* made when first needed, never freed */
static struct spinlock msi_lock = SPINLOCK_INIT(LOCK_IRQ_TABLE);
static void (*fixed_handlers[256])(void);
static uint64_t nr_spurious;

void irq_set_vector_handler(unsigned int vector, void (*fn)(void))
{
    ASSERT(vector > VECTOR_LAST_DYNAMIC && vector < 256);
    fixed_handlers[vector] = fn;
}

struct irq_desc *irq_desc_get(unsigned int irq)
{
    if (irq < nr_gsis) {
        return ioapic_has_gsi(irq) ? &gsi_descs[irq] : NULL;
    }
    return irq - nr_gsis < MAX_MSIS ? msi_descs[irq - nr_gsis] : NULL;
}

/* Level, lock held: a new round begins. */
static void expect_eoi(struct irq_desc *desc)
{
    for (unsigned int i = 0; i < desc->nr_guests; i++) {
        if (!desc->guests[i].eoi_due) {
            desc->guests[i].eoi_due = true;
            desc->nr_eoi_due++;
        }
    }
}

/* Raises the ports; called with the lock held, returns without it. */
static void raise_ports(struct irq_desc *desc)
{
    const struct irq_guest first = desc->guests[0];
    unsigned int n = desc->nr_guests;
    struct irq_guest others[IRQ_MAX_GUESTS];

    for (unsigned int i = 1; unlikely(i < n); i++) {
        others[i] = desc->guests[i];
    }
    __atomic_fetch_add(&desc->in_handler, 1, __ATOMIC_RELAXED);
    spin_unlock(&desc->lock);
    if (likely(n)) {
        event_pirq(first.d, first.pirq);
    }
    for (unsigned int i = 1; unlikely(i < n); i++) {
        event_pirq(others[i].d, others[i].pirq);
    }
    __atomic_fetch_sub(&desc->in_handler, 1, __ATOMIC_RELEASE);
}

static void deliver_to_guests(struct irq_desc *desc, unsigned int vector)
{
    spin_lock(&desc->lock);
    if (desc->is_level) {
        desc->chip->mask(desc);
        expect_eoi(desc);
        lapic_eoi();
    } else {
        lapic_eoi();
        if (unlikely(desc->wanted_cpu != desc->cpu) && desc->nr_guests) {
            vector_move(desc);
        }
    }
    if (unlikely(desc->old_vector) && vector == desc->vector && smp_processor_id() == desc->cpu) {
        vector_finish_move(desc);
    }
    raise_ports(desc);
}

/* The hypervisor's own: a level source is quieted by the handler, so EOI comes after it. */
static void deliver_to_hypervisor(struct irq_desc *desc)
{
    if (!desc->is_level) {
        lapic_eoi();
    }
    desc->fn(desc->arg);
    if (desc->is_level) {
        lapic_eoi();
    }
}

static always_inline void dispatch(unsigned int vector)
{
    struct irq_desc *desc;

    if (vector > VECTOR_LAST_DYNAMIC) {
        if (vector != VECTOR_SPURIOUS) {
            lapic_eoi();
        }
        if (fixed_handlers[vector]) {
            fixed_handlers[vector]();
        }
        return;
    }
    desc = vector_to_desc(vector);
    if (unlikely(!desc)) {
        lapic_eoi();
        nr_spurious++;
        log_debug("CPU%u: interrupt vector %#x has no source\n", smp_processor_id(), vector);
    } else if (likely(READ_ONCE(desc->user) == IRQ_GUEST)) {
        deliver_to_guests(desc, vector);
    } else if (desc->user == IRQ_HYPERVISOR) {
        deliver_to_hypervisor(desc);
    } else {
        lapic_eoi(); /* unbound a moment ago */
    }
}

void irq_dispatch(unsigned int vector)
{
    unsigned int base = lock_order_enter_interrupt();

    dispatch(vector);
    lock_order_leave_interrupt(base);
}

int irq_request_gsi(unsigned int gsi, void (*fn)(void *arg), void *arg, const char *name)
{
    struct irq_desc *desc = irq_desc_get(gsi);
    unsigned long flags;
    int rc = -EBUSY;

    if (!desc || gsi >= nr_gsis) {
        return -EINVAL;
    }
    flags = spin_lock_irqsave(&desc->lock);
    if (desc->user == IRQ_FREE) {
        rc = desc->vector ? 0 : vector_assign(desc, smp_processor_id());
    }
    if (!rc) {
        desc->fn = fn;
        desc->arg = arg;
        desc->name = name;
        WRITE_ONCE(desc->user, IRQ_HYPERVISOR);
        ioapic_program(desc);
        desc->chip->unmask(desc);
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

/* Lock held, no guest yet. */
static int start_for_guest(struct irq_desc *desc, unsigned int cpu)
{
    int rc = desc->vector ? 0 : vector_assign(desc, cpu);

    if (rc) {
        return rc;
    }
    if (desc->cpu != cpu) {
        desc->wanted_cpu = (uint16_t)cpu;
    }
    WRITE_ONCE(desc->user, IRQ_GUEST);
    desc->chip->retarget(desc);
    desc->chip->unmask(desc);
    return 0;
}

int irq_bind_guest(struct irq_desc *desc, struct domain *d, unsigned int pirq, bool share,
                   unsigned int cpu)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);
    int rc = 0;

    if (desc->user == IRQ_HYPERVISOR) {
        rc = -EBUSY;
    } else if (desc->user == IRQ_GUEST && !(share && desc->is_shareable)) {
        rc = -EBUSY;
    } else if (desc->nr_guests == IRQ_MAX_GUESTS) {
        rc = -ENOSPC;
    }
    if (!rc) {
        desc->guests[desc->nr_guests] = (struct irq_guest){ d, pirq, false };
        if (!desc->nr_guests++) {
            desc->is_shareable = share;
            desc->nr_eoi_due = 0;
            rc = start_for_guest(desc, cpu);
            desc->nr_guests = rc ? 0 : 1;
        }
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

/* Lock held: all guests have said EOI. */
static void finish_round(struct irq_desc *desc)
{
    if (unlikely(desc->wanted_cpu != desc->cpu)) {
        vector_move(desc);
    }
    desc->chip->unmask(desc);
}

void irq_unbind_guest(struct irq_desc *desc, const struct domain *d)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    for (unsigned int i = 0; i < desc->nr_guests; i++) {
        if (desc->guests[i].d != d) {
            continue;
        }
        if (desc->guests[i].eoi_due) {
            desc->nr_eoi_due--;
        }
        desc->nr_guests--;
        desc->guests[i] = desc->guests[desc->nr_guests];
        if (!desc->nr_guests) {
            desc->chip->mask(desc);
            WRITE_ONCE(desc->user, IRQ_FREE);
        } else if (desc->is_level && desc->is_masked && !desc->nr_eoi_due) {
            finish_round(desc);
        }
        break;
    }
    spin_unlock_irqrestore(&desc->lock, flags);
}

void irq_guest_eoi(struct irq_desc *desc, const struct domain *d)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    for (unsigned int i = 0; i < desc->nr_guests; i++) {
        if (desc->guests[i].d == d && desc->guests[i].eoi_due) {
            desc->guests[i].eoi_due = false;
            if (!--desc->nr_eoi_due) {
                finish_round(desc);
            }
        }
    }
    spin_unlock_irqrestore(&desc->lock, flags);
}

void irq_set_affinity(struct irq_desc *desc, unsigned int cpu)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    desc->wanted_cpu = (uint16_t)cpu;
    spin_unlock_irqrestore(&desc->lock, flags);
}

void irq_synchronize(const struct irq_desc *desc)
{
    while (__atomic_load_n(&desc->in_handler, __ATOMIC_ACQUIRE)) {
        cpu_relax();
    }
}

static void desc_init(struct irq_desc *desc, unsigned int irq, const struct irq_chip *chip)
{
    spin_init(&desc->lock, LOCK_IRQ);
    desc->irq = irq;
    desc->chip = chip;
    desc->is_masked = true;
}

int irq_setup_gsi(unsigned int gsi, bool level, bool active_low)
{
    struct irq_desc *desc = irq_desc_get(gsi);
    unsigned long flags;
    int rc = -EEXIST;

    if (!desc || gsi >= nr_gsis) {
        return -EINVAL;
    }
    flags = spin_lock_irqsave(&desc->lock);
    if (!desc->is_programmed && desc->user == IRQ_FREE) {
        desc->is_programmed = true;
        desc->is_level = level;
        desc->is_active_low = active_low;
        rc = 0;
    }
    spin_unlock_irqrestore(&desc->lock, flags);
    return rc;
}

struct irq_desc *irq_alloc_msi(struct msi_entry *msi)
{
    unsigned long flags = spin_lock_irqsave(&msi_lock);
    struct irq_desc *desc = NULL;
    unsigned int i = 0;

    while (i < MAX_MSIS && msi_descs[i] && msi_descs[i]->msi) {
        i++;
    }
    if (i < MAX_MSIS && !msi_descs[i]) {
        msi_descs[i] = heap_new(struct irq_desc);
        if (msi_descs[i]) {
            desc_init(msi_descs[i], nr_gsis + i, &msi_chip);
        }
    }
    if (i < MAX_MSIS && msi_descs[i]) {
        desc = msi_descs[i];
        desc->msi = msi;
        desc->is_masked = true;
        desc->is_programmed = true;
    }
    spin_unlock_irqrestore(&msi_lock, flags);
    return desc;
}

void irq_free_msi(struct irq_desc *desc)
{
    unsigned long flags = spin_lock_irqsave(&desc->lock);

    vector_release(desc);
    desc->user = IRQ_FREE;
    desc->nr_guests = 0;
    spin_unlock_irqrestore(&desc->lock, flags);
    WRITE_ONCE(desc->msi, NULL);
}

static void init_gsis(void)
{
    nr_gsis = ioapic_init();
    gsi_descs = heap_alloc_array(nr_gsis, sizeof(*gsi_descs));
    if (!gsi_descs) {
        panic("Not enough memory for %u interrupts.", nr_gsis);
    }
    for (unsigned int gsi = 0; gsi < nr_gsis; gsi++) {
        desc_init(&gsi_descs[gsi], gsi, &ioapic_chip);
    }
}

/*
 * ISA interrupts are known before dom0 says anything: edge, active high, or as overridden. A level
 * one may be a PCI line as well, so dom0 may still say what it is.
 */
static void init_isa_irqs(void)
{
    gsi_descs[0].is_programmed = true; /* the 8259's or the timer's: never dom0's */
    for (unsigned int irq = 0; irq < 16; irq++) {
        struct acpi_override o = acpi_isa_irq(irq);
        struct irq_desc *desc = irq_desc_get(o.gsi);

        if (desc) {
            desc->is_level = o.level;
            desc->is_active_low = o.active_low;
            desc->is_programmed = !o.level;
        }
    }
}

/* The SCI has no override on some machines; then it is level and active low. */
static void init_sci(void)
{
    struct irq_desc *desc = irq_desc_get(acpi_isa_irq(acpi.sci_irq).gsi);

    if (desc && acpi.sci_irq) {
        desc->is_level = acpi.sci_level;
        desc->is_active_low = acpi.sci_active_low;
        desc->is_programmed = !acpi.sci_level;
    }
}

void irq_init(void)
{
    init_gsis();
    init_isa_irqs();
    init_sci();
    log_info("%u I/O APIC interrupts\n", nr_gsis);
}

static void dump_desc(const struct irq_desc *desc)
{
    if (!desc || desc->user == IRQ_FREE) {
        return;
    }
    printk("irq %u: CPU%u vector %#x %s%s%s", desc->irq, desc->cpu, desc->vector,
           desc->msi ? "msi" : desc->is_level ? "level" : "edge",
           desc->is_masked ? " masked" : "", desc->old_vector ? " moving" : "");
    if (desc->user == IRQ_HYPERVISOR) {
        printk(" hypervisor (%s)", desc->name);
    }
    for (unsigned int i = 0; i < desc->nr_guests; i++) {
        printk(" d%u:%u%s", desc->guests[i].d->id, desc->guests[i].pirq,
               desc->guests[i].eoi_due ? " (EOI due)" : "");
    }
    printk("\n");
}

void irq_dump(void)
{
    for (unsigned int irq = 0; irq < nr_gsis + MAX_MSIS; irq++) {
        dump_desc(irq_desc_get(irq));
    }
    printk("%lu interrupts without a source\n", (unsigned long)nr_spurious);
}
