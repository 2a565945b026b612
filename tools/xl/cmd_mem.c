/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain's memory: mem-set moves the balloon's target, mem-max the hypervisor's limit. The store
 * holds the target and the most that the domain was made for (memory/target and memory/static-max,
 * in KiB).
 */
#include "commands.h"
#include "domains.h"
#include "output.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libctrl/host.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB_PER_MIB     1024u
#define DOM0_MIN_KIB    (128u * KIB_PER_MIB) /* below, domain 0 is likely to run out of memory */
#define LIMIT_SPARE_KIB KIB_PER_MIB /* beyond the target: what a guest's own devices take */

/* In KiB; a bare number is MiB. False: not a size. */
static bool size_parse(const char *word, uint64_t *kib)
{
    static const char units[] = "bkmgt"; /* 1024 times each other */
    const char *unit;
    unsigned long long number;
    char *end;
    int shift;

    if (*word < '0' || *word > '9')
        return false;
    errno = 0;
    number = strtoull(word, &end, 0);
    unit = *end ? strchr(units, tolower((unsigned char)*end)) : strchr(units, 'm');
    if (errno || !unit || (*end && end[1]))
        return false;
    shift = 10 * (int)(unit - units) - 10;
    if (shift > 0 && number > (uint64_t)INT64_MAX >> shift)
        return false;
    *kib = shift < 0 ? number >> -shift : number << shift;
    return true;
}

static uint64_t size_need(const char *word)
{
    uint64_t kib;

    if (!size_parse(word, &kib))
        xl_die("invalid memory size: %s", word);
    return kib;
}

static bool memory_read(struct xl *xl, uint32_t domid, const char *node, uint64_t *kib)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/memory/%s", domid, node);
    return ctrl_store_read_number(xl_store(xl), CTRL_STORE_NO_TX, path, kib) == 0;
}

/* What the domain may grow to: what it was made for, and for domain 0 what the host has. */
static uint64_t static_max(struct xl *xl, const struct ctrl_domain_info *info)
{
    struct ctrl_physinfo host;
    uint64_t kib, pages = info->max_pages;

    if (memory_read(xl, info->domid, "static-max", &kib))
        return kib;
    if (ctrl_physinfo(xl_ctrl(xl), &host) == 0 && host.total_pages < pages)
        pages = host.total_pages;
    return pages * (CTRL_PAGE_SIZE / 1024);
}

static void target_check(struct xl *xl, const struct ctrl_domain_info *info, uint64_t kib)
{
    uint64_t most = static_max(xl, info);

    if (kib > most)
        xl_die("cannot set domid %u dynamic max memory to : %" PRIu64 " MiB: it was made for "
               "%" PRIu64 " MiB at most (\"maxmem\" in its configuration).", info->domid,
               kib / KIB_PER_MIB, most / KIB_PER_MIB);
    if (info->domid == CTRL_DOM0 && kib < DOM0_MIN_KIB)
        xl_die("cannot set domid 0 dynamic max memory to : %" PRIu64 " MiB: domain 0 needs "
               "%u MiB at least.", kib / KIB_PER_MIB, DOM0_MIN_KIB / KIB_PER_MIB);
    if (!kib)
        xl_die("cannot set domid %u dynamic max memory to : 0: a domain needs memory.",
               info->domid);
}

static void target_write(struct xl *xl, uint32_t domid, uint64_t kib)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/memory/target", domid);
    if (ctrl_store_printf(xl_store(xl), CTRL_STORE_NO_TX, path, "%" PRIu64, kib) < 0)
        xl_die("Cannot tell domain %u its new size: %s.", domid, ctrl_error(xl->ctrl));
}

static struct ctrl_domain_info domain_need(struct xl *xl, const char *word)
{
    uint32_t domid = xl_domain_need(xl, word);
    struct ctrl_domain_info info;
    int rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);

    if (rc == -ESRCH)
        xl_die("Error: Domain '%s' does not exist.", word);
    if (rc < 0)
        xl_die("Cannot read domain %u: %s.", domid, ctrl_error(xl->ctrl));
    return info;
}

int cmd_mem_set(struct xl *xl, int argc, char **argv)
{
    struct ctrl_domain_info info;
    uint64_t kib;

    xl_option(xl, argc, argv, "", NULL);
    info = domain_need(xl, argv[optind]);
    kib = size_need(argv[optind + 1]);
    target_check(xl, &info, kib);
    /* The limit goes up before the guest is told to grow, and down without waiting for it. */
    if (ctrl_domain_set_max_mem(xl->ctrl, info.domid, kib + LIMIT_SPARE_KIB) < 0)
        xl_die("cannot set domid %u dynamic max memory to : %s: %s.", info.domid,
               argv[optind + 1], ctrl_error(xl->ctrl));
    target_write(xl, info.domid, kib);
    return XL_EXIT_OK;
}

int cmd_mem_max(struct xl *xl, int argc, char **argv)
{
    struct ctrl_domain_info info;
    uint64_t kib, target;

    xl_option(xl, argc, argv, "", NULL);
    info = domain_need(xl, argv[optind]);
    kib = size_need(argv[optind + 1]);
    if (memory_read(xl, info.domid, "target", &target) && kib < target)
        xl_die("cannot set domid %u static max memory to : %s: it is told to use %" PRIu64
               " MiB now; lower that first with xl mem-set.", info.domid, argv[optind + 1],
               target / KIB_PER_MIB);
    if (ctrl_domain_set_max_mem(xl->ctrl, info.domid, kib + LIMIT_SPARE_KIB) < 0)
        xl_die("cannot set domid %u static max memory to : %s: %s.", info.domid,
               argv[optind + 1], ctrl_error(xl->ctrl));
    return XL_EXIT_OK;
}
