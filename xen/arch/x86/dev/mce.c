/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine checks (Intel SDM vol. 3, chapter 16; AMD APM vol. 2, chapter 9): every bank that reports
 * is printed and cleared. An uncorrected error ends the domain in which it struck; the machine, if
 * the CPU's state is lost or the hypervisor itself was hit. dom0 hears of the rest by VIRQ_MCA.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/nmi.h>
#include <asm/trap.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/event.h>
#include <xen/softirq.h>

#define MSR_MCG_CAP    0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MCG_CTL    0x17b
#define MSR_BANK(n)    (0x400 + 4 * (n)) /* control; then status, address, miscellaneous */
#define BANK_STATUS    1
#define BANK_ADDRESS   2
#define BANK_MISC      3

#define CAP_BANKS      0xff
#define CAP_HAS_CTL    0x100
#define MCG_RIP_VALID  0x1
#define MCG_IN_PROGRESS 0x4

#define STATUS_VALID        (1UL << 63)
#define STATUS_OVERFLOW     (1UL << 62)
#define STATUS_UNCORRECTED  (1UL << 61)
#define STATUS_MISC_VALID   (1UL << 59)
#define STATUS_ADDR_VALID   (1UL << 58)
#define STATUS_STATE_LOST   (1UL << 57)

struct mce_summary {
    unsigned int errors;
    bool uncorrected, state_lost;
};

static bool is_usable(void)
{
    return cpu_has(HAS_MCE) && cpu_has(HAS_MCA);
}

/* Prints and clears one bank, if it reports anything. */
static void take_bank(unsigned int n, const char *when, struct mce_summary *s)
{
    uint64_t status = rdmsr(MSR_BANK(n) + BANK_STATUS);
    uint64_t address, misc;

    if (!(status & STATUS_VALID)) {
        return;
    }
    address = status & STATUS_ADDR_VALID ? rdmsr(MSR_BANK(n) + BANK_ADDRESS) : 0;
    misc = status & STATUS_MISC_VALID ? rdmsr(MSR_BANK(n) + BANK_MISC) : 0;
    printk("CPU%u: machine check%s, bank %u: status %#lx (%s%s%s), address %#lx, misc %#lx\n",
           smp_processor_id(), when, n, (unsigned long)status,
           status & STATUS_UNCORRECTED ? "uncorrected" : "corrected",
           status & STATUS_STATE_LOST ? ", state lost" : "",
           status & STATUS_OVERFLOW ? ", more were lost" : "", (unsigned long)address,
           (unsigned long)misc);
    wrmsr(MSR_BANK(n) + BANK_STATUS, 0);
    s->errors++;
    s->uncorrected |= (status & STATUS_UNCORRECTED) != 0;
    s->state_lost |= (status & STATUS_STATE_LOST) != 0;
}

static struct mce_summary take_banks(const char *when)
{
    unsigned int banks = rdmsr(MSR_MCG_CAP) & CAP_BANKS;
    struct mce_summary s = { 0 };

    for (unsigned int n = 0; n < banks; n++) {
        take_bank(n, when, &s);
    }
    return s;
}

static void tell_dom0(void)
{
    event_virq_global(VIRQ_MCA);
}

void mce_init_cpu(void)
{
    uint64_t cap;

    if (!is_usable()) {
        return;
    }
    softirq_register(SOFTIRQ_MACHINE_CHECK, tell_dom0);
    cap = rdmsr(MSR_MCG_CAP);
    (void)take_banks(" of an earlier boot");
    if (cap & CAP_HAS_CTL) {
        wrmsr(MSR_MCG_CTL, ~0UL);
    }
    for (unsigned int n = 0; n < (cap & CAP_BANKS); n++) {
        wrmsr(MSR_BANK(n), ~0UL);
    }
    write_cr4(read_cr4() | CR4_MCE);
}

void mce_handle(struct cpu_regs *r)
{
    uint64_t global = rdmsr(MSR_MCG_STATUS);
    struct mce_summary s = take_banks("");
    bool in_guest = regs_from_guest(r) && !current->is_idle;

    if (s.state_lost || (s.uncorrected && !in_guest) || !(global & MCG_RIP_VALID)) {
        trap_dump(r);
        panic("Machine check: the hardware failed in a way that cannot be survived.");
    }
    if (s.uncorrected) {
        domain_crash(current->domain, "an uncorrected hardware error (machine check)");
    }
    if (!s.errors) {
        printk("CPU%u: a machine check without a report\n", smp_processor_id());
    }
    softirq_raise(SOFTIRQ_MACHINE_CHECK); /* this may be in the middle of anything */
    wrmsr(MSR_MCG_STATUS, global & ~(uint64_t)MCG_IN_PROGRESS);
}
