/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC (Intel SDM vol. 3, chapter 11): enabling, EOI, interprocessor interrupts, the
 * timer. x2APIC mode is used where the CPU has it, or the firmware left it on; option
 * "no-x2apic" asks for the memory-mapped form. Each CPU touches only its own, so there is
 * no lock; what must not be interrupted (the two-word ICR) runs with interrupts off.
 */
#include <asm/acpi.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/lapic.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/hwirq.h>
#include <xen/iocaps.h>
#include <xen/ioremap.h>
#include <xen/param.h>

#define APIC_ID        0x020
#define APIC_VERSION   0x030
#define APIC_TPR       0x080
#define APIC_EOI       0x0b0
#define APIC_LDR       0x0d0
#define APIC_DFR       0x0e0
#define APIC_SVR       0x0f0
#define APIC_ESR       0x280
#define APIC_ICR       0x300
#define APIC_ICR_HIGH  0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_THERM 0x330
#define APIC_LVT_PERF  0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TMICT     0x380
#define APIC_TMCCT     0x390
#define APIC_TDCR      0x3e0
#define APIC_ISR       0x100

#define SVR_ENABLE          0x100
#define LVT_MASKED          0x10000
#define LVT_TIMER_DEADLINE  0x40000
#define LVT_NMI             0x00400
#define LVT_ACTIVE_LOW      0x02000
#define LVT_LEVEL           0x08000
#define ICR_NMI             0x00400
#define ICR_INIT            0x00500
#define ICR_STARTUP         0x00600
#define ICR_ASSERT          0x04000
#define ICR_BUSY            0x01000
#define TDCR_DIV_16         0x3

#define APIC_BASE_ENABLE    (1UL << 11)
#define APIC_BASE_X2APIC    (1UL << 10)
#define APIC_BASE_ADDRESS   0x000ffffffffff000UL
#define MSR_X2APIC_BASE     0x800
#define MSR_X2APIC_ICR      0x830

uint32_t cpu_apic_id[NR_CPUS];
bool lapic_timer_is_deadline;

static volatile uint32_t *regs; /* NULL in x2APIC mode */
static bool is_x2apic;
static bool allow_x2apic = true;
PARAM_BOOL("x2apic", allow_x2apic);

static uint32_t read_reg(unsigned int reg)
{
    if (is_x2apic) {
        return (uint32_t)rdmsr(MSR_X2APIC_BASE + (reg >> 4));
    }
    return regs[reg / 4];
}

static void write_reg(unsigned int reg, uint32_t value)
{
    if (is_x2apic) {
        wrmsr(MSR_X2APIC_BASE + (reg >> 4), value);
    } else {
        regs[reg / 4] = value;
    }
}

bool lapic_is_x2apic(void)
{
    return is_x2apic;
}

uint32_t lapic_id(void)
{
    uint32_t id = read_reg(APIC_ID);

    return is_x2apic ? id : id >> 24;
}

void lapic_eoi(void)
{
    write_reg(APIC_EOI, 0);
}

/* x2APIC: one ordered write. xAPIC: the low half sends, once the last command is gone. */
static void send_icr(uint32_t apic_id, uint32_t command)
{
    unsigned long flags;

    if (is_x2apic) {
        __asm__ __volatile__("mfence; lfence" ::: "memory");
        wrmsr(MSR_X2APIC_ICR, (uint64_t)apic_id << 32 | command);
        return;
    }
    flags = irq_save();
    while (read_reg(APIC_ICR) & ICR_BUSY) {
        cpu_relax();
    }
    write_reg(APIC_ICR_HIGH, apic_id << 24);
    write_reg(APIC_ICR, command);
    irq_restore(flags);
}

void ipi_send(unsigned int cpu, unsigned int vector)
{
    send_icr(cpu_apic_id[cpu], vector | ICR_ASSERT);
}

void ipi_send_mask(const cpumask_t *mask, unsigned int vector)
{
    unsigned int cpu;

    for_each_cpu(cpu, mask) {
        ipi_send(cpu, vector);
    }
}

void ipi_send_nmi(unsigned int cpu)
{
    send_icr(cpu_apic_id[cpu], ICR_NMI | ICR_ASSERT);
}

void lapic_send_init(uint32_t apic_id)
{
    send_icr(apic_id, ICR_INIT | ICR_ASSERT);
}

void lapic_send_startup(uint32_t apic_id, uint8_t page)
{
    send_icr(apic_id, ICR_STARTUP | ICR_ASSERT | page);
}

static uint32_t timer_lvt(void)
{
    return VECTOR_LAPIC_TIMER | (lapic_timer_is_deadline ? LVT_TIMER_DEADLINE : 0);
}

static void start_timer(void)
{
    write_reg(APIC_TDCR, TDCR_DIV_16);
    write_reg(APIC_TMICT, 0);
    write_reg(APIC_LVT_TIMER, timer_lvt());
    /* The mode must be in place before the deadline's MSR is written (SDM 11.5.4.1). */
    __asm__ __volatile__("mfence" ::: "memory");
}

void lapic_timer_choose(bool deadline)
{
    lapic_timer_is_deadline = deadline && cpu_has(HAS_TSC_DEADLINE);
    start_timer();
}

void lapic_timer_set_deadline(uint64_t tsc)
{
    wrmsr(MSR_TSC_DEADLINE, tsc);
}

void lapic_timer_set_count(uint32_t count)
{
    write_reg(APIC_TMICT, count);
}

uint32_t lapic_timer_read(void)
{
    return read_reg(APIC_TMCCT);
}

void lapic_set_counter_nmi(bool on)
{
    write_reg(APIC_LVT_PERF, on ? LVT_NMI : LVT_MASKED);
}

/* The pins that the MADT says are wired to NMI; the others stay masked: there is no 8259. */
static void set_lint_pins(unsigned int acpi_id)
{
    write_reg(APIC_LVT_LINT0, LVT_MASKED);
    write_reg(APIC_LVT_LINT1, LVT_MASKED);
    for (unsigned int i = 0; i < acpi.nr_lint_nmis; i++) {
        const struct acpi_lint_nmi *n = &acpi.lint_nmis[i];

        if (n->acpi_id == ACPI_ALL_CPUS || n->acpi_id == acpi_id) {
            write_reg(n->lint ? APIC_LVT_LINT1 : APIC_LVT_LINT0,
                      LVT_NMI | (n->active_low ? LVT_ACTIVE_LOW : 0));
        }
    }
}

static uint32_t acpi_id_of(uint32_t apic_id)
{
    for (unsigned int i = 0; i < acpi.nr_cpus; i++) {
        if (acpi.cpus[i].apic_id == apic_id) {
            return acpi.cpus[i].acpi_id;
        }
    }
    return ACPI_ALL_CPUS;
}

static void enable_mode(void)
{
    uint64_t base = rdmsr(MSR_APIC_BASE);

    if (is_x2apic) {
        if (!(base & APIC_BASE_ENABLE)) {
            /* Off to x2APIC is not a legal step: pass through xAPIC. */
            wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
        }
        wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
    } else {
        wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    }
}

static bool is_any_in_service(void)
{
    uint32_t any = 0;

    for (unsigned int i = 0; i < 8; i++) {
        any |= read_reg(APIC_ISR + i * 16);
    }
    return any != 0;
}

void lapic_init_cpu(void)
{
    enable_mode();
    cpu_apic_id[smp_processor_id()] = lapic_id();
    write_reg(APIC_TPR, 0);
    if (!is_x2apic) {
        write_reg(APIC_DFR, 0xffffffff);
        write_reg(APIC_LDR, 0);
    }
    write_reg(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
    write_reg(APIC_LVT_PERF, LVT_MASKED);
    set_lint_pins(acpi_id_of(cpu_apic_id[smp_processor_id()]));
    write_reg(APIC_ESR, 0);
    write_reg(APIC_LVT_ERROR, VECTOR_LAPIC_ERROR);
    start_timer();
    /* What the firmware left in service would block everything below it for ever. */
    for (unsigned int i = 0; i < 256 && is_any_in_service(); i++) {
        lapic_eoi();
    }
}

static void handle_error(void)
{
    uint32_t esr;

    write_reg(APIC_ESR, 0);
    esr = read_reg(APIC_ESR);
    log_warn("CPU%u: local APIC error %#x\n", smp_processor_id(), esr);
}

/*
 * The 8259s are never used: all inputs masked, and dom0 can't reach them. Before the APIC is
 * touched, while a request that the firmware left pending can still be withdrawn through LINT0.
 */
static void silence_8259(void)
{
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
    iocaps_reserve_ports(0x20, 0x21);
    iocaps_reserve_ports(0xa0, 0xa1);
}

void lapic_init(void)
{
    uint64_t base = rdmsr(MSR_APIC_BASE);
    bool firmware_x2apic = (base & APIC_BASE_X2APIC) && (base & APIC_BASE_ENABLE);
    uint64_t address;

    silence_8259();
    is_x2apic = firmware_x2apic || (allow_x2apic && cpu_has(HAS_X2APIC));
    address = acpi.lapic_address ? acpi.lapic_address : base & APIC_BASE_ADDRESS;
    if (!is_x2apic) {
        regs = ioremap(maddr(address), PAGE_SIZE);
    }
    iocaps_reserve_mfns(maddr_to_mfn(maddr(address)), maddr_to_mfn(maddr(address)));
    lapic_timer_is_deadline = cpu_has(HAS_TSC_DEADLINE);
    irq_set_vector_handler(VECTOR_LAPIC_ERROR, handle_error);
    lapic_init_cpu();
    log_info("Local APIC: %s mode, timer by %s\n", is_x2apic ? "x2APIC" : "xAPIC",
             lapic_timer_is_deadline ? "TSC deadline" : "count");
}

void lapic_shutdown_cpu(void)
{
    irq_disable();
    if (lapic_timer_is_deadline) {
        lapic_timer_set_deadline(0);
    }
    write_reg(APIC_LVT_TIMER, LVT_MASKED);
    write_reg(APIC_LVT_LINT0, LVT_MASKED);
    write_reg(APIC_LVT_LINT1, LVT_MASKED);
    write_reg(APIC_LVT_ERROR, LVT_MASKED);
    write_reg(APIC_SVR, VECTOR_SPURIOUS);
}
