/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TSC that a domain reads: the CPU's own, or an emulated one (time/vtsc.c). The emulated one
 * follows the system time at a rate of its own, so it is the same on all CPUs, and goes on where it
 * was when the domain moves to another machine. Interface: docs/interface/time.md.
 */
#ifndef ASM_VTSC_H
#define ASM_VTSC_H

#include <asm/scale.h>
#include <public/vcpu.h>
#include <xen/types.h>

struct domain;

enum tsc_mode {
    TSC_MODE_DEFAULT,    /* the CPU's, unless the domain was made for another rate */
    TSC_MODE_EMULATE,
    TSC_MODE_NATIVE,
    NR_TSC_MODES
};

struct domain_tsc {
    enum tsc_mode mode;
    bool is_emulated;
    uint32_t khz;           /* 0: mode native */
    uint32_t incarnation;   /* how often the domain was started: once, and after each restore */
    stime_t start;          /* the system time at which the emulated one was 0 */
    struct scale to_ns, from_ns; /* of the emulated one */
};

/*
 * For a domain that is paused. khz 0: the CPU's rate. The emulated TSC has run for @elapsed ns, and
 * the domain was started @incarnation times before.
 */
void vtsc_set(struct domain *d, enum tsc_mode mode, uint32_t khz, uint64_t elapsed,
              uint32_t incarnation);
/* ns for which the domain's clock has run; 0 in mode native. */
uint64_t vtsc_elapsed(const struct domain *d);
/* What RDTSC gives the domain, on this CPU, now. */
uint64_t vtsc_read(const struct domain *d);
/* How the emulated TSC and the system time hang together, as guests are told. */
struct vcpu_time_info vtsc_time_info(const struct domain *d);

#endif
