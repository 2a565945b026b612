/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual local APIC (asm/vlapic.h).
 *
 * Other CPUs only set bits of irr, atomically, and wake the vCPU; all else is the vCPU's own.
 * Interrupts are edge-triggered: there is no I/O APIC, so EOI tells nobody.
 */
#include <asm/current.h>
#include <asm/page.h>
#include <asm/vlapic.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/bitmap.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <xen/timer.h>

#include "engine.h"
#include "startup.h"

#define ID          0x020
#define VERSION     0x030
#define TPR         0x080
#define PPR         0x0a0
#define EOI         0x0b0
#define LDR         0x0d0
#define DFR         0x0e0
#define SPIV        0x0f0
#define ISR         0x100
#define TMR         0x180
#define IRR         0x200
#define ESR         0x280
#define ICR         0x300
#define ICR_HIGH    0x310
#define LVT_TIMER   0x320
#define LVT_THERMAL 0x330
#define LVT_PERF    0x340
#define LVT_LINT0   0x350
#define LVT_LINT1   0x360
#define LVT_ERROR   0x370
#define TIMER_INIT  0x380
#define TIMER_NOW   0x390
#define TIMER_DIV   0x3e0
#define SELF_IPI    0x3f0

#define VERSION_VALUE   0x00050014U /* six LVT entries */
#define SPIV_ENABLED    0x100U
#define LVT_MASKED      0x10000U
#define LVT_PERIODIC    0x20000U
#define LVT_RESET       LVT_MASKED
#define ICR_BUSY        0x1000U
#define BASE_BSP        0x100UL
#define BASE_X2APIC     0x400UL
#define BASE_ENABLED    0x800UL
#define TICK_NS         10          /* of the timer's clock, before its divider */
#define DELIVER_FIXED   0U
#define DELIVER_LOWEST  1U
#define DELIVER_NMI     4U
#define DELIVER_INIT    5U
#define DELIVER_STARTUP 6U
#define X2APIC_FIRST    0x800U

struct vlapic {
    uint64_t base;
    uint64_t irr[4], isr[4];
    uint32_t id, tpr, ldr, dfr, spiv, icr, icr_high;
    uint32_t lvt[6];            /* timer ... error, in the registers' order */
    uint32_t timer_init, timer_div;
    stime_t timer_start;
    struct timer timer;
};

static struct vlapic *lapic_of(const struct vcpu *v)
{
    return v->arch.hvm->lapic;
}

static bool is_x2apic(const struct vlapic *l)
{
    return (l->base & BASE_X2APIC) != 0;
}

static bool is_on(const struct vlapic *l)
{
    return (l->base & BASE_ENABLED) && (l->spiv & SPIV_ENABLED);
}

static int highest_bit(const uint64_t *bits)
{
    for (int i = 3; i >= 0; i--) {
        uint64_t word = READ_ONCE(bits[i]);

        if (word != 0) {
            return i * 64 + 63 - __builtin_clzl(word);
        }
    }
    return -1;
}

/* ------------------------------------------------------------------------ */
/* Interrupts. Those that come while the APIC is off wait until it is on, as on Xen. */

void vlapic_raise(struct vcpu *v, uint8_t vector)
{
    struct vlapic *l = lapic_of(v);

    if (vector < 16) {
        return;
    }
    if (!bit_test_and_set_atomic(l->irr, vector)) {
        vcpu_unblock(v);
        vcpu_kick(v);
    }
}

static uint32_t priority(const struct vlapic *l)
{
    int in_service = highest_bit(l->isr);
    uint32_t class = in_service < 0 ? 0 : (uint32_t)in_service & 0xf0;

    return (l->tpr & 0xf0) >= class ? l->tpr : class;
}

int vlapic_highest_pending(const struct vcpu *v)
{
    const struct vlapic *l = lapic_of(v);
    int vector = highest_bit(l->irr);

    return vector >= 0 && is_on(l) && ((uint32_t)vector & 0xf0) > (priority(l) & 0xf0) ? vector
                                                                                       : -1;
}

void vlapic_accept(struct vcpu *v, int vector)
{
    struct vlapic *l = lapic_of(v);

    bit_clear_atomic(l->irr, (unsigned int)vector);
    bit_set(l->isr, (unsigned int)vector);
}

static void end_of_interrupt(struct vlapic *l)
{
    int vector = highest_bit(l->isr);

    if (vector >= 0) {
        bit_clear(l->isr, (unsigned int)vector);
    }
}

/* ------------------------------------------------------------------------ */
/* Interrupts between vCPUs */

static bool is_addressed(const struct vcpu *v, uint32_t dest, bool logical, bool x2)
{
    const struct vlapic *l = lapic_of(v);

    if (!logical) {
        return dest == l->id || dest == (x2 ? 0xffffffffU : 0xffU);
    }
    if (is_x2apic(l)) {
        uint32_t ldr = (l->id >> 4) << 16 | 1U << (l->id & 0xf);

        return dest == 0xffffffffU || (dest >> 16 == ldr >> 16 && (dest & ldr & 0xffff) != 0);
    }
    if (l->dfr >> 28 == 0xf) {
        return ((l->ldr >> 24) & dest) != 0;
    }
    return dest == 0xff ||
           ((l->ldr >> 28) == (dest >> 4 & 0xf) && (l->ldr >> 24 & dest & 0xf) != 0);
}

static void send_one(struct vcpu *v, uint32_t icr)
{
    switch (icr >> 8 & 7) {
    case DELIVER_FIXED:
    case DELIVER_LOWEST:
        vlapic_raise(v, (uint8_t)icr);
        break;
    case DELIVER_NMI:
        hvm_raise_nmi(v);
        break;
    case DELIVER_INIT:
        if (icr & 0x4000) { /* not the de-assertion of old */
            hvm_startup_init(v);
        }
        break;
    case DELIVER_STARTUP:
        hvm_startup_sipi(v, (uint8_t)icr);
        break;
    default:
        break;
    }
}

static void send(struct vcpu *self, uint32_t icr, uint32_t dest)
{
    bool x2 = is_x2apic(lapic_of(self)), lowest = (icr >> 8 & 7) == DELIVER_LOWEST;
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu (self->domain, v, i) {
        unsigned int shorthand = icr >> 18 & 3;
        bool wanted = shorthand == 0 ? is_addressed(v, dest, (icr & 0x800) != 0, x2)
                    : shorthand == 1 ? v == self : shorthand == 2 || v != self;

        if (wanted) {
            send_one(v, icr);
            if (lowest) {
                return;
            }
        }
    }
}

/* ------------------------------------------------------------------------ */
/* The timer */

static uint64_t tick_ns(const struct vlapic *l)
{
    uint32_t code = (l->timer_div & 3) | (l->timer_div >> 1 & 4);

    return (uint64_t)TICK_NS << ((code + 1) & 7);
}

static void timer_start(struct vlapic *l)
{
    l->timer_start = now();
    if (l->timer_init == 0) {
        timer_stop(&l->timer);
    } else {
        timer_set(&l->timer, l->timer_start + (stime_t)(l->timer_init * tick_ns(l)));
    }
}

static void timer_fired(void *vcpu)
{
    struct vcpu *v = vcpu;
    struct vlapic *l = lapic_of(v);
    uint32_t lvt = READ_ONCE(l->lvt[0]);

    if (!(lvt & LVT_MASKED)) {
        vlapic_raise(v, (uint8_t)lvt);
    }
    if ((lvt & LVT_PERIODIC) && l->timer_init != 0) {
        stime_t period = (stime_t)(l->timer_init * tick_ns(l)), t = now();

        /* Ticks that nobody could take are lost; none is shorter than what the host can do. */
        l->timer_start = MAX(l->timer_start + period, t - period);
        timer_set(&l->timer, MAX(l->timer_start + period, t + MICROSECS(100)));
    }
}

static uint32_t timer_now(const struct vlapic *l)
{
    uint64_t ticks = (uint64_t)(now() - l->timer_start) / tick_ns(l);

    if (l->timer_init == 0) {
        return 0;
    }
    if (l->lvt[0] & LVT_PERIODIC) {
        return l->timer_init - (uint32_t)(ticks % l->timer_init);
    }
    return ticks < l->timer_init ? l->timer_init - (uint32_t)ticks : 0;
}

/* ------------------------------------------------------------------------ */
/* Registers */

static uint32_t read_bits(const uint64_t *bits, unsigned int n)
{
    return (uint32_t)(READ_ONCE(bits[n / 2]) >> (n % 2 * 32));
}

uint32_t vlapic_read(struct vcpu *v, unsigned int offset)
{
    const struct vlapic *l = lapic_of(v);

    switch (offset) {
    case ID:
        return is_x2apic(l) ? l->id : l->id << 24;
    case VERSION:
        return VERSION_VALUE;
    case TPR:
        return l->tpr;
    case PPR:
        return priority(l);
    case LDR:
        return is_x2apic(l) ? (l->id >> 4) << 16 | 1U << (l->id & 0xf) : l->ldr;
    case DFR:
        return l->dfr;
    case SPIV:
        return l->spiv;
    case ISR ... ISR + 0x70:
        return read_bits(l->isr, (offset - ISR) / 16);
    case IRR ... IRR + 0x70:
        return read_bits(l->irr, (offset - IRR) / 16);
    case ICR:
        return l->icr;
    case ICR_HIGH:
        return l->icr_high;
    case LVT_TIMER ... LVT_ERROR:
        return l->lvt[(offset - LVT_TIMER) / 16];
    case TIMER_INIT:
        return l->timer_init;
    case TIMER_NOW:
        return timer_now(l);
    case TIMER_DIV:
        return l->timer_div;
    default: /* TMR, ESR, and what doesn't exist */
        return 0;
    }
}

static void write_lvt(struct vlapic *l, unsigned int n, uint32_t value)
{
    static const uint32_t writable[6] = { 0x300ff, 0x107ff, 0x107ff, 0x1a7ff, 0x1a7ff, 0x100ff };

    l->lvt[n] = (value & writable[n]) | (l->spiv & SPIV_ENABLED ? 0 : LVT_MASKED);
}

/* An upcall that was noted while the APIC was reset has lost its edge: it gets another. */
static void write_spiv(struct vcpu *v, uint32_t value)
{
    struct vlapic *l = lapic_of(v);
    bool was_enabled = (l->spiv & SPIV_ENABLED) != 0;

    l->spiv = value & 0x3ff;
    if (!(l->spiv & SPIV_ENABLED)) {
        for (unsigned int n = 0; n < ARRAY_SIZE(l->lvt); n++) {
            l->lvt[n] |= LVT_MASKED;
        }
    } else if (!was_enabled && v->info->evtchn_upcall_pending != 0) {
        arch_vcpu_upcall(v);
    }
}

void vlapic_write(struct vcpu *v, unsigned int offset, uint32_t value)
{
    struct vlapic *l = lapic_of(v);

    switch (offset) {
    case TPR:
        l->tpr = value & 0xff;
        break;
    case EOI:
        end_of_interrupt(l);
        break;
    case LDR:
        l->ldr = value & 0xff000000;
        break;
    case DFR:
        l->dfr = value | 0x0fffffff;
        break;
    case SPIV:
        write_spiv(v, value);
        break;
    case ICR:
        l->icr = value & ~ICR_BUSY;
        send(v, l->icr, l->icr_high >> 24);
        break;
    case ICR_HIGH:
        l->icr_high = value;
        break;
    case LVT_TIMER ... LVT_ERROR:
        write_lvt(l, (offset - LVT_TIMER) / 16, value);
        break;
    case TIMER_INIT:
        l->timer_init = value;
        timer_start(l);
        break;
    case TIMER_DIV:
        l->timer_div = value & 0xb;
        break;
    default: /* read-only, or nothing */
        break;
    }
}

bool vlapic_has_address(const struct vcpu *v, uint64_t gpa)
{
    const struct vlapic *l = lapic_of(v);

    return (l->base & BASE_ENABLED) && !is_x2apic(l) && gpa >> PAGE_SHIFT == l->base >> PAGE_SHIFT;
}

/* ------------------------------------------------------------------------ */
/* MSRs */

uint64_t vlapic_base(const struct vcpu *v)
{
    return lapic_of(v)->base;
}

/* Where the page lies can't be changed, nor which vCPU is the first. */
bool vlapic_set_base(struct vcpu *v, uint64_t value)
{
    struct vlapic *l = lapic_of(v);
    uint64_t changed = value ^ l->base;

    if ((changed & ~(BASE_X2APIC | BASE_ENABLED)) != 0 ||
        (value & (BASE_X2APIC | BASE_ENABLED)) == BASE_X2APIC ||
        ((l->base & BASE_X2APIC) && (value & BASE_ENABLED) && !(value & BASE_X2APIC))) {
        return false;
    }
    l->base = value;
    if (!(value & BASE_ENABLED)) {
        vlapic_reset(v);
    }
    return true;
}

static bool is_register(unsigned int offset)
{
    return offset == ID || offset == VERSION || offset == TPR || offset == PPR || offset == EOI ||
           offset == LDR || offset == SPIV || (offset >= ISR && offset <= ESR) || offset == ICR ||
           (offset >= LVT_TIMER && offset <= TIMER_NOW) || offset == TIMER_DIV ||
           offset == SELF_IPI;
}

bool vlapic_read_msr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct vlapic *l = lapic_of(v);
    unsigned int offset = (msr - X2APIC_FIRST) << 4;

    if (!is_x2apic(l) || !is_register(offset) || offset == EOI || offset == SELF_IPI) {
        return false;
    }
    *value = vlapic_read(v, offset);
    if (offset == ICR) {
        *value |= (uint64_t)l->icr_high << 32;
    }
    return true;
}

bool vlapic_write_msr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    struct vlapic *l = lapic_of(v);
    unsigned int offset = (msr - X2APIC_FIRST) << 4;

    if (!is_x2apic(l) || !is_register(offset) || (offset != ICR && value >> 32 != 0)) {
        return false;
    }
    switch (offset) {
    case ICR:
        l->icr = (uint32_t)value & ~ICR_BUSY;
        l->icr_high = (uint32_t)(value >> 32);
        send(v, l->icr, l->icr_high);
        return true;
    case SELF_IPI:
        vlapic_raise(v, (uint8_t)value);
        return true;
    case ID:
    case VERSION:
    case PPR:
    case LDR:
    case ISR ... IRR + 0x70:
    case TIMER_NOW:
        return false;
    case EOI:
    case ESR:
        if (value != 0) {
            return false;
        }
        break;
    default:
        break;
    }
    vlapic_write(v, offset, (uint32_t)value);
    return true;
}

/* ------------------------------------------------------------------------ */

void vlapic_reset(struct vcpu *v)
{
    struct vlapic *l = lapic_of(v);

    timer_stop(&l->timer);
    for (unsigned int i = 0; i < 4; i++) {
        l->isr[i] = 0;
        __atomic_store_n(&l->irr[i], 0, __ATOMIC_RELAXED);
    }
    for (unsigned int n = 0; n < ARRAY_SIZE(l->lvt); n++) {
        l->lvt[n] = LVT_RESET;
    }
    l->tpr = 0;
    l->ldr = 0;
    l->dfr = 0xffffffff;
    l->spiv = 0xff;
    l->icr = 0;
    l->icr_high = 0;
    l->timer_init = 0;
    l->timer_div = 0;
}

uint32_t vlapic_id(const struct vcpu *v)
{
    return v->id * 2;
}

int vlapic_init(struct vcpu *v)
{
    struct vlapic *l = heap_new(struct vlapic);

    if (l == NULL) {
        return -ENOMEM;
    }
    v->arch.hvm->lapic = l;
    l->id = vlapic_id(v);
    l->base = VLAPIC_BASE | BASE_ENABLED | (v->id == 0 ? BASE_BSP : 0);
    timer_init(&l->timer, timer_fired, v, v->cpu);
    vlapic_reset(v);
    return 0;
}

void vlapic_fini(struct vcpu *v)
{
    struct vlapic *l = lapic_of(v);

    if (l != NULL) {
        timer_kill(&l->timer);
        heap_free(l);
        v->arch.hvm->lapic = NULL;
    }
}
