/* SPDX-License-Identifier: BSD-2-Clause */
/* The handle, the sentence of the last failure, and plain hypercalls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

int ctrl_open(struct ctrl **ctrl)
{
    struct ctrl *c = calloc(1, sizeof(*c));

    if (!c) {
        return -ENOMEM;
    }
    c->state.privcmd = c->state.hypercall = -1;
    *ctrl = c;
    return 0;
}

void ctrl_close(struct ctrl *ctrl)
{
    if (ctrl) {
        args_release(ctrl);
        ctrl_sys.close(&ctrl->state);
        free(ctrl);
    }
}

const char *ctrl_error(const struct ctrl *ctrl)
{
    return ctrl->error;
}

/* The text may quote the last error, so it is made aside. */
static void set_error(struct ctrl *ctrl, const char *why, const char *format, va_list args)
{
    char text[sizeof(ctrl->error)];
    int length = vsnprintf(text, sizeof(text), format, args);

    if (why && length >= 0 && (size_t)length < sizeof(text)) {
        snprintf(text + length, sizeof(text) - (size_t)length, ": %s", why);
    }
    memcpy(ctrl->error, text, sizeof(text));
}

int ctrl_fail(struct ctrl *ctrl, int rc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_error(ctrl, NULL, format, args);
    va_end(args);
    return rc;
}

/* True, and *rc is what failed: there is a better sentence than one about the call. */
static bool keep_sentence(struct ctrl *ctrl, int *rc)
{
    bool keep = ctrl->way_failed != 0;

    *rc = keep ? ctrl->way_failed : *rc;
    ctrl->way_failed = 0;
    return keep;
}

int fail_with_errno(struct ctrl *ctrl, int rc, const char *format, ...)
{
    va_list args;

    if (keep_sentence(ctrl, &rc)) {
        return rc;
    }
    va_start(args, format);
    set_error(ctrl, strerror(-rc), format, args);
    va_end(args);
    return rc;
}

int fail_for_domain(struct ctrl *ctrl, int rc, uint32_t domid, const char *what)
{
    if (keep_sentence(ctrl, &rc)) {
        return rc;
    }
    switch (rc) {
    case -ESRCH:
        return ctrl_fail(ctrl, rc, "domain %u: %s: there is no such domain or vCPU", domid, what);
    case -EACCES:
        return ctrl_fail(ctrl, rc, "domain %u: %s: the hypervisor speaks another version of the "
                         "control interface than 4.17's", domid, what);
    case -EPERM:
        return ctrl_fail(ctrl, rc, "domain %u: %s: the hypervisor does not permit it; run this in "
                         "the control domain", domid, what);
    default:
        return fail_errno(ctrl, rc, "domain %u: %s", domid, what);
    }
}

long ctrl_hypercall(struct ctrl *ctrl, unsigned int number, const uint64_t args[5])
{
    long result = 0;
    int rc = ctrl_sys.hypercall_op(&ctrl->state, number, args, &result);

    if (rc != 0) {
        fail_errno(ctrl, rc, "/dev/xen/privcmd cannot be used (is this the control domain, and are "
                   "you root?)");
        ctrl->way_failed = rc;
        return rc;
    }
    return result;
}

long hypercall(struct ctrl *ctrl, unsigned int number, uint64_t a0, uint64_t a1, uint64_t a2,
               uint64_t a3)
{
    const uint64_t args[5] = { a0, a1, a2, a3, 0 };

    return ctrl_hypercall(ctrl, number, args);
}
