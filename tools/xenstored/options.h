/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line. */
#ifndef XENSTORED_OPTIONS_H
#define XENSTORED_OPTIONS_H

#include "store.h"

struct options {
    bool no_domains;        /* no hypervisor */
    bool foreground;
    bool print_pid;
    const char *pid_file;
    const char *trace;
    int take_over_fd;       /* the listening socket of a planned restart; negative: none */
    char folder[256];
    char socket_path[256];
    char state_path[256];
    uint64_t quota[QUOTA_COUNT];
    bool quota_given[QUOTA_COUNT];
};

/* 0; 1: all is said and done; negative: a sentence was written. */
int options_parse(struct options *options, int argc, char **argv);

#endif
