/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains, vCPUs and pages for unit tests of what stands above them: no life cycle, no
 * scheduling.
 */
#ifndef FAKE_GUESTS_H
#define FAKE_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/frame_table.h>
#include <xen/types.h>

struct domain;
struct vcpu;

#define FAKE_NR_PIRQS 64

/* Makes a domain with @nr_vcpus that run, shared_info included. fake_guests_init() comes first. */
void fake_guests_init(void);
struct domain *fake_domain_create(domid_t id, unsigned int nr_vcpus);
void fake_domain_destroy(struct domain *d);
/* An ordinary page of the domain: count 1. */
struct page_info *fake_page_create(const struct domain *d);
/* Whether the domain has as many references as at its creation. */
bool fake_domain_is_unreferenced(const struct domain *d);

/* hypercall_preempt_check() says yes once in so many calls; 0: never. */
extern unsigned int fake_preempt_every;
/* What hypercall_set_arg() set. */
extern unsigned long fake_hypercall_args[5];
/* The result of arch_pirq_bind(), and which pirqs are bound. */
extern int fake_pirq_result;
extern bool fake_pirq_is_bound[FAKE_NR_PIRQS];
extern unsigned int fake_kicks;
/* domain_may_control(). */
extern bool fake_may_control;

#endif
