/* SPDX-License-Identifier: BSD-2-Clause */
/* Options: those of Xen's xenstored, so that scripts which start it can start this one. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "quota.h"
#include "restart.h"
#include "wire.h"

#define FOLDER "/run/xenstored"

enum long_only {
    OPTION_TAKE_OVER = 256,
    OPTION_LAYOUT,
};

static const char usage[] =
    "Usage: xenstored [OPTION]...\n"
    "Keeps the store of the domains of this machine. The store outlives the daemon: it is in\n"
    FOLDER "/state (or in the folder that XENSTORED_RUNDIR names).\n"
    "\n"
    "  -N, --no-fork            stay in the foreground; log to standard error\n"
    "  -F, --pid-file FILE      write the daemon's process id\n"
    "  -P, --output-pid         print it\n"
    "  -D, --no-domain-init     connect no domains: there is no hypervisor\n"
    "  -T, --trace-file FILE    write each request to a file\n"
    "  -Q, --quota WHAT=N       limit what a domain may have; WHAT is one of nodes, watches,\n"
    "                           transactions, outstanding, transaction-nodes, memory, node-size,\n"
    "                           path-max, permissions\n"
    "  -E, -S, -W, -t, -A, -M N the same for nodes, node-size, watches, transactions,\n"
    "                           permissions, path-max\n"
    "      --layout             print the number of the state file's layout that it knows\n"
    "  -H, --help               this text\n"
    "\n"
    "SIGUSR1, or 'xenstore-control live-update FILE', lets the same or a newer program take over;\n"
    "no client notices. Without effect, for scripts: -R, -V, -K, -I on, -q, -w.\n";

static const char shorts[] = "DE:F:HNPS:t:A:M:Q:q:T:RVW:w:I::K";

static const struct option longs[] = {
    { "no-domain-init", no_argument, NULL, 'D' },
    { "entry-nb", required_argument, NULL, 'E' },
    { "pid-file", required_argument, NULL, 'F' },
    { "help", no_argument, NULL, 'H' },
    { "no-fork", no_argument, NULL, 'N' },
    { "output-pid", no_argument, NULL, 'P' },
    { "entry-size", required_argument, NULL, 'S' },
    { "trace-file", required_argument, NULL, 'T' },
    { "transaction", required_argument, NULL, 't' },
    { "perm-nb", required_argument, NULL, 'A' },
    { "path-max", required_argument, NULL, 'M' },
    { "quota", required_argument, NULL, 'Q' },
    { "quota-soft", required_argument, NULL, 'q' },
    { "timeout", required_argument, NULL, 'w' },
    { "no-recovery", no_argument, NULL, 'R' },
    { "internal-db", optional_argument, NULL, 'I' },
    { "keep-orphans", no_argument, NULL, 'K' },
    { "verbose", no_argument, NULL, 'V' },
    { "watch-nb", required_argument, NULL, 'W' },
    { "take-over", required_argument, NULL, OPTION_TAKE_OVER },
    { "layout", no_argument, NULL, OPTION_LAYOUT },
    { NULL, 0, NULL, 0 },
};

static const struct {
    char letter;
    enum quota_kind kind;
} short_quotas[] = {
    { 'E', QUOTA_NODES }, { 'S', QUOTA_NODE_SIZE }, { 'W', QUOTA_WATCHES }, { 't', QUOTA_TXNS },
    { 'A', QUOTA_PERMS }, { 'M', QUOTA_PATH_MAX },
};

static int set_quota(struct options *options, enum quota_kind kind, const char *text)
{
    if (wire_number(text, INT32_MAX, &options->quota[kind])) {
        log_say("The limit of '%s' must be a number, not '%s'.", quota_name(kind), text);
        return -EINVAL;
    }
    options->quota_given[kind] = true;
    return 0;
}

static int set_named_quota(struct options *options, const char *text)
{
    const char *equals = strchr(text, '=');
    enum quota_kind kind;
    char name[32];

    if (!equals || (size_t)(equals - text) >= sizeof(name)) {
        log_say("A quota is given as WHAT=N, not '%s'.", text);
        return -EINVAL;
    }
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    if (quota_find(name, &kind)) {
        log_say("There is no quota '%s'; see --help.", name);
        return -EINVAL;
    }
    return set_quota(options, kind, equals + 1);
}

static int set_short_quota(struct options *options, int letter, const char *text)
{
    for (size_t i = 0; i < sizeof(short_quotas) / sizeof(short_quotas[0]); i++) {
        if (short_quotas[i].letter == letter) {
            return set_quota(options, short_quotas[i].kind, text);
        }
    }
    fprintf(stderr, "Try xenstored --help.\n");
    return -EINVAL;
}

static int set_option(struct options *options, int letter, const char *text)
{
    switch (letter) {
    case 'D':
        options->no_domains = true;
        return 0;
    case 'F':
        options->pid_file = text;
        return 0;
    case 'N':
        options->foreground = true;
        return 0;
    case 'P':
        options->print_pid = true;
        return 0;
    case 'T':
        options->trace = text;
        return 0;
    case 'Q':
        return set_named_quota(options, text);
    case 'R': case 'V': case 'K': case 'I': case 'q': case 'w':
        return 0;
    case 'H':
        fputs(usage, stdout);
        return 1;
    case OPTION_LAYOUT:
        printf("%u\n", ARENA_LAYOUT);
        return 1;
    case OPTION_TAKE_OVER:
        options->take_over_fd = atoi(text);
        return 0;
    default:
        return set_short_quota(options, letter, text);
    }
}

static void set_paths(struct options *options)
{
    const char *folder = getenv("XENSTORED_RUNDIR"), *socket = getenv("XENSTORED_PATH");

    snprintf(options->folder, sizeof(options->folder), "%s", folder ? folder : FOLDER);
    snprintf(options->state_path, sizeof(options->state_path), "%.240s/state", options->folder);
    if (socket) {
        snprintf(options->socket_path, sizeof(options->socket_path), "%s", socket);
    } else {
        snprintf(options->socket_path, sizeof(options->socket_path), "%.240s/socket",
                 options->folder);
    }
}

int options_parse(struct options *options, int argc, char **argv)
{
    int letter, rc;

    memset(options, 0, sizeof(*options));
    options->take_over_fd = -1;
    set_paths(options);
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) >= 0) {
        rc = set_option(options, letter, optarg);
        if (rc) {
            return rc;
        }
    }
    if (optind != argc) {
        log_say("'%s' is no option; see --help.", argv[optind]);
        return -EINVAL;
    }
    return 0;
}
