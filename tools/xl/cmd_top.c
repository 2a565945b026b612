/* SPDX-License-Identifier: BSD-2-Clause */
/* top: its options, and batch mode; the screen is in the module "top". */
#include "commands.h"
#include "output.h"
#include "top.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DELAY_DEFAULT_S 3

static unsigned long number_parse(struct xl *xl, const char *word, const char *what,
                                  unsigned long most)
{
    unsigned long number;
    char *end;

    errno = 0;
    number = strtoul(word, &end, 10);
    if (*end || end == word || errno || *word == '-' || !number || number > most)
        xl_usage_error(xl, "%s must be a number from 1 to %lu, not \"%s\".", what, most, word);
    return number;
}

static void options_read(struct xl *xl, int argc, char **argv, struct top_options *options)
{
    static const struct option longs[] = {
        { "batch", no_argument, NULL, 'b' },      { "delay", required_argument, NULL, 'd' },
        { "iterations", required_argument, NULL, 'i' }, { "networks", no_argument, NULL, 'n' },
        { "vbds", no_argument, NULL, 'x' },       { "repeat-header", no_argument, NULL, 'r' },
        { "vcpus", no_argument, NULL, 'v' },      { "full-name", no_argument, NULL, 'f' },
        { 0 },
    };
    int option;

    while ((option = xl_option(xl, argc, argv, "bd:i:nxrvf", longs)) != -1) {
        options->batch |= option == 'b';
        options->networks |= option == 'n';
        options->vbds |= option == 'x';
        options->repeat_header |= option == 'r';
        options->vcpus |= option == 'v';
        options->full_names |= option == 'f';
        if (option == 'd')
            options->delay_s = (unsigned)number_parse(xl, optarg, "The delay", 86400);
        else if (option == 'i')
            options->iterations = number_parse(xl, optarg, "The number of tables", INT32_MAX);
    }
}

static void batch_run(struct xl *xl, const struct top_options *options)
{
    struct top_sample *previous = NULL, *sample;

    for (unsigned long done = 0; !options->iterations || done < options->iterations; done++) {
        if (done)
            sleep(options->delay_s);
        sample = top_sample_take(xl, previous, options->vcpus || xl->json);
        if (xl->json)
            top_json_print(stdout, sample);
        else
            top_batch_print(stdout, sample, options);
        if (fflush(stdout) != 0)
            return; /* who read this has gone */
        top_sample_free(previous);
        previous = sample;
    }
    top_sample_free(previous);
}

int cmd_top(struct xl *xl, int argc, char **argv)
{
    struct top_options options = { .delay_s = DELAY_DEFAULT_S };
    const struct top_screen *screen;

    options_read(xl, argc, argv, &options);
    if (xl->json && !options.batch && !options.iterations)
        options.iterations = 1;
    if (options.batch || xl->json) {
        batch_run(xl, &options);
        return XL_EXIT_OK;
    }
    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
        xl_die("Standard input and output are not a terminal; use xl top -b.");
    screen = xl_module_load("top", "top_screen");
    screen->run(xl, &options);
    return XL_EXIT_OK;
}
