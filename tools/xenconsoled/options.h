/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line. */
#ifndef CONSOLED_OPTIONS_H
#define CONSOLED_OPTIONS_H

struct options;

/* Leaves with 2 after a message when something is wrong, with 0 after --help and --version. */
void options_parse(struct options *options, int argc, char **argv);

#endif
