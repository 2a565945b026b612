/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains as the store knows them: rights, quotas, introduction and death. A domain becomes known
 * when it is introduced or when rights are given to it while it lives, and is forgotten, with the
 * nodes it owns, when it is gone.
 */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include "store.h"

/* NULL: not known. */
struct domain *domain_find(uint32_t domid);
/* In a step: the same, and it becomes known if the hypervisor has it. NULL: it has not. */
struct domain *domain_find_living(uint32_t domid);
/* In a step: makes it known. */
struct domain *domain_make(uint32_t domid, bool privileged);

void domain_add_nodes(struct domain *d, int count);
void domain_add_memory(struct domain *d, int64_t bytes);
void domain_note_use(struct domain *d);

/*
 * In a step. -EINVAL: another page than the one it was introduced with; or an error of the door to
 * the hypervisor.
 */
int domain_introduce(uint32_t domid, uint64_t mfn, uint32_t port);
/* In a step. -ENOENT: not introduced; -EINVAL: dom0. */
int domain_release(uint32_t domid);
/* In a step: the same for one whose page or channel cannot be had any more. */
int domain_lose(struct domain *d);
/* In a step: its shutdown is forgotten, so that another one will be told. -ENOENT. */
int domain_resume(uint32_t domid);
/* In a step. -ENOENT: one of the two is not introduced. */
int domain_set_target(uint32_t domid, uint32_t target);

/* Not in a step: tells of domains that have ended, and forgets those that are gone. */
void domains_review(void);
/* Not in a step: introduces the domain that this one runs in, if it has a page for the store. */
int domain_introduce_local(void);

#endif
