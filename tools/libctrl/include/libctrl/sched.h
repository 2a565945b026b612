/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shares of the CPUs. The scheduler is that of the domain's pool (ctrl_cpupool_info.sched_id); a
 * call for another scheduler: -EINVAL.
 */
#ifndef LIBCTRL_SCHED_H
#define LIBCTRL_SCHED_H

#include <libctrl/ctrl.h>

enum ctrl_scheduler {
    CTRL_SCHED_CREDIT = 5,
    CTRL_SCHED_CREDIT2 = 6,
    CTRL_SCHED_ARINC653 = 7,
    CTRL_SCHED_RTDS = 8,
    CTRL_SCHED_NULL = 9,
};

/* "credit", "credit2", "arinc653", "rtds", "null"; "unknown". */
const char *ctrl_scheduler_name(uint32_t sched_id);
/* The scheduler of new pools and of pool 0. */
int ctrl_scheduler_id(struct ctrl *ctrl, uint32_t *sched_id);

struct ctrl_sched_domain {
    uint32_t sched_id;      /* credit or credit2 */
    uint16_t weight;        /* 1 to 65535 */
    uint16_t cap;           /* percent of one CPU; 0: none */
};

/* sched_id is in: which scheduler to ask. */
int ctrl_sched_domain_get(struct ctrl *ctrl, uint32_t domid, struct ctrl_sched_domain *sched);
/* Both values are set. */
int ctrl_sched_domain_set(struct ctrl *ctrl, uint32_t domid,
                          const struct ctrl_sched_domain *sched);

/* rtds: of the domain (every vCPU) or of one vCPU. -EINVAL: another scheduler. */
struct ctrl_sched_rtds {
    uint32_t vcpu;
    uint32_t period_us;
    uint32_t budget_us;
    bool extratime;
};
int ctrl_sched_rtds_get(struct ctrl *ctrl, uint32_t domid, struct ctrl_sched_rtds *sched,
                        unsigned int nr);
int ctrl_sched_rtds_set(struct ctrl *ctrl, uint32_t domid, const struct ctrl_sched_rtds *sched,
                        unsigned int nr);

/* Parameters of a pool; those its scheduler has not are 0. */
struct ctrl_sched_pool {
    uint32_t sched_id;
    uint32_t tslice_ms;         /* credit */
    uint32_t ratelimit_us;      /* credit, credit2 */
    uint32_t migration_delay_us; /* credit */
};
/* sched_id is in. -ESRCH: no such pool. */
int ctrl_sched_pool_get(struct ctrl *ctrl, uint32_t pool, struct ctrl_sched_pool *sched);
/* -EOPNOTSUPP: the hypervisor's values are fixed, and these are others. */
int ctrl_sched_pool_set(struct ctrl *ctrl, uint32_t pool, const struct ctrl_sched_pool *sched);

#endif
