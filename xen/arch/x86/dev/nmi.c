/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Non-maskable interrupts: the order to stop, the watchdog, and the chipset's complaints (port
 * 0x61), which go to dom0, are ignored or are fatal, by option nmi=. And what panic() needs to
 * stop CPUs, since an NMI is the only way to reach one that has interrupts off.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <asm/nmi.h>
#include <asm/pv.h>
#include <asm/trap.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hwirq.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/time.h>

#define PORT_SYSTEM_CONTROL 0x61
#define REASON_SERR   0x80
#define REASON_IOCHK  0x40
#define CLEAR_SERR    0x04
#define CLEAR_IOCHK   0x08

#define GUEST_REASON_IO_ERROR (1UL << 0) /* shared_info.arch.nmi_reason */
#define GUEST_REASON_PCI_SERR (1UL << 1)

enum nmi_policy { NMI_IGNORE, NMI_DOM0, NMI_FATAL };

static enum nmi_policy policy = NMI_DOM0;
static bool is_stopping;
static uint32_t nr_stopped;
static uint64_t nr_unknown;

static int parse_nmi(const char *value)
{
    static const char *const names[] = { "ignore", "dom0", "fatal" };

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            policy = (enum nmi_policy)i;
            return 0;
        }
    }
    return -EINVAL;
}
PARAM_CUSTOM("nmi", parse_nmi);

void arch_stop_cpu(void)
{
    irq_disable();
    __asm__ __volatile__("hlt" ::: "memory");
}

static void noreturn stop_for_good(void)
{
    __atomic_fetch_add(&nr_stopped, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        arch_stop_cpu();
    }
}

/* Waits at most about a tenth of a second: a CPU that doesn't answer must not stop a panic. */
void arch_stop_other_cpus(void)
{
    unsigned int cpu;

    if (nr_cpus_online < 2 || __atomic_exchange_n(&is_stopping, true, __ATOMIC_SEQ_CST)) {
        return;
    }
    for_each_cpu(cpu, &cpu_online_map) {
        if (cpu != smp_processor_id()) {
            ipi_send_nmi(cpu);
        }
    }
    for (unsigned int i = 0; i < 10000; i++) {
        if (__atomic_load_n(&nr_stopped, __ATOMIC_SEQ_CST) == nr_cpus_online - 1) {
            break;
        }
        udelay(10);
    }
}

/* Also before the clocks are calibrated: then a write to port 0x80 stands for a microsecond. */
void arch_panic_delay(unsigned int seconds)
{
    for (; seconds; seconds--) {
        if (cpu_khz) {
            udelay(1000000);
            continue;
        }
        for (unsigned int n = 0; n < 1000000; n++) {
            outb(0x80, 0);
        }
    }
}

static void tell_dom0(unsigned long reason)
{
    struct domain *d = hardware_domain;

    if (d && d->vcpu[0]) {
        __atomic_fetch_or(&d->shared_info->arch.nmi_reason, reason, __ATOMIC_SEQ_CST);
        pv_raise_nmi(d->vcpu[0]);
    }
}

static void report_chipset_error(const char *what, unsigned long guest_reason)
{
    switch (policy) {
    case NMI_IGNORE:
        break;
    case NMI_DOM0:
        tell_dom0(guest_reason);
        break;
    case NMI_FATAL:
        panic("NMI: %s. Option nmi=dom0 or nmi=ignore would let the machine go on.", what);
    }
}

/* The status bits are latched: a pulse on the enable bit clears them. */
static void clear_latch(uint8_t enable_bit)
{
    uint8_t v = inb(PORT_SYSTEM_CONTROL) & 0x0f;

    outb(PORT_SYSTEM_CONTROL, v | enable_bit);
    outb(PORT_SYSTEM_CONTROL, v & ~enable_bit);
}

void nmi_handle(struct cpu_regs *r)
{
    uint8_t reason;

    if (READ_ONCE(is_stopping)) {
        stop_for_good();
    }
    if (watchdog_nmi(r)) {
        return;
    }
    reason = smp_processor_id() == 0 ? inb(PORT_SYSTEM_CONTROL) : 0;
    if (reason & REASON_SERR) {
        clear_latch(CLEAR_SERR);
        report_chipset_error("a system error on the PCI bus", GUEST_REASON_PCI_SERR);
    }
    if (reason & REASON_IOCHK) {
        clear_latch(CLEAR_IOCHK);
        report_chipset_error("an I/O check error", GUEST_REASON_IO_ERROR);
    }
    if (!(reason & (REASON_SERR | REASON_IOCHK)) && !nr_unknown++) {
        log_warn("CPU%u: an NMI without a known reason\n", smp_processor_id());
    }
}
