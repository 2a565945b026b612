/* SPDX-License-Identifier: BSD-2-Clause */
/* "xl list -l": each domain's configuration, as scripts parse it. */
#ifndef XL_LIST_LONG_H
#define XL_LIST_LONG_H

#include "domains.h"

/* Prints an array of {"domid": N, "config": {...}}, indented by four. */
void list_long_print(struct xl *xl, const struct xl_domains *domains);

#endif
