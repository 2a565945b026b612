/* SPDX-License-Identifier: BSD-2-Clause */
/* The history of a console, beside a plain list of all bytes. */
#include "unit.h"

#include "../../tools/xenconsoled/history.h"

static void add_text(struct history *history, const char *text)
{
    history_add(history, text, strlen(text), HISTORY_LIMIT);
}

/* All that is pending, as a text. */
static char *pending(struct history *history)
{
    char *text = calloc(1, history_pending(history) + 1);
    const char *data;
    size_t size, used = 0;

    while ((size = history_peek(history, &data)) > 0) {
        memcpy(text + used, data, size);
        used += size;
        history_advance(history, size);
    }
    return text;
}

static void check_pending(struct history *history, const char *expected)
{
    char *text = pending(history);

    assert_string_equal(text, expected);
    free(text);
}

static void test_a_little_takes_little(void **state)
{
    struct history history = { 0 };

    (void)state;
    add_text(&history, "hello\n");
    assert_true(history.size <= 1024);
    check_pending(&history, "hello\n");
    history_rewind(&history);
    check_pending(&history, "hello\n");
    history_fini(&history);
}

static void test_a_reader_begins_with_a_whole_line(void **state)
{
    struct history history = { 0 };
    char *text;

    (void)state;
    for (unsigned int i = 0; i < 5000; i++) {
        add_text(&history, "0123456789\n");
        history_skip(&history);
    }
    assert_int_equal(history.size, HISTORY_KEPT);
    history_rewind(&history);
    text = pending(&history);
    assert_int_equal(text[0], '0');
    assert_true(strlen(text) > HISTORY_KEPT - 11);
    free(text);
    history_fini(&history);
}

static void test_a_slow_reader_gets_up_to_the_limit(void **state)
{
    struct history history = { 0 };
    char line[101];

    (void)state;
    memset(line, 'x', 100);
    line[100] = '\0';
    for (unsigned int i = 0; i < 3000; i++)
        history_add(&history, line, 100, 100000);
    assert_int_equal(history_pending(&history), 100000);
    assert_int_equal(history.end, 300000);
    free(pending(&history));
    assert_int_equal(history.size, HISTORY_KEPT);
    history_fini(&history);
}

static void test_random_against_a_model(void **state)
{
    enum { ALL = 1 << 20 };
    uint64_t random = unit_seed("history");
    struct history history = { 0 };
    char *all = malloc(ALL + 4096);
    const char *data;

    (void)state;
    while (history.end < ALL) {
        size_t size = unit_random(&random) % 3000;

        for (size_t i = 0; i < size; i++)
            all[history.end + i] = unit_random(&random) % 40 ? 'a' + (char)(i % 26) : '\n';
        history_add(&history, all + history.end, size, 50000);
        for (unsigned int i = unit_random(&random) % 4; i > 0; i--) {
            size = history_peek(&history, &data);
            assert_memory_equal(data, all + history.sent, size);
            history_advance(&history, size ? unit_random(&random) % (size + 1) : 0);
        }
        if (unit_random(&random) % 20 == 0)
            history_rewind(&history);
        if (unit_random(&random) % 20 == 0)
            history_skip(&history);
        assert_true(history.size <= 50000 && history.used <= history.size);
        assert_true(history_pending(&history) <= history.used);
    }
    history_fini(&history);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_little_takes_little),
        cmocka_unit_test(test_a_reader_begins_with_a_whole_line),
        cmocka_unit_test(test_a_slow_reader_gets_up_to_the_limit),
        cmocka_unit_test(test_random_against_a_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
