/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl.conf(5), from the reader's table.
 */
#include "doc.h"

static const char head[] =
    ".TH XL.CONF 5 \"\" Xenios \"Xenios\"\n"
    ".SH NAME\n"
    "xl.conf \\- choices of xl for the whole host\n"
    ".SH SYNTAX\n"
    "/etc/xen/xl.conf is written as xl.cfg(5) tells. Each key may be left out,\n"
    "and so may the file.\n"
    "A key that is not known has no effect, and a warning names it.\n"
    ".SH EXAMPLE\n"
    ".nf\n"
    "autoballoon = \"off\"\n"
    "vif.default.bridge = \"xenbr0\"\n"
    ".fi\n"
    ".SH KEYS\n";

void doc_man_conf(void)
{
    fputs(head, stdout);
    for (const struct conf_row *row = conf_rows; row->name; row++) {
        printf(".TP\n\\fB%s\\fR = \\fI", row->name);
        doc_troff(row->value);
        printf("\\fR\n");
        doc_troff(row->help);
        putchar('\n');
    }
    fputs(".SH SEE ALSO\n.BR xl (1),\n.BR xl.cfg (5)\n", stdout);
}
