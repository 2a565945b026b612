/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ACPI table reader over made-up firmware memory. Each mapping is a copy of exactly the bytes
 * asked for, so a read beyond a table's end is a red test.
 */
#include "unit.h"

#include <asm/acpi.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/ioremap.h>

#define MEMORY_SIZE 0x100000
#define AT_RSDP 0xe0010
#define AT_RSDT 0x2000
#define AT_XSDT 0x2800
#define AT_FADT 0x3000
#define AT_MADT 0x4000
#define AT_HPET 0x5000
#define AT_MCFG 0x6000
#define AT_DSDT 0x7000

static uint8_t memory[MEMORY_SIZE];
static void *copies[256];
static unsigned int nr_copies;
static struct acpi_info info;
static char why[160];

const void *firmware_map(maddr_t a, size_t len)
{
    void *p;

    if (a.a >= MEMORY_SIZE || len > MEMORY_SIZE - a.a || nr_copies == 256) {
        return NULL;
    }
    p = malloc(len);
    memcpy(p, memory + a.a, len);
    copies[nr_copies++] = p;
    return p;
}

void panic(const char *fmt, ...)
{
    fail_msg("panic: %s", fmt);
    abort();
}

void log_at(enum log_level level, const char *fmt, ...)
{
    (void)level;
    (void)fmt;
}

static void put16(uint64_t at, uint16_t v)
{
    memcpy(memory + at, &v, 2);
}

static void put32(uint64_t at, uint32_t v)
{
    memcpy(memory + at, &v, 4);
}

static void put64(uint64_t at, uint64_t v)
{
    memcpy(memory + at, &v, 8);
}

static void fix_sum(uint64_t at, uint32_t len, unsigned int where)
{
    uint8_t s = 0;

    memory[at + where] = 0;
    for (uint32_t i = 0; i < len; i++) {
        s = (uint8_t)(s + memory[at + i]);
    }
    memory[at + where] = (uint8_t)-s;
}

static void finish_table(uint64_t at, const char *signature, uint32_t len)
{
    memcpy(memory + at, signature, 4);
    put32(at + 4, len);
    fix_sum(at, len, 9);
}

static void make_fadt(void)
{
    put32(AT_FADT + 40, AT_DSDT);
    put16(AT_FADT + 46, 9);       /* SCI */
    put32(AT_FADT + 56, 0x600);   /* PM1a event */
    put32(AT_FADT + 64, 0x604);   /* PM1a control */
    put32(AT_FADT + 76, 0x608);   /* PM timer */
    memory[AT_FADT + 108] = 0x32; /* century */
    put32(AT_FADT + 112, 1U << 8 | 1U << 10);
    memory[AT_FADT + 116] = ACPI_SPACE_IO;
    put64(AT_FADT + 120, 0xcf9);
    memory[AT_FADT + 128] = 0x0f;
    finish_table(AT_FADT, "FACP", 244);
}

static void make_dsdt(void)
{
    static const uint8_t s5[] = { 0x08, '_', 'S', '5', '_', 0x12, 0x08, 4, 0x0a, 5, 0x01, 0, 0 };

    memcpy(memory + AT_DSDT + 60, s5, sizeof(s5));
    finish_table(AT_DSDT, "DSDT", 100);
}

/* Two CPUs (the second listed twice), an IO-APIC, two overrides, an NMI pin. */
static uint32_t make_madt(void)
{
    static const uint8_t entries[] = {
        0, 8, 0, 0, 1, 0, 0, 0,
        0, 8, 1, 4, 1, 0, 0, 0,
        9, 16, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
        0, 8, 2, 6, 0, 0, 0, 0, /* disabled for good */
        1, 12, 7, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
        2, 10, 0, 0, 2, 0, 0, 0, 0, 0,
        2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0,
        4, 6, 0xff, 0, 0, 1,
        0x7f, 4, 0, 0, /* a type of the future */
    };
    uint32_t len = 44 + sizeof(entries);

    put32(AT_MADT + 36, 0xfee00000);
    put32(AT_MADT + 40, 1);
    memcpy(memory + AT_MADT + 44, entries, sizeof(entries));
    finish_table(AT_MADT, "APIC", len);
    return len;
}

static void make_hpet(void)
{
    memory[AT_HPET + 40] = ACPI_SPACE_MEMORY;
    put64(AT_HPET + 44, 0xfed00000);
    put16(AT_HPET + 53, 100);
    finish_table(AT_HPET, "HPET", 56);
}

static void make_mcfg(void)
{
    put64(AT_MCFG + 44, 0xb0000000);
    memory[AT_MCFG + 55] = 0xff;
    finish_table(AT_MCFG, "MCFG", 60);
}

static void make_rsdp(bool v2)
{
    memcpy(memory + AT_RSDP, "RSD PTR ", 8);
    memory[AT_RSDP + 15] = v2 ? 2 : 0;
    put32(AT_RSDP + 16, AT_RSDT);
    fix_sum(AT_RSDP, 20, 8);
    if (v2) {
        put32(AT_RSDP + 20, 36);
        put64(AT_RSDP + 24, AT_XSDT);
        fix_sum(AT_RSDP, 36, 32);
    }
}

static void make_roots(void)
{
    static const uint32_t tables[] = { AT_FADT, AT_MADT, AT_HPET, AT_MCFG };

    for (unsigned int i = 0; i < 4; i++) {
        put32(AT_RSDT + 36 + 4 * i, tables[i]);
        put64(AT_XSDT + 36 + 8 * i, tables[i]);
    }
    finish_table(AT_RSDT, "RSDT", 36 + 16);
    finish_table(AT_XSDT, "XSDT", 36 + 32);
}

static int setup(void **state)
{
    (void)state;
    memset(memory, 0, sizeof(memory));
    make_rsdp(true);
    make_roots();
    make_dsdt();
    make_fadt();
    make_madt();
    make_hpet();
    make_mcfg();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    while (nr_copies) {
        free(copies[--nr_copies]);
    }
    return 0;
}

static void expect_good(void)
{
    if (acpi_read_tables(maddr(AT_RSDP), &info, why, sizeof(why))) {
        fail_msg("%s", why);
    }
}

static void expect_broken(const char *part)
{
    why[0] = 0;
    assert_int_not_equal(acpi_read_tables(maddr(AT_RSDP), &info, why, sizeof(why)), 0);
    if (!strstr(why, part)) {
        fail_msg("'%s' does not say '%s'", why, part);
    }
}

static void good_tables(void **state)
{
    (void)state;
    expect_good();
    assert_int_equal(info.nr_cpus, 2);
    assert_int_equal(info.cpus[1].apic_id, 4);
    assert_int_equal(info.cpus[1].acpi_id, 1);
    assert_int_equal(info.nr_ioapics, 1);
    assert_int_equal(info.ioapics[0].address, 0xfec00000);
    assert_int_equal(info.nr_overrides, 2);
    assert_true(info.overrides[1].level && !info.overrides[1].active_low);
    assert_true(info.sci_level && !info.sci_active_low);
    assert_int_equal(info.nr_lint_nmis, 1);
    assert_int_equal(info.lint_nmis[0].acpi_id, ACPI_ALL_CPUS);
    assert_true(info.has_8259 && info.has_reset && info.pm_timer_32bit);
    assert_int_equal(info.pm_timer.address, 0x608);
    assert_int_equal(info.reset.address, 0xcf9);
    assert_int_equal(info.hpet_address, 0xfed00000);
    assert_int_equal(info.nr_mcfg, 1);
    assert_int_equal(info.mcfg[0].end_bus, 0xff);
    assert_true(info.has_s5);
    assert_int_equal(info.s5_type_a, 5);
    assert_int_equal(info.s5_type_b, 1);
    assert_int_equal(info.century, 0x32);
}

static void old_root(void **state)
{
    (void)state;
    make_rsdp(false);
    put32(AT_XSDT + 4, 0); /* must not be looked at */
    expect_good();
    assert_int_equal(info.nr_cpus, 2);
}

static void scan_finds_rsdp(void **state)
{
    (void)state;
    assert_int_equal(acpi_scan_rsdp().a, AT_RSDP);
    memory[AT_RSDP + 3] ^= 1;
    assert_int_equal(acpi_scan_rsdp().a, 0);
    put16(0x40e, 0x9fc0);
    memcpy(memory + 0x9fc00 + 0x20, "RSD PTR ", 8);
    fix_sum(0x9fc20, 20, 8);
    assert_int_equal(acpi_scan_rsdp().a, 0x9fc20);
}

static void broken_rsdp(void **state)
{
    (void)state;
    memory[AT_RSDP + 33] ^= 1;
    expect_broken("RSDP");
    memory[AT_RSDP] = 'X';
    expect_broken("RSDP");
}

static void broken_roots(void **state)
{
    (void)state;
    memory[AT_XSDT + 40] ^= 1;
    expect_broken("XSDT");
    put32(AT_XSDT + 4, 35);
    expect_broken("XSDT at 0x2800 is broken: its length is 35");
    put32(AT_XSDT + 4, UINT32_MAX);
    expect_broken("XSDT");
    put64(AT_RSDP + 24, 1UL << 40);
    fix_sum(AT_RSDP, 36, 32);
    expect_broken("cannot be read");
}

static void wrong_root_signature(void **state)
{
    (void)state;
    finish_table(AT_XSDT, "XXXX", 36 + 32);
    expect_broken("signature");
}

static void broken_madt(void **state)
{
    uint32_t len = make_madt();

    (void)state;
    memory[AT_MADT + 50] ^= 1;
    expect_broken("APIC (MADT) at 0x4000 is broken: its checksum");
    make_madt();
    finish_table(AT_MADT, "APIC", 43);
    expect_broken("MADT");
    make_madt();
    memory[AT_MADT + 45] = 0; /* an entry without length would never end */
    finish_table(AT_MADT, "APIC", len);
    expect_broken("entry at offset 44");
    make_madt();
    memory[AT_MADT + 45] = 7; /* too short for its type */
    finish_table(AT_MADT, "APIC", len);
    expect_broken("entry at offset 44");
    make_madt();
    finish_table(AT_MADT, "APIC", len - 1); /* the last entry leaves the table */
    expect_broken("entry at offset");
    make_madt();
    finish_table(AT_MADT, "APIC", 44);
    expect_broken("no processor");
}

static void missing_tables(void **state)
{
    (void)state;
    memory[AT_MADT] = 'X';
    expect_broken("APIC (MADT) is missing");
    make_madt();
    memory[AT_FADT] = 'X';
    expect_broken("FACP (FADT) is missing");
}

static void optional_tables(void **state)
{
    (void)state;
    finish_table(AT_XSDT, "XSDT", 36 + 16); /* FADT and MADT only */
    put32(AT_DSDT + 4, UINT32_MAX);
    expect_good();
    assert_int_equal(info.hpet_address, 0);
    assert_int_equal(info.nr_mcfg, 0);
    assert_false(info.has_s5);
}

static void broken_others(void **state)
{
    (void)state;
    finish_table(AT_FADT, "FACP", 115);
    expect_broken("FACP (FADT) is broken: its length is 115");
    make_fadt();
    finish_table(AT_HPET, "HPET", 55);
    expect_broken("HPET");
    memory[AT_HPET + 40] = ACPI_SPACE_IO;
    finish_table(AT_HPET, "HPET", 56);
    expect_broken("HPET");
    make_hpet();
    memory[AT_MCFG + 54] = 0xff;
    memory[AT_MCFG + 55] = 0;
    finish_table(AT_MCFG, "MCFG", 60);
    expect_broken("MCFG");
}

/* Whatever the bytes are, reading them stays within the tables. */
static void random_damage(void **state)
{
    uint64_t seed = unit_seed("acpi");

    for (unsigned int round = 0; round < 3000; round++) {
        static const uint32_t at[] = { AT_XSDT, AT_FADT, AT_MADT, AT_HPET, AT_MCFG, AT_DSDT };
        uint32_t table = at[unit_random(&seed) % 6];

        setup(state);
        for (unsigned int n = 0; n < 4; n++) {
            memory[table + unit_random(&seed) % 120] = (uint8_t)unit_random(&seed);
        }
        fix_sum(table, *(uint32_t *)(memory + table + 4) % 0x800, 9);
        (void)!acpi_read_tables(maddr(AT_RSDP), &info, why, sizeof(why));
        teardown(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(old_root, setup, teardown),
        cmocka_unit_test_setup_teardown(scan_finds_rsdp, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_rsdp, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_root_signature, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_madt, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(optional_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_others, setup, teardown),
        cmocka_unit_test_setup_teardown(random_damage, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
