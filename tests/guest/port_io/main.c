/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: port I/O of the control domain's kernel and its user mode: who may, by virtual
 * IOPL and by bitmap; which ports read as all ones; string forms; PCI configuration.
 */
#include <public/errno.h>
#include <public/physdev.h>

#include "check.h"
#include "cpu.h"
#include "hypercall.h"
#include "kit.h"
#include "mm.h"
#include "string.h"
#include "user.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define POST_PORT 0x80

static uint8_t bitmap[8192];

static uint32_t in8(uint16_t port)
{
    uint32_t value = 0;

    TRY("inb %%dx, %%al", : "+a"(value) : "d"(port));
    return value & 0xff;
}

static uint32_t in32(uint16_t port)
{
    uint32_t value = 0;

    TRY("inl %%dx, %%eax", : "+a"(value) : "d"(port));
    return value;
}

static void out8(uint16_t port, uint8_t value)
{
    TRY("outb %%al, %%dx", : : "a"(value), "d"(port));
}

static void out32(uint16_t port, uint32_t value)
{
    TRY("outl %%eax, %%dx", : : "a"(value), "d"(port));
}

static long set_iopl(uint32_t iopl)
{
    struct physdev_set_iopl op = { .iopl = iopl };

    return hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, &op);
}

static long set_bitmap(uint8_t *map, uint32_t nr)
{
    struct physdev_set_iobitmap op = { .bitmap = map, .nr_ports = nr };

    return hypercall_2(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, &op);
}

static void user_out(void)
{
    __asm__ volatile("outb %%al, %%dx" : : "a"(0), "d"(POST_PORT));
    user_exit(0);
}

static void test_permission(void)
{
    in8(POST_PORT);
    CHECK_EQ(trap_last.vector, 13);
    CHECK_EQ(trap_last.error, 0);
    CHECK_EQ(set_iopl(4), -XEN_EINVAL);
    CHECK_EQ(set_iopl(1), 0);
    out8(POST_PORT, 1);
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(user_run(user_out), 13);
    CHECK_EQ(set_iopl(3), 0);
    CHECK_EQ(user_run(user_out), TRAP_SYSCALL);
    CHECK_EQ(set_iopl(1), 0);
    CHECK_EQ(user_run(user_out), 13);

    memset(bitmap, 0xff, sizeof(bitmap));
    CHECK_EQ(set_bitmap(bitmap, 65536), 0);
    CHECK_EQ(user_run(user_out), 13);
    bitmap[POST_PORT / 8] = 0xfe;
    CHECK_EQ(user_run(user_out), TRAP_SYSCALL);
    CHECK_EQ(set_bitmap(bitmap, POST_PORT), 0);
    CHECK_EQ(user_run(user_out), 13);
    CHECK_EQ(set_bitmap(bitmap, 65537), -XEN_EINVAL);
    CHECK_EQ(set_bitmap(NULL, 0), 0);
}

/* Ports that stay the hypervisor's: reads give ones, writes vanish. */
static void test_refused_ports(void)
{
    static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x40, 0x3f8, 0x3fd };

    for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        out8(ports[i], 0);
        CHECK_EQ(trap_last.vector, TRAP_NONE);
        CHECK_EQ(in8(ports[i]), 0xff);
        CHECK_EQ(trap_last.vector, TRAP_NONE);
    }
    CHECK_EQ(in32(0x608), 0xffffffff);
}

static void test_cmos(void)
{
    uint32_t century;

    out8(CMOS_INDEX, 0x0d);
    CHECK_EQ(in8(CMOS_DATA) & 0x80, 0x80); /* the clock's battery is good */
    out8(CMOS_INDEX, 0x32);
    century = in8(CMOS_DATA);
    CHECK(century == 0x20 || century == 0x19);
}

static void test_pci_config(void)
{
    out32(0xcf8, 0x80000000);
    CHECK_EQ(in32(0xcf8), 0x80000000);
    CHECK_EQ(in32(0xcfc), 0x12378086); /* QEMU's host bridge */
    CHECK_EQ(in8(0xcfd), 0x80);
    out8(0xcf8, 0x55);
    CHECK_EQ(in32(0xcf8), 0x80000000);
    out32(0xcf8, 0x8000f800);
    CHECK_EQ(in32(0xcfc), 0xffffffff);
}

static void test_string_forms(void)
{
    uint8_t buffer[4] = { 0 };
    uint64_t rdi = (uint64_t)buffer, rcx = 2, rsi = (uint64_t)buffer;

    out8(CMOS_INDEX, 0x0d);
    TRY("rep insb", : "+D"(rdi), "+c"(rcx) : "d"(CMOS_DATA) : "memory");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(rcx, 0);
    CHECK_EQ(rdi, (uint64_t)buffer + 2);
    CHECK_EQ(buffer[0] & 0x80, 0x80);
    CHECK_EQ(buffer[0], buffer[1]);
    rcx = 2;
    TRY("rep outsb", : "+S"(rsi), "+c"(rcx) : "d"(POST_PORT) : "memory");
    CHECK_EQ(trap_last.vector, TRAP_NONE);
    CHECK_EQ(rsi, (uint64_t)buffer + 2);
    rdi = (uint64_t)window(5);
    TRY("insb", : "+D"(rdi) : "d"(CMOS_DATA) : "memory");
    CHECK_EQ(trap_last.vector, 14);
    CHECK_EQ(trap_last.error, 2);
    CHECK_EQ(trap_last.cr2, window(5));
}

void test_main(void)
{
    kit_init();
    if (!is_initial_domain()) {
        check_skip("only the control domain has ports");
        return;
    }
    user_init();
    test_permission();
    test_refused_ports();
    test_cmos();
    test_pci_config();
    test_string_forms();
}
