/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: the options of Xen's own xenconsoled, and what rotation needs. */
#include "options.h"

#include "daemon.h"
#include "say.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOG = 'l', LOG_DIR = 'd', TIMESTAMP = 't', OVERFLOW = 'o', REPLACE_ESCAPE = 'e',
       PID_FILE = 'p', LOG_SIZE = 's', LOG_KEEP = 'k' };

static const struct option longs[] = {
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { "verbose", no_argument, NULL, 'v' },
    { "interactive", no_argument, NULL, 'i' },
    { "log", required_argument, NULL, LOG },
    { "log-dir", required_argument, NULL, LOG_DIR },
    { "log-size", required_argument, NULL, LOG_SIZE },
    { "log-keep", required_argument, NULL, LOG_KEEP },
    { "timestamp", required_argument, NULL, TIMESTAMP },
    { "overflow-data", required_argument, NULL, OVERFLOW },
    { "replace-escape", no_argument, NULL, REPLACE_ESCAPE },
    { "pid-file", required_argument, NULL, PID_FILE },
    { NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: xenconsoled [options]\n"
    "Passes each guest's console to a pseudo terminal, for \"xl console\", and to a log file.\n"
    "  -i, --interactive          stay in the foreground; messages go to standard error\n"
    "  -v, --verbose              say more\n"
    "  --log=none|guest|hv|all    whose output is logged: guests', the hypervisor's (none)\n"
    "  --log-dir=FOLDER           where to (/var/log/xen/console)\n"
    "  --log-size=SIZE            a longer file is moved to NAME.1; 0: never (4M)\n"
    "  --log-keep=NUMBER          so many old files are kept (4)\n"
    "  --timestamp=none|guest|hv|all  date and time in front of each logged line (none)\n"
    "  --replace-escape           log escape characters as dots\n"
    "  --overflow-data=discard|keep   drop what a slow reader of \"xl console\" does not take,\n"
    "                             or let the guest wait for it (discard)\n"
    "  --pid-file=FILE            (/run/xenconsoled.pid)\n"
    "  -V, --version\n"
    "  -h, --help\n"
    "SIGHUP opens all log files anew.\n";

static _Noreturn void wrong(const char *option, const char *value, const char *what)
{
    say("--%s=%s: %s. Try xenconsoled --help.", option, value, what);
    exit(2);
}

static void parse_whose(const char *option, const char *value, bool *guest, bool *hypervisor)
{
    bool all = strcmp(value, "all") == 0;

    *guest = all || strcmp(value, "guest") == 0;
    *hypervisor = all || strcmp(value, "hv") == 0;
    if (!*guest && !*hypervisor && strcmp(value, "none") != 0)
        wrong(option, value, "it must be none, guest, hv or all");
}

static uint64_t parse_size(const char *option, const char *value, const char *units)
{
    const char *unit;
    char *end;
    uint64_t number;

    errno = 0;
    number = strtoull(value, &end, 10);
    if (errno || end == value || value[0] == '-')
        wrong(option, value, "it must be a number");
    if (*end) {
        unit = end[1] ? NULL : strchr(units, *end | 0x20);
        if (!unit)
            wrong(option, value, "it must be a number, with K, M or G perhaps");
        number <<= 10 * (unit - units + 1);
    }
    if (number >> 40)
        wrong(option, value, "it is too large");
    return number;
}

static void parse_overflow(struct options *options, const char *value)
{
    options->keep_output = strcmp(value, "keep") == 0;
    if (!options->keep_output && strcmp(value, "discard") != 0)
        wrong("overflow-data", value, "it must be discard or keep");
}

static void set_defaults(struct options *options)
{
    *options = (struct options){
        .log_folder = "/var/log/xen/console",
        .pid_file = "/run/xenconsoled.pid",
        .guest_rules = { .size = 4u << 20, .keep = 4 },
    };
}

static void take(struct options *options, int option)
{
    switch (option) {
    case 'i': options->foreground = true; break;
    case 'v': say_verbose(); break;
    case LOG:
        parse_whose("log", optarg, &options->log_guests, &options->log_hypervisor);
        break;
    case TIMESTAMP:
        parse_whose("timestamp", optarg, &options->guest_rules.timestamps,
                    &options->hypervisor_rules.timestamps);
        break;
    case LOG_DIR: options->log_folder = optarg; break;
    case LOG_SIZE: options->guest_rules.size = parse_size("log-size", optarg, "kmg"); break;
    case LOG_KEEP:
        options->guest_rules.keep = (unsigned int)parse_size("log-keep", optarg, "");
        if (options->guest_rules.keep > 1000)
            wrong("log-keep", optarg, "more than 1000 are too many");
        break;
    case OVERFLOW: parse_overflow(options, optarg); break;
    case REPLACE_ESCAPE: options->guest_rules.replace_escape = true; break;
    case PID_FILE: options->pid_file = optarg; break;
    case 'V': puts("xenconsoled of Xenios"); exit(0);
    case 'h': fputs(help, stdout); exit(0);
    default: exit(2);
    }
}

void options_parse(struct options *options, int argc, char **argv)
{
    int option;

    set_defaults(options);
    while ((option = getopt_long(argc, argv, "hVvi", longs, NULL)) != -1)
        take(options, option);
    if (optind < argc) {
        say("\"%s\" is not an option. Try xenconsoled --help.", argv[optind]);
        exit(2);
    }
    options->hypervisor_rules.size = options->guest_rules.size;
    options->hypervisor_rules.keep = options->guest_rules.keep;
    options->hypervisor_rules.replace_escape = options->guest_rules.replace_escape;
}
