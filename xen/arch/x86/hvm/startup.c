/* SPDX-License-Identifier: BSD-2-Clause */
/* INIT and SIPI (startup.h; Intel SDM vol. 3, 9.1 and 11.4.4). */
#include "startup.h"

#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/vlapic.h>
#include <xen/bitmap.h>
#include <xen/domain.h>
#include <xen/sched.h>
#include <xen/string.h>

#include "engine.h"

#define CR0_RESET 0x60000010UL /* caches off, as after INIT they would stay; ET */
#define SIPI_NOTED 0x100U

void hvm_startup_init(struct vcpu *v)
{
    struct hvm_vcpu *h = v->arch.hvm;

    __atomic_store_n(&h->sipi, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&h->waits_for_sipi, true, __ATOMIC_SEQ_CST);
    if (!bit_test_and_set_atomic(&v->pause_flags, VPF_DOWN)) {
        vcpu_sleep(v);
    }
}

void hvm_startup_sipi(struct vcpu *v, uint8_t vector)
{
    struct hvm_vcpu *h = v->arch.hvm;

    if (!__atomic_exchange_n(&h->waits_for_sipi, false, __ATOMIC_SEQ_CST)) {
        return;
    }
    __atomic_store_n(&h->sipi, SIPI_NOTED | vector, __ATOMIC_SEQ_CST);
    v->is_initialised = true;
    if (bit_test_and_clear_atomic(&v->pause_flags, VPF_DOWN)) {
        vcpu_wake(v);
    }
}

static void set_flat(struct vcpu *v, enum hvm_segment_name s, uint16_t attr)
{
    struct hvm_segment seg = { .attr = attr, .limit = 0xffff };

    hvm_engine->set_segment(v, s, &seg);
}

/* Real mode, at the vector's page. */
void hvm_startup_enter(struct vcpu *v)
{
    struct hvm_vcpu *h = v->arch.hvm;
    uint32_t sipi = __atomic_exchange_n(&h->sipi, 0, __ATOMIC_SEQ_CST);
    struct hvm_segment cs = { .attr = 0x9b, .limit = 0xffff };

    if (likely(!(sipi & SIPI_NOTED))) {
        return;
    }
    cs.selector = (uint16_t)((sipi & 0xff) << 8);
    cs.base = (uint64_t)(sipi & 0xff) << 12;
    memset(&v->arch.regs, 0, sizeof(v->arch.regs));
    v->arch.regs.rflags = RFLAGS_MBS;
    v->arch.regs.rdx = 0x600;
    for (unsigned int s = HVM_ES; s <= HVM_GS; s++) {
        set_flat(v, s, 0x93);
    }
    set_flat(v, HVM_LDTR, 0x82);
    set_flat(v, HVM_TR, 0x8b);
    set_flat(v, HVM_GDTR, 0);
    set_flat(v, HVM_IDTR, 0);
    hvm_engine->set_segment(v, HVM_CS, &cs);
    hvm_engine->set_reg(v, HVM_CR0, CR0_RESET);
    hvm_engine->set_reg(v, HVM_CR2, 0);
    hvm_engine->set_reg(v, HVM_CR3, 0);
    hvm_engine->set_reg(v, HVM_CR4, 0);
    hvm_engine->set_reg(v, HVM_EFER, 0);
    hvm_engine->set_reg(v, HVM_DR6, 0xffff0ff0);
    hvm_engine->set_reg(v, HVM_DR7, 0x400);
    hvm_engine->clear_shadow(v);
    h->event.type = HVM_EVENT_NONE;
    h->nmi_pending = false;
    vlapic_reset(v);
}
