/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs: each domain runs on the CPUs of one. -ENOENT: no such pool. */
#ifndef LIBCTRL_CPUPOOL_H
#define LIBCTRL_CPUPOOL_H

#include <libctrl/cpumap.h>
#include <libctrl/ctrl.h>

#define CTRL_CPUPOOL_ANY 0xffffffffu

struct ctrl_cpupool_info {
    uint32_t pool;
    uint32_t sched_id;
    uint32_t nr_domains;
    struct ctrl_cpumap cpus;
};

/* The first pool whose id is at least first. -ENOENT: there is none. */
int ctrl_cpupool_next(struct ctrl *ctrl, uint32_t first, struct ctrl_cpupool_info *info);
/* An empty pool; pool may be CTRL_CPUPOOL_ANY. Returns its id. -EEXIST. */
int ctrl_cpupool_create(struct ctrl *ctrl, uint32_t pool, uint32_t sched_id);
/* -EBUSY: pool 0, or it has CPUs or domains. */
int ctrl_cpupool_destroy(struct ctrl *ctrl, uint32_t pool);
/* cpu may be CTRL_CPUPOOL_ANY. -ENODEV: the CPU is not free; -EINVAL: no such CPU. */
int ctrl_cpupool_add_cpu(struct ctrl *ctrl, uint32_t pool, uint32_t cpu);
/* -EBUSY: its last CPU, and there are domains; -EADDRNOTAVAIL: not the pool's. */
int ctrl_cpupool_remove_cpu(struct ctrl *ctrl, uint32_t pool, uint32_t cpu);
/* -ENODEV: the pool has no CPU; -EPERM: domain 0. */
int ctrl_cpupool_move_domain(struct ctrl *ctrl, uint32_t pool, uint32_t domid);
/* CPUs of no pool. */
int ctrl_cpupool_free_cpus(struct ctrl *ctrl, struct ctrl_cpumap *cpus);

#endif
