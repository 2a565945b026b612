/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of libctrl that run in dom0: what their files share. */
#ifndef LIBCTRL_LIVE_H
#define LIBCTRL_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <libctrl/build.h>

extern struct ctrl *ctrl;
extern bool is_reference;       /* Debian's Xen, not ours */

/* A test: its checks until the next one are counted for it. */
void test(const char *name);
/* Says what failed, with libctrl's sentence. Returns ok. */
bool check_at(bool ok, const char *file, int line, const char *what);
bool check_rc(long rc, long want, const char *file, int line, const char *what);

#define CHECK(condition)       check_at(condition, __FILE__, __LINE__, #condition)
#define CHECK_RC(call, want)   check_rc(call, want, __FILE__, __LINE__, #call)
#define CHECK_OK(call)         CHECK_RC(call, 0)

uint64_t free_pages(void);
/*
 * How many fewer are free than before; waits a while for it to be none, as what is freed comes
 * back by and by.
 */
long missing_pages(uint64_t before);

void test_host(void);
void test_pools(void);
void test_refused(void);
void test_settings(void);
void test_guest(const char *kernel);
void test_store(const char *kernel);

/* A domain that was built from a kernel file; 0: it failed. */
uint32_t guest_make(const char *kernel, struct ctrl_build_result *built);

#endif
