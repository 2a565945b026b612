/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stand-in for libctrl with what the console daemon uses of it: domains with a console page and
 * a port each, a store of a few nodes, and event channels that a pipe makes pollable.
 */
#ifndef TESTS_FAKE_CTRL_H
#define TESTS_FAKE_CTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_DOMAINS 600u

struct xencons_interface;

struct fake_domain {
    bool exists, dying;
    uint8_t uuid[16];
    struct xencons_interface *ring; /* page of its own, so that ASan sees what is beyond */
    bool no_grant;          /* its console page was not granted */
    unsigned int maps;      /* of the page, by us */
    int port;               /* ours, bound to its console port; -1 */
    bool pending, masked;
    unsigned int notified;  /* by us */
};

extern struct fake_domain fake_domains[FAKE_DOMAINS];

/* While set, the store does not answer and no connection can be made. */
extern bool fake_store_down;
/* The hypervisor's messages. */
extern char fake_messages[65536];
extern unsigned int fake_batches; /* how often the store was asked */

/* The whole machine anew; nothing must be mapped any more. */
void fake_reset(void);

/* A domain with a console, as a toolstack makes it. */
void fake_domain_make(uint32_t domid, const char *name);
/* The domain dies; @releaseDomain is told. */
void fake_domain_kill(uint32_t domid);

/* What the guest does: write (as much as there is room for; returns how much), send an event. */
size_t fake_guest_write(uint32_t domid, const char *data, size_t size);
/* Read what was typed. */
size_t fake_guest_read(uint32_t domid, char *data, size_t size);
void fake_guest_notify(uint32_t domid);

void fake_hypervisor_notify(void);

/* The store. NULL: no such node. */
const char *fake_store_get(const char *path);
void fake_store_set(const char *path, const char *value);
/* The permissions that were set last: "d0n d5r". */
const char *fake_store_perms(const char *path);
void fake_store_fire(const char *path);

#endif
