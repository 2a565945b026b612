/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stand-in for dom0's kernel (tools/xl/host.h): back-ends that answer, loop devices and
 * interfaces that are counted, and failures at a chosen step. Calls to the store and the
 * hypervisor that xl makes in one go count as steps, too (by the linker's --wrap).
 */
#ifndef LIFE_HOST_H
#define LIFE_HOST_H

#include <setjmp.h>
#include <stdbool.h>

struct life_host {
    unsigned steps;                 /* taken since life_host_reset() */
    unsigned fail_at;               /* this step fails; 0: none */
    unsigned die_at;                /* at this step, the process dies; 0: none */
    bool die_after;                 /* ... when the step was done */
    jmp_buf death;
    int open_disks;
    bool no_bridge, mounted, no_driver, backend_fails;
    unsigned scripts_added, scripts_removed;
};

extern struct life_host life_host;

void life_host_reset(void);

#endif
