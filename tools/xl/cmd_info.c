/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * info: what the host and the hypervisor are. The lines are made once as rows of key and value, in
 * an order that scripts know; a row is printed, or only the one that was asked for, or all as JSON.
 */
#include "commands.h"
#include "info_numa.h"
#include "json.h"
#include "output.h"

#include <libctrl/cpupool.h>
#include <libctrl/host.h>
#include <libctrl/sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define PAGES_PER_MIB ((1024 * 1024) / CTRL_PAGE_SIZE)

/* How rows come out. */
struct rows {
    const char *only;  /* the key that was asked for, or NULL */
    bool found;
    struct json *json; /* or NULL */
};

__attribute__((format(printf, 3, 4)))
static void row_text(struct rows *rows, const char *key, const char *format, ...)
{
    char text[2048];
    va_list args;

    if (rows->only && strcmp(rows->only, key) != 0)
        return;
    rows->found = true;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (rows->json)
        json_string(rows->json, key, text);
    else if (rows->only)
        printf("%s\n", text);
    else
        printf("%-23s: %s\n", key, text);
}

static void row_number(struct rows *rows, const char *key, uint64_t value)
{
    if (!rows->json || (rows->only && strcmp(rows->only, key) != 0)) {
        row_text(rows, key, "%llu", (unsigned long long)value);
        return;
    }
    rows->found = true;
    json_uint(rows->json, key, value);
}

static void row_mhz(struct rows *rows, uint32_t khz)
{
    const char *key = "cpu_mhz";

    if (!rows->json || (rows->only && strcmp(rows->only, key) != 0)) {
        row_text(rows, key, "%u.%03u", khz / 1000, khz % 1000);
        return;
    }
    rows->found = true;
    json_fixed(rows->json, key, khz / 1000.0, 3);
}

/* --- what the rows say --- */

static void rows_node(struct rows *rows)
{
    struct utsname name;

    if (uname(&name) < 0)
        return;
    row_text(rows, "host", "%s", name.nodename);
    row_text(rows, "release", "%s", name.release);
    row_text(rows, "version", "%s", name.version);
    row_text(rows, "machine", "%s", name.machine);
}

static void row_virt_caps(struct rows *rows, uint32_t caps)
{
    const struct {
        uint32_t needs;
        const char *name;
    } words[] = {
        { CTRL_CAP_PV, "pv" },
        { CTRL_CAP_HVM, "hvm" },
        { CTRL_CAP_HVM | CTRL_CAP_DIRECTIO, "hvm_directio" },
        { CTRL_CAP_PV | CTRL_CAP_DIRECTIO, "pv_directio" },
        { CTRL_CAP_HAP, "hap" },
        { CTRL_CAP_SHADOW, "shadow" },
        { CTRL_CAP_IOMMU_SHARE, "iommu_hap_pt_share" },
        { CTRL_CAP_VMTRACE, "vmtrace" },
        { CTRL_CAP_VPMU, "vpmu" },
        { CTRL_CAP_GRANT_V1, "gnttab-v1" },
        { CTRL_CAP_GRANT_V2, "gnttab-v2" },
    };
    char text[256] = "";
    size_t used = 0;

    for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
        if ((caps & words[i].needs) == words[i].needs)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
                                     words[i].name);
    row_text(rows, "virt_caps", "%s", text);
}

static void rows_cpus(struct rows *rows, const struct ctrl_physinfo *info)
{
    const uint32_t *caps = info->hw_cap;

    row_number(rows, "nr_cpus", info->nr_cpus);
    row_number(rows, "max_cpu_id", info->max_cpu_id);
    row_number(rows, "nr_nodes", info->nr_nodes);
    row_number(rows, "cores_per_socket", info->cores_per_socket);
    row_number(rows, "threads_per_core", info->threads_per_core);
    row_mhz(rows, info->cpu_khz);
    row_text(rows, "hw_caps", "%08x:%08x:%08x:%08x:%08x:%08x:%08x:%08x", caps[0], caps[1],
             caps[2], caps[3], caps[4], caps[5], caps[6], caps[7]);
    row_virt_caps(rows, info->capabilities);
}

static void rows_memory(struct xl *xl, struct rows *rows, const struct ctrl_physinfo *info)
{
    uint64_t freed = 0, used = 0;

    row_number(rows, "total_memory", info->total_pages / PAGES_PER_MIB);
    row_number(rows, "free_memory",
               (info->free_pages - info->outstanding_pages) / PAGES_PER_MIB);
    if (ctrl_sharing_pages(xl_ctrl(xl), &freed, &used) < 0)
        xl_debug(1, "Cannot read how much memory is shared: %s.", ctrl_error(xl->ctrl));
    row_number(rows, "sharing_freed_memory", freed / PAGES_PER_MIB);
    row_number(rows, "sharing_used_memory", used / PAGES_PER_MIB);
    row_number(rows, "outstanding_claims", info->outstanding_pages / PAGES_PER_MIB);
}

static void row_free_cpus(struct xl *xl, struct rows *rows)
{
    struct ctrl_cpumap cpus;

    if (ctrl_cpupool_free_cpus(xl_ctrl(xl), &cpus) < 0)
        xl_die("Cannot read which CPUs are free: %s.", ctrl_error(xl->ctrl));
    row_number(rows, "free_cpus", ctrl_cpumap_count(&cpus));
}

static void row_scheduler(struct xl *xl, struct rows *rows)
{
    uint32_t id;

    if (ctrl_scheduler_id(xl_ctrl(xl), &id) < 0)
        xl_die("Cannot read which scheduler there is: %s.", ctrl_error(xl->ctrl));
    row_text(rows, "xen_scheduler", "%s", ctrl_scheduler_name(id));
}

static void row_build_id(struct rows *rows, const struct ctrl_version *version)
{
    char text[2 * sizeof(version->build_id) + 1] = "";

    for (uint32_t i = 0; i < version->build_id_size && i < sizeof(version->build_id); i++)
        sprintf(text + 2 * i, "%02x", version->build_id[i]);
    row_text(rows, "build_id", "%s", text);
}

static void rows_hypervisor(struct xl *xl, struct rows *rows)
{
    struct ctrl_version version;

    if (ctrl_version(xl_ctrl(xl), &version) < 0)
        xl_die("Cannot read the hypervisor's version: %s.", ctrl_error(xl->ctrl));
    row_number(rows, "xen_major", version.major);
    row_number(rows, "xen_minor", version.minor);
    row_text(rows, "xen_extra", "%s", version.extra);
    row_text(rows, "xen_version", "%u.%u%s", version.major, version.minor, version.extra);
    row_text(rows, "xen_caps", "%s", version.capabilities);
    row_scheduler(xl, rows);
    row_number(rows, "xen_pagesize", version.page_size);
    row_text(rows, "platform_params", "virt_start=0x%llx",
             (unsigned long long)version.virt_start);
    row_text(rows, "xen_changeset", "%s", version.changeset);
    row_text(rows, "xen_commandline", "%s", version.commandline);
    row_text(rows, "cc_compiler", "%s", version.compiler);
    row_text(rows, "cc_compile_by", "%s", version.compile_by);
    row_text(rows, "cc_compile_domain", "%s", version.compile_domain);
    row_text(rows, "cc_compile_date", "%s", version.compile_date);
    row_build_id(rows, &version);
    row_number(rows, "xend_config_format", 4);
}

int cmd_info(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "numa", no_argument, NULL, 'n' },
        { 0 },
    };
    struct ctrl_physinfo info;
    struct rows rows = { 0 };
    bool numa = false;

    while (xl_option(xl, argc, argv, "n", longs) == 'n')
        numa = true;
    rows.only = argv[optind];
    if (ctrl_physinfo(xl_ctrl(xl), &info) < 0)
        xl_die("Cannot read what the host is: %s.", ctrl_error(xl->ctrl));
    if (xl->json) {
        rows.json = json_begin(stdout);
        json_map(rows.json, NULL);
    }
    rows_node(&rows);
    rows_cpus(&rows, &info);
    rows_memory(xl, &rows, &info);
    row_free_cpus(xl, &rows);
    if (numa && !rows.only)
        info_numa_print(xl, rows.json);
    rows_hypervisor(xl, &rows);
    if (rows.json)
        json_finish(rows.json);
    if (rows.only && !rows.found)
        xl_die("xl info has no key \"%s\"; without a key it prints all.", rows.only);
    return XL_EXIT_OK;
}
