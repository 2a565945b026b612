/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts inside the hypervisor. An irq is a source: numbers below nr_gsis are the
 * IO-APIC pins (GSIs), the rest are MSIs. Each irq that is in use has a vector on one CPU.
 *
 * Who takes an irq: nobody, the hypervisor (one handler), or guests (up to IRQ_MAX_GUESTS
 * pirqs, more than one only if all agreed to share). A level irq given to guests is masked on
 * delivery until each of them has said EOI.
 */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#include <xen/compiler.h>
#include <xen/cpumask.h>
#include <xen/spinlock.h>
#include <xen/types.h>

struct domain;
struct msi_entry;

#define IRQ_MAX_GUESTS 4
#define IRQ_NONE       UINT32_MAX

struct irq_desc;

/* How a kind of interrupt source is driven; called with the descriptor's lock held. */
struct irq_chip {
    void (*mask)(struct irq_desc *desc);
    void (*unmask)(struct irq_desc *desc);
    /* Makes the source send desc->vector to desc->cpu. The source is masked or edge. */
    void (*retarget)(struct irq_desc *desc);
};

enum irq_user { IRQ_FREE, IRQ_HYPERVISOR, IRQ_GUEST };

struct irq_guest {
    struct domain *d;
    uint32_t pirq;
    bool eoi_due; /* delivered, not yet EOIed */
};

struct irq_desc {
    struct spinlock lock;     /* LOCK_IRQ; guards all below */
    uint32_t irq;
    uint8_t vector;           /* 0: none yet */
    uint8_t old_vector;       /* still accepted on old_cpu after a move; 0: none */
    uint16_t cpu;
    uint16_t old_cpu;
    uint16_t wanted_cpu;      /* move there at the next safe moment */
    uint8_t user;             /* enum irq_user */
    bool is_level;
    bool is_active_low;
    bool is_programmed;       /* trigger and polarity were set by ACPI or setup_gsi */
    bool is_masked;
    bool is_shareable;
    uint8_t nr_guests;
    uint8_t nr_eoi_due;
    uint32_t in_handler;      /* CPUs inside its handler; atomic */
    const struct irq_chip *chip;
    struct msi_entry *msi;
    void (*fn)(void *arg);
    void *arg;
    const char *name;
    struct irq_guest guests[IRQ_MAX_GUESTS];
};

extern unsigned int nr_gsis;

/* After lapic_init and acpi_init: descriptors, IO-APICs, ISA interrupts, 8259 off. */
void irq_init(void);

/* NULL if there is no such irq. */
struct irq_desc *irq_desc_get(unsigned int irq);

/* vector.c: which vectors of which CPU are taken. */
/* Gives @desc a vector on @cpu or, if that is full, on another. 0 or -ENOSPC. Lock held. */
must_check int vector_assign(struct irq_desc *desc, unsigned int cpu);
/* Moves @desc to wanted_cpu if it can; the old place stays valid for what is in flight. */
void vector_move(struct irq_desc *desc);
void vector_release(struct irq_desc *desc);
/* Forgets the old place: called when an interrupt has arrived at the new one. */
void vector_finish_move(struct irq_desc *desc);
struct irq_desc *vector_to_desc(unsigned int vector);

/* Trigger and polarity of a GSI, once. 0, -EINVAL, -EEXIST (known already). */
int irq_setup_gsi(unsigned int gsi, bool level, bool active_low);

/* A descriptor for @msi, without a vector yet; NULL: no more are possible. */
struct irq_desc *irq_alloc_msi(struct msi_entry *msi);
/* It is bound to nobody. */
void irq_free_msi(struct irq_desc *desc);

/* Guests on an irq. 0, -EBUSY (taken, or not shareable), -ENOSPC. */
must_check int irq_bind_guest(struct irq_desc *desc, struct domain *d, unsigned int pirq,
                              bool share, unsigned int cpu);
void irq_unbind_guest(struct irq_desc *desc, const struct domain *d);
void irq_guest_eoi(struct irq_desc *desc, const struct domain *d);
void irq_set_affinity(struct irq_desc *desc, unsigned int cpu);
/* Waits until no CPU is in @desc's handler. No locks held. */
void irq_synchronize(const struct irq_desc *desc);

/* Debug key: one line for each irq in use. */
void irq_dump(void);

/* pirq.c: a domain's interrupts. */
int pirq_domain_init(struct domain *d);
/* Unbinds and unmaps all; afterwards no handler holds a pointer to @d. */
void pirq_domain_relinquish(struct domain *d);
void pirq_domain_fini(struct domain *d);
/* Maps pirq @wanted (-1: any) to @irq. The pirq, or -EEXIST, -EINVAL, -ENOSPC. */
must_check int pirq_map(struct domain *d, struct irq_desc *desc, int wanted);
/* -EINVAL if it isn't mapped. An MSI is freed with its last pirq. */
int pirq_unmap(struct domain *d, unsigned int pirq);
/* IRQ_NONE if it isn't mapped. */
unsigned int pirq_to_irq(const struct domain *d, unsigned int pirq);
/* XENIRQSTAT_* of a pirq. -EINVAL out of range. */
int pirq_status(const struct domain *d, unsigned int pirq);
/* -EINVAL if it isn't bound. */
int pirq_eoi(struct domain *d, unsigned int pirq);
/* The page of EOI bits. -EINVAL, -EBUSY. */
int pirq_set_eoi_map(struct domain *d, gfn_t gfn);

#endif
