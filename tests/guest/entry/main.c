/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the very first state. Registers, flags, selectors and bases at entry, start_info,
 * shared_info, the frame list, the boot page tables and what of the machine-to-physical table
 * belongs to the domain.
 */
#include <public/event_channel.h>

#include "check.h"
#include "cpu.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "start.h"
#include "string.h"
#include "trap.h"

static const char expected_args[] = "first second=2";

static void test_registers(void)
{
    CHECK_EQ(entry_state.rax, 0);
    CHECK_EQ(entry_state.rbx, 0);
    CHECK_EQ(entry_state.rcx, 0);
    CHECK_EQ(entry_state.rdx, 0);
    CHECK_EQ(entry_state.rdi, 0);
    CHECK_EQ(entry_state.rbp, 0);
    CHECK_EQ(entry_state.r8, 0);
    CHECK_EQ(entry_state.r9, 0);
    CHECK_EQ(entry_state.r10, 0);
    CHECK_EQ(entry_state.r11, 0);
    CHECK_EQ(entry_state.r12, 0);
    CHECK_EQ(entry_state.r13, 0);
    CHECK_EQ(entry_state.r14, 0);
    CHECK_EQ(entry_state.r15, 0);
    CHECK_EQ(entry_state.rflags, 0x202);
    CHECK_EQ(entry_state.cs, GUEST_CS);
    CHECK_EQ(entry_state.ss, GUEST_SS);
    CHECK_EQ(entry_state.ds, 0);
    CHECK_EQ(entry_state.es, 0);
    CHECK_EQ(entry_state.fs, 0);
    CHECK_EQ(entry_state.gs, 0);
    CHECK_EQ(entry_state.rsp & (PAGE_SIZE - 1), 0);
    CHECK_EQ(msr_read(0xc0000100), 0);
    CHECK_EQ(msr_read(0xc0000101), 0);
    CHECK_EQ(msr_read(0xc0000102), 0);
}

static void test_control_registers(void)
{
    uint64_t cr = 0;

    TRY("mov %%cr0, %0", : "=r"(cr));
    CHECK_EQ(cr, 0x80050033);
    TRY("mov %%cr3, %0", : "=r"(cr));
    CHECK_EQ(cr, virt_to_mfn((void *)start_info->pt_base) << PAGE_SHIFT);
    TRY("mov %%cr4, %0", : "=r"(cr));
    CHECK_EQ(cr, 0x660);
}

static void test_start_info(void)
{
    const struct start_info *si = start_info;

    CHECK(text_equal(si->magic, is_initial_domain() ? "xen-3.0-x86_64p" : "xen-3.0-x86_64"));
    CHECK_EQ(si->nr_pages > 0x1000, true);
    CHECK_EQ(si->shared_info & (PAGE_SIZE - 1), 0);
    CHECK_EQ((uintptr_t)si & (PAGE_SIZE - 1), 0);
    CHECK(text_equal((const char *)si->cmd_line, is_initial_domain() ? expected_args : ""));
    /* Between them a domU has its pages of xenstore and console. */
    CHECK_EQ(si->pt_base, (uint64_t)si + (is_initial_domain() ? 1 : 3) * PAGE_SIZE);
    CHECK_EQ(entry_state.rsp, si->pt_base + (si->nr_pt_frames + 1) * PAGE_SIZE);
    CHECK_EQ(si->mfn_list, 0x8000000000);
    CHECK(si->nr_p2m_frames >= (si->nr_pages * 8 + PAGE_SIZE - 1) / PAGE_SIZE);
    CHECK(si->first_p2m_pfn + si->nr_p2m_frames <= si->nr_pages);
    CHECK_EQ(si->mod_len, 0);
    if (is_initial_domain()) {
        CHECK_EQ(si->flags, 0x303);
        CHECK_EQ(si->store_mfn, 0);
        CHECK_EQ(si->store_evtchn, 0);
        CHECK_EQ(si->console.dom0.info_off, 0x490);
        CHECK_EQ(si->console.dom0.info_size, sizeof(struct dom0_vga_console_info));
    }
}

static void test_vga_info(void)
{
    const struct dom0_vga_console_info *info;

    if (!is_initial_domain())
        return;
    info = (const void *)((const uint8_t *)start_info + start_info->console.dom0.info_off);
    CHECK_EQ(info->video_type, XEN_VGATYPE_TEXT_MODE_3);
    CHECK_EQ(info->u.text_mode_3.columns, 80);
    CHECK_EQ(info->u.text_mode_3.rows, 25);
}

static void test_shared_info(void)
{
    for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
        CHECK_EQ(shared_info->vcpu_info[i].evtchn_upcall_mask, 1);
        CHECK_EQ(shared_info->vcpu_info[i].evtchn_upcall_pending, 0);
        CHECK_EQ(shared_info->vcpu_info[i].evtchn_pending_sel, 0);
        if (i)
            CHECK_EQ(shared_info->vcpu_info[i].time.version, 0);
    }
    for (unsigned int i = 0; i < 64; i++) {
        CHECK_EQ(shared_info->evtchn_pending[i], 0);
        CHECK_EQ(shared_info->evtchn_mask[i], 0);
    }
    CHECK(shared_info->vcpu_info[0].time.version >= 2);
    CHECK_EQ(shared_info->vcpu_info[0].time.version & 1, 0);
    CHECK(shared_info->vcpu_info[0].time.tsc_to_system_mul != 0);
    CHECK_EQ(shared_info->wc_version, 2);
    CHECK(shared_info->wc_sec != 0);
    CHECK_EQ(shared_info->arch.max_pfn, 0);
    CHECK_EQ(shared_info->arch.p2m_vaddr, 0);
}

static void test_ports(void)
{
    unsigned int first = is_initial_domain() ? 1 : 3;

    for (unsigned int port = first; port < first + 8; port++)
        CHECK_EQ(event_status(port), EVTCHNSTAT_closed);
}

/* Every frame of the domain is listed once and knows its place. */
static void test_frame_list(void)
{
    unsigned int wrong = 0;

    for (uint64_t pfn = 0; pfn < start_info->nr_pages; pfn++)
        if (M2P[pfn_to_mfn(pfn)] != pfn)
            wrong++;
    CHECK_EQ(wrong, 0);
}

static void test_page_tables(void)
{
    const uint64_t *l4 = (const uint64_t *)start_info->pt_base;
    uint64_t end = VIRT_BASE;
    volatile uint64_t *pte;

    CHECK_EQ(l4[511] & (PAGE_SIZE - 1), 0x067);
    CHECK_EQ(l4[1] & (PAGE_SIZE - 1), 0x067);
    CHECK_EQ(l4[256] & (PAGE_SIZE - 1), 0x025);
    CHECK_EQ(l4[256] & PTE_NX, PTE_NX);
    CHECK_EQ(l4[0], 0);
    CHECK_EQ(l4[2], 0);
    CHECK_EQ(l4[272], 0);

    /* Tables are read-only, everything else is writable; the map ends on a 4 MiB boundary. */
    for (;; end += PAGE_SIZE) {
        uint64_t low;

        if (!(*pte_of((void *)end, 2) & PTE_P) || !(*(pte = pte_of((void *)end, 1)) & PTE_P))
            break;
        low = *pte & (PTE_ADDR ^ ~0UL) & ~(PTE_D | PTE_NX);
        if (end >= start_info->pt_base &&
            end < start_info->pt_base + start_info->nr_pt_frames * PAGE_SIZE)
            CHECK_EQ(low & ~PTE_A, PTE_GUEST_KERNEL | PTE_P | PTE_US);
        else if (end >= entry_state.rsp)
            CHECK_EQ(low | PTE_A, PTE_GUEST_KERNEL | PTE_P | PTE_RW | PTE_US | PTE_A);
    }
    CHECK_EQ(end & ((4UL << 20) - 1), 0);
    CHECK(end - entry_state.rsp >= 512 << 10);
}

void test_main(void)
{
    kit_init();
    test_shared_info();
    test_registers();
    test_control_registers();
    test_start_info();
    test_vga_info();
    test_ports();
    test_frame_list();
    test_page_tables();
}
