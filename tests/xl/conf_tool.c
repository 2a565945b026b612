/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of configurations as a program of its own, for the tests:
 *
 *     conf_tool json|running|sxp|cfg|xml|check|conf FILE [KEY=VALUE ...]
 *
 * Messages go to stderr with the severity in front. The host has 4 CPUs in one node, as in the
 * recordings of Xen's xl.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "xl.h"
#include "xl_conf.h"

static void emit(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    fprintf(stderr, "%s: %s\n", severity == XL_ERROR ? "error" : "warning", text);
}

static const struct xl_report report = { emit, NULL };

const void *xl_module_load(const char *name, const char *symbol)
{
    char path[4096];
    const char *folder = getenv("XL_TEST_MODULES");
    void *module;

    snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : ".", name);
    module = dlopen(path, RTLD_NOW);
    if (!module || !dlsym(module, symbol)) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return dlsym(module, symbol);
}

static int print_conf(const char *path)
{
    struct xl_conf *conf;

    if (xl_conf_read(&conf, path, &report))
        return 1;
    printf("autoballoon %d run_hotplug_scripts %d claim_mode %d sxp %d random_domid %d type %s\n",
           conf->autoballoon, conf->run_hotplug_scripts, conf->claim_mode, conf->sxp,
           conf->random_domid, xl_guest_type_name(conf->default_type));
    printf("vif %s %s %s %s blkdev_start %s\n",
           conf->vif_script ? conf->vif_script : "-", conf->vif_bridge ? conf->vif_bridge : "-",
           conf->vif_backend ? conf->vif_backend : "-",
           conf->vif_gatewaydev ? conf->vif_gatewaydev : "-",
           conf->blkdev_start ? conf->blkdev_start : "-");
    printf("limits %d %d %d masks %s %s %s\n", (int)conf->max_grant_frames,
           (int)conf->max_maptrack_frames, (int)conf->max_grant_version,
           conf->cpumask.text ? conf->cpumask.text : "-",
           conf->cpumask_pv.text ? conf->cpumask_pv.text : "-",
           conf->cpumask_hvm.text ? conf->cpumask_hvm.text : "-");
    xl_conf_free(conf);
    return 0;
}

static int print(struct xl_config *config, const char *how)
{
    static const struct xl_host_cpus host = { .cpus = 4 };
    static const struct xl_json_state state = { .host = &host };
    struct xl_json_state running = { .host = &host, .scheduler = "credit2" };

    if (!strcmp(how, "json")) {
        xl_config_print_json(config, stdout, 0, &state, 0);
        putchar('\n');
    } else if (!strcmp(how, "running")) {
        running.weight = config->weight < 0 ? 256 : config->weight;
        running.cap = config->cap < 0 ? 0 : config->cap;
        xl_config_print_json(config, stdout, XL_JSON_RUNNING, &running, 0);
        putchar('\n');
    } else if (!strcmp(how, "sxp")) {
        xl_config_print_sxp(config, stdout, -1);
    } else if (!strcmp(how, "cfg")) {
        xl_config_print_cfg(config, stdout);
    } else if (!strcmp(how, "xml")) {
        return xl_config_print_xml(config, stdout, &report) ? 1 : 0;
    } else if (!strcmp(how, "check")) {
        return xl_config_check(config, &report) ? 1 : 0;
    } else {
        fprintf(stderr, "unknown output '%s'\n", how);
        return 2;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct xl_config_input input = { 0 };
    struct xl_conf *conf = NULL;
    struct xl_config *config;
    int rc;

    if (argc < 3)
        return 2;
    if (!strcmp(argv[1], "conf"))
        return print_conf(argv[2]);
    if (getenv("XL_TEST_CONF") && xl_conf_read(&conf, getenv("XL_TEST_CONF"), &report))
        return 1;
    input.conf = conf;
    input.path = argv[2];
    input.arguments = (const char *const *)argv + 3;
    input.argument_count = (unsigned)argc - 3;
    if (xl_config_read(&config, &input, &report)) {
        xl_conf_free(conf);
        return 1;
    }
    rc = print(config, argv[1]);
    xl_config_free(config);
    xl_conf_free(conf);
    return rc;
}
