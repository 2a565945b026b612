/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the hypercall page (asm/hypercall_page.h). Owns no state. */
#include <asm/hypercall_page.h>

#include <public/xen.h>

#include <xen/string.h>
#include <xen/types.h>

#define STUB_SIZE 32
#define NR_STUBS  (PAGE_SIZE / STUB_SIZE)

void hypercall_page_fill(void *page)
{
    /* push %rcx; push %r11; mov $number,%eax; syscall; pop %r11; pop %rcx; ret */
    static const uint8_t call[] = {
        0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3,
    };
    /* push %rcx; push %r11; push %rax; mov $number,%eax; syscall, which does not return */
    static const uint8_t iret[] = {
        0x51, 0x41, 0x53, 0x50, 0xb8, __HYPERVISOR_iret, 0, 0, 0, 0x0f, 0x05,
    };
    uint8_t *stub = page;
    unsigned int number;

    /* INT3 between the stubs: a jump to a wrong place is seen. */
    memset(page, 0xcc, PAGE_SIZE);
    for (number = 0; number < NR_STUBS; number++, stub += STUB_SIZE) {
        memcpy(stub, call, sizeof(call));
        stub[4] = number;
    }
    memcpy((uint8_t *)page + __HYPERVISOR_iret * STUB_SIZE, iret, sizeof(iret));
}

void hypercall_page_fill_hvm(void *page, bool amd)
{
    /* mov $number,%eax; vmcall or vmmcall; ret */
    const uint8_t call[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, amd ? 0xd9 : 0xc1, 0xc3 };
    static const uint8_t ud2[] = { 0x0f, 0x0b };
    uint8_t *stub = page;

    memset(page, 0xcc, PAGE_SIZE);
    for (unsigned int number = 0; number < NR_STUBS; number++, stub += STUB_SIZE) {
        memcpy(stub, call, sizeof(call));
        stub[1] = (uint8_t)number;
    }
    memcpy((uint8_t *)page + __HYPERVISOR_iret * STUB_SIZE, ud2, sizeof(ud2));
}
