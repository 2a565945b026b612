/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libctrl share: the handle, argument buffers, hypercalls with their errors. */
#ifndef CTRL_INTERNAL_H
#define CTRL_INTERNAL_H

#include <errno.h>

#include <libctrl/ctrl.h>
#include <libctrl/cpumap.h>

#include "sys.h"

struct xen_domctl;
struct xen_sysctl;
struct xenctl_bitmap;

#define ARG_BLOCKS 6

/* Argument memory is a stack: a call takes what it needs and gives all of it back at its end. */
struct arg_block {
    uint8_t *base;
    size_t pages;
    size_t used;
};

struct ctrl {
    struct ctrl_sys_state state;
    struct arg_block args[ARG_BLOCKS];
    unsigned int arg_block;     /* the one in use */
    struct page_run *runs;      /* given out by ctrl_pages_get() */
    unsigned int nr_cpus;       /* of the host; 0: not asked yet */
    bool no_clear;              /* entries of foreign mappings cannot be cleared (foreign.c) */
    int way_failed;             /* errno of the way to the hypervisor, since arg_begin(); or 0 */
    char modules[256];          /* "": where they are installed */
    char error[640];
};

struct arg_mark {
    unsigned int block;
    size_t used;
};

/* --- buffer.c --- */

struct arg_mark arg_begin(struct ctrl *ctrl);
/* What to return when arg_get() gave NULL: its error. */
static inline int arg_error(const struct ctrl *ctrl)
{
    return ctrl->way_failed < 0 ? ctrl->way_failed : -ENOMEM;
}
/* Not zeroed, 16-byte aligned. NULL: out of memory, or no device; the error is set. */
void *arg_get(struct ctrl *ctrl, size_t size);
void *arg_get_zeroed(struct ctrl *ctrl, size_t size);
void arg_end(struct ctrl *ctrl, struct arg_mark mark);
void args_release(struct ctrl *ctrl);

/* --- handle.c --- */

/* A failure's result is negative: said where analyzers see it. */
static inline int failed(int rc)
{
    return rc < 0 ? rc : -EIO;
}

/*
 * Like ctrl_fail(), with ": " and the errno in words behind the text. If the call did not reach
 * the hypervisor, the sentence that says so stays, and its errno is returned.
 */
#define fail_errno(...)  failed(fail_with_errno(__VA_ARGS__))
/* The same as "domain N: WHAT: why", with words for what the errno means of a domain. */
#define fail_domain(...) failed(fail_for_domain(__VA_ARGS__))

int fail_with_errno(struct ctrl *ctrl, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int fail_for_domain(struct ctrl *ctrl, int rc, uint32_t domid, const char *what);

/* The hypervisor's result; the way to it failing is said in the error. */
long hypercall(struct ctrl *ctrl, unsigned int number, uint64_t a0, uint64_t a1, uint64_t a2,
               uint64_t a3);

/* --- domctl.c, sysctl.c --- */

/* Copies op in, calls until it doesn't ask for another time, copies op back. No error text. */
long domctl_raw(struct ctrl *ctrl, struct xen_domctl *op, uint32_t cmd, uint32_t domid);
/* The same, with the error set to "domain N: what: why". */
int domctl(struct ctrl *ctrl, struct xen_domctl *op, uint32_t cmd, uint32_t domid,
           const char *what);
long sysctl_raw(struct ctrl *ctrl, struct xen_sysctl *op, uint32_t cmd);
int sysctl(struct ctrl *ctrl, struct xen_sysctl *op, uint32_t cmd, const char *what);

/* Argument memory for a set of the host's CPUs, filled from map, or empty if that is NULL. */
int bitmap_arg(struct ctrl *ctrl, const struct ctrl_cpumap *map, struct xenctl_bitmap *arg);
/* nr_cpus of the map becomes the host's. */
void bitmap_result(const struct xenctl_bitmap *arg, struct ctrl_cpumap *map);

#endif
