/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handle that all calls of libctrl take, and what they say when they fail.
 *
 * Every call that can fail returns 0 (or a count, a port, an id: never negative) or a negative
 * errno value; outputs are written on success only. After a failure ctrl_error() is one sentence
 * that says what was tried, on what, and why it failed, without a full stop or line end.
 *
 * A handle opens the kernel's devices when a call first needs them; a handle that is only used to
 * look at files opens none. One thread may use a handle at a time.
 */
#ifndef LIBCTRL_CTRL_H
#define LIBCTRL_CTRL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctrl;

/* The domain that the caller runs in, and ids that no domain has. */
#define CTRL_DOM0          0u
#define CTRL_DOMID_LIMIT   0x7ff0u /* real domains are below */
#define CTRL_PAGE_SHIFT    12
#define CTRL_PAGE_SIZE     4096u

/* -ENOMEM. */
int ctrl_open(struct ctrl **ctrl);
/* NULL is allowed. Mappings, event and store handles made from it must be closed before. */
void ctrl_close(struct ctrl *ctrl);

/* The sentence of the last failure; "" if there was none. Valid until the next call. */
const char *ctrl_error(const struct ctrl *ctrl);
/* For layers above that fail: sets the sentence and returns rc (a negative errno). */
int ctrl_fail(struct ctrl *ctrl, int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Where modules (decompressors) are found, instead of where they are installed. -ENAMETOOLONG.
 */
int ctrl_modules_at(struct ctrl *ctrl, const char *folder);
/* Where they are looked for. */
const char *ctrl_modules(const struct ctrl *ctrl);

/*
 * A hypercall as it is, for what has no call here. Pointers in args must lead into memory from
 * ctrl_pages_get(). Returns the hypercall's result; -errno of /dev/xen/privcmd if it has no access.
 */
long ctrl_hypercall(struct ctrl *ctrl, unsigned int number, const uint64_t args[5]);

/* Zeroed memory that the hypervisor can access at any time. NULL: no memory, or no device. */
void *ctrl_pages_get(struct ctrl *ctrl, size_t pages);
void ctrl_pages_put(struct ctrl *ctrl, void *pages);

#endif
