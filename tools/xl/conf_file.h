/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration file with the words of the command line that count as if they stood behind it. */
#ifndef XL_CONF_FILE_H
#define XL_CONF_FILE_H

#include <stddef.h>

struct xl_conf;
struct xl_config;

struct conf_file {
    const char *path;
    char *text;                     /* what is to be kept: the file and the words behind it */
    size_t size;                    /* of the file's part */
    const char *const *arguments;
    unsigned argument_count;
    struct xl_conf *conf;           /* xl.conf */
};

/* Functions return 0 or a negative errno after they have said why. */
int conf_file_read(struct conf_file *file, const char *path, const char *const *arguments,
                   unsigned argument_count);
/* An XML file's text to be kept becomes one of xl's format. */
int conf_file_parse(struct conf_file *file, struct xl_config **config);
void conf_file_free(struct conf_file *file);

#endif
