/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the test; each takes one domain that is paused, empty and has vCPUs. */
#ifndef CTL_DOMCTL_PARTS_H
#define CTL_DOMCTL_PARTS_H

#include "control.h"

#define NO_DOMAIN 0x7000

void test_create(void);
void test_life(unsigned int id);
void test_vcpus(unsigned int id);
void test_sched(unsigned int id);
void test_memory(unsigned int id);
void test_claims(unsigned int id);
void test_vnuma(unsigned int id);
void test_policy(unsigned int id);
void test_devices(unsigned int id);

#endif
