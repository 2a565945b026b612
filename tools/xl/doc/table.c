/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * docs/interface/xl-cfg.md: the keys of xl.cfg and what becomes of each.
 */
#include "doc.h"

static const char head[] =
    "# Keys of xl.cfg\n"
    "\n"
    "Made from the parser's own table by `make docs-xl`; a test fails when it is not the same.\n"
    "xl.cfg(5), made from the same table, says what each key means.\n"
    "\n"
    "- *supported*: does what it says.\n"
    "- *refused*: `xl create` ends with an error that names the key and its line. A key that is\n"
    "  refused may stand there as long as it asks for nothing (`vnc = 0`, `pci = [ ]`).\n"
    "- *always on*: 1 is what is the case; 0 is an error.\n"
    "- *no effect*: a warning, nothing else. A key for another type of guest is treated so too.\n"
    "\n"
    "A key that is not in this table has no effect either; the warning names the nearest one.\n"
    "\n"
    "Guests of the type `hvm` are refused so far; `xl config` converts their\n"
    "configurations all the same.\n"
    "\n"
    "## How a configuration is read\n"
    "\n"
    "Text becomes settings, settings become the fields of one structure, and what they say\n"
    "together is checked; all mistakes are reported in one run, each as\n"
    "`file:line: key: what is wrong; what to do`. Arguments of `xl create` count as if they stood\n"
    "after the file, and are called `command line:N`. `xl create` then asks this host about\n"
    "files. libvirt's domain XML is turned into the same settings by a module, which alone\n"
    "uses libxml2.\n"
    "\n"
    "The grammar is that of Xen's xl: `KEY = VALUE` lines or `;`, `#` comments, strings in `'` or\n"
    "`\"` with C's escapes, numbers (decimal, `0x`, `0`), lists in `[ ]` over several lines,\n"
    "`+=`. Read more willingly than there: CR LF line ends, negative numbers without quotes, and\n"
    "`trusted` and `untrusted` of a disk. Read more strictly: values that Xen's xl takes and then\n"
    "cannot use (`vcpus = 0`, `maxmem` below `memory`, a MAC address that is none) are errors.\n"
    "\n"
    "The JSON of `xl create -n` is Xen's, to the byte; `tests/xl/conf/cases` holds recordings of\n"
    "the packaged xl.\n";

void doc_table(void)
{
    fputs(head, stdout);
    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++) {
        printf("\n## %s\n\n| Key | | For | Why, or instead |\n|---|---|---|---|\n", chapter->title);
        for (const struct xl_key *key = chapter->keys; key->name; key++)
            printf("| `%s` | %s |%s%s%s%s | %s |\n", key->name, doc_support(key),
                   key->guests & CONF_PV ? " pv" : "", key->guests & CONF_PVH ? " pvh" : "",
                   key->guests & CONF_HVM ? " hvm" : "", key->guests & CONF_ARM ? " Arm" : "",
                   key->note ? key->note : "");
    }
}
