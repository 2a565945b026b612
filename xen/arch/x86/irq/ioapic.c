/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The IO-APICs (Intel 82093AA): redirection entries, mask and unmask.
 *
 * Entries are written only here, so the low word is kept in memory and a mask costs two MMIO
 * writes. Lock: each IO-APIC's, for its index register.
 */
#include <asm/acpi.h>
#include <asm/ioapic.h>
#include <asm/lapic.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/iocaps.h>
#include <xen/ioremap.h>

#define REG_VERSION 0x01
#define REG_ENTRY(pin) (0x10 + 2 * (pin))
#define REG_LAST    0xff

#define WINDOW_INDEX 0
#define WINDOW_DATA  4 /* in 32-bit words */

#define RTE_DELIVERY_MASK 0x00700U
#define RTE_DELIVERY_SMI  0x00200U
#define RTE_ACTIVE_LOW    0x02000U
#define RTE_LEVEL         0x08000U
#define RTE_MASKED        0x10000U

#define MAX_GSIS 1024

struct ioapic {
    volatile uint32_t *regs;
    struct spinlock lock; /* LOCK_IOAPIC */
    uint64_t address;
    uint32_t gsi_base;
    uint32_t nr_pins;
};

struct pin {
    struct ioapic *ioapic; /* NULL: no IO-APIC has this GSI */
    uint32_t number;
    uint32_t low;          /* what the entry's low word holds */
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static struct pin *pins; /* by GSI */
static unsigned int nr_pins;

static uint32_t read_reg(const struct ioapic *io, uint32_t reg)
{
    io->regs[WINDOW_INDEX] = reg;
    return io->regs[WINDOW_DATA];
}

static void write_reg(const struct ioapic *io, uint32_t reg, uint32_t value)
{
    io->regs[WINDOW_INDEX] = reg;
    io->regs[WINDOW_DATA] = value;
}

static void set_masked(struct irq_desc *desc, bool masked)
{
    struct pin *p = &pins[desc->irq];
    unsigned long flags;

    p->low = masked ? p->low | RTE_MASKED : p->low & ~RTE_MASKED;
    desc->is_masked = masked;
    flags = spin_lock_irqsave(&p->ioapic->lock);
    write_reg(p->ioapic, REG_ENTRY(p->number), p->low);
    spin_unlock_irqrestore(&p->ioapic->lock, flags);
}

static void ioapic_mask(struct irq_desc *desc)
{
    set_masked(desc, true);
}

static void ioapic_unmask(struct irq_desc *desc)
{
    set_masked(desc, false);
}

/* Writes both words with the entry masked meanwhile: a half-written one must not fire. */
static void write_entry(struct irq_desc *desc, uint32_t low)
{
    struct pin *p = &pins[desc->irq];
    unsigned long flags = spin_lock_irqsave(&p->ioapic->lock);

    write_reg(p->ioapic, REG_ENTRY(p->number), p->low | RTE_MASKED);
    write_reg(p->ioapic, REG_ENTRY(p->number) + 1, cpu_apic_id[desc->cpu] << 24);
    p->low = low;
    write_reg(p->ioapic, REG_ENTRY(p->number), low);
    spin_unlock_irqrestore(&p->ioapic->lock, flags);
}

static uint32_t entry_low(const struct irq_desc *desc)
{
    return desc->vector | (desc->is_level ? RTE_LEVEL : 0) |
           (desc->is_active_low ? RTE_ACTIVE_LOW : 0) | (desc->is_masked ? RTE_MASKED : 0);
}

static void ioapic_retarget(struct irq_desc *desc)
{
    write_entry(desc, entry_low(desc));
}

const struct irq_chip ioapic_chip = { ioapic_mask, ioapic_unmask, ioapic_retarget };

void ioapic_program(struct irq_desc *desc)
{
    desc->is_masked = true;
    write_entry(desc, entry_low(desc));
}

static void mask_all_pins(const struct ioapic *io)
{
    for (uint32_t pin = 0; pin < io->nr_pins; pin++) {
        uint32_t low = read_reg(io, REG_ENTRY(pin));

        if ((low & RTE_DELIVERY_MASK) != RTE_DELIVERY_SMI) {
            write_reg(io, REG_ENTRY(pin), RTE_MASKED);
        }
    }
}

/* Maps the IO-APIC and counts its pins. */
static void start_ioapic(struct ioapic *io, const struct acpi_ioapic *a)
{
    uint32_t version;

    spin_init(&io->lock, LOCK_IOAPIC);
    io->address = a->address;
    io->gsi_base = a->gsi_base;
    io->regs = ioremap(maddr(a->address), 32);
    version = read_reg(io, REG_VERSION);
    if (version == UINT32_MAX) {
        panic("The I/O APIC at %#lx does not answer.", (unsigned long)a->address);
    }
    io->nr_pins = ((version >> 16) & 0xff) + 1;
    if (io->nr_pins > 120 || io->gsi_base > MAX_GSIS - io->nr_pins) {
        panic("The I/O APIC at %#lx is broken: %u pins from GSI %u on.",
              (unsigned long)a->address, io->nr_pins, io->gsi_base);
    }
    iocaps_make_readonly(maddr_to_mfn(maddr(a->address)), maddr_to_mfn(maddr(a->address)));
    mask_all_pins(io);
}

unsigned int ioapic_init(void)
{
    if (!acpi.nr_ioapics) {
        panic("This machine has no I/O APIC; the hypervisor needs one.");
    }
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
        start_ioapic(&ioapics[i], &acpi.ioapics[i]);
        nr_pins = MAX(nr_pins, ioapics[i].gsi_base + ioapics[i].nr_pins);
    }
    nr_pins = MAX(nr_pins, 16U);
    pins = heap_alloc_array(nr_pins, sizeof(*pins));
    if (!pins) {
        panic("Not enough memory for %u interrupts.", nr_pins);
    }
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
        for (uint32_t n = 0; n < ioapics[i].nr_pins; n++) {
            pins[ioapics[i].gsi_base + n] = (struct pin){ &ioapics[i], n, RTE_MASKED };
        }
    }
    return nr_pins;
}

bool ioapic_has_gsi(unsigned int gsi)
{
    return gsi < nr_pins && pins[gsi].ioapic;
}

int ioapic_read_register(uint64_t address, uint32_t reg, uint32_t *value)
{
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
        struct ioapic *io = &ioapics[i];
        unsigned long flags;

        if (io->address == address && reg <= REG_LAST) {
            flags = spin_lock_irqsave(&io->lock);
            *value = read_reg(io, reg);
            spin_unlock_irqrestore(&io->lock, flags);
            return 0;
        }
    }
    return -EINVAL;
}

void ioapic_shutdown(void)
{
    for (unsigned int i = 0; i < acpi.nr_ioapics; i++) {
        if (ioapics[i].regs) {
            mask_all_pins(&ioapics[i]);
        }
    }
}
