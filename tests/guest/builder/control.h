/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl and sysctl in short forms, for test guests that run as the control domain. */
#ifndef GUEST_BUILDER_CONTROL_H
#define GUEST_BUILDER_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <public/domctl.h>
#include <public/sysctl.h>

/* Fills in cmd, version and domain, and makes the call. */
long domctl(struct xen_domctl *op, uint32_t cmd, unsigned int domain);
/* For operations without arguments. */
long domctl_plain(uint32_t cmd, unsigned int domain);
/* Until it is done: the hypervisor may ask to be called again. */
long domain_destroy(unsigned int domain);
long sysctl(struct xen_sysctl *op, uint32_t cmd);

/* Of the domain with this very id; false: there is none. */
bool domain_info(unsigned int domain, struct xen_domctl_getdomaininfo *info);
uint64_t machine_free_pages(void);
/*
 * Once they have not changed for a while: a hypervisor may give back what others might still look
 * at later.
 */
uint64_t machine_free_pages_settled(void);

#endif
