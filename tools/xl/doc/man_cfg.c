/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl.cfg(5): the keys from the table, between texts that stand here.
 */
#include "doc.h"

#include <ctype.h>

static const char head[] =
    ".TH XL.CFG 5 \"\" Xenios \"Xenios\"\n"
    ".SH NAME\n"
    "xl.cfg \\- configuration of a guest, for xl create\n"
    ".SH SYNTAX\n"
    "A configuration is lines of the form\n"
    ".IR KEY \\ = \\ VALUE .\n"
    "A semicolon may stand for the end of a line, and\n"
    ".B #\n"
    "begins a comment. A value is one of:\n"
    ".TP\n"
    ".I STRING\n"
    "Text on one line in \"...\" or '...', in which a backslash stands before the letters of C's\n"
    "escapes (\\en, \\et, \\ex41, \\e101), before quotes, and before itself.\n"
    ".TP\n"
    ".I NUMBER\n"
    "Decimal, hexadecimal after 0x, octal after 0. Digits in quotes are a number where one\n"
    "belongs.\n"
    ".TP\n"
    ".I BOOLEAN\n"
    "1 for yes, 0 for no.\n"
    ".TP\n"
    ".I LIST\n"
    "[ VALUE, VALUE, ... ] over as many lines as wanted; a comma may follow the last one.\n"
    ".PP\n"
    ".IR KEY \\ += \\ VALUE\n"
    "adds to a string or a list given before. The last value of a key counts. Arguments of\n"
    ".B xl create\n"
    "count as lines at the end of the file.\n"
    ".PP\n"
    "A mistake is reported with its file, line and key, and all of them in one run. A key that is\n"
    "not known has no effect; a warning names the nearest one there is.\n"
    ".B xl create \\-n\n"
    "checks everything and changes nothing.\n"
    ".SH EXAMPLE\n"
    ".nf\n"
    "name   = \"web\"\n"
    "kernel = \"/boot/vmlinuz\"\n"
    "ramdisk = \"/boot/initrd.img\"\n"
    "cmdline = \"root=/dev/xvda1 console=hvc0\"\n"
    "memory = 512\n"
    "vcpus  = 2\n"
    "disk   = [ \"/var/lib/xen/images/web.img,raw,xvda,w\" ]\n"
    "vif    = [ \"bridge=xenbr0\" ]\n"
    ".fi\n"
    ".SH KEYS\n"
    "Keys that are marked as refused are an error to use; what they are for is told so that a\n"
    "configuration of Xen's can be understood.\n";

static const char tail[] =
    ".SH DISKS\n"
    "Each disk is a string\n"
    ".IR TARGET , FORMAT , VDEV , ACCESS ,\n"
    "in which parts can be left empty, given as key=value anywhere, and followed by flags:\n"
    ".TP\n"
    ".BI target= PATH\n"
    "A block device or an image file; a name without a slash at its front is looked for in /dev.\n"
    "Given by key, it goes last and takes all that follows, commas too.\n"
    ".TP\n"
    ".BI format= FORMAT\n"
    "\"raw\", unless it is given, is the only one supported so far; \"qcow2\", \"qcow\", \"vhd\"\n"
    "and \"qed\" are refused with the command that converts them.\n"
    ".TP\n"
    ".BI vdev= NAME\n"
    "What the guest calls it: xvda, xvda1, sda, hda, d0p1, or a number. It must be given.\n"
    ".TP\n"
    ".BI access= r|w\n"
    "Read only, or read and write, which is the default. \"ro\" and \"rw\" are the same.\n"
    ".TP\n"
    ".BI script= SCRIPT\n"
    "A program in /etc/xen/scripts, or a path, that makes a block device of the target.\n"
    ".TP\n"
    ".BR cdrom \", \" devtype=cdrom\n"
    "A read-only disk for removable media.\n"
    ".TP\n"
    ".BR discard \", \" no\\-discard\n"
    "Whether the guest may give back blocks it no longer needs.\n"
    ".TP\n"
    ".BR trusted \", \" untrusted\n"
    "Whether the guest should trust the back-end.\n"
    ".TP\n"
    ".B direct\\-io\\-safe\n"
    "For Xen's QEMU back-end; images are read and written directly in any case.\n"
    ".TP\n"
    ".BI backendtype= phy\n"
    "The kernel's back-end, which serves all disks; others are refused, as are\n"
    ".B specification=virtio\n"
    "and\n"
    ".BI backend= DOMAIN\n"
    "with another domain than 0.\n"
    ".PP\n"
    "Xend's prefixes are understood: in \"phy:/dev/vg/lv,xvda,w\" and \"file:/a.img,xvda,w\" no\n"
    "format follows the target; tap:, tap2:, tapdisk:, aio: and ioemu: mean nothing, raw:, qcow:,\n"
    "qcow2: and vhd: are formats, and iscsi:, nbd:, enbd: and drbd: are scripts. So is\n"
    "\"hdc:cdrom\" in place of hdc.\n"
    ".SH NETWORK INTERFACES\n"
    "Each interface is a string of key=value parts with commas between; \"\" is one that has all\n"
    "defaults.\n"
    ".TP\n"
    ".BI mac= ADDRESS\n"
    "Its address, as 00:16:3e:01:02:03; a new one at each start unless it is given.\n"
    ".TP\n"
    ".BI bridge= BRIDGE\n"
    "The bridge in the control domain that it is put on; xl.conf's vif.default.bridge, or else\n"
    "xenbr0, unless it is given.\n"
    ".TP\n"
    ".BI vifname= NAME\n"
    "Its name in the control domain; vifDOMID.DEVID unless it is given. At most 15 characters.\n"
    ".TP\n"
    ".BI rate= RATE\n"
    "The most that the guest can send: 10Mb/s, 250KB/s, 1MB/s@20ms (credit comes every 20 ms; 50\n"
    "unless it is given). B is bytes, b bits; K, M and G are powers of 1000.\n"
    ".TP\n"
    ".BI mtu= BYTES\n"
    "The largest packet.\n"
    ".TP\n"
    ".BI ip= ADDRESSES\n"
    "For the script, with blanks between.\n"
    ".TP\n"
    ".BI script= SCRIPT\n"
    "A program in /etc/xen/scripts, or a path, that sets the interface up. Without one, xl puts\n"
    "it on its bridge itself.\n"
    ".TP\n"
    ".BI gatewaydev= INTERFACE\n"
    "For scripts that route; netdev= is its older name.\n"
    ".TP\n"
    ".BI devid= N\n"
    "Its number; its place in the list unless it is given.\n"
    ".TP\n"
    ".BR trusted \", \" untrusted\n"
    "Whether the guest should trust the back-end.\n"
    ".TP\n"
    ".BI type= TYPE \"\\fR, \\fP\" model= MODEL\n"
    "About emulated cards, which PV and PVH guests do not have.\n"
    ".TP\n"
    ".BI backend= DOMAIN\n"
    "Refused with another domain than 0.\n"
    ".SH LIBVIRT'S XML\n"
    ".B xl create\n"
    "also takes a file that begins with <domain type='xen'>. Elements that have no key here are\n"
    "named in warnings.\n"
    ".B xl config \\-\\-xml\n"
    "and\n"
    ".B xl config \\-\\-cfg\n"
    "convert one form to the other.\n"
    ".SH SEE ALSO\n"
    ".BR xl (1)\n";

static void print_note(const struct xl_key *key)
{
    switch (key->support) {
    case CONF_REFUSED:
        printf("\n.br\nRefused: ");
        break;
    case CONF_NO_EFFECT:
        printf("\n.br\nHas no effect: ");
        break;
    default:
        if (!key->note)
            return;
        printf("\n.br\nDeprecated: ");
    }
    doc_troff(key->note);
    putchar('.');
}

void doc_man_cfg(void)
{
    fputs(head, stdout);
    for (const struct conf_chapter *chapter = conf_chapters; chapter->title; chapter++) {
        printf(".SS %s\n", chapter->title);
        for (const struct xl_key *key = chapter->keys; key->name; key++) {
            printf(".TP\n\\fB%s\\fR = \\fI", key->name);
            doc_troff(key->value);
            printf("\\fR\n");
            doc_troff(key->help);
            print_note(key);
            putchar('\n');
        }
    }
    fputs(tail, stdout);
}
