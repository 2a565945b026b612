/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that domains grant to each other. */
#ifndef LIBCTRL_GRANT_H
#define LIBCTRL_GRANT_H

#include <libctrl/ctrl.h>

/* References that the builder fills for a new domain. */
#define CTRL_GRANT_CONSOLE 0u
#define CTRL_GRANT_STORE   1u

struct ctrl_grant_entry {
    uint32_t ref;
    uint32_t domid;         /* who may map it */
    uint64_t mfn;           /* below 2^32 */
    bool readonly;
};

/* Writes entries of a domain's table (version 1) that has not run yet. -EINVAL: ref or mfn. */
int ctrl_grant_seed(struct ctrl *ctrl, uint32_t domid, const struct ctrl_grant_entry *entries,
                    unsigned int nr);

struct ctrl_grant;

/* -ENOENT, -EACCES: /dev/xen/gntdev. */
int ctrl_grant_open(struct ctrl *ctrl, struct ctrl_grant **grant);
/* Mappings must have been undone. */
void ctrl_grant_close(struct ctrl_grant *grant);

/* Maps nr grants of a domain one behind the other. -EINVAL: not granted to us. */
int ctrl_grant_map(struct ctrl_grant *grant, uint32_t domid, unsigned int nr,
                   const uint32_t *refs, int prot, void **address);
/*
 * One grant; when it is unmapped, also by our death: the byte at clear_offset is set to 0 (-1:
 * none), and port of ours is notified (-1: none).
 */
int ctrl_grant_map_notify(struct ctrl_grant *grant, uint32_t domid, uint32_t ref, int prot,
                          int clear_offset, int port, void **address);
/* nr as mapped. */
int ctrl_grant_unmap(struct ctrl_grant *grant, void *address, unsigned int nr);

#endif
