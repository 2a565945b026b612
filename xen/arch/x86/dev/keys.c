/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug keys. A typed character is queued in interrupt context and acted on by a softirq,
 * because what the keys print takes locks and time. Queue: one writer at a time is not assured, so
 * slots are claimed by an atomic counter; a burst of more than QUEUE_SIZE loses its oldest.
 */
#include <asm/current.h>
#include <asm/irq.h>
#include <asm/keys.h>
#include <asm/pci.h>
#include <asm/trap.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/smp_call.h>
#include <xen/softirq.h>
#include <xen/time.h>

#define QUEUE_SIZE 16

extern const char text_start[];

struct key {
    void (*fn)(void);
    const char *help;
};

static struct key keys[128];
static char queue[QUEUE_SIZE];
static uint32_t queue_end, queue_start;

void key_register(char key, void (*fn)(void), const char *help)
{
    ASSERT((unsigned char)key < ARRAY_SIZE(keys));
    keys[(unsigned char)key] = (struct key){ fn, help };
}

void key_press(char key)
{
    queue[__atomic_fetch_add(&queue_end, 1, __ATOMIC_SEQ_CST) % QUEUE_SIZE] = key;
    softirq_raise(SOFTIRQ_DEBUG_KEY);
}

static void handle_keys(void)
{
    while (READ_ONCE(queue_start) != READ_ONCE(queue_end)) {
        uint32_t at = __atomic_fetch_add(&queue_start, 1, __ATOMIC_SEQ_CST);
        unsigned char key = (unsigned char)queue[at % QUEUE_SIZE];

        if (key < ARRAY_SIZE(keys) && keys[key].fn) {
            printk("'%c' pressed: %s (%lu ms)\n", key, keys[key].help,
                   (unsigned long)(now() / MILLISECS(1)));
            keys[key].fn();
        }
    }
}

static void show_help(void)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
        if (keys[i].fn) {
            printk(" key '%c' => %s\n", i, keys[i].help);
        }
    }
}

static void show_domain(const struct domain *d)
{
    const struct vcpu *v;
    unsigned int i;

    printk("Domain %u: %lu of %lu pages, state %u, paused %d\n", d->id,
           (unsigned long)d->memory.tot_pages, (unsigned long)d->memory.max_pages, d->state,
           d->pause_count);
    for_each_vcpu(d, v, i) {
        printk("  vCPU %u: CPU %u%s, pause flags %#lx, upcall pending %u mask %u\n", v->id, v->cpu,
               v->is_running ? " running" : "", (unsigned long)v->pause_flags,
               v->info ? v->info->evtchn_upcall_pending : 0U,
               v->info ? v->info->evtchn_upcall_mask : 0U);
    }
}

static void for_each_domain(void (*fn)(struct domain *d))
{
    struct domain *d = domain_get_next(0);

    while (d) {
        domid_t next = (domid_t)(d->id + 1);

        fn(d);
        domain_put(d);
        d = domain_get_next(next);
    }
}

static void show_domain_entry(struct domain *d)
{
    show_domain(d);
}

static void show_domains(void)
{
    for_each_domain(show_domain_entry);
}

static void show_events(void)
{
    for_each_domain(event_dump);
}

static void show_memory(void)
{
    printk("Free: %lu of %lu pages, %lu of them not scrubbed yet\n",
           (unsigned long)buddy_free_pages(), (unsigned long)buddy_total_pages(),
           (unsigned long)buddy_dirty_pages());
}

/* In interrupt context on each CPU. */
static void show_own_guest(void *unused)
{
    (void)unused;
    if (!current->is_idle) {
        trap_dump(guest_regs());
    } else {
        printk("CPU%u is idle\n", smp_processor_id());
    }
}

static void show_guest_registers(void)
{
    unsigned int cpu;

    for_each_cpu(cpu, &cpu_online_map) {
        const cpumask_t one = cpumask_of(cpu); /* so that their lines don't mix */

        smp_call(&one, show_own_guest, NULL);
    }
}

/* A fault like one of a mistake's; also shows that the text is write-protected. */
static void crash(void)
{
    __asm__ __volatile__("movb $0, (%0)" :: "r"(text_start) : "memory");
    panic("The hypervisor's text can be written.");
}

static void restart(void)
{
    machine_restart();
}

void keys_init(void)
{
    key_register('h', show_help, "show this help");
    key_register('i', irq_dump, "show interrupts");
    key_register('Q', pci_dump, "show PCI devices");
    key_register('q', show_domains, "show domains and vCPUs");
    key_register('e', show_events, "show event channels");
    key_register('m', show_memory, "show memory");
    key_register('r', sched_dump, "show run queues");
    key_register('0', show_guest_registers, "show registers of the guests that run");
    key_register('C', crash, "crash the hypervisor on purpose");
    key_register('R', restart, "restart the machine");
    softirq_register(SOFTIRQ_DEBUG_KEY, handle_keys);
    console_key_notify = key_press;
}
