/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IN, OUT, INS and OUTS of PV guests: who may, and what each port is to the domain
 * (docs/interface/emulation.md, Ports). A refused port reads as all ones and swallows writes.
 */
#include <asm/cmos.h>
#include <asm/cpu.h>
#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/page.h>
#include <asm/pci.h>
#include <asm/pv.h>
#include <xen/domain.h>
#include <xen/iocaps.h>
#include <xen/usercopy.h>

#define PORT_PIT_0      0x40
#define PORT_PIT_1      0x41
#define PORT_PIT_2      0x42
#define PORT_PIT_MODE   0x43
#define PORT_SPEAKER    0x61
#define PORT_CMOS_INDEX 0x70
#define PORT_CMOS_DATA  0x71
#define PORT_PCI_FIRST  0xcf8
#define PORT_PCI_DATA   0xcfc
#define PORT_PCI_LAST   0xcff

#define PIT_SELECT        0xc0
#define PIT_CHANNEL_2     0x80
#define PIT_READ_BACK     0xc0
#define PIT_READ_BACK_2   0x08 /* the counters of a read-back command */
#define PIT_READ_BACK_ALL 0x0e
#define SPEAKER_WRITABLE  0x03

/* Elements of a REP that are carried out before the guest executes the instruction again. */
#define REP_BATCH 256

static uint32_t ones(unsigned int size)
{
    return UINT32_MAX >> (32 - 8 * size);
}

static uint32_t port_in(unsigned int port, unsigned int size)
{
    switch (size) {
    case 1:
        return inb((uint16_t)port);
    case 2:
        return inw((uint16_t)port);
    default:
        return inl((uint16_t)port);
    }
}

static void port_out(unsigned int port, unsigned int size, uint32_t value)
{
    switch (size) {
    case 1:
        outb((uint16_t)port, (uint8_t)value);
        break;
    case 2:
        outw((uint16_t)port, (uint16_t)value);
        break;
    default:
        outl((uint16_t)port, value);
        break;
    }
}

/* Ports between the two belong to devices that the hypervisor or another owner must share. */
static bool is_special(unsigned int port, unsigned int size)
{
    unsigned int last = port + size - 1;

    return (last >= PORT_PIT_0 && port <= PORT_CMOS_DATA &&
            (port <= PORT_PIT_MODE || (port <= PORT_SPEAKER && last >= PORT_SPEAKER) ||
             last >= PORT_CMOS_INDEX)) ||
           (last >= PORT_PCI_FIRST && port <= PORT_PCI_LAST);
}

static bool is_pci(unsigned int port)
{
    return port >= PORT_PCI_FIRST && port <= PORT_PCI_LAST;
}

/* Configuration ports of a domain without devices: the address register, and nothing behind it. */
static uint32_t read_pci(struct domain *d, unsigned int port, unsigned int size)
{
    if (port + size - 1 > PORT_PCI_LAST) {
        return ones(size);
    }
    if (iocaps_has_devices(d)) {
        return pci_port_read(d, port, size);
    }
    return port == PORT_PCI_FIRST && size == 4 ? d->arch.pci_cf8 : ones(size);
}

static void write_pci(struct domain *d, unsigned int port, unsigned int size, uint32_t value)
{
    if (port + size - 1 > PORT_PCI_LAST) {
        return;
    }
    if (iocaps_has_devices(d)) {
        pci_port_write(d, port, size, value);
    } else if (port == PORT_PCI_FIRST && size == 4) {
        d->arch.pci_cf8 = value;
    }
}

/* One byte of a special port, for the domain that owns the machine's devices. */
static uint32_t read_shared(struct domain *d, unsigned int port)
{
    switch (port) {
    case PORT_PIT_2:
    case PORT_PIT_MODE:
    case PORT_SPEAKER:
        return inb((uint16_t)port);
    case PORT_CMOS_INDEX:
        return d->arch.cmos_index;
    case PORT_CMOS_DATA:
        return cmos_read(d->arch.cmos_index & 0x7f);
    case PORT_PIT_0:
    case PORT_PIT_1:
        return 0xff;
    default:
        return !is_pci(port) && iocaps_ports_permitted(d, port, port) ? inb((uint16_t)port) : 0xff;
    }
}

static void write_shared(struct domain *d, unsigned int port, uint8_t value)
{
    switch (port) {
    case PORT_PIT_2:
        outb(PORT_PIT_2, value);
        break;
    case PORT_PIT_MODE:
        /* Only channel 2 is anybody's but the hypervisor's. */
        if ((value & PIT_SELECT) == PIT_CHANNEL_2) {
            outb(PORT_PIT_MODE, value);
        } else if ((value & PIT_SELECT) == PIT_READ_BACK && (value & PIT_READ_BACK_2)) {
            outb(PORT_PIT_MODE, (uint8_t)((value & ~PIT_READ_BACK_ALL) | PIT_READ_BACK_2));
        }
        break;
    case PORT_SPEAKER:
        outb(PORT_SPEAKER,
             (uint8_t)((inb(PORT_SPEAKER) & ~SPEAKER_WRITABLE) | (value & SPEAKER_WRITABLE)));
        break;
    case PORT_CMOS_INDEX:
        d->arch.cmos_index = value;
        break;
    case PORT_CMOS_DATA:
        cmos_write(d->arch.cmos_index & 0x7f, value);
        break;
    case PORT_PIT_0:
    case PORT_PIT_1:
        break;
    default:
        if (!is_pci(port) && iocaps_ports_permitted(d, port, port)) {
            outb((uint16_t)port, value);
        }
        break;
    }
}

static uint32_t guest_port_read(struct domain *d, unsigned int port, unsigned int size)
{
    uint32_t value = 0;

    if (likely(!is_special(port, size))) {
        return iocaps_ports_permitted(d, port, port + size - 1) ? port_in(port, size) : ones(size);
    }
    if (is_pci(port)) {
        return read_pci(d, port, size);
    }
    if (!d->is_hardware) {
        return ones(size);
    }
    for (unsigned int n = 0; n < size; n++) {
        value |= read_shared(d, port + n) << (8 * n);
    }
    return value;
}

static void guest_port_write(struct domain *d, unsigned int port, unsigned int size, uint32_t value)
{
    if (likely(!is_special(port, size))) {
        if (iocaps_ports_permitted(d, port, port + size - 1)) {
            port_out(port, size, value);
        }
    } else if (is_pci(port)) {
        write_pci(d, port, size, value);
    } else if (d->is_hardware) {
        for (unsigned int n = 0; n < size; n++) {
            write_shared(d, port + n, (uint8_t)(value >> (8 * n)));
        }
    }
}

/* The bitmap's address is one of the guest kernel's. */
static bool bitmap_allows(struct vcpu *v, unsigned int port, unsigned int size)
{
    uint8_t bits[2];
    unsigned int first = port / 8, bytes = (port + size - 1) / 8 - first + 1;
    bool copied;

    if (v->arch.iobmp == 0 || port + size > v->arch.iobmp_limit) {
        return false;
    }
    if (!v->arch.kernel_mode) {
        pv_toggle_mode(v);
        copied = copy_from_guest(bits, (const void *)(v->arch.iobmp + first), bytes) == 0;
        pv_toggle_mode(v);
    } else {
        copied = copy_from_guest(bits, (const void *)(v->arch.iobmp + first), bytes) == 0;
    }
    if (!copied) {
        return false;
    }
    if (bytes == 1) {
        bits[1] = 0;
    }
    return (((unsigned int)bits[1] << 8 | bits[0]) >> (port % 8) & ((1U << size) - 1)) == 0;
}

static bool may_access(struct vcpu *v, unsigned int port, unsigned int size)
{
    return v->arch.iopl >= (v->arch.kernel_mode ? 1 : 3) || bitmap_allows(v, port, size);
}

static uint64_t advance(uint64_t reg, int64_t by, unsigned int addr_size)
{
    return addr_size == 8 ? reg + (uint64_t)by : insn_truncate(reg + (uint64_t)by, addr_size);
}

/* One element; false if guest memory was not there, and the page fault was injected. */
static bool string_element(struct vcpu *v, struct cpu_regs *r, const struct insn *i,
                           unsigned int size)
{
    unsigned int port = (uint16_t)r->rdx;
    int64_t step = r->rflags & RFLAGS_DF ? -(int64_t)size : (int64_t)size;
    uint64_t addr;
    uint32_t value = 0;

    if (i->opcode <= 0x6d) {
        addr = insn_truncate(r->rdi, i->addr_size);
        /* That the memory is there is known before the device is asked. */
        if (clear_guest((void *)addr, size) == 0) {
            value = guest_port_read(v->domain, port, size);
            if (copy_to_guest((void *)addr, &value, size) == 0) {
                r->rdi = advance(r->rdi, step, i->addr_size);
                return true;
            }
        }
        pv_inject_page_fault(v, r, addr, PFEC_W);
        return false;
    }
    addr = insn_truncate(r->rsi, i->addr_size) + pv_segment_base(v, i);
    if (copy_from_guest(&value, (const void *)addr, size) != 0) {
        pv_inject_page_fault(v, r, addr, 0);
        return false;
    }
    guest_port_write(v->domain, port, size, value);
    r->rsi = advance(r->rsi, step, i->addr_size);
    return true;
}

static bool string_io(struct vcpu *v, struct cpu_regs *r, const struct insn *i, unsigned int size)
{
    if (!(i->prefixes & (INSN_REP | INSN_REPNE))) {
        if (string_element(v, r, i, size)) {
            pv_retire(v, r, i->length);
        }
        return true;
    }
    for (unsigned int n = 0; insn_truncate(r->rcx, i->addr_size) != 0; n++) {
        if (n == REP_BATCH) {
            return true; /* the guest comes back with the rest */
        }
        if (!string_element(v, r, i, size)) {
            return true;
        }
        r->rcx = advance(r->rcx, -1, i->addr_size);
    }
    pv_retire(v, r, i->length);
    return true;
}

bool pv_emulate_io(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    unsigned int size = i->opcode & 1 ? MIN(i->op_size, 4) : 1;
    bool by_immediate = (i->opcode & 0xfc) == 0xe4;
    unsigned int port = by_immediate ? (uint8_t)i->immediate : (uint16_t)r->rdx;

    if (!may_access(v, port, size)) {
        return false;
    }
    if (i->opcode <= 0x6f) {
        return string_io(v, r, i, size);
    }
    if (i->opcode & 2) {
        guest_port_write(v->domain, port, size, (uint32_t)r->rax & ones(size));
    } else {
        insn_write_register(i, r, 0, size, guest_port_read(v->domain, port, size));
    }
    pv_retire(v, r, i->length);
    return true;
}
