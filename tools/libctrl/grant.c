/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants (docs/interface/grant_table.md): filling a new domain's table, mapping others' pages. */
#include <errno.h>
#include <stdlib.h>

#include <libctrl/grant.h>
#include <libctrl/memory.h>

#include <public/grant_table.h>

#include "internal.h"

#define ENTRIES_A_PAGE (CTRL_PAGE_SIZE / sizeof(struct grant_entry_v1))

struct ctrl_grant {
    struct ctrl *ctrl;
    int fd;
};

int ctrl_grant_seed(struct ctrl *ctrl, uint32_t domid, const struct ctrl_grant_entry *entries,
                    unsigned int nr)
{
    struct grant_entry_v1 *table;
    void *address;
    unsigned int i;
    int rc;

    for (i = 0; i < nr; i++) {
        if (entries[i].ref >= ENTRIES_A_PAGE || entries[i].mfn >> 32) {
            return ctrl_fail(ctrl, -EINVAL, "domain %u: grant %u of frame %#llx cannot be made "
                             "before it runs", domid, entries[i].ref,
                             (unsigned long long)entries[i].mfn);
        }
    }
    rc = ctrl_resource_map(ctrl, domid, CTRL_RESOURCE_GRANT_TABLE, 0, 0, 1, &address);
    if (rc != 0) {
        return rc;
    }
    table = address;
    for (i = 0; i < nr; i++) {
        table[entries[i].ref] = (struct grant_entry_v1){
            .flags = GTF_permit_access | (entries[i].readonly ? GTF_readonly : 0),
            .domid = (domid_t)entries[i].domid,
            .frame = (uint32_t)entries[i].mfn,
        };
    }
    return ctrl_foreign_unmap(ctrl, address, 1);
}

int ctrl_grant_open(struct ctrl *ctrl, struct ctrl_grant **grant)
{
    struct ctrl_grant *g = malloc(sizeof(*g));
    int fd;

    if (!g) {
        return fail_errno(ctrl, -ENOMEM, "grants");
    }
    fd = ctrl_sys.grant_open();
    if (fd < 0) {
        free(g);
        return fail_errno(ctrl, fd, "/dev/xen/gntdev cannot be opened");
    }
    *g = (struct ctrl_grant){ ctrl, fd };
    *grant = g;
    return 0;
}

void ctrl_grant_close(struct ctrl_grant *grant)
{
    if (grant) {
        ctrl_sys.grant_close(grant->fd);
        free(grant);
    }
}

int ctrl_grant_map(struct ctrl_grant *grant, uint32_t domid, unsigned int nr,
                   const uint32_t *refs, int prot, void **address)
{
    int rc = ctrl_sys.grant_map(grant->fd, domid, nr, refs, prot, address);

    return rc < 0 ? fail_errno(grant->ctrl, rc, "domain %u: mapping %u grants from %u on", domid,
                               nr, nr ? refs[0] : 0) : 0;
}

int ctrl_grant_map_notify(struct ctrl_grant *grant, uint32_t domid, uint32_t ref, int prot,
                          int clear_offset, int port, void **address)
{
    void *p;
    int rc = ctrl_grant_map(grant, domid, 1, &ref, prot, &p);

    if (rc != 0) {
        return rc;
    }
    if (clear_offset >= 0 || port >= 0) {
        rc = ctrl_sys.grant_notify(grant->fd, p, clear_offset, port);
    }
    if (rc != 0) {
        ctrl_sys.grant_unmap(grant->fd, p, 1);
        return fail_errno(grant->ctrl, rc, "domain %u: asking for a notice when grant %u is "
                          "unmapped", domid, ref);
    }
    *address = p;
    return 0;
}

int ctrl_grant_unmap(struct ctrl_grant *grant, void *address, unsigned int nr)
{
    int rc = ctrl_sys.grant_unmap(grant->fd, address, nr);

    return rc < 0 ? fail_errno(grant->ctrl, rc, "unmapping %u grants", nr) : 0;
}
