/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every subcommand of xl shares: the table of commands, the global options, and the context
 * through which a handler reaches the hypervisor and the store.
 *
 * A handler gets its own words only: argv[0] is the command's full name, even when a prefix was
 * typed. It reads its options with xl_option() and returns the exit code (output.h). It may also
 * leave by exit(): nothing here must be undone at the end.
 */
#ifndef XL_XL_H
#define XL_XL_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

struct ctrl;
struct ctrl_store;

/* How many depend on a command: a row of the documentation, nothing else. */
enum xl_mark {
    XL_CORE,
    XL_COMMON,
    XL_RARE,
};

/* Flags of a command. */
#define XL_CMD_DRY_RUN  0x01u /* heeds -N, the global dry run; without it -N refuses the command */
#define XL_CMD_JSON     0x02u /* prints data and takes --json */
#define XL_CMD_MODIFIES 0x04u /* changes something that outlives it */
#define XL_CMD_HIDDEN   0x08u /* for xl's own use: neither in help nor in completion */

struct xl;

struct xl_command {
    const char *name;
    const char *alias;   /* another whole name, or NULL */
    const char *usage;   /* what follows the name, "[options] <Domain>"; "" when nothing does */
    const char *summary; /* one line, no full stop */
    const char *options; /* lines "-x, --long=ARG\ttext\n" or NULL; -h, --help and --json are
                            added by those who print it */
    int (*handler)(struct xl *xl, int argc, char **argv);
    enum xl_mark mark;
    uint8_t flags;
    uint8_t min_args;    /* words that must remain after the options */
    const char *refusal; /* why this is not built, or NULL; then the handler is NULL */
};

extern const struct xl_command xl_commands[]; /* in the order of help; ends with a name of NULL */

/* Options before the command, and what handlers share. */
struct xl {
    const struct xl_command *command; /* the one that runs */
    int verbose;                      /* -v: how often it was given */
    bool dry_run;                     /* -N */
    bool force;                       /* -f */
    bool progress_cr;                 /* -t: progress lines end with CR even without a terminal */
    bool timestamps;                  /* -T: time and process id in front of each line on stderr */
    bool json;                        /* --json was given to the command */
    struct ctrl *ctrl;                /* use xl_ctrl() */
    struct ctrl_store *store;         /* use xl_store() */
};

/*
 * Find a command by its name, alias or unambiguous prefix. Two names that a prefix fits are an
 * error, whose text lists them; returns NULL after it has been printed.
 */
const struct xl_command *xl_command_find(const char *word);

/* Print help: of one command, or the list of all when 'command' is NULL. */
void xl_help(const struct xl_command *command);

/*
 * getopt_long() for handlers: -h and --help print help and leave with 0, --json is taken for
 * commands that have XL_CMD_JSON, an option that is not known or too few words after the options
 * leave with 2. 'longs' may be NULL. Returns the option, or -1 at the end; then argv[optind] is
 * the first word.
 */
int xl_option(struct xl *xl, int argc, char **argv, const char *shorts,
              const struct option *longs);

/* Print what is wrong and how the command is used, to stderr; leave with 2. */
void xl_usage_error(const struct xl *xl, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* The hypervisor and the store: opened at the first call; when that fails, a message and exit 1. */
struct ctrl *xl_ctrl(struct xl *xl);
struct ctrl_store *xl_store(struct xl *xl);

/*
 * The domain that a word names: digits are an id, anything else is a name. An id need not exist:
 * whoever uses it says so. Returns 0, or -ENOENT after "... is an invalid domain identifier" has
 * been printed.
 */
int xl_domain_find(struct xl *xl, const char *word, uint32_t *domid);

/* The same, silently. */
int xl_domain_lookup(struct xl *xl, const char *word, uint32_t *domid);

/* xl_domain_find(), but leaves with 1 when there is no such name. */
uint32_t xl_domain_need(struct xl *xl, const char *word);

/* A domain's name from the store, to be freed; NULL when it has none. */
char *xl_domain_name(struct xl *xl, uint32_t domid);

/*
 * A module is a shared object that brings a library which few commands need (yajl, libxml2,
 * ncurses): tools/xl/mod_NAME.c. Returns its exported object 'symbol', or leaves with 1 after a
 * message that says which file is missing.
 */
const void *xl_module_load(const char *name, const char *symbol);

#endif
