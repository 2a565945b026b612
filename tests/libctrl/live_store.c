/* SPDX-License-Identifier: BSD-2-Clause */
/* xenstore, where a xenstored runs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libctrl/store.h>

#include "live.h"

void test_store(void)
{
    struct ctrl_store *store;

    test("store/none");
    if (access("/run/xenstored/socket", F_OK) != 0) {
        CHECK(ctrl_store_open(ctrl, &store) < 0);
        CHECK(strstr(ctrl_error(ctrl), "is xenstored running?") != NULL);
        return;
    }
}
