/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands of the schedulers share. */
#ifndef XL_SCHED_PARAMS_H
#define XL_SCHED_PARAMS_H

#include "xl.h"

#include <libctrl/domain.h>
#include <libctrl/sched.h>

/* A number in a range, or a message that starts with 'what' and exit 1. */
long sched_number(const char *word, const char *what, long min, long max);

/* The domain that a word names, if its pool has this scheduler; else a message and exit 1. */
struct ctrl_domain_info sched_domain_need(struct xl *xl, const char *word,
                                          enum ctrl_scheduler sched);

#endif
