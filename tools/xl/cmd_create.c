/* SPDX-License-Identifier: BSD-2-Clause */
/* xl create: options, reading the configuration, and what happens once the guest runs. */
#include "life.h"

#include "commands.h"
#include "conf_file.h"
#include "cpus.h"
#include "output.h"
#include "state.h"
#include "xl_conf.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTION_IGNORE_MASKS 0x20000
#define EARLY_LINES         20
#define EARLY_NS            10000000000u

struct create_words {
    bool console, debug, foreground, dry_run, quiet;
    const char *file;
    const char *const *arguments;
    unsigned argument_count;
    struct create_options options;
};

static void words_read(struct xl *xl, int argc, char **argv, struct create_words *words)
{
    static const struct option longs[] = {
        { "defconfig", required_argument, NULL, 'f' }, { "dryrun", no_argument, NULL, 'n' },
        { "quiet", no_argument, NULL, 'q' }, { "vncviewer", no_argument, NULL, 'V' },
        { "vncviewer-autopass", no_argument, NULL, 'A' },
        { "ignore-global-affinity-masks", no_argument, NULL, OPTION_IGNORE_MASKS }, { 0 },
    };
    int option;

    words->dry_run = xl->dry_run;
    while ((option = xl_option(xl, argc, argv, "cdeFpqvnf:VA", longs)) != -1) {
        switch (option) {
        case 'c': words->console = true; break;
        case 'd': words->debug = true; break;
        case 'e': words->options.unsupervised = true; break;
        case 'F': words->foreground = true; break;
        case 'p': words->options.paused = true; break;
        case 'q': words->quiet = true; break;
        case 'n': words->dry_run = true; break;
        case 'v': output_configure(++xl->verbose, xl->progress_cr, xl->timestamps); break;
        case 'f': words->file = optarg; break;
        case 'V':
        case 'A': xl_die("xl create -%c: guests have no screen yet; use -c.", option);
        case OPTION_IGNORE_MASKS: words->options.ignore_masks = true; break;
        }
    }
    words->arguments = (const char *const *)argv + optind;
    for (int i = optind; i < argc; i++) {
        if (strchr(argv[i], '='))
            argv[optind + (int)words->argument_count++] = argv[i];
        else if (!words->file)
            words->file = argv[i];
        else
            xl_usage_error(xl, "There is a configuration file already (%s); what is \"%s\"?",
                           words->file, argv[i]);
    }
}

/* --- -F --- */

static int follow(struct xl *xl, const struct life *life)
{
    uint64_t start = life_now_ns();

    xl_note("Waiting for domain %s (domid %u) to die [pid %ld]", life->config->name, life->domid,
            (long)getpid());
    if (life_follow(xl, life->uuid) < 0)
        return XL_EXIT_FAILED;
    if (life_now_ns() - start < EARLY_NS) {
        xl_note("It ended after %u s.", (unsigned)((life_now_ns() - start) / 1000000000));
        console_tail_print(life->config->name, EARLY_LINES);
    }
    return XL_EXIT_OK;
}

/* --- -n, -d --- */

/* Lists of CPUs with "all" or nodes can be told only where a hypervisor knows the CPUs. */
static void json_print(struct xl *xl, const struct xl_config *config, FILE *out)
{
    struct xl_host_cpus host = { 0 };
    struct xl_json_state state = { .host = &host };
    bool known = (xl->ctrl || ctrl_open(&xl->ctrl) == 0) && cpus_host_read(xl->ctrl, &host) == 0;

    xl_config_print_json(config, out, 0, known ? &state : NULL, 0);
    cpus_host_free(&host);
}

static int dry_run(struct xl *xl, const struct xl_config *config, const struct create_words *words)
{
    struct preflight checked;
    struct life life;
    int rc;

    json_print(xl, config, stdout);
    putchar('\n');
    /* Scripts ask in this way for a name, also of guests that run. */
    if (words->quiet)
        return XL_EXIT_OK;
    if (!xl->ctrl || ctrl_domain_info(xl->ctrl, CTRL_DOM0,
                                                     &(struct ctrl_domain_info){ 0 }) < 0 ||
        ctrl_store_open(xl->ctrl, &xl->store) < 0) {
        xl_note("Not checked, as this is not Domain-0 of a hypervisor: memory, names, use of "
                "disks and networks.");
        return XL_EXIT_OK;
    }
    life_begin(&life, xl, config);
    life.dry_run = true;
    devices_collect(&life);
    rc = preflight_run(&life, &checked);
    preflight_end(&checked);
    life_end(&life);
    return rc < 0 ? xl_exit_code(-EIO) : XL_EXIT_OK;
}

/* --- the command --- */

static int guest_make(struct xl *xl, const struct xl_config *config, struct create_words *words,
                      const struct conf_file *file, uint64_t start)
{
    struct life life;
    int code = XL_EXIT_OK;

    words->options.text = file->text;
    words->options.for_console = words->console;
    life_begin(&life, xl, config);
    life_clock_add(&life.clock, "read configuration", life.clock.last_ns - start);
    if (life_create(&life, &words->options) < 0)
        code = xl_exit_code(-EIO);
    life_clock_print(&life.clock, "xl create");
    if (code == XL_EXIT_OK && words->console)
        code = console_attach(xl, life.domid, 0);
    if (code == XL_EXIT_OK && words->foreground)
        code = follow(xl, &life);
    life_end(&life);
    return code;
}

int cmd_create(struct xl *xl, int argc, char **argv)
{
    struct create_words words = { .file = NULL };
    uint64_t start = life_now_ns();
    struct xl_config *config;
    struct conf_file file;
    int code;

    words_read(xl, argc, argv, &words);
    if (!words.file) {
        xl_error("Config file not specified and none in save file");
        return xl_exit_code(-EINVAL);
    }
    if (conf_file_read(&file, words.file, words.arguments, words.argument_count) < 0)
        return XL_EXIT_FAILED;
    if (!words.quiet)
        xl_note("Parsing config from %s", words.file);
    if (conf_file_parse(&file, &config) < 0 || xl_config_check(config, &life_report) < 0)
        return XL_EXIT_FAILED;
    life_uuid_choose(config);
    if (words.debug && !words.dry_run)
        json_print(xl, config, stderr);
    code = words.dry_run ? dry_run(xl, config, &words)
                         : guest_make(xl, config, &words, &file, start);
    xl_config_free(config);
    conf_file_free(&file);
    return code;
}
