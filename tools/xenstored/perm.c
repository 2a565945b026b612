/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Permissions. The first entry of a list names the owner and says what those may who are not named;
 * the others name domains. An entry counts only for the domain that was known when it was given:
 * a later one with the same id is another domain.
 */
#include "perm.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"

static bool is_same_domain(const struct perm *perm, uint64_t given, uint32_t domid)
{
    const struct domain *d;

    if (perm->domid != domid) {
        return false;
    }
    d = domain_find(domid);
    return d && d->born <= given;
}

static unsigned int perm_of_domid(uint32_t domid, const struct content *content)
{
    const struct perm *perms = content->perms;

    if (is_same_domain(&perms[0], content->perm_gen, domid)) {
        return PERM_READ | PERM_WRITE | PERM_OWNER;
    }
    for (uint32_t i = 1; i < content->nr_perms; i++) {
        if (is_same_domain(&perms[i], content->perm_gen, domid)) {
            return perms[i].bits;
        }
    }
    return perms[0].bits;
}

unsigned int perm_of(const struct conn *conn, const struct content *content)
{
    const struct domain *d = conn->domain;
    unsigned int bits;

    if (d->privileged) {
        return PERM_READ | PERM_WRITE | PERM_OWNER;
    }
    bits = perm_of_domid(d->domid, content);
    if (d->target != DOMID_LIMIT) {
        bits |= perm_of_domid(d->target, content);
    }
    return bits;
}

static const char letters[] = { 'n', 'r', 'w', 'b' };

int perm_parse(const char *text, struct perm *perm)
{
    const char *letter = *text ? memchr(letters, *text, sizeof(letters)) : NULL;
    unsigned long domid;
    char *end;

    if (!letter || !isdigit((unsigned char)text[1])) {
        return -EINVAL;
    }
    domid = strtoul(text + 1, &end, 10);
    if (*end || domid > UINT16_MAX) {
        return -EINVAL;
    }
    perm->domid = (uint16_t)domid;
    perm->bits = (uint16_t)(letter - letters);
    return 0;
}

int perm_format(const struct perm *perm, char text[PERM_TEXT_MAX])
{
    return snprintf(text, PERM_TEXT_MAX, "%c%u", letters[perm->bits & (PERM_READ | PERM_WRITE)],
                    perm->domid);
}
