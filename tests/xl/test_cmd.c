/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of xl's that its output alone does not show: JSON, tables of xl top -b, exit codes. */
#include "json.h"
#include "output.h"
#include "top.h"
#include "xl.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *text;
static size_t size;

static FILE *out_begin(void)
{
    free(text);
    text = NULL;
    return open_memstream(&text, &size);
}

static void json_nests_and_indents(void **state)
{
    FILE *out = out_begin();
    struct json *json = json_begin(out);

    (void)state;
    json_map(json, NULL);
    json_string(json, "name", "a \"b\"\n");
    json_array(json, "list");
    json_int(json, NULL, -5);
    json_uint(json, NULL, UINT64_MAX);
    json_fixed(json, NULL, 1.25, 1);
    json_end(json);
    json_bool(json, "yes", true);
    json_null(json, "none");
    json_string(json, "absent", NULL);
    assert_int_equal(json_finish(json), 0); /* closes the map */
    fclose(out);
    assert_string_equal(text, "{\n"
                              "    \"name\": \"a \\\"b\\\"\\n\",\n"
                              "    \"list\": [\n"
                              "        -5,\n"
                              "        18446744073709551615,\n"
                              "        1.2\n"
                              "    ],\n"
                              "    \"yes\": true,\n"
                              "    \"none\": null,\n"
                              "    \"absent\": null\n"
                              "}\n");
}

static void json_repairs(const char *from, const char *to)
{
    char want[128];
    FILE *out = out_begin();
    struct json *json = json_begin(out);

    json_string(json, NULL, from);
    json_finish(json);
    fclose(out);
    snprintf(want, sizeof(want), "\"%s\"\n", to);
    assert_string_equal(text, want);
}

static void json_text_is_utf8(void **state)
{
    (void)state;
    json_repairs("plain", "plain");
    json_repairs("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
                 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7");
    json_repairs("a\xff" "b", "a\xef\xbf\xbd" "b");
    json_repairs("\xc3", "\xef\xbf\xbd");                             /* cut off */
    json_repairs("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");             /* too long a form */
    json_repairs("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a surrogate */
    json_repairs("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static void exit_codes_are_libxls(void **state)
{
    (void)state;
    assert_int_equal(xl_exit_code(0), 0);
    assert_int_equal(xl_exit_code(-EIO), 3);
    assert_int_equal(xl_exit_code(-ENOMEM), 5);
    assert_int_equal(xl_exit_code(-EINVAL), 6);
}

/* What a function says on stderr, to be freed. */
static char *stderr_of(void (*say)(void))
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    char *said = calloc(1, 4096);

    dup2(fileno(file), STDERR_FILENO);
    say();
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    assert_true(fread(said, 1, 4095, file) < 4095);
    fclose(file);
    return said;
}

static void say_short_task(void)
{
    struct xl_progress progress;

    xl_progress_begin(&progress, "Copying", 100, "MiB");
    xl_progress_update(&progress, 50);
    xl_progress_end(&progress);
}

static void say_long_task(void)
{
    struct xl_progress progress;

    xl_progress_begin(&progress, "Copying", 100, "MiB");
    progress.start_ns -= 2000000000; /* it began two seconds ago */
    xl_progress_update(&progress, 50);
    xl_progress_update(&progress, 51); /* too soon after the one before */
    xl_error("trouble");
    xl_progress_end(&progress);
}

static void progress_shows_after_a_second(void **state)
{
    char *said;

    (void)state;
    output_configure(0, true, false);
    said = stderr_of(say_short_task);
    assert_string_equal(said, "");
    free(said);
    said = stderr_of(say_long_task);
    assert_string_equal(said, "\rCopying [###############...............]  50% 50/100 MiB\033[K"
                              "\r\033[Ktrouble\n"
                              "\rCopying [##############################] 100% 100/100 MiB\033[K"
                              "\n");
    free(said);
    output_configure(0, false, false); /* and this is no terminal */
    said = stderr_of(say_long_task);
    assert_string_equal(said, "trouble\n");
    free(said);
}

static void say_levels(void)
{
    xl_note("note");
    xl_warn("careful: %d", 5);
    xl_debug(1, "one");
    xl_debug(2, "two");
}

static void levels_and_stamps(void **state)
{
    char *said;
    int pid;

    (void)state;
    output_configure(1, false, false);
    said = stderr_of(say_levels);
    assert_string_equal(said, "note\nWarning: careful: 5\nxl: one\n");
    free(said);
    output_configure(0, false, true);
    said = stderr_of(say_levels);
    assert_int_equal(sscanf(said, "%*d-%*d-%*d %*d:%*d:%*d.%*d [%d] note", &pid), 1);
    assert_int_equal(pid, getpid());
    free(said);
    output_configure(0, false, false);
}

static struct top_vcpu six_vcpus[] = {
    { .number = 0, .online = true, .cpu_ns = 21000000000 },
    { .number = 1, .online = true, .cpu_ns = 9000000000 },
    { .number = 2 },
    { .number = 3, .online = true },
    { .number = 4, .online = true },
    { .number = 5, .online = true },
    { .number = 6, .online = true, .cpu_ns = 1500000000 },
};
static struct top_nic one_nic = {
    .number = 0, .tx_bytes = 12517, .tx_packets = 237, .rx_bytes = 4257529, .rx_packets = 952,
};
static struct top_vbd two_vbds[] = {
    { .number = 51712, .reads = 35, .read_sectors = 8216 },
    { .number = 51728, .reads = 3, .read_sectors = 24, .writes = 2, .written_sectors = 16 },
};

static struct top_sample sample_make(struct top_domain *domains, unsigned nr)
{
    return (struct top_sample){ .host = { .total_pages = 327680, .nr_cpus = 2 }, .nr = nr,
                                .domains = domains, .busy_percent = -1 };
}

/* The lines that Debian's xentop -b -n -x -v printed of such a guest. */
static void top_tables_are_xentops(void **state)
{
    struct top_domain domains[] = {
        { .info = { .domid = 0, .running = true, .cpu_time_ns = 112900000000, .nr_pages = 131072,
                    .max_pages = UINT64_MAX, .max_vcpu_id = 1 },
          .name = (char *)"Domain-0", .percent = 56.72 },
        { .info = { .domid = 1, .blocked = true, .cpu_time_ns = 37000000000, .nr_pages = 40960,
                    .max_pages = 41216, .max_vcpu_id = 6 },
          .name = (char *)"deb", .percent = 0.8, .nr_vcpus = 7, .vcpus = six_vcpus,
          .nr_nics = 1, .nics = &one_nic, .nr_vbds = 2, .vbds = two_vbds },
    };
    struct top_sample sample = sample_make(domains, 2);
    struct top_options options = { .networks = true, .vbds = true, .vcpus = true };
    FILE *out = out_begin();

    (void)state;
    top_batch_print(out, &sample, &options);
    fclose(out);
    assert_string_equal(
        text,
        "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS "
        "NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID\n"
        "       deb --b---         37    0.8     163840   12.5     164864      12.6     7    1 "
        "    4157       12    2        0       38        2       8240         16    0\n"
        "VCPUs(sec):   0:         21s  1:          9s  3:          0s  4:          0s  5:        "
        "  0s\n"
        "            6:          1s\n"
        "Net0 RX:    12517bytes      237pkts        0err        0drop  TX:  4257529bytes      "
        "952pkts        0err        0drop\n"
        "VBD BlkBack 51712 [ca: 0]  OO:        0   RD:       35   WR:        0   RSECT:       "
        "8216   WSECT:          0\n"
        "VBD BlkBack 51728 [ca:10]  OO:        0   RD:        3   WR:        2   RSECT:         "
        "24   WSECT:         16\n"
        "  Domain-0 -----r        112   56.7     524288   40.0   no limit       n/a     2    0 "
        "       0        0    0        0        0        0          0          0    0\n"
        "VCPUs(sec): \n");
}

static void top_names_are_cut(void **state)
{
    struct top_domain domain = { .name = (char *)"a-name-that-is-long",
                                 .info = { .shutdown = true, .shutdown_reason = 3 } };
    struct top_sample sample = sample_make(&domain, 1);
    struct top_options options = { .full_names = false };
    FILE *out = out_begin();

    (void)state;
    top_batch_print(out, &sample, &options);
    fclose(out);
    assert_non_null(strstr(text, "\na-name-tha ---c--  "));
    options.full_names = true;
    out = out_begin();
    top_batch_print(out, &sample, &options);
    fclose(out);
    assert_non_null(strstr(text, "\na-name-that-is-long ---c--  "));
}

static void commands_have_all_they_need(void **state)
{
    (void)state;
    for (const struct xl_command *command = xl_commands; command->name; command++) {
        assert_non_null(command->usage);
        assert_non_null(command->summary);
        assert_true(!command->handler == !!command->refusal);
        assert_ptr_equal(xl_command_find(command->name), command);
        for (const struct xl_command *other = xl_commands; other != command; other++)
            assert_string_not_equal(other->name, command->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_nests_and_indents),
        cmocka_unit_test(json_text_is_utf8),
        cmocka_unit_test(exit_codes_are_libxls),
        cmocka_unit_test(progress_shows_after_a_second),
        cmocka_unit_test(levels_and_stamps),
        cmocka_unit_test(top_tables_are_xentops),
        cmocka_unit_test(top_names_are_cut),
        cmocka_unit_test(commands_have_all_they_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
