/* SPDX-License-Identifier: BSD-2-Clause */
/* xenstore: against the xenstored that runs, or what is said when none does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libctrl/build.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>

#include "live.h"

#define FOLDER "/test/libctrl"

static struct ctrl_store *store;

static void test_nodes(void)
{
    const struct ctrl_store_perm perms[2] = { { 0, false, false }, { 7, true, false } };
    struct ctrl_store_perm got[2] = { { 9, true, true } };
    struct ctrl_store_names *names;
    uint64_t number = 0;
    char *value = NULL, path[64];
    size_t size = 0;
    int i;

    test("store/nodes");
    CHECK_OK(ctrl_store_mkdir(store, 0, FOLDER));
    CHECK_OK(ctrl_store_write(store, 0, FOLDER "/a", "x\0y", 3));
    CHECK_OK(ctrl_store_read(store, 0, FOLDER "/a", &value, &size));
    CHECK(size == 3 && memcmp(value, "x\0y", 4) == 0);
    free(value);
    CHECK_OK(ctrl_store_printf(store, 0, FOLDER "/n", "%d", 42));
    CHECK_OK(ctrl_store_read_number(store, 0, FOLDER "/n", &number));
    CHECK(number == 42);
    CHECK_RC(ctrl_store_read(store, 0, FOLDER "/none", &value, NULL), -ENOENT);
    CHECK_RC(ctrl_store_write(store, 0, "//bad", "", 0), -EINVAL);
    CHECK_OK(ctrl_store_set_perms(store, 0, FOLDER "/a", perms, 2));
    CHECK_RC(ctrl_store_get_perms(store, 0, FOLDER "/a", got, 2), 2);
    CHECK(got[0].domid == 0 && !got[0].read && !got[0].write);
    CHECK(got[1].domid == 7 && got[1].read && !got[1].write);
    test("store/lists");
    for (i = 0; i < 600; i++) {
        snprintf(path, sizeof(path), FOLDER "/many/name-%04d", i);
        CHECK_OK(ctrl_store_write(store, 0, path, "", 0));
    }
    if (CHECK_OK(ctrl_store_list(store, 0, FOLDER "/many", &names))) {
        CHECK(names->nr == 600 && strncmp(names->name[599], "name-", 5) == 0);
        free(names);
    }
    if (CHECK_OK(ctrl_store_list(store, 0, FOLDER, &names))) {
        CHECK(names->nr == 3);
        free(names);
    }
    CHECK_OK(ctrl_store_remove(store, 0, FOLDER "/many"));
    CHECK_RC(ctrl_store_list(store, 0, FOLDER "/many", &names), -ENOENT);
}

static int count_up(struct ctrl_store *s, uint32_t tx, void *arg)
{
    struct ctrl_store *other = arg;
    uint64_t number;
    int rc = ctrl_store_read_number(s, tx, FOLDER "/n", &number);

    if (rc == 0 && other && number < 100) {
        rc = ctrl_store_printf(other, 0, FOLDER "/n", "100");
    }
    return rc ? rc : ctrl_store_printf(s, tx, FOLDER "/n", "%d", (int)number + 1);
}

static void test_transactions(void)
{
    struct ctrl_store *other;
    uint64_t number = 0;
    uint32_t tx = 0;

    test("store/transactions");
    CHECK_OK(ctrl_store_transaction(store, count_up, NULL));
    CHECK_OK(ctrl_store_read_number(store, 0, FOLDER "/n", &number));
    CHECK(number == 43);
    /* Another client writes between reading and writing: it is done again. */
    if (CHECK_OK(ctrl_store_open(ctrl, &other))) {
        CHECK_OK(ctrl_store_transaction(store, count_up, other));
        CHECK_OK(ctrl_store_read_number(store, 0, FOLDER "/n", &number));
        CHECK(number == 101);
        ctrl_store_close(other);
    }
    CHECK_OK(ctrl_store_begin(store, &tx));
    CHECK_OK(ctrl_store_printf(store, tx, FOLDER "/n", "5"));
    CHECK_OK(ctrl_store_end(store, tx, false));
    CHECK_OK(ctrl_store_read_number(store, 0, FOLDER "/n", &number));
    CHECK(number == 101);
}

static void test_watches(void)
{
    struct ctrl_store_event event = { "", "" };

    test("store/watches");
    CHECK_OK(ctrl_store_watch(store, FOLDER "/w", "token"));
    CHECK_OK(ctrl_store_wait_event(store, 5000, &event));
    CHECK(strcmp(event.path, FOLDER "/w") == 0 && strcmp(event.token, "token") == 0);
    CHECK_OK(ctrl_store_write(store, 0, FOLDER "/w/x", "", 0));
    CHECK_OK(ctrl_store_wait_event(store, 5000, &event));
    CHECK(strcmp(event.path, FOLDER "/w/x") == 0);
    CHECK_RC(ctrl_store_next_event(store, &event), -EAGAIN);
    CHECK_OK(ctrl_store_unwatch(store, FOLDER "/w", "token"));
    CHECK_RC(ctrl_store_unwatch(store, FOLDER "/w", "token"), -ENOENT);
}

static void test_batches(void)
{
    const struct ctrl_store_perm perm = { 0, true, false };
    struct ctrl_batch *batch;
    const char *value = "";
    unsigned int read, list, i;
    char path[64];

    test("store/batches");
    if (!CHECK_OK(ctrl_batch_create(store, &batch))) {
        return;
    }
    for (i = 0; i < 2000; i++) {
        snprintf(path, sizeof(path), FOLDER "/b/%u", i % 50);
        ctrl_batch_printf(batch, path, "%u", i);
    }
    ctrl_batch_set_perms(batch, FOLDER "/b", &perm, 1);
    ctrl_batch_mkdir(batch, FOLDER "/b/d");
    ctrl_batch_remove(batch, FOLDER "/b/7");
    read = ctrl_batch_read(batch, FOLDER "/b/8");
    list = ctrl_batch_list(batch, FOLDER "/b");
    CHECK_OK(ctrl_batch_submit(batch));
    CHECK_RC(ctrl_batch_reply(batch, read, &value), 4);
    CHECK(strcmp(value, "1958") == 0);
    CHECK(ctrl_batch_reply(batch, list, NULL) > 100);
    ctrl_batch_reset(batch);
    ctrl_batch_printf(batch, FOLDER "/c", "%d", 1);
    CHECK_OK(ctrl_batch_commit(batch));
    ctrl_batch_reset(batch);
    ctrl_batch_printf(batch, FOLDER "/e", "%d", 1);
    ctrl_batch_set_perms(batch, FOLDER "/none", &perm, 1);
    CHECK_RC(ctrl_batch_commit(batch), -ENOENT);
    ctrl_batch_reset(batch);
    read = ctrl_batch_read(batch, FOLDER "/e");
    CHECK_OK(ctrl_batch_submit(batch));
    CHECK_RC(ctrl_batch_reply(batch, read, NULL), -ENOENT);
    ctrl_batch_destroy(batch);
}

static void test_domains(const char *kernel)
{
    struct ctrl_build_result built;
    uint32_t id = guest_make(kernel, &built);
    struct ctrl_store_event event = { "", "" };
    char *path = NULL;

    test("store/domains");
    CHECK(id > 0);
    CHECK_RC(ctrl_store_is_introduced(store, id), 0);
    CHECK_OK(ctrl_store_watch(store, "@introduceDomain", "in"));
    CHECK_OK(ctrl_store_wait_event(store, 5000, &event));
    CHECK_OK(ctrl_store_introduce(store, id, built.store_mfn, built.store_port));
    CHECK_OK(ctrl_store_wait_event(store, 5000, &event));
    CHECK(strcmp(event.path, "@introduceDomain") == 0);
    CHECK_RC(ctrl_store_is_introduced(store, id), 1);
    CHECK_OK(ctrl_store_domain_path(store, id, &path));
    CHECK(path && strncmp(path, "/local/domain/", 14) == 0);
    free(path);
    CHECK_OK(ctrl_store_unwatch(store, "@introduceDomain", "in"));
    CHECK_OK(ctrl_store_release(store, id));
    CHECK_RC(ctrl_store_is_introduced(store, id), 0);
    CHECK(ctrl_store_introduce(store, 12345, 1, 1) < 0);
    CHECK_OK(ctrl_domain_destroy(ctrl, id));
}

void test_store(const char *kernel)
{
    const char *words[] = { "help" };
    char *answer = NULL;

    test("store/open");
    if (access("/run/xenstored/socket", F_OK) != 0) {
        CHECK(ctrl_store_open(ctrl, &store) < 0);
        CHECK(strstr(ctrl_error(ctrl), "is xenstored running?") != NULL);
        return;
    }
    if (!CHECK_OK(ctrl_store_open(ctrl, &store))) {
        return;
    }
    test_nodes();
    test_transactions();
    test_watches();
    test_batches();
    test_domains(kernel);
    test("store/end");
    CHECK_OK(ctrl_store_control(store, words, 1, &answer));
    free(answer);
    CHECK_OK(ctrl_store_remove(store, 0, "/test"));
    ctrl_store_close(store);
}
