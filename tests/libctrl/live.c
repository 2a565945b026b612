/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libctrl in dom0, on a real hypervisor: every call once, with what it refuses.
 *     live KERNEL [reference]
 * prints "pass NAME" or "fail NAME: why" a line. Ends with 1 if anything failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libctrl/host.h>

#include "live.h"

struct ctrl *ctrl;
bool is_reference;

static const char *current;
static char why[1024];
static unsigned int failures;
static bool warming_up;         /* passes are not printed, and lost pages are not counted */

static void end_test(void)
{
    if (current && why[0]) {
        printf("fail %s: %s\n", current, why);
        failures++;
    } else if (current && !warming_up) {
        printf("pass %s\n", current);
    }
    fflush(stdout);
}

void test(const char *name)
{
    end_test();
    current = name;
    why[0] = '\0';
}

bool check_at(bool ok, const char *file, int line, const char *what)
{
    const char *name = strrchr(file, '/');

    if (!ok && !why[0]) {
        snprintf(why, sizeof(why), "%s:%d: %s (%s)", name ? name + 1 : file, line, what,
                 ctrl_error(ctrl));
    }
    return ok;
}

bool check_rc(long rc, long want, const char *file, int line, const char *what)
{
    char text[512];

    if (rc == want) {
        return true;
    }
    snprintf(text, sizeof(text), "%s is %ld, not %ld", what, rc, want);
    return check_at(false, file, line, text);
}

uint64_t free_pages(void)
{
    struct ctrl_physinfo info = { .free_pages = 0 };

    CHECK_OK(ctrl_physinfo(ctrl, &info));
    return info.free_pages;
}

long missing_pages(uint64_t before)
{
    long missing = 0;
    int i;

    for (i = 0; i < 100 && !warming_up; i++) {
        missing = (long)(before - free_pages());
        if (missing <= 0) {
            return 0;
        }
        usleep(20000);
    }
    return missing;
}

int main(int argc, char **argv)
{
    if (argc < 2 || ctrl_open(&ctrl) != 0) {
        return 2;
    }
    is_reference = argc > 2;
    test_host();
    test_pools();
    test_refused();
    /* The first domains make the hypervisor's and dom0's tables grow, and these stay. */
    for (warming_up = true;; warming_up = false) {
        test_settings();
        test_guest(argv[1]);
        if (!warming_up) {
            break;
        }
        test(NULL);
    }
    test_store(argv[1]);
    test(NULL);
    ctrl_close(ctrl);
    return failures > 0;
}
