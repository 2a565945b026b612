/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x87, SSE and extended registers of vCPUs (asm/fpu.h). The hypervisor itself is compiled to use
 * none of them.
 *
 * Invariants: while a vCPU runs, the CPU's XCR0 is the vCPU's (with SSE always on, so that saving
 * keeps the XMM registers), and CR0.TS is the vCPU's virtual one; while the CPU idles, TS is clear.
 * State of components that XCR0 doesn't have enabled is not kept: enabling one starts it afresh.
 */
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/fpu.h>
#include <xen/alloc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/percpu.h>
#include <xen/string.h>

#define FXSAVE_SIZE      512
#define XSAVE_HEADER_END 576
#define FCW_RESET        0x037f
#define MXCSR_RESET      0x1f80
#define FSW_ERROR        0x0080 /* an unmasked exception waits */
#define CPUID_XSTATE     0xd

/* The legacy region, then (with XSAVE) the header and the extended regions. Aligned to 64. */
struct fpu_state {
    uint16_t fcw, fsw;
    uint8_t ftw, reserved0;
    uint16_t fop;
    uint64_t fip, fdp;
    uint32_t mxcsr, mxcsr_mask;
    uint8_t registers[FXSAVE_SIZE - 32];
    uint64_t xstate_bv, xcomp_bv;
    uint8_t rest[];
};
_Static_assert(offsetof(struct fpu_state, xstate_bv) == FXSAVE_SIZE, "SDM vol. 1, 13.4");

static uint64_t host_xcr0; /* 0: the CPU has no XSAVE */
static uint32_t state_size = XSAVE_HEADER_END;
static uint32_t mxcsr_mask;
static bool leaks_pointers; /* FXRSTOR and XRSTOR leave FIP, FDP and FOP of whoever was before */

static DEFINE_PER_CPU(uint64_t, cpu_xcr0);

static void xcr0_write(uint64_t value)
{
    __asm__ __volatile__("xsetbv" :: "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline void ts_clear(void)
{
    __asm__ __volatile__("clts" ::: "memory");
}

static inline void ts_set(void)
{
    write_cr0(read_cr0() | CR0_TS);
}

uint64_t fpu_host_xcr0(void)
{
    return host_xcr0;
}

/* On the boot CPU: what there is to save, and how. */
static void find_method(void)
{
    struct fpu_state image aligned(64);

    memset(&image, 0, sizeof(image));
    __asm__ __volatile__("fxsaveq %0" : "+m"(image));
    mxcsr_mask = image.mxcsr_mask != 0 ? image.mxcsr_mask : 0xffbf; /* SDM vol. 1, 11.6.6 */
    /* AMD APM vol. 2, 11.4.4: they save and restore the pointers only while an exception waits. */
    leaks_pointers = (boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON) &&
                     !cpu_has(HAS_RSTR_FP_ERR_PTRS);
    if (!cpu_has(HAS_XSAVE)) {
        return;
    }
    host_xcr0 = cpuid(CPUID_XSTATE, 0).a & XCR0_OFFERED;
    if ((host_xcr0 & XCR0_AVX512) != XCR0_AVX512 || !(host_xcr0 & XCR0_AVX)) {
        host_xcr0 &= ~XCR0_AVX512;
    }
    for (unsigned int n = 2; n < 63; n++) {
        if (host_xcr0 & (1UL << n)) {
            struct cpuid_regs r = cpuid(CPUID_XSTATE, n);

            state_size = MAX(state_size, r.b + r.a);
        }
    }
}

void fpu_cpu_init(void)
{
    ts_clear();
    write_cr0((read_cr0() & ~CR0_EM) | CR0_MP | CR0_NE);
    if (mxcsr_mask == 0) {
        find_method();
    }
    if (host_xcr0 != 0) {
        xcr0_write(host_xcr0);
        this_cpu(cpu_xcr0) = host_xcr0;
    }
    __asm__ __volatile__("fninit");
}

/* XCR0 as the hardware must have it for @v. */
static uint64_t hardware_xcr0(const struct vcpu *v)
{
    return v->arch.xcr0 | XCR0_SSE;
}

static void load_xcr0(const struct vcpu *v)
{
    uint64_t want = hardware_xcr0(v);

    if (unlikely(this_cpu(cpu_xcr0) != want)) {
        xcr0_write(want);
        this_cpu(cpu_xcr0) = want;
    }
}

int fpu_vcpu_init(struct vcpu *v)
{
    struct fpu_state *s = heap_alloc(state_size);

    if (s == NULL) {
        return -ENOMEM;
    }
    s->fcw = FCW_RESET;
    s->mxcsr = MXCSR_RESET;
    v->arch.fpu = s;
    v->arch.xcr0 = XCR0_X87 | XCR0_SSE;
    return 0;
}

void fpu_vcpu_fini(struct vcpu *v)
{
    heap_free(v->arch.fpu);
    v->arch.fpu = NULL;
}

void fpu_save(struct vcpu *v)
{
    struct fpu_state *s = v->arch.fpu;

    if (unlikely(v->arch.task_switched)) {
        ts_clear();
    }
    if (host_xcr0 == 0) {
        __asm__ __volatile__("fxsaveq %0" : "=m"(*(uint8_t(*)[FXSAVE_SIZE])s) :: "memory");
    } else if (cpu_has(HAS_XSAVEOPT)) {
        __asm__ __volatile__("xsaveoptq (%0)" :: "r"(s), "a"(~0U), "d"(~0U) : "memory");
    } else {
        __asm__ __volatile__("xsaveq (%0)" :: "r"(s), "a"(~0U), "d"(~0U) : "memory");
    }
}

/* Overwrites FIP, FDP and FOP with our own, as the instruction below will not (find_method()). */
static void hide_pointers(const struct fpu_state *s)
{
    static const uint32_t zero;
    uint16_t fsw;

    if (s->fsw & FSW_ERROR) {
        return;
    }
    __asm__ __volatile__("fnstsw %0" : "=am"(fsw));
    if (fsw & FSW_ERROR) {
        __asm__ __volatile__("fnclex");
    }
    __asm__ __volatile__("emms\n\tfildl %0" :: "m"(zero));
}

void fpu_restore(struct vcpu *v)
{
    const struct fpu_state *s = v->arch.fpu;

    if (leaks_pointers) {
        hide_pointers(s);
    }
    if (host_xcr0 == 0) {
        __asm__ __volatile__("fxrstorq %0" :: "m"(*(const uint8_t(*)[FXSAVE_SIZE])s));
    } else {
        load_xcr0(v);
        __asm__ __volatile__("xrstorq (%0)" :: "r"(s), "a"(~0U), "d"(~0U) : "memory");
    }
    if (unlikely(v->arch.task_switched)) {
        ts_set();
    }
}

void fpu_set_task_switched(struct vcpu *v, bool set)
{
    if (v->arch.task_switched == set) {
        return;
    }
    v->arch.task_switched = set;
    if (set) {
        ts_set();
    } else {
        ts_clear();
    }
}

void fpu_guest_trap(struct vcpu *v)
{
    fpu_set_task_switched(v, false);
}

int fpu_set_from_context(struct vcpu *v, const void *fxsave512)
{
    const struct fpu_state *image = fxsave512;
    uint32_t mxcsr;

    memcpy(&mxcsr, (const uint8_t *)fxsave512 + offsetof(struct fpu_state, mxcsr), sizeof(mxcsr));
    if (mxcsr & ~mxcsr_mask) {
        return -EINVAL;
    }
    memcpy(v->arch.fpu, image, FXSAVE_SIZE);
    v->arch.fpu->xstate_bv = XCR0_X87 | XCR0_SSE;
    return 0;
}

void fpu_get_context(const struct vcpu *v, void *fxsave512)
{
    memcpy(fxsave512, v->arch.fpu, FXSAVE_SIZE);
}

size_t fpu_area_size(void)
{
    return host_xcr0 != 0 ? state_size : 0;
}

void fpu_get_area(const struct vcpu *v, void *area)
{
    memcpy(area, v->arch.fpu, state_size);
}

/* Intel SDM vol. 1, 13.4: what XRSTOR would fault on. */
static bool area_is_valid(const struct fpu_state *s, size_t size, uint64_t xcr0)
{
    static const uint64_t reserved[6];

    return size >= XSAVE_HEADER_END && size <= state_size && !(s->xstate_bv & ~(xcr0 | XCR0_SSE)) &&
           s->xcomp_bv == 0 && memcmp(s->rest, reserved, sizeof(reserved)) == 0 &&
           !(s->mxcsr & ~mxcsr_mask);
}

static bool xcr0_is_valid(uint64_t value)
{
    return !(value & ~host_xcr0) && (value & XCR0_X87) &&
           (!(value & XCR0_AVX) || (value & XCR0_SSE)) &&
           (!(value & XCR0_AVX512) || ((value & XCR0_AVX512) == XCR0_AVX512 && (value & XCR0_AVX)));
}

int fpu_set_area(struct vcpu *v, uint64_t xcr0, const void *area, size_t size)
{
    if (host_xcr0 == 0 || !xcr0_is_valid(xcr0) || !area_is_valid(area, size, xcr0)) {
        return -EINVAL;
    }
    memset(v->arch.fpu, 0, state_size);
    memcpy(v->arch.fpu, area, size);
    v->arch.xcr0 = xcr0;
    return 0;
}

/* Components that were off hold a stranger's registers: they start afresh. */
static void reset_components(struct vcpu *v, uint64_t components)
{
    struct fpu_state *s = v->arch.fpu;

    /* The vCPU runs, so its save area is free to say "initial". */
    s->xstate_bv = 0;
    s->xcomp_bv = 0;
    __asm__ __volatile__("stmxcsr %0" : "=m"(s->mxcsr)); /* XRSTOR of AVX loads it */
    __asm__ __volatile__("xrstorq (%0)" :: "r"(s), "a"((uint32_t)components),
                         "d"((uint32_t)(components >> 32)) : "memory");
}

bool fpu_set_xcr0(struct vcpu *v, uint32_t index, uint64_t value)
{
    uint64_t fresh;

    if (index != 0 || !xcr0_is_valid(value)) {
        return false;
    }
    fresh = (value & ~hardware_xcr0(v)) & ~(XCR0_X87 | XCR0_SSE);
    v->arch.xcr0 = value;
    load_xcr0(v);
    /* XRSTOR faults on components that XCR0 has off. */
    v->arch.fpu->xstate_bv &= hardware_xcr0(v);
    if (fresh != 0) {
        if (unlikely(v->arch.task_switched)) {
            ts_clear();
        }
        reset_components(v, fresh);
        if (unlikely(v->arch.task_switched)) {
            ts_set();
        }
    }
    return true;
}
