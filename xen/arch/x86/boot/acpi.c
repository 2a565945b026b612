/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the static ACPI tables: RSDP, RSDT or XSDT, FADT, MADT, HPET, MCFG (ACPI specification
 * 6.4, chapter 5.2). Owns struct acpi_info acpi.
 *
 * Nothing in a table is believed before it was checked: signature, length, checksum, and the
 * bounds of each entry. A table that fails is named in one sentence, and boot ends there.
 */
#include <asm/acpi.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/ioremap.h>
#include <xen/printf.h>
#include <xen/string.h>

#define HEADER_SIZE    36
#define MAX_TABLE_SIZE MiB(4)
#define MAX_TABLES     256

#define RSDP_V1_SIZE 20
#define RSDP_V2_SIZE 36
#define RSDP_V2_MAX  4096

#define BIOS_AREA_START 0xe0000
#define BIOS_AREA_SIZE  0x20000
#define EBDA_POINTER    0x40e
#define EBDA_SCAN_SIZE  1024

struct acpi_info acpi;

/* A table whose header and checksum are good. */
struct table {
    const uint8_t *p;
    uint32_t len;
};

/* Where the sentence about a broken table goes. */
struct report {
    char *text;
    size_t size;
};

static int broken(const struct report *why, const char *fmt, ...) printf_like(2, 3);
static int broken(const struct report *why, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(why->text, why->size, fmt, ap);
    va_end(ap);
    return -EINVAL;
}

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static struct acpi_gas get_gas(const uint8_t *p)
{
    return (struct acpi_gas){
        .space = p[0], .bit_width = p[1], .bit_offset = p[2], .access_size = p[3],
        .address = get64(p + 4),
    };
}

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    for (size_t i = 0; i < len; i++) {
        s = (uint8_t)(s + p[i]);
    }
    return s;
}

static bool is_rsdp(const uint8_t *p)
{
    return memcmp(p, "RSD PTR ", 8) == 0 && sum(p, RSDP_V1_SIZE) == 0;
}

static maddr_t scan_area(uint64_t start, size_t len)
{
    const uint8_t *p = firmware_map(maddr(start), len);

    for (size_t off = 0; p && off + RSDP_V1_SIZE <= len; off += 16) {
        if (is_rsdp(p + off)) {
            return maddr(start + off);
        }
    }
    return maddr(0);
}

maddr_t acpi_scan_rsdp(void)
{
    const uint8_t *pointer = firmware_map(maddr(EBDA_POINTER), 2);
    uint64_t ebda = pointer ? (uint64_t)get16(pointer) << 4 : 0;
    maddr_t found = maddr(0);

    if (ebda >= 0x400 && ebda <= 0xa0000 - EBDA_SCAN_SIZE) {
        found = scan_area(ebda, EBDA_SCAN_SIZE);
    }
    return found.a ? found : scan_area(BIOS_AREA_START, BIOS_AREA_SIZE);
}

/* Maps a whole table, given its first bytes' address. */
static int map_table(uint64_t address, const char *name, struct table *out,
                     const struct report *why)
{
    const uint8_t *p = firmware_map(maddr(address), HEADER_SIZE);
    uint32_t len;

    if (!p) {
        return broken(why, "ACPI table %s at %#lx cannot be read.", name, (unsigned long)address);
    }
    len = get32(p + 4);
    if (len < HEADER_SIZE || len > MAX_TABLE_SIZE) {
        return broken(why, "ACPI table %s at %#lx is broken: its length is %u.", name,
                      (unsigned long)address, len);
    }
    p = firmware_map(maddr(address), len);
    if (!p) {
        return broken(why, "ACPI table %s at %#lx cannot be read.", name, (unsigned long)address);
    }
    if (sum(p, len)) {
        return broken(why, "ACPI table %s at %#lx is broken: its checksum is wrong.", name,
                      (unsigned long)address);
    }
    *out = (struct table){ p, len };
    return 0;
}

/* Interrupt flags of the MADT: polarity in bits 0-1, trigger in bits 2-3; 0: as the bus has it. */
static void get_inti_flags(uint16_t flags, bool *level, bool *active_low)
{
    *active_low = (flags & 3) == 3;
    *level = ((flags >> 2) & 3) == 3;
}

static void add_cpu(struct acpi_info *out, uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
    bool enabled = flags & 1;

    if (!enabled && !(flags & 2)) {
        return;
    }
    for (unsigned int i = 0; i < out->nr_cpus; i++) {
        if (out->cpus[i].apic_id == apic_id) {
            return; /* listed both as a local APIC and as an x2APIC */
        }
    }
    if (out->nr_cpus < ARRAY_SIZE(out->cpus)) {
        out->cpus[out->nr_cpus++] = (struct acpi_cpu){ apic_id, acpi_id, enabled };
    } else if (enabled) {
        out->nr_cpus_beyond++;
    }
}

static void add_lint_nmi(struct acpi_info *out, uint32_t acpi_id, uint16_t flags, uint8_t lint)
{
    struct acpi_lint_nmi *n;

    if (out->nr_lint_nmis == ARRAY_SIZE(out->lint_nmis) || lint > 1) {
        return;
    }
    n = &out->lint_nmis[out->nr_lint_nmis++];
    n->acpi_id = acpi_id;
    n->lint = lint;
    get_inti_flags(flags, &n->level, &n->active_low);
}

static int add_ioapic(struct acpi_info *out, const uint8_t *e, const struct report *why)
{
    if (out->nr_ioapics == ARRAY_SIZE(out->ioapics)) {
        return broken(why, "ACPI table APIC (MADT) lists more than %u I/O APICs.",
                      ACPI_MAX_IOAPICS);
    }
    if (!get32(e + 4) || (get32(e + 4) & 0xfff) > 0xfe0) {
        return broken(why, "ACPI table APIC (MADT) is broken: an I/O APIC lies at %#x.",
                      get32(e + 4));
    }
    out->ioapics[out->nr_ioapics++] = (struct acpi_ioapic){ e[2], get32(e + 8), get32(e + 4) };
    return 0;
}

static int add_override(struct acpi_info *out, const uint8_t *e, const struct report *why)
{
    struct acpi_override *o;

    if (e[2] != 0 || e[3] > 15) {
        return broken(why, "ACPI table APIC (MADT) is broken: override of bus %u, interrupt %u.",
                      e[2], e[3]);
    }
    if (out->nr_overrides == ARRAY_SIZE(out->overrides)) {
        return broken(why, "ACPI table APIC (MADT) lists more than %u overrides.",
                      ACPI_MAX_OVERRIDES);
    }
    o = &out->overrides[out->nr_overrides++];
    o->irq = e[3];
    o->gsi = get32(e + 4);
    get_inti_flags(get16(e + 8), &o->level, &o->active_low);
    return 0;
}

enum madt_type {
    MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4,
    MADT_LAPIC_ADDRESS = 5, MADT_X2APIC = 9, MADT_X2APIC_NMI = 10,
};

/* Bytes an entry of the type must have; 0: not read. */
static const uint8_t madt_entry_size[] = {
    [MADT_LAPIC] = 8, [MADT_IOAPIC] = 12, [MADT_OVERRIDE] = 10, [MADT_LAPIC_NMI] = 6,
    [MADT_LAPIC_ADDRESS] = 12, [MADT_X2APIC] = 16, [MADT_X2APIC_NMI] = 12,
};

static int read_madt_entry(const uint8_t *e, struct acpi_info *out, const struct report *why)
{
    switch (e[0]) {
    case MADT_LAPIC:
        add_cpu(out, e[3], e[2], get32(e + 4));
        return 0;
    case MADT_X2APIC:
        add_cpu(out, get32(e + 4), get32(e + 12), get32(e + 8));
        return 0;
    case MADT_IOAPIC:
        return add_ioapic(out, e, why);
    case MADT_OVERRIDE:
        return add_override(out, e, why);
    case MADT_LAPIC_NMI:
        add_lint_nmi(out, e[2] == 0xff ? ACPI_ALL_CPUS : e[2], get16(e + 3), e[5]);
        return 0;
    case MADT_X2APIC_NMI:
        add_lint_nmi(out, get32(e + 4), get16(e + 2), e[8]);
        return 0;
    case MADT_LAPIC_ADDRESS:
        out->lapic_address = get64(e + 4);
        return 0;
    default:
        return 0;
    }
}

static int read_madt(const struct table *t, struct acpi_info *out, const struct report *why)
{
    uint32_t off = 44;

    if (t->len < off) {
        return broken(why, "ACPI table APIC (MADT) is broken: its length is %u.", t->len);
    }
    out->lapic_address = get32(t->p + 36);
    out->has_8259 = get32(t->p + 40) & 1;
    while (off + 2 <= t->len) {
        const uint8_t *e = t->p + off;
        uint8_t len = e[1];
        uint8_t least = e[0] < ARRAY_SIZE(madt_entry_size) ? madt_entry_size[e[0]] : 0;

        if (len < MAX(least, 2) || len > t->len - off) {
            return broken(why, "ACPI table APIC (MADT) is broken: entry at offset %u has type %u "
                          "and length %u.", off, e[0], len);
        }
        if (read_madt_entry(e, out, why)) {
            return -EINVAL;
        }
        off += len;
    }
    if (!out->nr_cpus) {
        return broken(why, "ACPI table APIC (MADT) is broken: it lists no processor.");
    }
    return 0;
}

/* A register block: the 64-bit form at @x if the table has it and it isn't empty, else @legacy. */
static struct acpi_gas get_block(const struct table *t, uint32_t legacy, uint32_t x,
                                 uint8_t width)
{
    struct acpi_gas g = { 0 };

    if (t->len >= x + 12) {
        g = get_gas(t->p + x);
    }
    if (!g.address) {
        g = (struct acpi_gas){ .space = ACPI_SPACE_IO, .bit_width = width,
                               .address = get32(t->p + legacy) };
    }
    return g;
}

/* A small integer constant of AML; its length, or 0. */
static unsigned int aml_integer(const uint8_t *p, uint8_t *out)
{
    if (p[0] == 0x0a) { /* BytePrefix */
        *out = p[1];
        return 2;
    }
    *out = p[0];
    return p[0] <= 1 ? 1 : 0; /* ZeroOp, OneOp */
}

/* Name (_S5, Package (n) { a, b, ... }): the only AML that is read, since dom0 may die first. */
static bool parse_s5(const uint8_t *p, struct acpi_info *out)
{
    unsigned int n;

    if (memcmp(p, "_S5_", 4) != 0 || p[4] != 0x12) {
        return false;
    }
    p += 5;
    p += 1 + (p[0] >> 6) + 1; /* package length, number of elements */
    n = aml_integer(p, &out->s5_type_a);
    return n && aml_integer(p + n, &out->s5_type_b) && out->s5_type_a <= 7 &&
           out->s5_type_b <= 7;
}

static void read_dsdt(uint64_t address, struct acpi_info *out)
{
    const unsigned int longest = 15; /* bytes of the object that parse_s5 may look at */
    const uint8_t *p = address ? firmware_map(maddr(address), HEADER_SIZE) : NULL;
    uint32_t len = p ? get32(p + 4) : 0;

    if (len < HEADER_SIZE || len > MAX_TABLE_SIZE || !(p = firmware_map(maddr(address), len))) {
        return;
    }
    for (uint32_t i = HEADER_SIZE; i + longest <= len && !out->has_s5; i++) {
        out->has_s5 = p[i] == '_' && parse_s5(p + i, out);
    }
}

static int read_fadt(const struct table *t, struct acpi_info *out, const struct report *why)
{
    uint32_t flags;

    if (t->len < 116) {
        return broken(why, "ACPI table FACP (FADT) is broken: its length is %u.", t->len);
    }
    flags = get32(t->p + 112);
    out->sci_irq = get16(t->p + 46);
    out->smi_port = (uint16_t)get32(t->p + 48);
    out->century = t->p[108];
    out->boot_arch = get16(t->p + 109);
    out->pm_timer_32bit = flags & (1U << 8);
    out->hw_reduced = flags & (1U << 20);
    out->pm1a_event = get_block(t, 56, 148, 32);
    out->pm1b_event = get_block(t, 60, 160, 32);
    out->pm1a_control = get_block(t, 64, 172, 16);
    out->pm1b_control = get_block(t, 68, 184, 16);
    out->pm_timer = get_block(t, 76, 208, 32);
    if (t->len >= 129 && (flags & (1U << 10))) {
        out->has_reset = true;
        out->reset = get_gas(t->p + 116);
        out->reset_value = t->p[128];
    }
    read_dsdt(t->len >= 148 && get64(t->p + 140) ? get64(t->p + 140) : get32(t->p + 40), out);
    if (t->len >= 268) {
        out->sleep_control = get_gas(t->p + 244);
        out->sleep_status = get_gas(t->p + 256);
    }
    return 0;
}

static int read_hpet(const struct table *t, struct acpi_info *out, const struct report *why)
{
    struct acpi_gas g;

    if (t->len < 56) {
        return broken(why, "ACPI table HPET is broken: its length is %u.", t->len);
    }
    g = get_gas(t->p + 40);
    if (g.space != ACPI_SPACE_MEMORY || (g.address & 0x3ff)) {
        return broken(why, "ACPI table HPET is broken: address %#lx in space %u.",
                      (unsigned long)g.address, g.space);
    }
    if (!out->hpet_address) {
        out->hpet_address = g.address;
        out->hpet_min_tick = get16(t->p + 53);
    }
    return 0;
}

static int read_mcfg(const struct table *t, struct acpi_info *out, const struct report *why)
{
    uint32_t off;

    for (off = 44; off + 16 <= t->len && out->nr_mcfg < ARRAY_SIZE(out->mcfg); off += 16) {
        const uint8_t *e = t->p + off;
        struct acpi_mcfg m = { get64(e), get16(e + 8), e[10], e[11] };

        if (m.start_bus > m.end_bus || (m.address & 0xfffff) || !m.address) {
            return broken(why, "ACPI table MCFG is broken: segment %u, buses %u to %u at %#lx.",
                          m.segment, m.start_bus, m.end_bus, (unsigned long)m.address);
        }
        out->mcfg[out->nr_mcfg++] = m;
    }
    return 0;
}

static const struct {
    char signature[5];
    const char *name;
    bool required;
    int (*read)(const struct table *t, struct acpi_info *out, const struct report *why);
} readers[] = {
    { "FACP", "FACP (FADT)", true, read_fadt },
    { "APIC", "APIC (MADT)", true, read_madt },
    { "HPET", "HPET", false, read_hpet },
    { "MCFG", "MCFG", false, read_mcfg },
};

/* Looks at one table; reads it if it is one of ours. *seen: readers that ran. */
static int read_table(uint64_t address, struct acpi_info *out, unsigned int *seen,
                      const struct report *why)
{
    const uint8_t *p = firmware_map(maddr(address), HEADER_SIZE);
    struct table t;
    int rc;

    if (!p) {
        return broken(why, "ACPI table at %#lx cannot be read.", (unsigned long)address);
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
        if (memcmp(p, readers[i].signature, 4) != 0 || (*seen & (1U << i))) {
            continue;
        }
        *seen |= 1U << i;
        rc = map_table(address, readers[i].name, &t, why);
        return rc ? rc : readers[i].read(&t, out, why);
    }
    return 0;
}

/* The root table's address and the size of its entries. */
static int read_rsdp(maddr_t rsdp, uint64_t *root, unsigned int *entry, const struct report *why)
{
    const uint8_t *p = firmware_map(rsdp, RSDP_V1_SIZE);
    uint32_t len;

    if (!p || !is_rsdp(p)) {
        return broken(why, "The ACPI root pointer (RSDP) at %#lx is broken.",
                      (unsigned long)rsdp.a);
    }
    *root = get32(p + 16);
    *entry = 4;
    if (p[15] < 2) {
        return 0;
    }
    p = firmware_map(rsdp, RSDP_V2_SIZE);
    len = p ? get32(p + 20) : 0;
    if (len < RSDP_V2_SIZE || len > RSDP_V2_MAX || !(p = firmware_map(rsdp, len)) ||
        sum(p, len)) {
        return broken(why, "The ACPI root pointer (RSDP) at %#lx is broken: its extended "
                      "checksum or length is wrong.", (unsigned long)rsdp.a);
    }
    if (get64(p + 24)) {
        *root = get64(p + 24);
        *entry = 8;
    }
    return 0;
}

static struct acpi_override isa_irq(const struct acpi_info *info, unsigned int irq)
{
    for (unsigned int i = 0; i < info->nr_overrides; i++) {
        if (info->overrides[i].irq == irq) {
            return info->overrides[i];
        }
    }
    return (struct acpi_override){ .irq = (uint8_t)irq, .gsi = irq };
}

/* The SCI is level, active low, unless an override says otherwise. */
static void find_sci(struct acpi_info *info)
{
    info->sci_level = true;
    info->sci_active_low = true;
    for (unsigned int i = 0; i < info->nr_overrides; i++) {
        if (info->overrides[i].irq == info->sci_irq) {
            info->sci_level = info->overrides[i].level;
            info->sci_active_low = info->overrides[i].active_low;
        }
    }
}

int acpi_read_tables(maddr_t rsdp, struct acpi_info *out, char *text, size_t size)
{
    const struct report why = { text, size };
    unsigned int entry = 4, count, seen = 0;
    const char *root_name;
    struct table root = { NULL, 0 };
    uint64_t address = 0;

    memset(out, 0, sizeof(*out));
    out->rsdp = rsdp;
    if (read_rsdp(rsdp, &address, &entry, &why)) {
        return -EINVAL;
    }
    root_name = entry == 8 ? "XSDT" : "RSDT";
    if (map_table(address, root_name, &root, &why)) {
        return -EINVAL;
    }
    if (memcmp(root.p, root_name, 4) != 0) {
        return broken(&why, "ACPI table %s at %#lx is broken: its signature is wrong.", root_name,
                      (unsigned long)address);
    }
    count = MIN((root.len - HEADER_SIZE) / entry, MAX_TABLES);
    for (unsigned int i = 0; i < count; i++) {
        const uint8_t *e = root.p + HEADER_SIZE + i * entry;

        address = entry == 8 ? get64(e) : get32(e);
        if (address && read_table(address, out, &seen, &why)) {
            return -EINVAL;
        }
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
        if (readers[i].required && !(seen & (1U << i))) {
            return broken(&why, "ACPI table %s is missing: the %s does not list it.",
                          readers[i].name, root_name);
        }
    }
    find_sci(out);
    return 0;
}

void acpi_init(maddr_t rsdp)
{
    char why[160];

    if (!rsdp.a) {
        rsdp = acpi_scan_rsdp();
    }
    if (!rsdp.a) {
        panic("No ACPI tables were found: this machine cannot be used. Start it through a boot "
              "loader that passes the ACPI root pointer (multiboot2).");
    }
    if (acpi_read_tables(rsdp, &acpi, why, sizeof(why))) {
        panic("%s Update the machine's firmware.", why);
    }
    if (acpi.nr_cpus_beyond) {
        log_warn("ACPI: %u processors beyond %u are not used\n", acpi.nr_cpus_beyond, NR_CPUS);
    }
    log_info("ACPI: %u CPUs, %u I/O APICs, RSDP at %#lx\n", acpi.nr_cpus, acpi.nr_ioapics,
             (unsigned long)acpi.rsdp.a);
}

struct acpi_override acpi_isa_irq(unsigned int irq)
{
    return isa_irq(&acpi, irq);
}
