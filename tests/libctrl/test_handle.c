/* SPDX-License-Identifier: BSD-2-Clause */
/* The handle: its error sentence, argument memory, and what it says where there is no Xen. */
#include "common.h"

#include <libctrl/domain.h>
#include <libctrl/event.h>
#include <libctrl/grant.h>
#include <libctrl/host.h>
#include <libctrl/memory.h>
#include <libctrl/store.h>
#include <libctrl/vcpu.h>

#include "internal.h"

static void test_error_sentence(void **state)
{
    char longer[2000];

    (void)state;
    assert_string_equal(ctrl_error(ctrl), "");
    assert_int_equal(ctrl_fail(ctrl, -EINVAL, "a %s", "b"), -EINVAL);
    assert_string_equal(ctrl_error(ctrl), "a b");
    /* It may be quoted in the next one. */
    ctrl_fail(ctrl, -EIO, "c: %s", ctrl_error(ctrl));
    assert_string_equal(ctrl_error(ctrl), "c: a b");
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    fail_errno(ctrl, -EIO, "%s", longer);
    assert_int_equal(strlen(ctrl_error(ctrl)), sizeof(ctrl->error) - 1);
}

static void test_no_devices(void **state)
{
    struct ctrl_physinfo info;
    struct ctrl_version version;
    struct ctrl_cpumap map;
    uint64_t pages;
    struct ctrl_event *event;
    struct ctrl_grant *grant;
    struct ctrl_store *store;

    (void)state;
    fake.no_devices = fake.no_store = true;
    assert_fails(ctrl_physinfo(ctrl, &info), -ENOENT, "is this the control domain");
    assert_fails(ctrl_domain_destroy(ctrl, 1), -ENOENT, "is this the control domain");
    assert_fails(ctrl_memory_current(ctrl, 1, &pages), -ENOENT, "is this the control domain");
    assert_fails(ctrl_version(ctrl, &version), -ENOENT, "is this the control domain");
    assert_fails(ctrl_vcpu_get_affinity(ctrl, 1, 0, &map, NULL), -ENOENT,
                 "is this the control domain");
    assert_fails(ctrl_event_open(ctrl, &event), -ENOENT, "/dev/xen/evtchn");
    assert_fails(ctrl_grant_open(ctrl, &grant), -ENOENT, "/dev/xen/gntdev");
    assert_fails(ctrl_store_open(ctrl, &store), -ECONNREFUSED, "is xenstored running?");
    assert_null(ctrl_pages_get(ctrl, 1));
}

static void test_not_privileged(void **state)
{
    struct ctrl_physinfo info;
    struct ctrl_domain_info domain;

    (void)state;
    fake.not_privileged = true;
    assert_fails(ctrl_physinfo(ctrl, &info), -EPERM, "run this in the control domain");
    assert_fails(ctrl_domain_info(ctrl, 3, &domain), -EPERM, "domain 3: ");
}

static void test_other_version(void **state)
{
    struct ctrl_physinfo info;

    (void)state;
    fake.fail_hypercall.after = 1;
    fake.fail_hypercall.error = EACCES;
    assert_fails(ctrl_physinfo(ctrl, &info), -EACCES, "another version");
    fake.fail_hypercall.after = 1;
    assert_fails(ctrl_domain_pause(ctrl, 1), -EACCES, "another version");
}

/* EAGAIN and ERESTART mean: call again. */
static void test_repeats(void **state)
{
    (void)state;
    fake_domain_add(5, "five", 100, 1);
    fake.fail_hypercall.after = 1;
    fake.fail_hypercall.error = EAGAIN;
    assert_int_equal(ctrl_domain_destroy(ctrl, 5), 0);
    assert_int_equal(fake.hypercalls, 2);
}

static void test_argument_stack(void **state)
{
    struct arg_mark mark = arg_begin(ctrl), inner;
    uint8_t *a, *b, *c;
    unsigned int i;

    (void)state;
    a = arg_get(ctrl, 100);
    b = arg_get_zeroed(ctrl, 1);
    assert_non_null(a);
    assert_int_equal(b - a, 112);
    inner = arg_begin(ctrl);
    c = arg_get(ctrl, 100000);
    assert_non_null(c);
    memset(c, 1, 100000);
    arg_end(ctrl, inner);
    assert_ptr_equal(arg_get(ctrl, 16), b + 16);
    arg_end(ctrl, mark);
    assert_ptr_equal(arg_get(ctrl, 8), a);
    /* More than there are blocks for. */
    for (i = 0; i < 20 && c; i++) {
        c = arg_get(ctrl, 8192);
    }
    assert_null(c);
    assert_non_null(strstr(ctrl_error(ctrl), "too many"));
    arg_end(ctrl, mark);
    assert_ptr_equal(arg_get(ctrl, 8), a);
    arg_end(ctrl, mark);
}

static void test_pages(void **state)
{
    void *first = ctrl_pages_get(ctrl, 2), *second = ctrl_pages_get(ctrl, 1);

    (void)state;
    memset(first, 1, 8192);
    ctrl_pages_put(ctrl, first);
    ctrl_pages_put(ctrl, NULL);
    /* The second goes with the handle. */
    memset(second, 1, 4096);
}

static void test_modules_folder(void **state)
{
    char name[300];

    (void)state;
    assert_string_equal(ctrl_modules(ctrl), CTRL_MODULES);
    assert_int_equal(ctrl_modules_at(ctrl, "/some/where"), 0);
    assert_string_equal(ctrl_modules(ctrl), "/some/where");
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(ctrl_modules_at(ctrl, name), -ENAMETOOLONG);
    assert_string_equal(ctrl_modules(ctrl), CTRL_MODULES);
}

static void test_plain_hypercall(void **state)
{
    const uint64_t args[5] = { 0 };

    (void)state;
    assert_int_equal(ctrl_hypercall(ctrl, 17, args), 4 << 16 | 17);
    assert_int_equal(ctrl_hypercall(ctrl, 60, args), -ENOSYS);
    fake.no_devices = true;
    assert_fails((int)ctrl_hypercall(ctrl, 17, args), -ENOENT, "/dev/xen/privcmd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_error_sentence), TEST(test_no_devices), TEST(test_not_privileged),
        TEST(test_other_version), TEST(test_repeats), TEST(test_argument_stack),
        TEST(test_pages), TEST(test_modules_folder), TEST(test_plain_hypercall),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
