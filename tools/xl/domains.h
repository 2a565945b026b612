/* SPDX-License-Identifier: BSD-2-Clause */
/* All domains there are, with their names: what listing commands start from. */
#ifndef XL_DOMAINS_H
#define XL_DOMAINS_H

#include "xl.h"

#include <libctrl/domain.h>

struct xl_domains {
    unsigned nr;
    struct ctrl_domain_info *info; /* in the order of their ids */
    char **name;                   /* of each; NULL: it has none */
};

/*
 * Fill 'domains', to be given back by xl_domains_free(). Names cost one pipelined exchange with the
 * store. Without a store, a warning is printed and only domain 0 has a name. When the domains
 * cannot be read, a message and exit 1.
 */
void xl_domains_read(struct xl *xl, struct xl_domains *domains);
void xl_domains_free(struct xl_domains *domains);

/* The same with one domain. Returns -ESRCH, with nothing printed, when there is no such domain. */
int xl_domains_read_one(struct xl *xl, uint32_t domid, struct xl_domains *domains);

/* What listings print as a name: that of the store, else "(null)" as C does. */
static inline const char *xl_domains_name(const struct xl_domains *domains, unsigned index)
{
    return domains->name[index] ? domains->name[index] : "(null)";
}

#endif
