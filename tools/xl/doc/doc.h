/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes the manual pages, the completion and the documentation's table of keys from the very
 * tables that the parser and the commands work with, so that they cannot drift apart.
 */
#ifndef XL_DOC_H
#define XL_DOC_H

#include "conf.h"
#include "xl.h"

void doc_man_xl(void);          /* xl(1) */
void doc_man_cfg(void);         /* xl.cfg(5) */
void doc_man_conf(void);        /* xl.conf(5) */
void doc_completion(void);      /* for bash */
void doc_table(void);           /* docs/interface/xl-cfg.md */
void doc_keys(void);            /* "file<tab>key<tab>support" lines, for the test */

void doc_commands(void);        /* "command<tab>runs|refused|hidden" lines, for the test */

const char *doc_support(const struct xl_key *key);  /* supported, refused, no effect */

/* Text with what troff takes for its own escaped. */
void doc_troff(const char *text);

/* One option of a command: calls 'each' with the short and long forms, the argument, the text. */
struct doc_option {
    char flag[8], word[48], argument[48];
    const char *text;
    size_t text_size;
};

/* The next option of a command's text; false at its end. */
bool doc_next_option(const char **options, struct doc_option *option);

#endif
