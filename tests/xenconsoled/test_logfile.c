/* SPDX-License-Identifier: BSD-2-Clause */
/* Log files: rotation, and disks that are full. */
#include "folder.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../../tools/xenconsoled/logfile.h"

/* What the daemon says goes here. */
static unsigned int said;

void say(const char *format, ...);
void say(const char *format, ...)
{
    (void)format;
    said++;
}

static struct logfile_rules rules;

static int set_up(void **state)
{
    (void)state;
    folder_make();
    rules = (struct logfile_rules){ .size = 100, .keep = 2 };
    said = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static void put(struct logfile *log, const char *text)
{
    logfile_write(log, text, strlen(text));
}

static void test_rotation_keeps_so_many(void **state)
{
    struct logfile log;
    char line[81];

    (void)state;
    assert_int_equal(logfile_open(&log, &rules, folder, "a.log"), 0);
    memset(line, '-', 80);
    line[80] = '\0';
    for (char c = '1'; c <= '5'; c++) {
        line[0] = c;
        put(&log, line);
    }
    logfile_close(&log);
    assert_int_equal(folder_text("a.log")[0], '5');
    assert_int_equal(folder_text("a.log.1")[0], '4');
    assert_int_equal(folder_text("a.log.2")[0], '3');
    assert_null(folder_text("a.log.3"));
    assert_int_equal(strlen(folder_text("a.log.1")), 80);
}

static void test_without_old_files_it_begins_anew(void **state)
{
    struct logfile log;

    (void)state;
    rules.keep = 0;
    rules.size = 4;
    logfile_open(&log, &rules, folder, "a.log");
    put(&log, "old\n");
    put(&log, "new\n");
    logfile_close(&log);
    assert_string_equal(folder_text("a.log"), "new\n");
    assert_null(folder_text("a.log.1"));
}

static void test_it_goes_on_where_it_was(void **state)
{
    struct logfile log;

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        logfile_open(&log, &rules, folder, "a.log");
        put(&log, "line\n");
        logfile_close(&log);
    }
    assert_string_equal(folder_text("a.log"), "line\nline\n");
}

static void test_a_full_disk_is_told_once(void **state)
{
    char path[100];
    struct logfile log;

    (void)state;
    snprintf(path, sizeof(path), "%s/a.log", folder);
    assert_int_equal(symlink("/dev/full", path), 0);
    logfile_open(&log, &rules, folder, "a.log");
    for (unsigned int i = 0; i < 50; i++)
        put(&log, "0123456789\n");
    assert_int_equal(said, 1);
    assert_int_equal(log.lost, 550);
    /* Room again. */
    unlink(path);
    logfile_reopen(&log);
    put(&log, "after\n");
    logfile_close(&log);
    assert_string_equal(folder_text("a.log"),
                        "[xenconsoled: 550 bytes are missing here: No space left on device]\n"
                        "after\n");
}

/* The limit on a file's size stops writes in the middle, as a disk does that fills up. */
static void test_what_is_lost_is_counted_to_the_byte(void **state)
{
    struct rlimit before, low = { .rlim_cur = 50, .rlim_max = RLIM_INFINITY };
    struct logfile log;

    (void)state;
    rules.size = 0;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    low.rlim_max = before.rlim_max;
    logfile_open(&log, &rules, folder, "a.log");
    setrlimit(RLIMIT_FSIZE, &low);
    for (unsigned int i = 0; i < 8; i++)
        put(&log, "0123456789abcde\n");
    setrlimit(RLIMIT_FSIZE, &before);
    put(&log, "after\n");
    logfile_close(&log);
    assert_int_equal(said, 1);
    assert_string_equal(folder_text("a.log"),
                        "0123456789abcde\n0123456789abcde\n0123456789abcde\n01\n"
                        "[xenconsoled: 78 bytes are missing here: File too large]\nafter\n");
}

static void test_a_missing_folder_is_told_once_and_tried_again(void **state)
{
    char path[100];
    struct logfile log;

    (void)state;
    snprintf(path, sizeof(path), "%s/later", folder);
    assert_int_equal(logfile_open(&log, &rules, path, "a.log"), 0);
    put(&log, "lost\n");
    put(&log, "lost\n");
    assert_int_equal(said, 1);
    mkdir(path, 0755);
    put(&log, "kept\n");
    logfile_close(&log);
    assert_non_null(strstr(folder_text("later/a.log"), "10 bytes are missing"));
    assert_non_null(strstr(folder_text("later/a.log"), "]\nkept\n"));
    strcat(path, "/a.log");
    unlink(path);
    path[strlen(path) - 6] = '\0';
    rmdir(path);
}

static void test_timestamps_and_escapes(void **state)
{
    struct logfile log;
    const char *text;

    (void)state;
    rules.timestamps = true;
    rules.replace_escape = true;
    rules.size = 0;
    logfile_open(&log, &rules, folder, "a.log");
    put(&log, "one\ntw");
    put(&log, "o \033[1m\n");
    logfile_close(&log);
    text = folder_text("a.log");
    assert_int_equal(strlen(text), 2 * 22 + strlen("one\ntwo .[1m\n"));
    assert_int_equal(text[0], '[');
    assert_memory_equal(text + 20, "] one\n[", 7);
    assert_string_equal(text + 26 + 20, "] two .[1m\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rotation_keeps_so_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_old_files_it_begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_it_goes_on_where_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_disk_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_lost_is_counted_to_the_byte, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_missing_folder_is_told_once_and_tried_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timestamps_and_escapes, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
