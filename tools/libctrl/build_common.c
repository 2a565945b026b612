/* SPDX-License-Identifier: BSD-2-Clause */
/* What PV and PVH domains have in common while they are built. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libctrl/event.h>
#include <libctrl/grant.h>

#include "build.h"

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int build_run(struct builder *b, build_phase *const phases[CTRL_BUILD_NR_PHASES])
{
    uint64_t start = now_ns(), end;
    unsigned int i;
    int rc = 0;

    for (i = 0; rc == 0 && i < CTRL_BUILD_NR_PHASES; i++) {
        rc = phases[i](b);
        end = now_ns();
        b->result.ns[i] = end - start;
        start = end;
    }
    return rc;
}

int build_check_input(struct builder *b, unsigned int max)
{
    struct stat st;

    if (b->in->cmdline && strlen(b->in->cmdline) > max) {
        return ctrl_fail(b->ctrl, -EINVAL, "domain %u: its command line has %zu bytes; at most "
                         "%u are possible", b->in->domid, strlen(b->in->cmdline), max);
    }
    if (b->in->ramdisk_fd >= 0) {
        if (fstat(b->in->ramdisk_fd, &st) != 0) {
            return fail_errno(b->ctrl, -errno, "%s", b->in->ramdisk_name);
        }
        b->ramdisk_size = (uint64_t)st.st_size;
    }
    return 0;
}

int build_load_kernel(struct builder *b)
{
    /* From the file straight into the guest where possible: the file is not mapped for it. */
    const struct build_source from = {
        .bytes = b->kernel->fd < 0 ? b->kernel->elf : NULL,
        .fd = b->kernel->fd, .name = b->kernel->name,
    };
    unsigned int i;
    int rc = 0;

    for (i = 0; rc == 0 && i < b->kernel->nr_segments; i++) {
        const struct kernel_segment *s = &b->kernel->segments[i];

        rc = build_load(b, &from, s->offset + (from.bytes ? 0 : b->kernel->elf_offset), s->paddr,
                        s->file_size);
    }
    return rc;
}

int build_load_ramdisk(struct builder *b, uint64_t paddr)
{
    const struct build_source from = { .fd = b->in->ramdisk_fd, .name = b->in->ramdisk_name };

    return build_load(b, &from, 0, paddr, b->ramdisk_size);
}

static int make_port(struct builder *b, uint32_t given, uint32_t remote, uint32_t *port)
{
    int rc = given ? (int)given : ctrl_event_alloc_unbound(b->ctrl, b->in->domid, remote);

    if (rc < 0) {
        return rc;
    }
    *port = (uint32_t)rc;
    return 0;
}

int build_make_ports(struct builder *b)
{
    int rc = make_port(b, b->in->store_port, b->in->store_domid, &b->result.store_port);

    return rc ? rc : make_port(b, b->in->console_port, b->in->console_domid,
                               &b->result.console_port);
}

int build_seed_grants(struct builder *b)
{
    const struct ctrl_grant_entry entries[] = {
        { CTRL_GRANT_CONSOLE, b->in->console_domid, b->result.console_mfn, false },
        { CTRL_GRANT_STORE, b->in->store_domid, b->result.store_mfn, false },
    };

    return ctrl_grant_seed(b->ctrl, b->in->domid, entries, 2);
}
