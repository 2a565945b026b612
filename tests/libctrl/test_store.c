/* SPDX-License-Identifier: BSD-2-Clause */
/* The xenstore client over the model's store. */
#include "common.h"

#include <libctrl/store.h>

#include "xs_wire.h"

static struct ctrl_store *store;

static int setup(void **state)
{
    return common_setup(state) || ctrl_store_open(ctrl, &store);
}

static int teardown(void **state)
{
    ctrl_store_close(store);
    return common_teardown(state);
}

static void test_values(void **state)
{
    char *value, longer[5000];
    uint64_t number;
    size_t size;

    (void)state;
    assert_int_equal(ctrl_store_write(store, 0, "/a/b", "x\0y", 3), 0);
    assert_int_equal(ctrl_store_read(store, 0, "/a/b", &value, &size), 0);
    assert_int_equal(size, 3);
    assert_memory_equal(value, "x\0y", 4);
    free(value);
    assert_int_equal(ctrl_store_printf(store, 0, "n", "%d", 77), 0);
    assert_string_equal(fake_store_get("/local/domain/0/n"), "77");
    assert_int_equal(ctrl_store_read_number(store, 0, "n", &number), 0);
    assert_int_equal(number, 77);
    ctrl_store_printf(store, 0, "n", "0x%x", 16);
    assert_int_equal(ctrl_store_read_number(store, 0, "n", &number), 0);
    assert_int_equal(number, 16);
    ctrl_store_printf(store, 0, "n", "12 eggs");
    assert_fails(ctrl_store_read_number(store, 0, "n", &number), -EINVAL, "n is '12 eggs'");
    ctrl_store_printf(store, 0, "n", "-5");
    assert_int_equal(ctrl_store_read_number(store, 0, "n", &number), -EINVAL);
    assert_fails(ctrl_store_read(store, 0, "/none", &value, NULL), -ENOENT, "reading /none");
    assert_int_equal(ctrl_store_mkdir(store, 0, "/dir"), 0);
    assert_int_equal(ctrl_store_remove(store, 0, "/a"), 0);
    assert_null(fake_store_get("/a/b"));
    assert_int_equal(ctrl_store_remove(store, 0, "/a"), -ENOENT);
    memset(longer, 'x', sizeof(longer));
    longer[4999] = '\0';
    assert_fails(ctrl_store_printf(store, 0, "/l", "%s", longer), -E2BIG, "writing /l");
    assert_int_equal(ctrl_store_write(store, 0, "/l", longer, 4094), -E2BIG);
    assert_int_equal(ctrl_store_write(store, 0, "/l", longer, 4092), 0);
}

static void test_lists(void **state)
{
    struct ctrl_store_names *names;
    char path[64];
    unsigned int i;

    (void)state;
    assert_int_equal(ctrl_store_mkdir(store, 0, "/empty"), 0);
    assert_int_equal(ctrl_store_list(store, 0, "/empty", &names), 0);
    assert_int_equal(names->nr, 0);
    free(names);
    fake_store_set("/f/one", "");
    fake_store_set("/f/two/three", "");
    assert_int_equal(ctrl_store_list(store, 0, "/f", &names), 0);
    assert_int_equal(names->nr, 2);
    assert_string_equal(names->name[0], "one");
    assert_string_equal(names->name[1], "two");
    free(names);
    assert_int_equal(ctrl_store_list(store, 0, "/none", &names), -ENOENT);
    /* Too long for one reply: read in parts. */
    for (i = 0; i < 900; i++) {
        snprintf(path, sizeof(path), "/big/name-%04u", i);
        fake_store_set(path, "");
    }
    assert_int_equal(ctrl_store_list(store, 0, "/big", &names), 0);
    assert_int_equal(names->nr, 900);
    assert_string_equal(names->name[0], "name-0000");
    assert_string_equal(names->name[899], "name-0899");
    free(names);
}

static void test_permissions(void **state)
{
    struct ctrl_store_perm perms[3] = {
        { 0, false, false }, { 5, true, false }, { 6, true, true },
    };
    struct ctrl_store_perm got[3];

    (void)state;
    fake_store_set("/p", "");
    assert_int_equal(ctrl_store_set_perms(store, 0, "/p", perms, 3), 0);
    assert_int_equal(ctrl_store_get_perms(store, 0, "/p", got, 3), 3);
    assert_true(got[0].domid == 0 && !got[0].read && !got[0].write);
    assert_true(got[1].domid == 5 && got[1].read && !got[1].write);
    assert_true(got[2].domid == 6 && got[2].read && got[2].write);
    assert_int_equal(ctrl_store_get_perms(store, 0, "/p", got, 0), 3);
    assert_int_equal(ctrl_store_set_perms(store, 0, "/none", perms, 1), -ENOENT);
    assert_int_equal(ctrl_store_get_perms(store, 0, "/none", got, 1), -ENOENT);
}

static unsigned int bodies;

static int body(struct ctrl_store *s, uint32_t tx, void *arg)
{
    assert_true(tx > 0);
    if (ctrl_store_write(s, tx, "/t/x", "1", 1) != 0) {
        return -EIO;
    }
    /* Somebody else writes meanwhile, the first time. */
    if (bodies++ < *(unsigned int *)arg) {
        fake_store_touch("/other", "");
    }
    return 0;
}

static int body_fails(struct ctrl_store *s, uint32_t tx, void *arg)
{
    (void)arg;
    ctrl_store_write(s, tx, "/t/y", "1", 1);
    return ctrl_fail(ctrl, -EINVAL, "not this");
}

static void test_transactions(void **state)
{
    unsigned int conflicts = 2;
    uint32_t tx;

    (void)state;
    bodies = 0;
    assert_int_equal(ctrl_store_transaction(store, body, &conflicts), 0);
    assert_int_equal(bodies, 3);
    assert_string_equal(fake_store_get("/t/x"), "1");
    assert_fails(ctrl_store_transaction(store, body_fails, NULL), -EINVAL, "not this");
    assert_null(fake_store_get("/t/y"));
    conflicts = 1000;
    assert_fails(ctrl_store_transaction(store, body, &conflicts), -EAGAIN, "100 tries");
    assert_int_equal(ctrl_store_begin(store, &tx), 0);
    assert_int_equal(ctrl_store_write(store, tx, "/t/z", "", 0), 0);
    assert_int_equal(ctrl_store_end(store, tx, false), 0);
    assert_null(fake_store_get("/t/z"));
    assert_int_equal(ctrl_store_end(store, tx, true), -ENOENT);
}

static void test_watches(void **state)
{
    struct ctrl_store_event event;
    char *value;

    (void)state;
    assert_int_equal(ctrl_store_next_event(store, &event), -EAGAIN);
    assert_int_equal(ctrl_store_watch(store, "/w", "token"), 0);
    assert_fails(ctrl_store_watch(store, "/w", "token"), -EEXIST, "watching /w");
    assert_int_equal(ctrl_store_next_event(store, &event), 0);
    assert_string_equal(event.path, "/w");
    assert_string_equal(event.token, "token");
    fake_store_touch("/w/x", "1");
    fake_store_touch("/w/y", "2");
    /* Events that come before a reply wait. */
    assert_int_equal(ctrl_store_read(store, 0, "/w/x", &value, NULL), 0);
    free(value);
    assert_int_equal(ctrl_store_wait_event(store, 1000, &event), 0);
    assert_string_equal(event.path, "/w/x");
    assert_int_equal(ctrl_store_wait_event(store, 0, &event), 0);
    assert_string_equal(event.path, "/w/y");
    assert_int_equal(ctrl_store_wait_event(store, 10, &event), -EAGAIN);
    assert_int_equal(ctrl_store_unwatch(store, "/w", "token"), 0);
    assert_int_equal(ctrl_store_unwatch(store, "/w", "token"), -ENOENT);
    fake_store_touch("/w/x", "3");
    assert_int_equal(ctrl_store_next_event(store, &event), -EAGAIN);
    assert_true(ctrl_store_fd(store) >= 0);
}

static void test_domains(void **state)
{
    const char *words[] = { "print", "hello" };
    char *text;

    (void)state;
    fake_domain_add(3, "three", 1, 1);
    assert_int_equal(ctrl_store_is_introduced(store, 3), 0);
    assert_int_equal(ctrl_store_introduce(store, 3, 1234, 5), 0);
    assert_int_equal(ctrl_store_is_introduced(store, 3), 1);
    assert_int_equal(ctrl_store_set_target(store, 3, 0), 0);
    assert_int_equal(ctrl_store_resume(store, 3), 0);
    assert_int_equal(ctrl_store_release(store, 3), 0);
    assert_fails(ctrl_store_release(store, 3), -ENOENT, "releasing domain 3");
    assert_fails(ctrl_store_introduce(store, 99, 1, 1), -EINVAL, "introducing domain 99");
    assert_int_equal(ctrl_store_domain_path(store, 3, &text), 0);
    assert_string_equal(text, "/local/domain/3");
    free(text);
    assert_int_equal(ctrl_store_control(store, words, 2, &text), 0);
    assert_string_equal(text, "print");
    free(text);
    assert_int_equal(ctrl_store_control(store, words, 0, &text), -EINVAL);
}

static void test_batch(void **state)
{
    const struct ctrl_store_perm perm = { 3, true, false };
    struct ctrl_batch *batch;
    const char *value;
    unsigned int numbers[200], missing, list, i;
    char path[64];

    (void)state;
    fake_store_set("/r", "value");
    assert_int_equal(ctrl_batch_create(store, &batch), 0);
    for (i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "/b/%u", i);
        numbers[i] = ctrl_batch_printf(batch, path, "%u", i);
    }
    ctrl_batch_set_perms(batch, "/b/7", &perm, 1);
    ctrl_batch_mkdir(batch, "/b/dir");
    ctrl_batch_remove(batch, "/b/5");
    ctrl_batch_watch(batch, "/b", "t");
    missing = ctrl_batch_read(batch, "/none");
    numbers[0] = ctrl_batch_read(batch, "/r");
    list = ctrl_batch_list(batch, "/b");
    assert_int_equal(ctrl_batch_reply(batch, list, NULL), -ENODATA);
    assert_int_equal(ctrl_batch_submit(batch), 0);
    assert_int_equal(ctrl_batch_reply(batch, missing, &value), -ENOENT);
    assert_int_equal(ctrl_batch_reply(batch, numbers[0], &value), 5);
    assert_string_equal(value, "value");
    assert_true(ctrl_batch_reply(batch, list, &value) > 200);
    assert_int_equal(ctrl_batch_reply(batch, 9999, NULL), -ENODATA);
    assert_string_equal(fake_store_get("/b/199"), "199");
    assert_null(fake_store_get("/b/5"));
    ctrl_batch_reset(batch);
    ctrl_batch_write(batch, "/s", "x", 1);
    ctrl_batch_set_perms(batch, "/none", &perm, 1);
    assert_fails(ctrl_batch_submit(batch), -ENOENT, "setting the permissions of /none");
    ctrl_batch_destroy(batch);
    ctrl_batch_destroy(NULL);
}

static void test_batch_commit(void **state)
{
    const struct ctrl_store_perm perm = { 3, true, false };
    struct ctrl_batch *batch;

    (void)state;
    fake_domain_add(3, "three", 1, 1);
    assert_int_equal(ctrl_batch_create(store, &batch), 0);
    ctrl_batch_write(batch, "/c/x", "1", 1);
    ctrl_batch_introduce(batch, 3, 77, 1);
    assert_int_equal(ctrl_batch_commit(batch), 0);
    assert_string_equal(fake_store_get("/c/x"), "1");
    /* The write, and the transaction's end. */
    assert_int_equal(fake.store_tx_requests, 2);
    assert_int_equal(ctrl_store_is_introduced(store, 3), 1);
    ctrl_batch_reset(batch);
    ctrl_batch_release(batch, 3);
    assert_int_equal(ctrl_batch_submit(batch), 0);
    /* All or nothing. */
    ctrl_batch_reset(batch);
    ctrl_batch_write(batch, "/c/y", "1", 1);
    ctrl_batch_set_perms(batch, "/none", &perm, 1);
    assert_int_equal(ctrl_batch_commit(batch), -ENOENT);
    assert_null(fake_store_get("/c/y"));
    ctrl_batch_destroy(batch);
}

static void test_batch_too_long(void **state)
{
    struct ctrl_store_perm perms[2000] = { { 1, true, true } };
    struct ctrl_batch *batch;
    char longer[5000];

    (void)state;
    memset(longer, 'x', sizeof(longer));
    longer[4999] = '\0';
    assert_int_equal(ctrl_batch_create(store, &batch), 0);
    ctrl_batch_write(batch, "/ok", "", 0);
    ctrl_batch_printf(batch, "/long", "%s", longer);
    ctrl_batch_set_perms(batch, "/perms", perms, 2000);
    assert_fails(ctrl_batch_submit(batch), -E2BIG, "writing /long");
    assert_null(fake_store_get("/ok"));
    ctrl_batch_reset(batch);
    ctrl_batch_set_perms(batch, "/perms", perms, 2000);
    assert_int_equal(ctrl_batch_submit(batch), -E2BIG);
    ctrl_batch_destroy(batch);
}

static void test_broken(void **state)
{
    struct ctrl_store_event event;
    struct ctrl_batch *batch;
    char *value;

    (void)state;
    ctrl_batch_create(store, &batch);
    ctrl_batch_write(batch, "/x", "", 0);
    fake_store_break();
    assert_fails(ctrl_batch_submit(batch), -EPIPE, "is xenstored running?");
    assert_int_equal(ctrl_store_read(store, 0, "/x", &value, NULL), -EPIPE);
    assert_int_equal(ctrl_store_next_event(store, &event), -EPIPE);
    ctrl_batch_destroy(batch);
}

/* A store that sends what makes no sense is left alone from then on. */
static void test_nonsense(void **state)
{
    const struct xsd_sockmsg heads[] = {
        { .type = XS_READ, .req_id = 1, .len = XENSTORE_PAYLOAD_MAX + 1 },
        { .type = XS_READ, .req_id = 77 },
    };
    struct ctrl_store_event event;
    char payload[XENSTORE_PAYLOAD_MAX + 1] = "";
    unsigned int i;
    char *value;

    for (i = 0; i < 2; i++) {
        fake_store_set("/x", "");
        fake_store_say(&heads[i], sizeof(heads[i]));
        fake_store_say(payload, heads[i].len);
        assert_int_equal(ctrl_store_read(store, 0, "/x", &value, NULL), -EPIPE);
        assert_int_equal(ctrl_store_read(store, 0, "/x", &value, NULL), -EPIPE);
        teardown(state);
        setup(state);
    }
    /* An answer to no question. */
    fake_store_say(&heads[1], sizeof(heads[1]));
    assert_int_equal(ctrl_store_next_event(store, &event), -EPIPE);
}

static void test_wire_errors(void **state)
{
    (void)state;
    assert_int_equal(wire_errno("ENOENT"), ENOENT);
    assert_int_equal(wire_errno("EQUOTA"), EIO);
    assert_string_equal(wire_name(XS_READ), "reading");
    assert_string_equal(wire_name(9999), "a request");
}

#define STORE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE(test_values), STORE(test_lists), STORE(test_permissions),
        STORE(test_transactions), STORE(test_watches), STORE(test_domains),
        STORE(test_batch), STORE(test_batch_commit), STORE(test_batch_too_long),
        STORE(test_broken), STORE(test_nonsense), STORE(test_wire_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
