/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that the hypervisor reads and writes during a call. It must never fault, so it comes
 * from the kernel's device and is kept: a call costs no allocation after the first.
 *
 * Arguments are a stack of blocks (internal.h). A block is made when the ones before it have no
 * room, and stays until the handle is closed, unless it is large.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define FIRST_PAGES 2
#define KEEP_PAGES  16  /* larger blocks are given back at once */
#define ALIGNMENT   16

/* Pages given out by ctrl_pages_get(). */
struct page_run {
    struct page_run *next;
    void *address;
    size_t pages;
};

static int pages_get(struct ctrl *ctrl, size_t pages, void **address)
{
    int rc = ctrl_sys.pages_get(&ctrl->state, pages, address);

    if (rc != 0) {
        fail_errno(ctrl, rc, "/dev/xen/privcmd: %zu pages for hypercall arguments (is this the "
                   "control domain, and are you root?)", pages);
        ctrl->way_failed = rc;
    }
    return rc;
}

struct arg_mark arg_begin(struct ctrl *ctrl)
{
    ctrl->way_failed = 0;
    return (struct arg_mark){ ctrl->arg_block, ctrl->args[ctrl->arg_block].used };
}

static void block_free(struct ctrl *ctrl, struct arg_block *block)
{
    if (block->base) {
        ctrl_sys.pages_put(&ctrl->state, block->base, block->pages);
    }
    *block = (struct arg_block){ .base = NULL };
}

static void *block_take(struct arg_block *block, size_t size)
{
    void *p;

    if (size > block->pages * CTRL_PAGE_SIZE - block->used) {
        return NULL;
    }
    p = block->base + block->used;
    block->used += size;
    return p;
}

void *arg_get(struct ctrl *ctrl, size_t size)
{
    struct arg_block *block;
    void *p, *base;
    size_t pages;

    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    for (;;) {
        block = &ctrl->args[ctrl->arg_block];
        p = block_take(block, size);
        if (p) {
            return p;
        }
        if (block->base && block->used > 0) {
            if (ctrl->arg_block + 1 == ARG_BLOCKS) {
                ctrl->way_failed = ctrl_fail(ctrl, -ENOMEM, "too many hypercall arguments");
                return NULL;
            }
            ctrl->arg_block++;
            continue;
        }
        pages = (size + CTRL_PAGE_SIZE - 1) / CTRL_PAGE_SIZE;
        pages = pages > FIRST_PAGES ? pages : FIRST_PAGES;
        if (pages_get(ctrl, pages, &base) != 0) {
            return NULL;
        }
        block_free(ctrl, block);
        *block = (struct arg_block){ .base = base, .pages = pages };
    }
}

void *arg_get_zeroed(struct ctrl *ctrl, size_t size)
{
    void *p = arg_get(ctrl, size);

    return p ? memset(p, 0, size) : NULL;
}

void arg_end(struct ctrl *ctrl, struct arg_mark mark)
{
    unsigned int i;

    for (i = mark.block; i <= ctrl->arg_block; i++) {
        ctrl->args[i].used = i == mark.block ? mark.used : 0;
        if (ctrl->args[i].used == 0 && ctrl->args[i].pages > KEEP_PAGES) {
            block_free(ctrl, &ctrl->args[i]);
        }
    }
    ctrl->arg_block = mark.block;
}

void *ctrl_pages_get(struct ctrl *ctrl, size_t pages)
{
    struct page_run *run = malloc(sizeof(*run));

    if (!run) {
        fail_errno(ctrl, -ENOMEM, "%zu pages for hypercall arguments", pages);
        return NULL;
    }
    if (pages_get(ctrl, pages, &run->address) != 0) {
        free(run);
        return NULL;
    }
    run->pages = pages;
    run->next = ctrl->runs;
    ctrl->runs = run;
    return run->address;
}

void ctrl_pages_put(struct ctrl *ctrl, void *pages)
{
    struct page_run **link = &ctrl->runs, *run;

    while (*link && (*link)->address != pages) {
        link = &(*link)->next;
    }
    run = *link;
    if (run) {
        *link = run->next;
        ctrl_sys.pages_put(&ctrl->state, run->address, run->pages);
        free(run);
    }
}

void args_release(struct ctrl *ctrl)
{
    unsigned int i;

    for (i = 0; i < ARG_BLOCKS; i++) {
        block_free(ctrl, &ctrl->args[i]);
    }
    while (ctrl->runs) {
        ctrl_pages_put(ctrl, ctrl->runs->address);
    }
}
