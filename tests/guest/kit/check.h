/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks and the verdict. A failed check prints its place and the exact values, is counted,
 * and the test goes on. The last line of a guest is "VERDICT pass", "VERDICT fail" or
 * "VERDICT skip"; a guest without one failed.
 */
#ifndef GUEST_KIT_CHECK_H
#define GUEST_KIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

bool check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t want);
bool check_true(const char *file, int line, const char *what, bool got);

/* got == want, compared as 64-bit values; signed errnos are sign-extended. */
#define CHECK_EQ(got, want) \
    check_equal(__FILE__, __LINE__, #got, (uint64_t)(got), (uint64_t)(want))
#define CHECK(cond) check_true(__FILE__, __LINE__, #cond, (cond))

/* One part of the test cannot be judged on this machine: reported, never counted as a pass. */
void check_skip_part(const char *part, const char *reason);
/* The whole test cannot be judged. Checks that already failed still fail it. */
void check_skip(const char *reason);

/* Prints the verdict line. */
void check_verdict(void);

#endif
