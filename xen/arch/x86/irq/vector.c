/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Owns the interrupt vectors: for each CPU, which descriptor a vector stands for.
 *
 * A device interrupt has one vector on one CPU (physical destination). Moving it gives it a
 * second place first; the old one is kept until an interrupt arrived at the new one, since the
 * device may still have one on its way to the old place.
 * Lock: vector_lock guards changes of the tables. irq_dispatch reads its own CPU's without it.
 */
#include <asm/current.h>
#include <asm/irq.h>
#include <asm/lapic.h>
#include <xen/bug.h>
#include <xen/errno.h>
#include <xen/hwirq.h>
#include <xen/percpu.h>

#define NR_VECTORS 256
/* The destination field of an IO-APIC entry or an MSI has eight bits; 0xff means all. */
#define MAX_APIC_ID 0xfe

static DEFINE_PER_CPU(struct irq_desc *[NR_VECTORS], vector_desc);
static struct spinlock vector_lock = SPINLOCK_INIT(LOCK_IRQ_TABLE);
static unsigned int search_start = VECTOR_FIRST_DYNAMIC;

struct irq_desc *vector_to_desc(unsigned int vector)
{
    return READ_ONCE(this_cpu(vector_desc)[vector]);
}

/* A free vector of @cpu, or 0. Starts behind the last one given, to spread the priorities. */
static unsigned int find_free(unsigned int cpu)
{
    const unsigned int count = VECTOR_LAST_DYNAMIC - VECTOR_FIRST_DYNAMIC + 1;

    for (unsigned int i = 0; i < count; i++) {
        unsigned int v = VECTOR_FIRST_DYNAMIC +
                         (search_start - VECTOR_FIRST_DYNAMIC + i) % count;

        if (v != VECTOR_LEGACY_SYSCALL && !per_cpu(vector_desc, cpu)[v]) {
            search_start = v + 1 > VECTOR_LAST_DYNAMIC ? VECTOR_FIRST_DYNAMIC : v + 1;
            return v;
        }
    }
    return 0;
}

static bool is_reachable(unsigned int cpu)
{
    return cpu < NR_CPUS && cpumask_test(&cpu_online_map, cpu) && cpu_apic_id[cpu] <= MAX_APIC_ID;
}

/* Takes a vector on @cpu, or where there is one; *cpu says where. 0: none anywhere. */
static unsigned int take_vector(struct irq_desc *desc, unsigned int *cpu)
{
    unsigned int vector = is_reachable(*cpu) ? find_free(*cpu) : 0;
    unsigned int other;

    if (!vector) {
        for_each_cpu(other, &cpu_online_map) {
            if (is_reachable(other) && (vector = find_free(other))) {
                *cpu = other;
                break;
            }
        }
    }
    if (vector) {
        WRITE_ONCE(per_cpu(vector_desc, *cpu)[vector], desc);
    }
    return vector;
}

int vector_assign(struct irq_desc *desc, unsigned int cpu)
{
    unsigned long flags = spin_lock_irqsave(&vector_lock);
    unsigned int vector = take_vector(desc, &cpu);

    spin_unlock_irqrestore(&vector_lock, flags);
    if (!vector) {
        return -ENOSPC;
    }
    desc->vector = (uint8_t)vector;
    desc->cpu = (uint16_t)cpu;
    desc->wanted_cpu = desc->cpu;
    return 0;
}

static void clear_place(unsigned int cpu, unsigned int vector)
{
    unsigned long flags = spin_lock_irqsave(&vector_lock);

    WRITE_ONCE(per_cpu(vector_desc, cpu)[vector], NULL);
    spin_unlock_irqrestore(&vector_lock, flags);
}

void vector_finish_move(struct irq_desc *desc)
{
    clear_place(desc->old_cpu, desc->old_vector);
    desc->old_vector = 0;
}

void vector_release(struct irq_desc *desc)
{
    if (desc->old_vector) {
        vector_finish_move(desc);
    }
    if (desc->vector) {
        clear_place(desc->cpu, desc->vector);
        desc->vector = 0;
    }
}

void vector_move(struct irq_desc *desc)
{
    unsigned int cpu = desc->wanted_cpu, vector;
    unsigned long flags;

    if (desc->old_vector || !is_reachable(cpu)) {
        return; /* the last move isn't over: try again at the next interrupt */
    }
    flags = spin_lock_irqsave(&vector_lock);
    vector = find_free(cpu);
    if (vector) {
        WRITE_ONCE(per_cpu(vector_desc, cpu)[vector], desc);
    }
    spin_unlock_irqrestore(&vector_lock, flags);
    if (!vector) {
        desc->wanted_cpu = desc->cpu; /* full: stay */
        return;
    }
    desc->old_vector = desc->vector;
    desc->old_cpu = desc->cpu;
    desc->vector = (uint8_t)vector;
    desc->cpu = (uint16_t)cpu;
    desc->chip->retarget(desc);
}
