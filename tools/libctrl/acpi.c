/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ACPI tables of a PVH guest: RSDP, XSDT, FADT, MADT and DSDT (ACPI 6.3, chapters 5, 18.2.3
 * and 20). The guest has no fixed hardware of ACPI, so the FADT says "hardware-reduced", and there
 * is no FACS. Each vCPU is a local APIC in the MADT and a processor device in the DSDT. All vCPUs
 * that the guest can have are listed as enabled: which are online is said in xenstore, and Linux
 * takes the others down when it reads it.
 */
#include "acpi.h"

#include <string.h>

#define REVISION_XSDT 1u
#define REVISION_FADT 6u
#define REVISION_MADT 3u
#define REVISION_DSDT 2u        /* from 2 on, integers have 64 bits */

#define FADT_WBINVD       (1u << 0)
#define FADT_C1           (1u << 2)
#define FADT_NO_PWRBUTTON (1u << 4)     /* none of the fixed kind */
#define FADT_NO_SLPBUTTON (1u << 5)
#define FADT_REDUCED      (1u << 20)
#define BOOT_NO_VGA       (1u << 2)
#define BOOT_NO_CMOS      (1u << 5)

#define APIC_ADDRESS  0xfee00000u
#define APIC_ENABLED  1u

struct table_header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision;
    char creator[4];
    uint32_t creator_revision;
} __attribute__((packed));

struct rsdp {
    char signature[8];
    uint8_t checksum;           /* of the first 20 bytes */
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t checksum_all, reserved[3];
} __attribute__((packed));

struct xsdt {
    struct table_header header;
    uint64_t tables[2];
} __attribute__((packed));

/* Fields that stay 0 are left out: most describe hardware that there is not. */
struct fadt {
    struct table_header header;
    uint32_t facs, dsdt;
    uint8_t zeros[65];
    uint16_t boot_flags;
    uint8_t reserved;
    uint32_t flags;
    uint8_t reset[16];          /* register, value, Arm's boot flags, minor version */
    uint64_t x_facs, x_dsdt;
    uint8_t registers[120];
    char hypervisor[8];
} __attribute__((packed));

struct madt {
    struct table_header header;
    uint32_t apic_address, flags;
} __attribute__((packed));

struct madt_apic {
    uint8_t type, length;
    uint8_t processor, id;
    uint32_t flags;
} __attribute__((packed));

_Static_assert(sizeof(struct table_header) == 36 && sizeof(struct rsdp) == 36, "ACPI 5.2");
_Static_assert(sizeof(struct fadt) == 276 && __builtin_offsetof(struct fadt, flags) == 112 &&
               __builtin_offsetof(struct fadt, x_dsdt) == 140, "ACPI 5.2.9");
_Static_assert(sizeof(struct madt) == 44 && sizeof(struct madt_apic) == 8, "ACPI 5.2.12");

/* Tables lie one behind the other, from such boundaries on. */
#define TABLE_ALIGN 64u

struct writer {
    uint8_t *base;
    uint64_t paddr;
    size_t used;
};

static uint8_t checksum(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint8_t sum = 0;

    while (size-- > 0) {
        sum = (uint8_t)(sum + *p++);
    }
    return (uint8_t)-sum;
}

/* Room for a table. */
static void *table_begin(struct writer *w, uint64_t *paddr)
{
    w->used = (w->used + TABLE_ALIGN - 1) & ~(size_t)(TABLE_ALIGN - 1);
    *paddr = w->paddr + w->used;
    return w->base + w->used;
}

/* The table with its contents, which size counts with its header, is there. */
static void table_end(struct writer *w, struct table_header *h, const char *signature,
                      uint8_t revision, size_t size)
{
    memcpy(h->signature, signature, sizeof(h->signature));
    memcpy(h->oem, "XENIOS", sizeof(h->oem));
    memcpy(h->oem_table, "PVHGUEST", sizeof(h->oem_table));
    memcpy(h->creator, "XENI", sizeof(h->creator));
    h->oem_revision = h->creator_revision = 1;
    h->length = (uint32_t)size;
    h->revision = revision;
    h->checksum = checksum(h, size);
    w->used += size;
}

/* --- DSDT --- */

#define AML_BYTE    0x0a
#define AML_STRING  0x0d
#define AML_NAME    0x08
#define AML_SCOPE   0x10
#define AML_EXT     0x5b
#define AML_DEVICE  0x82        /* behind AML_EXT */

static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t size)
{
    memcpy(p, bytes, size);
    return p + size;
}

/* How many bytes a package's length takes in front of body bytes; it counts itself. */
static size_t length_bytes(size_t body)
{
    return body + 1 < 1u << 6 ? 1 : body + 2 < 1u << 12 ? 2 : 3;
}

static uint8_t *put_length(uint8_t *p, size_t body)
{
    size_t bytes = length_bytes(body), length = body + bytes, i;

    if (bytes == 1) {
        *p++ = (uint8_t)length;
        return p;
    }
    *p++ = (uint8_t)((bytes - 1) << 6 | (length & 0xf));
    for (i = 1; i < bytes; i++) {
        *p++ = (uint8_t)(length >> (4 + 8 * (i - 1)));
    }
    return p;
}

/* Device (Cnnn) { Name (_HID, "ACPI0007") Name (_UID, n) } */
#define PROCESSOR_BODY (4 + 5 + 10 + 5 + 2)
#define PROCESSOR_SIZE (2 + 1 + PROCESSOR_BODY)

static uint8_t *put_processor(uint8_t *p, uint32_t n)
{
    static const char digits[] = "0123456789ABCDEF";
    const char name[4] = { 'C', digits[n >> 8 & 15], digits[n >> 4 & 15], digits[n & 15] };

    *p++ = AML_EXT;
    *p++ = AML_DEVICE;
    p = put_length(p, PROCESSOR_BODY);
    p = put_bytes(p, name, sizeof(name));
    *p++ = AML_NAME;
    p = put_bytes(p, "_HID", 4);
    *p++ = AML_STRING;
    p = put_bytes(p, "ACPI0007", sizeof("ACPI0007"));
    *p++ = AML_NAME;
    p = put_bytes(p, "_UID", 4);
    *p++ = AML_BYTE;
    *p++ = (uint8_t)n;
    return p;
}

/* Scope (\_SB) { the processors } */
static uint64_t put_dsdt(struct writer *w, uint32_t nr_vcpus)
{
    uint64_t paddr;
    struct table_header *h = table_begin(w, &paddr);
    uint8_t *p = (uint8_t *)(h + 1);
    uint32_t n;

    *p++ = AML_SCOPE;
    p = put_length(p, 5 + (size_t)nr_vcpus * PROCESSOR_SIZE);
    p = put_bytes(p, "\\_SB_", 5);
    for (n = 0; n < nr_vcpus; n++) {
        p = put_processor(p, n);
    }
    table_end(w, h, "DSDT", REVISION_DSDT, (size_t)(p - (uint8_t *)h));
    return paddr;
}

/* --- the others --- */

static uint64_t put_fadt(struct writer *w, uint64_t dsdt)
{
    uint64_t paddr;
    struct fadt *f = table_begin(w, &paddr);

    f->dsdt = (uint32_t)dsdt;
    f->x_dsdt = dsdt;
    f->boot_flags = BOOT_NO_VGA | BOOT_NO_CMOS;
    f->flags = FADT_WBINVD | FADT_C1 | FADT_NO_PWRBUTTON | FADT_NO_SLPBUTTON | FADT_REDUCED;
    memcpy(f->hypervisor, "XenVMM", sizeof("XenVMM"));
    table_end(w, &f->header, "FACP", REVISION_FADT, sizeof(*f));
    return paddr;
}

static uint64_t put_madt(struct writer *w, uint32_t nr_vcpus)
{
    uint64_t paddr;
    struct madt *m = table_begin(w, &paddr);
    struct madt_apic *apic = (struct madt_apic *)(m + 1);
    uint32_t n;

    m->apic_address = APIC_ADDRESS;
    for (n = 0; n < nr_vcpus; n++) {
        apic[n] = (struct madt_apic){
            .length = sizeof(*apic), .processor = (uint8_t)n, .id = (uint8_t)(2 * n),
            .flags = APIC_ENABLED,
        };
    }
    table_end(w, &m->header, "APIC", REVISION_MADT, sizeof(*m) + nr_vcpus * sizeof(*apic));
    return paddr;
}

static uint64_t put_xsdt(struct writer *w, uint64_t fadt, uint64_t madt)
{
    uint64_t paddr;
    struct xsdt *x = table_begin(w, &paddr);

    x->tables[0] = fadt;
    x->tables[1] = madt;
    table_end(w, &x->header, "XSDT", REVISION_XSDT, sizeof(*x));
    return paddr;
}

size_t acpi_build(uint8_t *tables, uint64_t paddr, uint32_t nr_vcpus)
{
    struct writer w = { tables, paddr, sizeof(struct rsdp) };
    struct rsdp *rsdp = (struct rsdp *)tables;
    uint64_t fadt = put_fadt(&w, put_dsdt(&w, nr_vcpus));

    *rsdp = (struct rsdp){
        .signature = "RSD PTR ", .oem = "XENIOS", .revision = 2, .length = sizeof(*rsdp),
        .xsdt = put_xsdt(&w, fadt, put_madt(&w, nr_vcpus)),
    };
    rsdp->checksum = checksum(rsdp, 20);
    rsdp->checksum_all = checksum(rsdp, sizeof(*rsdp));
    return w.used;
}
