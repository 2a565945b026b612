/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host tests of libctrl share: a new model and a handle for each test. */
#ifndef LIBCTRL_TEST_COMMON_H
#define LIBCTRL_TEST_COMMON_H

#include "../unit/unit.h"

#include <errno.h>

#include <libctrl/ctrl.h>

#include "fake.h"

static struct ctrl *ctrl;

static inline int common_setup(void **state)
{
    (void)state;
    fake_reset();
    return ctrl_open(&ctrl);
}

static inline int common_teardown(void **state)
{
    (void)state;
    ctrl_close(ctrl);
    ctrl = NULL;
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, common_setup, common_teardown)

/* The call gives rc, and its sentence contains text. */
#define assert_fails(call, rc, text)                                  \
    do {                                                              \
        assert_int_equal(call, rc);                                   \
        if (!strstr(ctrl_error(ctrl), text)) {                        \
            fail_msg("'%s' is not in '%s'", text, ctrl_error(ctrl));  \
        }                                                             \
    } while (0)

#endif
