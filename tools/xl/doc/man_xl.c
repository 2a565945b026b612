/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl(1): the commands from the table, between texts that stand here.
 */
#include "doc.h"

static const char head[] =
    ".TH XL 1 \"\" Xenios \"Xenios\"\n"
    ".SH NAME\n"
    "xl \\- create and look after guests\n"
    ".SH SYNOPSIS\n"
    ".B xl\n"
    "[\\fIglobal options\\fR] \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]\n"
    ".SH DESCRIPTION\n"
    "A command may be shortened as long as no other begins with the same letters. A domain is\n"
    "given by its name or its number. Data goes to stdout; all else goes to stderr.\n"
    ".SH GLOBAL OPTIONS\n"
    ".TP\n"
    ".B \\-v\n"
    "Say more about what is done; several times, even more.\n"
    ".TP\n"
    ".B \\-N\n"
    "Dry run: change nothing.\n"
    ".TP\n"
    ".B \\-f\n"
    "Go on where xl would refuse in doubt.\n"
    ".TP\n"
    ".B \\-t\n"
    "Progress goes to one line that is written over.\n"
    ".TP\n"
    ".B \\-T\n"
    "Put the time and the process id in front of each message.\n"
    ".PP\n"
    "Commands that print data take\n"
    ".BR \\-\\-json ,\n"
    "and each takes\n"
    ".BR \\-h .\n"
    ".SH COMMANDS\n";

static const char tail[] =
    ".SH EXIT STATUS\n"
    "0: done. 1: it failed; stderr says why. 2: the command was used wrongly. When\n"
    ".B xl create\n"
    "fails later than in the configuration, its status tells the sort of failure: 3 any, 5 no\n"
    "memory, 6 an invalid argument.\n"
    ".SH FILES\n"
    "/etc/xen/xl.conf, /etc/xen/*.cfg, /var/log/xen/console/guest\\-NAME.log, /var/lib/xen/dump\n"
    ".SH SEE ALSO\n"
    ".BR xl.cfg (5)\n";

static void print_options(const char *options)
{
    struct doc_option option;

    while (doc_next_option(&options, &option)) {
        printf(".RS\n.TP\n");
        if (*option.flag) {
            printf("\\fB");
            doc_troff(option.flag);
            printf("\\fR%s", *option.word ? ", " : *option.argument ? " " : "");
        }
        if (*option.word) {
            printf("\\fB");
            doc_troff(option.word);
            printf("\\fR%s", *option.argument ? "=" : "");
        }
        printf("\\fI");
        doc_troff(option.argument);
        printf("\\fR\n%.*s\n.RE\n", (int)option.text_size, option.text);
    }
}

static void print_command(const struct xl_command *command)
{
    printf(".TP\n\\fB%s\\fR ", command->name);
    doc_troff(command->usage);
    putchar('\n');
    doc_troff(command->summary);
    putchar('.');
    if (command->alias)
        printf(" Also: %s.", command->alias);
    putchar('\n');
    print_options(command->options);
    if (command->flags & XL_CMD_JSON)
        printf(".RS\n.TP\n\\fB\\-\\-json\\fR\nprint JSON\n.RE\n");
}

void doc_man_xl(void)
{
    fputs(head, stdout);
    for (const struct xl_command *command = xl_commands; command->name; command++)
        if (!command->refusal && !(command->flags & XL_CMD_HIDDEN))
            print_command(command);
    fputs(".SH COMMANDS OF XEN'S XL THAT ARE REFUSED\n", stdout);
    for (const struct xl_command *command = xl_commands; command->name; command++) {
        if (!command->refusal)
            continue;
        printf(".TP\n.B ");
        doc_troff(command->name);
        putchar('\n');
        doc_troff(command->refusal);
        fputs(".\n", stdout);
    }
    fputs(tail, stdout);
}
