/* SPDX-License-Identifier: BSD-2-Clause */
/* xl config: one form of a configuration becomes the other. Nothing of the host is looked at. */
#include "commands.h"
#include "conf_file.h"
#include "config.h"
#include "life.h"
#include "output.h"

int cmd_config(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "xml", no_argument, NULL, 'x' }, { "cfg", no_argument, NULL, 'c' },
        { NULL, 0, NULL, 0 },
    };
    struct xl_config *config;
    struct conf_file file;
    bool xml = false;
    int option, rc = 0;

    while ((option = xl_option(xl, argc, argv, "", longs)) != -1)
        xml = option == 'x';
    if (conf_file_read(&file, argv[optind], (const char *const *)argv + optind + 1,
                       (unsigned)(argc - optind - 1)) < 0 ||
        conf_file_parse(&file, &config) < 0)
        return XL_EXIT_FAILED;
    if (xml)
        rc = xl_config_print_xml(config, stdout, &life_report);
    else
        xl_config_print_cfg(config, stdout);
    xl_config_free(config);
    conf_file_free(&file);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}
