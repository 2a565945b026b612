/* SPDX-License-Identifier: BSD-2-Clause */
/* The store of fake_ctrl.h. */
#ifndef TESTS_FAKE_STORE_H
#define TESTS_FAKE_STORE_H

void fake_store_reset(void);

#endif
