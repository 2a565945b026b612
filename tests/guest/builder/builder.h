/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small domain builder: makes a PV domain out of the boot module (a test guest's ELF image), as
 * tools would, and follows its console to its end. For test guests that run as the control
 * domain.
 */
#ifndef GUEST_BUILDER_BUILDER_H
#define GUEST_BUILDER_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include <public/xen.h>

#define BUILD_MAX_PAGES 8192

struct guest {
    unsigned int id;
    unsigned int vcpus;
    unsigned int pages;
    const char *args;

    uint64_t p2m[BUILD_MAX_PAGES];
    uint64_t entry;                /* addresses in the guest */
    uint64_t stack, start_info, p2m_address, tables;
    uint64_t nr_tables;
    uint64_t init_p2m, hypercall_page; /* as the image wants them; 0: doesn't */
    uint64_t p2m_pfn, nr_p2m_frames;   /* of a list in an address range of its own */
    uint64_t shared_info_mfn, console_mfn, store_mfn;
    unsigned int console_port, store_port; /* of the guest */

    unsigned int local_port;       /* our end of the console */
    volatile uint8_t *ring;        /* struct xencons_interface, mapped */
    bool passed, failed, skipped;  /* what its verdict line said */
    char line[512];
    unsigned int line_length;
};

/* Slots of the kit's window that the builder uses: tests keep away from them. */
enum { SLOT_MODULE = 500, SLOT_PAGE, SLOT_RING, SLOT_SHARED };

/* Maps a frame of another domain in a slot; the hypercall's result. */
long foreign_map(unsigned int slot, unsigned int domain, uint64_t mfn, uint64_t flags);
void slot_unmap(unsigned int slot);

/* XEN_DOMCTL_CDF_* of the domains that are made from now on. */
extern uint32_t guest_create_flags;
/* createdomain with the tools' defaults; its id, or a negative errno. */
long guest_create_empty(unsigned int vcpus);
/* Gives it memory: fills p2m, one frame a page. False: not all could be had. */
bool guest_populate(struct guest *g);
/* Maps a page of the guest in SLOT_PAGE. NULL: a check failed. */
void *guest_page(struct guest *g, uint64_t pfn);
/* Its list of frames, in the image or, if it wants that, in an address range of its own. */
bool guest_write_p2m(struct guest *g);
/* The steps that all kinds of guest have in common; false: a check failed. */
bool guest_create(struct guest *g);  /* the domain, its limits, vCPUs */
bool guest_connect(struct guest *g); /* ports of the guest for us, and our end of the console */
bool guest_map_console(struct guest *g);
/* The whole way, up to a paused domain that only has to be unpaused. False: a check failed. */
bool guest_build(struct guest *g);
/*
 * Unpauses it and follows it until it has shut down. The reason of its shutdown, or -1: it took
 * too long.
 */
int guest_run(struct guest *g);
/* Prints what its console ring holds, and looks for the verdict. */
void guest_drain_console(struct guest *g);
/* Unmaps, closes and destroys. */
void guest_end_all(struct guest *g);

/* The structure in builder.c is large: one for a test at a time. */
extern struct guest the_guest;

#endif
