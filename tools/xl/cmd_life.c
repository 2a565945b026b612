/* SPDX-License-Identifier: BSD-2-Clause */
/* xl destroy, pause, unpause, rename, trigger, sysrq, button-press, config-update, devd. */
#include "life.h"

#include "commands.h"
#include "conf_file.h"
#include "output.h"
#include "state.h"

#include <errno.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The only word, a domain. */
static uint32_t one_domain(struct xl *xl, int argc, char **argv)
{
    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    return xl_domain_need(xl, argv[optind]);
}

static int domain_complain(struct xl *xl, uint32_t domid, const char *what, int rc)
{
    if (rc == -ESRCH)
        xl_error("Error: Domain '%u' does not exist.", domid);
    else
        xl_error("Cannot %s domain %u: %s.", what, domid, ctrl_error(xl->ctrl));
    return XL_EXIT_FAILED;
}

int cmd_destroy(struct xl *xl, int argc, char **argv)
{
    struct ctrl_domain_info info;
    bool force = xl->force;
    uint32_t domid;
    int rc;

    while (xl_option(xl, argc, argv, "f", NULL) == 'f')
        force = true;
    domid = xl_domain_need(xl, argv[optind]);
    if (domid == CTRL_DOM0) {
        xl_error(force ? "Domain-0 cannot be destroyed from within itself."
                       : "Not destroying domain 0; use -f to force.");
        return XL_EXIT_FAILED;
    }
    rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);
    if (rc < 0) {
        /* There may still be traces of it. */
        life_destroy(xl, domid);
        return domain_complain(xl, domid, "destroy", rc);
    }
    return life_destroy(xl, domid) < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

int cmd_pause(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv);
    int rc = ctrl_domain_pause(xl_ctrl(xl), domid);

    return rc < 0 ? domain_complain(xl, domid, "pause", rc) : XL_EXIT_OK;
}

int cmd_unpause(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv);
    int rc = ctrl_domain_unpause(xl_ctrl(xl), domid);

    return rc < 0 ? domain_complain(xl, domid, "unpause", rc) : XL_EXIT_OK;
}

int cmd_rename(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv);
    struct ctrl_domain_info info;
    int rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);

    if (rc < 0)
        return domain_complain(xl, domid, "rename", rc);
    if (domid == CTRL_DOM0 || life_rename(xl, domid, argv[optind + 1]) < 0) {
        xl_error("Can't rename domain '%s'.", argv[optind]);
        return XL_EXIT_FAILED;
    }
    return XL_EXIT_OK;
}

/* --- signals --- */

static int trigger_send(struct xl *xl, uint32_t domid, const char *name, uint32_t vcpu)
{
    static const char *const names[] = { "nmi", "reset", "init", "power", "sleep", "s3resume" };
    unsigned i = 0;
    int rc;

    while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i], name) != 0)
        i++;
    if (i == sizeof(names) / sizeof(names[0])) {
        xl_error("Invalid trigger \"%s\"", name);
        return XL_EXIT_FAILED;
    }
    if (strcmp(name, "s3resume") == 0) {
        xl_error("Domain %u is a pv guest: it does not sleep as a machine does, so it cannot be "
                 "resumed.", domid);
        return XL_EXIT_FAILED;
    }
    rc = ctrl_domain_trigger(xl_ctrl(xl), domid, (enum ctrl_trigger)i, vcpu);
    if (rc == -ENOSYS || (rc == -EINVAL && i >= CTRL_TRIGGER_RESET)) {
        xl_error("Domain %u is a pv guest: it takes no \"%s\". Use xl shutdown or xl reboot.",
                 domid, name);
        return XL_EXIT_FAILED;
    }
    return rc < 0 ? domain_complain(xl, domid, "send a trigger to", rc) : XL_EXIT_OK;
}

int cmd_trigger(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv), vcpu = 0;
    const char *word = argv[optind + 2];

    if (word) {
        char *end;

        vcpu = (uint32_t)strtoul(word, &end, 10);
        if (*end || !*word) {
            xl_note("Invalid vcpuid, using default vcpuid=0.");
            vcpu = 0;
        }
    }
    return trigger_send(xl, domid, argv[optind + 1], vcpu);
}

int cmd_button_press(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv);
    const char *button = argv[optind + 1];

    xl_error("WARNING: \"button-press\" is deprecated. Please use \"trigger\"");
    if (strcmp(button, "power") != 0 && strcmp(button, "sleep") != 0) {
        xl_error("%s is an invalid button identifier", button);
        return XL_EXIT_USAGE;
    }
    return trigger_send(xl, domid, button, 0);
}

int cmd_sysrq(struct xl *xl, int argc, char **argv)
{
    uint32_t domid = one_domain(xl, argc, argv);
    struct ctrl_domain_info info;
    const char *key = argv[optind + 1];
    char path[64];
    int rc;

    if (!key[0] || key[1])
        xl_usage_error(xl, "Invalid sysrq.");
    rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);
    if (rc < 0)
        return domain_complain(xl, domid, "send a key to", rc);
    snprintf(path, sizeof(path), "/local/domain/%u/control/sysrq", domid);
    rc = ctrl_store_write(xl_store(xl), CTRL_STORE_NO_TX, path, key, 1);
    return rc < 0 ? domain_complain(xl, domid, "send a key to", rc) : XL_EXIT_OK;
}

/* --- configurations --- */

static int update(uint32_t domid, struct conf_file *file, bool dry)
{
    struct state_record record;
    struct xl_config *config;
    char uuid[STATE_UUID_SIZE], *line;
    int rc = conf_file_parse(file, &config);

    if (rc < 0)
        return rc;
    rc = xl_config_check(config, &life_report);
    if (dry) {
        xl_config_print_json(config, stdout, 0, NULL, 0);
        putchar('\n');
    } else if (rc == 0 && state_record_read(domid, &record) < 0) {
        xl_error("Domain %u was not made by xl, so there is no configuration of it to change.",
                 domid);
        rc = -ENOENT;
    } else if (rc == 0) {
        xl_note("setting dom%u configuration", domid);
        state_uuid_print(record.uuid, uuid);
        state_record_free(&record);
        if (asprintf(&line, "uuid = \"%s\"", uuid) < 0)
            xl_die("Out of memory.");
        rc = state_config_write(domid, file->text);
        rc = rc < 0 ? rc : state_config_add(domid, line);
        rc = rc < 0 ? rc : state_record_add(domid, "updated 1");
        free(line);
    }
    xl_config_free(config);
    return rc;
}

int cmd_config_update(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = { { "defconfig", required_argument, NULL, 'f' }, { 0 } };
    const char *path = NULL;
    struct conf_file file;
    unsigned nr = 0;
    uint32_t domid;
    int option, rc;

    while ((option = xl_option(xl, argc, argv, "df:", longs)) != -1)
        if (option == 'f')
            path = optarg;
    domid = xl_domain_need(xl, argv[optind++]);
    for (int i = optind; i < argc; i++) {
        if (strchr(argv[i], '='))
            argv[optind + (int)nr++] = argv[i];
        else
            path = argv[i];
    }
    xl_note("WARNING: xl now has better capability to manage domain configuration, avoid using "
            "this command when possible");
    if (!path) {
        xl_error("Config file not specified");
        return XL_EXIT_FAILED;
    }
    if (conf_file_read(&file, path, (const char *const *)argv + optind, nr) < 0)
        return XL_EXIT_FAILED;
    xl_note("Parsing config from %s", path);
    rc = update(domid, &file, xl->dry_run);
    conf_file_free(&file);
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

int cmd_devd(struct xl *xl, int argc, char **argv)
{
    while (xl_option(xl, argc, argv, "Fp:", NULL) != -1)
        ;
    xl_error("xl devd: devices are served by Domain-0, by the xl that makes a guest; there is "
             "nothing for a daemon to do.");
    return XL_EXIT_FAILED;
}
