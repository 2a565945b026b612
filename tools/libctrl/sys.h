/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only door from libctrl to the operating system's devices: a table of operations. sys_linux.c
 * is the real one; a test links a stand-in of the same name instead (tests/libctrl/fake_sys.c).
 * Descriptors are numbers that poll() takes, or -1. Results: 0 or more, or a negative errno.
 */
#ifndef CTRL_SYS_H
#define CTRL_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Descriptors that a handle keeps open; -1: not open yet. */
struct ctrl_sys_state {
    int privcmd;
    int hypercall;
};

struct ctrl_sys {
    /* --- privcmd: opened by the first call that needs it --- */
    void (*close)(struct ctrl_sys_state *state);
    /* *rc: what the hypervisor returned. The function's result is of the way to it. */
    int (*hypercall_op)(struct ctrl_sys_state *state, unsigned int number, const uint64_t args[5],
                        long *rc);
    /* Zeroed memory that never faults. */
    int (*pages_get)(struct ctrl_sys_state *state, size_t pages, void **address);
    void (*pages_put)(struct ctrl_sys_state *state, void *address, size_t pages);
    /* errors: one for each frame. 0 although frames failed: errors says which. */
    int (*foreign_map)(struct ctrl_sys_state *state, uint32_t domid, int prot, size_t nr,
                       const uint64_t *frames, int *errors, void **address);
    int (*resource_map)(struct ctrl_sys_state *state, uint32_t domid, uint32_t type, uint32_t id,
                        uint64_t frame, size_t nr, void **address);
    /* nr NULL address: how many frames there are. */
    int (*resource_size)(struct ctrl_sys_state *state, uint32_t domid, uint32_t type, uint32_t id,
                         size_t *nr);
    int (*unmap)(void *address, size_t pages);

    /* --- event channels --- */
    int (*event_open)(void);
    void (*event_close)(int fd);
    int (*event_bind_unbound)(int fd, uint32_t domid);
    int (*event_bind_interdomain)(int fd, uint32_t domid, uint32_t port);
    int (*event_bind_virq)(int fd, uint32_t virq);
    int (*event_unbind)(int fd, uint32_t port);
    int (*event_notify)(int fd, uint32_t port);
    int (*event_pending)(int fd);
    int (*event_unmask)(int fd, uint32_t port);

    /* --- grants --- */
    int (*grant_open)(void);
    void (*grant_close)(int fd);
    int (*grant_map)(int fd, uint32_t domid, unsigned int nr, const uint32_t *refs, int prot,
                     void **address);
    /* clear_offset, port: -1 none. */
    int (*grant_notify)(int fd, void *address, int clear_offset, int port);
    int (*grant_unmap)(int fd, void *address, unsigned int nr);

    /* --- xenstore: a stream of bytes --- */
    int (*store_open)(void);
    void (*store_close)(int fd);
    /* Bytes moved; -EAGAIN: none now; 0 from read: the store is gone. */
    long (*store_write)(int fd, const void *data, size_t size);
    long (*store_read)(int fd, void *data, size_t size);
    /* Waits until it can be read (or, if asked, written). 1, or 0: timeout_ms (-1: none) passed. */
    int (*store_wait)(int fd, bool can_write, int timeout_ms);
};

extern const struct ctrl_sys ctrl_sys;

#endif
