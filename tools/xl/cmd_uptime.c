/* SPDX-License-Identifier: BSD-2-Clause */
/* uptime: how long domains run. The store knows when a guest was started, the kernel domain 0. */
#include "commands.h"
#include "domains.h"
#include "json.h"
#include "output.h"

#include <errno.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static int64_t host_uptime(void)
{
    FILE *file = fopen("/proc/uptime", "re");
    double seconds = -1;

    if (!file || fscanf(file, "%lf", &seconds) != 1)
        xl_error("Can not get Dom0 uptime.");
    if (file)
        fclose(file);
    return (int64_t)seconds;
}

/* Seconds; -1 when the store does not say when the domain was started. */
static int64_t domain_uptime(struct xl *xl, uint32_t domid)
{
    char path[128], *vm;
    int64_t started = -1;

    if (domid == CTRL_DOM0)
        return host_uptime();
    snprintf(path, sizeof(path), "/local/domain/%u/vm", domid);
    if (ctrl_store_read(xl_store(xl), CTRL_STORE_NO_TX, path, &vm, NULL) < 0)
        return -1;
    snprintf(path, sizeof(path), "%.100s/start_time", vm);
    free(vm);
    if (ctrl_store_read(xl_store(xl), CTRL_STORE_NO_TX, path, &vm, NULL) == 0) {
        started = strtoll(vm, NULL, 10); /* Xen writes seconds, a dot and a fraction */
        free(vm);
    }
    return started < 0 ? -1 : (int64_t)time(NULL) - started;
}

static void uptime_text(int64_t uptime, bool brief, char *text, size_t size)
{
    int days = (int)(uptime / DAY), hours = (int)(uptime % DAY / HOUR);
    int minutes = (int)(uptime % HOUR / MINUTE), seconds = (int)(uptime % MINUTE);
    size_t used = 0;

    if (uptime < 0) {
        snprintf(text, size, "-");
        return;
    }
    if (days)
        used = (size_t)snprintf(text, size, "%d day%s, ", days, days == 1 ? "" : "s");
    if (brief)
        snprintf(text + used, size - used, "%2d:%02d", hours, minutes);
    else
        snprintf(text + used, size - used, "%2d:%02d:%02d", hours, minutes, seconds);
}

static void uptime_print(struct json *json, bool brief, uint32_t domid, const char *name,
                         int64_t uptime)
{
    char text[64], clock[16];
    time_t now = time(NULL);

    if (json) {
        json_map(json, NULL);
        json_uint(json, "domid", domid);
        json_string(json, "name", name);
        if (uptime < 0)
            json_null(json, "uptime_s");
        else
            json_int(json, "uptime_s", uptime);
        json_end(json);
        return;
    }
    uptime_text(uptime, brief, text, sizeof(text));
    if (brief) {
        strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
        printf(" %s up %s, %s (%d)\n", clock, text, name, (int)domid);
    } else {
        printf("%-33s %4d %s\n", name, (int)domid, text);
    }
}

static void uptime_one(struct xl *xl, struct json *json, bool brief, const char *word)
{
    struct xl_domains one;

    if (xl_domains_read_one(xl, xl_domain_need(xl, word), &one) < 0)
        xl_die("Error: Domain '%s' does not exist.", word);
    uptime_print(json, brief, one.info[0].domid, xl_domains_name(&one, 0),
                 domain_uptime(xl, one.info[0].domid));
    xl_domains_free(&one);
}

int cmd_uptime(struct xl *xl, int argc, char **argv)
{
    struct json *json = NULL;
    struct xl_domains all;
    bool brief = false;

    while (xl_option(xl, argc, argv, "s", NULL) == 's')
        brief = true;
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_array(json, "domains");
    } else if (!brief) {
        printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
    }
    for (int i = optind; i < argc; i++)
        uptime_one(xl, json, brief, argv[i]);
    if (optind == argc) {
        xl_domains_read(xl, &all);
        for (unsigned i = 0; i < all.nr; i++)
            uptime_print(json, brief, all.info[i].domid, xl_domains_name(&all, i),
                         domain_uptime(xl, all.info[i].domid));
        xl_domains_free(&all);
    }
    if (json)
        json_finish(json);
    return XL_EXIT_OK;
}
