/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts checks and prints the verdict. Counters are atomic: any vCPU may check. */
#include "check.h"

#include "print.h"

static unsigned int checks_done;
static unsigned int checks_failed;
static const char *skip_reason;

bool check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t want)
{
    __atomic_add_fetch(&checks_done, 1, __ATOMIC_RELAXED);
    if (got == want)
        return true;
    __atomic_add_fetch(&checks_failed, 1, __ATOMIC_RELAXED);
    if ((int64_t)got < 0 && (int64_t)got > -4096)
        printk("FAIL %s:%d: %s: got %ld, want 0x%lx (%ld)\n", file, line, what, (long)got,
               (unsigned long)want, (long)want);
    else
        printk("FAIL %s:%d: %s: got 0x%lx, want 0x%lx (%ld)\n", file, line, what,
               (unsigned long)got, (unsigned long)want, (long)want);
    return false;
}

bool check_true(const char *file, int line, const char *what, bool got)
{
    __atomic_add_fetch(&checks_done, 1, __ATOMIC_RELAXED);
    if (got)
        return true;
    __atomic_add_fetch(&checks_failed, 1, __ATOMIC_RELAXED);
    printk("FAIL %s:%d: %s: false\n", file, line, what);
    return false;
}

void check_skip_part(const char *part, const char *reason)
{
    printk("SKIP-PART %s: %s\n", part, reason);
}

void check_skip(const char *reason)
{
    skip_reason = reason;
}

void check_verdict(void)
{
    if (checks_failed)
        printk("VERDICT fail %u of %u checks\n", checks_failed, checks_done);
    else if (skip_reason)
        printk("VERDICT skip %s\n", skip_reason);
    else if (!checks_done)
        printk("VERDICT fail no check was made\n");
    else
        printk("VERDICT pass %u checks\n", checks_done);
}
