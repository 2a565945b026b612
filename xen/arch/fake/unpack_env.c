/* SPDX-License-Identifier: BSD-2-Clause */
/* unpack_run() on the host, which already is what the decoders expect. */
#include <setjmp.h>

#include <xen/unpack.h>

static jmp_buf unpack_env;
static int unpack_rc;

int unpack_run(int (*fn)(void *), void *arg)
{
    if (setjmp(unpack_env)) {
        return unpack_rc;
    }
    return fn(arg);
}

void unpack_exit(int rc)
{
    unpack_rc = rc;
    longjmp(unpack_env, 1);
}
