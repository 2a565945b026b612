/* SPDX-License-Identifier: BSD-2-Clause */
/* The debug key that shows the run queues: each CPU's queue under its lock, if that can be had. */
#include <asm/cpu.h>
#include <xen/console.h>
#include <xen/time.h>

#include "run_queue.h"

static void dump_vcpu(const struct run_queue *q, const struct vcpu *v, const char *how)
{
    printk("    %s d%uv%u weight %u, %ld us ahead\n", how, v->domain->id, v->id, fair_weight(v),
           (long)(v->sched->vtime - q->floor) / 1000);
}

static void dump_queue(const struct run_queue *q, stime_t t)
{
    struct list_node *pos;

    if (q->running->is_idle) {
        printk("  CPU %u: idle\n", q->cpu);
    } else {
        printk("  CPU %u: load %u, %u waiting, slice ends in %ld us\n", q->cpu,
               q->waiting_load + q->running_weight, q->nr_waiting,
               timer_is_queued(&q->slice) ? (long)(q->slice.expires - t) / 1000 : -1L);
        dump_vcpu(q, q->running, "runs ");
    }
    list_for_each(pos, &q->waiting) {
        dump_vcpu(q, list_entry(pos, struct sched_vcpu, node)->vcpu, "waits");
    }
}

void sched_dump(void)
{
    stime_t t = now();
    unsigned int cpu;

    for_each_cpu(cpu, &cpu_online_map) {
        struct run_queue *q = run_queues[cpu];
        unsigned long flags = irq_save();

        if (spin_trylock(&q->lock)) {
            dump_queue(q, t);
            spin_unlock(&q->lock);
        } else {
            printk("  CPU %u: its queue is locked\n", cpu);
        }
        irq_restore(flags);
    }
}
