/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts the secondary CPUs, one after the other, by INIT and SIPI (Intel SDM vol. 3, 8.4.4). Each
 * takes its tables and stack from its own area and becomes idle.
 */
#include <asm/acpi.h>
#include <asm/boot_info.h>
#include <asm/boot_layout.h>
#include <asm/cpu_init.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/hvm.h>
#include <asm/lapic.h>
#include <asm/microcode.h>
#include <asm/nmi.h>
#include <asm/own_pt.h>
#include <asm/smp.h>
#include <asm/trap.h>
#include <xen/arch.h>
#include <xen/console.h>
#include <xen/e820.h>
#include <xen/hwirq.h>
#include <xen/init.h>
#include <xen/param.h>
#include <xen/percpu.h>
#include <xen/sched.h>
#include <xen/smp_call.h>
#include <xen/string.h>
#include <xen/time.h>
#include <xen/timer.h>

struct trampoline_data {
    uint64_t cr3, stack, entry;
    uint32_t efer, jump;
    uint16_t jump_selector, spare;
    uint16_t gdt_limit;
    uint32_t gdt_base;
    uint16_t spare2;
    uint64_t gdt[3];
} __attribute__((__packed__));

#define DATA_OFFSET 8 /* of the data in the trampoline */

extern const char trampoline_start[], trampoline_end[], trampoline_64[];

static unsigned int opt_maxcpus = NR_CPUS;
PARAM_UINT("maxcpus", opt_maxcpus);

static volatile bool cpu_is_up; /* set by the CPU being started */

static void event_check_handle(void)
{
    /* Being interrupted is all: the exit path looks for events and softirqs. */
}

void __init smp_init(void)
{
    irq_set_vector_handler(VECTOR_SMP_CALL, smp_call_handle);
    irq_set_vector_handler(VECTOR_EVENT_CHECK, event_check_handle);
}

void arch_kick_cpu(unsigned int cpu)
{
    ipi_send(cpu, VECTOR_EVENT_CHECK);
}

/* First C of a secondary CPU, on its own stack. */
static void noreturn ap_start(void)
{
    unsigned int cpu = smp_processor_id();

    cpu_init();
    trap_init_cpu(cpu);
    microcode_load_cpu();
    lapic_init_cpu();
    time_init_cpu();
    mce_init_cpu();
    watchdog_init_cpu();
    hvm_init_cpu();
    cpu_info()->running = idle_vcpu[cpu];
    cpumask_set(&cpu_online_map, cpu);
    cpu_is_up = true;
    irq_enable();
    reset_stack_and_jump(idle_loop);
}

/* A RAM page below 1 MiB that nothing else uses any more. */
static uint64_t __init find_low_page(void)
{
    for (unsigned int i = 0; i < host_e820.nr; i++) {
        const struct e820_entry *e = &host_e820.e[i];
        uint64_t end = ROUND_DOWN(MIN(e->addr + e->size, (uint64_t)TRAMPOLINE_MAX), PAGE_SIZE);

        if (e->type == E820_RAM && end >= e->addr + 2 * PAGE_SIZE) {
            return end - PAGE_SIZE;
        }
    }
    return 0;
}

static struct trampoline_data *__init prepare_trampoline(uint64_t page)
{
    char *p = maddr_to_virt(maddr(page));
    struct trampoline_data *d = (void *)(p + DATA_OFFSET);

    memcpy(p, trampoline_start, (size_t)(trampoline_end - trampoline_start));
    d->cr3 = image_to_maddr(hv_l4_template).a;
    d->entry = (uint64_t)ap_start;
    d->efer = EFER_LME | EFER_SCE | (cpu_has(HAS_NX) ? EFER_NX : 0);
    d->jump = (uint32_t)(page + (uint64_t)(trampoline_64 - trampoline_start));
    d->gdt_limit = sizeof(d->gdt) - 1;
    d->gdt_base = (uint32_t)(page + DATA_OFFSET + offsetof(struct trampoline_data, gdt));
    return d;
}

static bool __init wait_for_cpu(unsigned int us)
{
    for (; us > 0 && !cpu_is_up; us -= 10) {
        udelay(10);
    }
    return cpu_is_up;
}

/* False if the CPU does not answer: then its number stays unused. */
static bool __init start_cpu(unsigned int cpu, uint32_t apic_id, uint64_t page)
{
    cpu_is_up = false;
    lapic_send_startup(apic_id, (uint8_t)(page >> PAGE_SHIFT));
    if (!wait_for_cpu(10000)) {
        lapic_send_startup(apic_id, (uint8_t)(page >> PAGE_SHIFT));
    }
    if (!wait_for_cpu(1000000)) {
        log_err("CPU with APIC id %u does not start; it stays unused.\n", apic_id);
        return false;
    }
    nr_cpus_online = cpu + 1;
    return true;
}

/* Before a CPU runs: everything that must exist for it. */
static bool __init prepare_cpu(unsigned int cpu, uint32_t apic_id)
{
    if (percpu_init_cpu(cpu) != 0) {
        log_err("Not enough memory to start CPU %u.\n", cpu);
        return false;
    }
    trap_prepare_cpu(cpu);
    timer_init_cpu(cpu);
    cpu_apic_id[cpu] = apic_id;
    if (sched_init_cpu(cpu) != 0) {
        log_err("Not enough memory to start CPU %u.\n", cpu);
        return false;
    }
    return true;
}

void __init smp_boot_others(void)
{
    uint64_t page = find_low_page();
    struct trampoline_data *d;
    unsigned int cpu = 1;

    if (acpi.nr_cpus <= 1 || opt_maxcpus <= 1) {
        return;
    }
    if (page == 0) {
        log_err("No RAM below 1 MiB to start other CPUs from: only CPU 0 is used.\n");
        return;
    }
    d = prepare_trampoline(page);
    for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
        if (acpi.cpus[i].enabled && acpi.cpus[i].apic_id != lapic_id()) {
            lapic_send_init(acpi.cpus[i].apic_id);
        }
    }
    /* All wait together for the 10 ms that INIT may take. */
    udelay(10000);
    for (unsigned int i = 0; i < acpi.nr_cpus && cpu < MIN(opt_maxcpus, NR_CPUS); i++) {
        uint32_t apic_id = acpi.cpus[i].apic_id;

        if (!acpi.cpus[i].enabled || apic_id == lapic_id()) {
            continue;
        }
        if (!prepare_cpu(cpu, apic_id)) {
            return;
        }
        d->stack = (uint64_t)((struct cpu_info *)cpu_stack_top(cpu) - 1);
        if (start_cpu(cpu, apic_id, page)) {
            cpu++;
        }
    }
}
