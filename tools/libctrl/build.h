/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain while it is built: what the files build_*.c share. */
#ifndef CTRL_BUILD_INTERNAL_H
#define CTRL_BUILD_INTERNAL_H

#include "internal.h"
#include "kernel.h"

struct builder {
    struct ctrl *ctrl;
    const struct ctrl_build *in;
    const struct ctrl_kernel *kernel;
    struct build_layout layout;     /* of a PV domain */
    struct pvh_layout pvh;          /* of a PVH domain */
    uint64_t ramdisk_size;
    uint64_t *p2m;              /* PV: in->nr_pages entries: the machine frame of each pfn */
    uint32_t nr_vcpus;          /* PVH */
    uint64_t acpi_pages;        /* PVH */
    struct ctrl_build_result result;
};

/* --- build_common.c --- */

typedef int build_phase(struct builder *b);

/* Does the phases one after the other, and measures them. */
int build_run(struct builder *b, build_phase *const phases[CTRL_BUILD_NR_PHASES]);
/* The command line has at most max bytes; ramdisk_size is set. */
int build_check_input(struct builder *b, unsigned int max);
int build_load_kernel(struct builder *b);
int build_load_ramdisk(struct builder *b, uint64_t paddr);
/* The ports of console and xenstore, into the result. */
int build_make_ports(struct builder *b);
/* Lets the other ends map console and xenstore pages, which the result names. */
int build_seed_grants(struct builder *b);

/* --- build_p2m.c --- */

/* Gives a PV domain in->nr_pages frames. -ENOMEM with the numbers. */
int build_populate(struct builder *b);
/* That it got only so many. */
int build_no_memory(struct builder *b, uint64_t done);
/* Maps [pfn, pfn + pages) of the domain, writable; pfn is any frame of a PVH domain's map. */
int build_map(struct builder *b, uint64_t pfn, uint64_t pages, void **address);
int build_unmap(struct builder *b, void *address, uint64_t pages);

/* --- build_load.c --- */

/* Where bytes come from: memory, or a file if bytes is NULL. */
struct build_source {
    const uint8_t *bytes;
    int fd;
    const char *name;           /* of the file */
};

/* size bytes from offset on go to the guest's memory at paddr; zeros there stay as they are. */
int build_load(struct builder *b, const struct build_source *from, uint64_t offset,
               uint64_t paddr, uint64_t size);

/* --- build_pt.c --- */

/*
 * Writes the list of frames and all page tables, and the start page's parts in between through
 * fill(b, page), which gets the start page. Nothing stays mapped.
 */
int build_tables(struct builder *b, void (*fill)(struct builder *b, void *start_info));
/* The hypervisor checks the tables and takes them as such. Nothing of them may be mapped. */
int build_pin(struct builder *b);

#endif
