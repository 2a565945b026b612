/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the hypervisor and the store, and finds domains by name. */
#include "domains.h"

#include "output.h"

#include <ctype.h>
#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_CHUNK 292u /* domains that one hypercall tells */

struct ctrl *xl_ctrl(struct xl *xl)
{
    if (!xl->ctrl && ctrl_open(&xl->ctrl) < 0)
        xl_die("Out of memory while opening the hypervisor.");
    return xl->ctrl;
}

struct ctrl_store *xl_store(struct xl *xl)
{
    if (!xl->store && ctrl_store_open(xl_ctrl(xl), &xl->store) < 0)
        xl_die("Cannot reach xenstored: %s. Start it with \"systemctl start xenstored\".",
               ctrl_error(xl_ctrl(xl)));
    return xl->store;
}

static void *need(void *memory)
{
    if (!memory)
        xl_die("Out of memory.");
    return memory;
}

static void names_read(struct xl *xl, struct xl_domains *domains)
{
    struct ctrl_batch *batch;
    char path[48];

    if (!xl->store && ctrl_store_open(xl_ctrl(xl), &xl->store) < 0) {
        xl_warn("Domains have no names, as xenstored cannot be reached: %s.",
                ctrl_error(xl_ctrl(xl)));
        return;
    }
    if (ctrl_batch_create(xl->store, &batch) < 0)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < domains->nr; i++) {
        snprintf(path, sizeof(path), "/local/domain/%u/name", domains->info[i].domid);
        ctrl_batch_read(batch, path);
    }
    if (ctrl_batch_submit(batch) < 0)
        xl_warn("Some domains have no names: %s.", ctrl_error(xl->ctrl));
    for (unsigned i = 0; i < domains->nr; i++) {
        const char *name;

        if (ctrl_batch_reply(batch, i, &name) > 0)
            domains->name[i] = need(strdup(name));
    }
    ctrl_batch_destroy(batch);
}

static void names_fill(struct xl *xl, struct xl_domains *domains)
{
    domains->name = need(calloc(domains->nr + 1, sizeof(*domains->name)));
    names_read(xl, domains);
    if (domains->nr && domains->info[0].domid == CTRL_DOM0 && !domains->name[0])
        domains->name[0] = need(strdup("Domain-0"));
}

void xl_domains_read(struct xl *xl, struct xl_domains *domains)
{
    struct ctrl *ctrl = xl_ctrl(xl);
    uint32_t first = 0;
    int rc;

    *domains = (struct xl_domains){ 0 };
    do {
        size_t room = (domains->nr + LIST_CHUNK) * sizeof(*domains->info);

        domains->info = need(realloc(domains->info, room));
        rc = ctrl_domain_list(ctrl, first, LIST_CHUNK, domains->info + domains->nr);
        if (rc < 0)
            xl_die("Cannot list the domains: %s.", ctrl_error(ctrl));
        domains->nr += (unsigned)rc;
        if (rc)
            first = domains->info[domains->nr - 1].domid + 1;
    } while ((unsigned)rc == LIST_CHUNK);
    names_fill(xl, domains);
}

int xl_domains_read_one(struct xl *xl, uint32_t domid, struct xl_domains *domains)
{
    struct ctrl_domain_info info;
    int rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);

    if (rc == -ESRCH)
        return rc;
    if (rc < 0)
        xl_die("Cannot read domain %u: %s.", domid, ctrl_error(xl->ctrl));
    *domains = (struct xl_domains){ .nr = 1, .info = need(malloc(sizeof(info))) };
    domains->info[0] = info;
    names_fill(xl, domains);
    return 0;
}

void xl_domains_free(struct xl_domains *domains)
{
    for (unsigned i = 0; i < domains->nr; i++)
        free(domains->name[i]);
    free(domains->name);
    free(domains->info);
}

static bool is_number(const char *word)
{
    size_t length = strspn(word, "0123456789");

    return length && length < 10 && !word[length];
}

static int name_find(struct xl *xl, const char *name, uint32_t *domid)
{
    struct xl_domains domains;
    int rc = -ENOENT;

    xl_domains_read(xl, &domains);
    for (unsigned i = 0; i < domains.nr && rc; i++) {
        if (domains.name[i] && strcmp(domains.name[i], name) == 0) {
            *domid = domains.info[i].domid;
            rc = 0;
        }
    }
    xl_domains_free(&domains);
    return rc;
}

int xl_domain_lookup(struct xl *xl, const char *word, uint32_t *domid)
{
    if (!is_number(word))
        return name_find(xl, word, domid);
    *domid = (uint32_t)strtoul(word, NULL, 10);
    return 0;
}

int xl_domain_find(struct xl *xl, const char *word, uint32_t *domid)
{
    int rc = xl_domain_lookup(xl, word, domid);

    if (rc < 0)
        xl_error("%s is an invalid domain identifier (rc=-6)", word);
    return rc;
}

uint32_t xl_domain_need(struct xl *xl, const char *word)
{
    uint32_t domid;

    if (xl_domain_find(xl, word, &domid) < 0)
        exit(XL_EXIT_FAILED);
    return domid;
}

char *xl_domain_name(struct xl *xl, uint32_t domid)
{
    char path[48], *name;

    snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
    if (ctrl_store_read(xl_store(xl), CTRL_STORE_NO_TX, path, &name, NULL) < 0)
        return domid == CTRL_DOM0 ? strdup("Domain-0") : NULL;
    return name;
}
