/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Short forms for the rows of the table of keys. Help texts are plain sentences; the manual and
 * the documentation's table are made from them.
 */
#ifndef XL_CONF_KEYTABLE_H
#define XL_CONF_KEYTABLE_H

#include "conf.h"

#define ALL_GUESTS (CONF_PV | CONF_PVH | CONF_HVM)

/* A key that does what it says. */
#define KEY(key, marked, kinds, types_of_guest, stands, taker, text) \
    { .name = key, .mark = marked, .types = kinds, .guests = types_of_guest, .value = stands, \
      .support = CONF_SUPPORTED, .take = conf_take_##taker, .help = text }

/* A key that is an error to use, because of 'why'. */
#define REFUSED(key, marked, kinds, types_of_guest, stands, why, text) \
    { .name = key, .mark = marked, .types = kinds, .guests = types_of_guest, .value = stands, \
      .support = CONF_REFUSED, .note = why, .help = text }

/* A key that is read and does nothing, because of 'why'. */
#define NO_EFFECT(key, marked, kinds, types_of_guest, stands, why, text) \
    { .name = key, .mark = marked, .types = kinds, .guests = types_of_guest, .value = stands, \
      .support = CONF_NO_EFFECT, .note = why, .help = text }

/* A key that can only be 1, because of 'why'. */
#define ALWAYS(key, marked, types_of_guest, why, text) \
    { .name = key, .mark = marked, .types = CONF_BOOL, .guests = types_of_guest, \
      .value = "BOOLEAN", .support = CONF_ALWAYS, .note = why, .help = text }

#define END { .name = NULL }

/* Reasons that several keys share. */
#define WHY_HVM   "HVM guests are not supported so far"
#define WHY_SHIM  "PV guests need no shim here; use type = \"pv\""
#define WHY_QEMU  "it needs a device model (QEMU), which guests do not get yet"
#define WHY_PCI   "passing devices of the machine to guests is not supported yet"
#define WHY_XSM   "the hypervisor has no security labels (XSM)"
#define WHY_ARM   "it is for Arm machines"
#define WHY_BACK  "its back-end is not there yet"

#endif
