/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_SYSCTL_PARTS_H
#define CTL_SYSCTL_PARTS_H

#define NR_TEST_CPUS 2 /* see options */

void test_policies(void);
void test_pools(void);
void test_parameters(void);

#endif
