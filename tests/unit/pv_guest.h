/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A paravirtual guest for unit tests of the MMU: one domain with one vCPU on the stand-in machine,
 * its calls with their continuations, preemption at random, and an audit of all reference counts.
 */
#ifndef TESTS_PV_GUEST_H
#define TESTS_PV_GUEST_H

#include "unit.h"

#include "../../xen/arch/fake/machine.h"
#include <asm/page.h>
#include <public/xen.h>
#include <xen/domain.h>
#include <xen/mm.h>

#define GUEST_RAM_START 0x200UL
#define GUEST_RAM_END   0x600UL

extern struct domain guest, stranger;
extern struct vcpu guest_vcpu;
/* One in this many preemption checks says yes; 0: none. */
extern unsigned int preempt_odds;
extern uint64_t guest_seed;

/* Machine, allocator, domains; once. */
void pv_guest_init(void);
/* A fresh domain with @nr frames, alive, without tables. */
void pv_guest_start(unsigned int nr, mfn_t *frames);
/* Tears it down, and checks that nothing is left. */
void pv_guest_end(void);

/* Calls, continued until they are done. */
long guest_mmu_update(const struct mmu_update *reqs, unsigned int count, unsigned int *done);
long guest_mmuext(unsigned int cmd, uint64_t arg1, uint64_t arg2);
long guest_update(mfn_t table, unsigned int index, uint64_t val);
/* Calls once: -ERESTART is left to the caller, who may forget about it. */
long guest_mmuext_once(unsigned int cmd, uint64_t arg1, uint64_t arg2);

/* What the last call that was preempted left as its argument @i. */
unsigned long guest_arg(unsigned int i);

/* Recounts all references from the tables and compares. */
void audit(void);
uint64_t frame_type(mfn_t m);
uint64_t frame_type_count(mfn_t m);
uint64_t frame_count(mfn_t m);
/* What the guest reads from its own frame. */
uint64_t frame_word(mfn_t m, unsigned int index);

#endif
