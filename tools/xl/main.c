/* SPDX-License-Identifier: BSD-2-Clause */
/* Global options, the choice of a command, its options, and help. */
#include "output.h"
#include "xl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_JSON 0x10000
#define LONGS_MAX   16
#define INDENT      "\n                     " /* behind a name that is too long for its column */

static const char usage_line[] = "Usage xl [-vfNtT] <subcommand> [args]\n";

static size_t prefix_matches(const char *word, const struct xl_command **first)
{
    size_t length = strlen(word), count = 0;

    for (const struct xl_command *command = xl_commands; command->name; command++) {
        if ((command->flags & XL_CMD_HIDDEN) || strncmp(command->name, word, length) != 0)
            continue;
        if (count++ == 0)
            *first = command;
    }
    return count;
}

static void ambiguous_print(const char *word)
{
    char names[512] = "";
    size_t used = 0, length = strlen(word);

    for (const struct xl_command *command = xl_commands; command->name; command++) {
        if ((command->flags & XL_CMD_HIDDEN) || strncmp(command->name, word, length) != 0)
            continue;
        if (used + strlen(command->name) + 3 > sizeof(names))
            break;
        used += (size_t)sprintf(names + used, "%s%s", used ? ", " : "", command->name);
    }
    xl_error("command not implemented");
    xl_error("\"%s\" may be each of: %s; type more of it.", word, names);
}

const struct xl_command *xl_command_find(const char *word)
{
    const struct xl_command *found = NULL;
    size_t matches;

    for (const struct xl_command *command = xl_commands; command->name; command++)
        if (strcmp(command->name, word) == 0 ||
            (command->alias && strcmp(command->alias, word) == 0))
            return command;
    matches = *word ? prefix_matches(word, &found) : 0;
    if (matches == 1)
        return found;
    if (matches > 1) {
        ambiguous_print(word);
        return NULL;
    }
    xl_error("command not implemented");
    xl_error("There is no command \"%s\"; \"xl help\" lists all there are.", word);
    return NULL;
}

static void option_print(FILE *out, const char *line, size_t length)
{
    const char *tab = memchr(line, '\t', length);
    size_t head = tab ? (size_t)(tab - line) : length;

    fprintf(out, "%-24.*s", (int)head, line);
    if (tab)
        fprintf(out, "%s%.*s", head < 24 ? "" : " ", (int)(length - head - 1), tab + 1);
    fputc('\n', out);
}

static void options_print(FILE *out, const struct xl_command *command)
{
    const char *line = command->options ? command->options : "";

    fputs("Options:\n\n", out);
    option_print(out, "-h, --help\tprint this help", 26);
    if (command->flags & XL_CMD_JSON)
        option_print(out, "--json\tprint the data as JSON", 29);
    while (*line) {
        size_t length = strcspn(line, "\n");

        option_print(out, line, length);
        line += length + (line[length] == '\n');
    }
    fputc('\n', out);
}

static void command_help_print(FILE *out, const struct xl_command *command)
{
    fprintf(out, "Usage: xl [-vtT%s%s] %s %s\n\n%s.\n\n",
            command->flags & XL_CMD_MODIFIES ? "f" : "",
            command->flags & XL_CMD_DRY_RUN ? "N" : "",
            command->name, command->usage, command->summary);
    if (command->refusal)
        fprintf(out, "Not available: %s.\n\n", command->refusal);
    else
        options_print(out, command);
}

void xl_help(const struct xl_command *command)
{
    if (command) {
        command_help_print(stdout, command);
        return;
    }
    printf("%s\nxl full list of subcommands:\n\n", usage_line);
    for (command = xl_commands; command->name; command++) {
        if (command->flags & XL_CMD_HIDDEN)
            continue;
        printf(" %-19s %s%s%s\n", command->name, strlen(command->name) > 19 ? INDENT : "",
               command->summary, command->refusal ? " (not available yet)" : "");
    }
}

void xl_usage_error(const struct xl *xl, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    xl_error("%s\n", text);
    if (xl->command)
        command_help_print(stderr, xl->command);
    exit(XL_EXIT_USAGE);
}

/* What every command knows, behind its own long options. */
static void longs_join(struct option *joined, const struct option *own, bool json)
{
    size_t nr = 0;

    while (own && own->name && nr < LONGS_MAX - 3)
        joined[nr++] = *own++;
    joined[nr++] = (struct option){ "help", no_argument, NULL, 'h' };
    if (json)
        joined[nr++] = (struct option){ "json", no_argument, NULL, OPTION_JSON };
    joined[nr] = (struct option){ 0 };
}

static void words_check(struct xl *xl, int argc)
{
    const struct xl_command *command = xl->command;

    if (argc - optind < command->min_args)
        xl_usage_error(xl, "'xl %s' requires at least %d argument%s.", command->name,
                       command->min_args, command->min_args == 1 ? "" : "s");
}

static _Noreturn void option_refuse(struct xl *xl, char **argv, bool known)
{
    const char *why = known ? "needs an argument" : "not supported";

    if (optopt && optopt < 0x80)
        xl_usage_error(xl, "option `%c' %s.", optopt, why);
    xl_usage_error(xl, "option `%s' %s.", argv[optind - 1], why);
}

int xl_option(struct xl *xl, int argc, char **argv, const char *shorts,
              const struct option *longs)
{
    struct option joined[LONGS_MAX];
    char all[64];
    int option;

    longs_join(joined, longs, xl->command->flags & XL_CMD_JSON);
    snprintf(all, sizeof(all), ":h%s", shorts);
    opterr = 0;
    while ((option = getopt_long(argc, argv, all, joined, NULL)) == OPTION_JSON)
        xl->json = true;
    switch (option) {
    case 'h':
        xl_help(xl->command);
        exit(XL_EXIT_OK);
    case '?':
    case ':':
        option_refuse(xl, argv, option == ':');
    case -1:
        words_check(xl, argc);
    }
    return option;
}

static void global_options_read(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "help", no_argument, NULL, 'h' },
        { 0 },
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+vftTNh", longs, NULL)) != -1) {
        switch (option) {
        case 'v':
            xl->verbose++;
            break;
        case 'f':
            xl->force = true;
            break;
        case 'N':
            xl->dry_run = true;
            break;
        case 't':
            xl->progress_cr = true;
            break;
        case 'T':
            xl->timestamps = true;
            break;
        case 'h':
            xl_help(NULL);
            exit(XL_EXIT_OK);
        default:
            xl_die("unknown global option");
        }
    }
    output_configure(xl->verbose, xl->progress_cr, xl->timestamps);
}

static int command_run(struct xl *xl, int argc, char **argv)
{
    const struct xl_command *command = xl->command;

    if (command->refusal) {
        xl_error("xl %s: not available: %s.", command->name, command->refusal);
        return XL_EXIT_FAILED;
    }
    if (xl->dry_run && !(command->flags & XL_CMD_DRY_RUN)) {
        xl_error("command does not implement -N (dryrun) option");
        return XL_EXIT_FAILED;
    }
    argv[0] = (char *)command->name;
    optind = 0; /* getopt starts anew, at this argv */
    return command->handler(xl, argc, argv);
}

int main(int argc, char **argv)
{
    struct xl xl = { 0 };
    int code;

    global_options_read(&xl, argc, argv);
    if (optind >= argc) {
        xl_help(NULL);
        return XL_EXIT_FAILED;
    }
    xl.command = xl_command_find(argv[optind]);
    if (!xl.command)
        return XL_EXIT_FAILED;
    code = command_run(&xl, argc - optind, argv + optind);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        xl_error("Cannot write to standard output: %m.");
        return code ? code : XL_EXIT_FAILED;
    }
    return code;
}
