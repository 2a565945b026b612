/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor itself: dmesg, debug-keys, set-parameters, Flask; and help. */
#include "commands.h"
#include "json.h"
#include "output.h"
#include "xl.h"

#include <errno.h>
#include <libctrl/ctrl.h>
#include <libctrl/host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK         16384
#define KEYS_PER_CALL 16

/* --- dmesg --- */

/* The whole log as text, to be freed. */
static char *log_read(struct xl *xl, size_t *length)
{
    uint32_t index = 0;
    char *text = NULL;
    int got;

    *length = 0;
    do {
        text = realloc(text, *length + CHUNK + 1);
        if (!text)
            xl_die("Out of memory.");
        got = ctrl_console_read(xl_ctrl(xl), &index, text + *length, CHUNK);
        if (got < 0)
            xl_die("Cannot read the hypervisor's messages: %s.", ctrl_error(xl->ctrl));
        *length += (size_t)got;
    } while (got);
    text[*length] = '\0';
    return text;
}

int cmd_dmesg(struct xl *xl, int argc, char **argv)
{
    static const struct option longs[] = {
        { "clear", no_argument, NULL, 'c' },
        { 0 },
    };
    bool clear = false;
    struct json *json;
    size_t length;
    char *text;

    while (xl_option(xl, argc, argv, "c", longs) == 'c')
        clear = true;
    text = log_read(xl, &length);
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_array(json, "lines");
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            json_string(json, NULL, line);
        json_finish(json);
    } else {
        fwrite(text, 1, length, stdout);
    }
    free(text);
    if (clear && ctrl_console_clear(xl->ctrl) < 0)
        xl_die("Cannot clear the hypervisor's messages: %s.", ctrl_error(xl->ctrl));
    return XL_EXIT_OK;
}

/* --- debug-keys, set-parameters --- */

int cmd_debug_keys(struct xl *xl, int argc, char **argv)
{
    char chunk[KEYS_PER_CALL + 1];
    const char *keys;

    xl_option(xl, argc, argv, "", NULL);
    for (keys = argv[optind]; *keys; keys += strlen(chunk)) {
        snprintf(chunk, sizeof(chunk), "%s", keys);
        if (ctrl_debug_keys(xl_ctrl(xl), chunk) < 0)
            xl_die("cannot send debug keys: %s: %s.", argv[optind], ctrl_error(xl->ctrl));
    }
    return XL_EXIT_OK;
}

int cmd_set_parameters(struct xl *xl, int argc, char **argv)
{
    xl_option(xl, argc, argv, "", NULL);
    if (ctrl_set_parameters(xl_ctrl(xl), argv[optind]) < 0)
        xl_die("cannot set parameters: %s: %s.", argv[optind], ctrl_error(xl->ctrl));
    return XL_EXIT_OK;
}

/* --- Flask: a policy that the hypervisor may have --- */

/* The hypercall's number, and its version and operations, of the public interface. */
#define HYPERCALL_XSM_OP      27
#define FLASK_VERSION         1
#define FLASK_LOAD            1
#define FLASK_GETENFORCE      2
#define FLASK_SETENFORCE      3

struct flask_op {
    uint32_t command, version;
    union {
        uint32_t enforcing;
        struct {
            uint64_t buffer;
            uint32_t size;
        } load;
        uint8_t room[64];
    };
};

/* A negative errno, or the operation's result; 'policy' may be NULL. */
static long flask_call(struct xl *xl, uint32_t command, uint32_t value, const char *policy,
                       size_t size)
{
    size_t pages = 1 + (size + CTRL_PAGE_SIZE - 1) / CTRL_PAGE_SIZE;
    struct ctrl *ctrl = xl_ctrl(xl);
    struct flask_op *op = ctrl_pages_get(ctrl, pages);
    uint64_t args[5] = { 0 };
    long rc;

    if (!op)
        xl_die("Cannot reach the hypervisor: %s.", ctrl_error(ctrl));
    *op = (struct flask_op){ .command = command, .version = FLASK_VERSION };
    if (policy) {
        op->load.buffer = (uint64_t)(uintptr_t)((char *)op + CTRL_PAGE_SIZE);
        op->load.size = (uint32_t)size;
        memcpy((char *)op + CTRL_PAGE_SIZE, policy, size);
    } else {
        op->enforcing = value;
    }
    args[0] = (uint64_t)(uintptr_t)op;
    rc = ctrl_hypercall(ctrl, HYPERCALL_XSM_OP, args);
    ctrl_pages_put(ctrl, op);
    return rc;
}

int cmd_getenforce(struct xl *xl, int argc, char **argv)
{
    struct json *json;
    const char *state;
    long rc;

    xl_option(xl, argc, argv, "", NULL);
    rc = flask_call(xl, FLASK_GETENFORCE, 0, NULL, 0);
    if (rc < 0 && rc != -ENOSYS)
        xl_die("Failed to get enforcing mode: %s.", strerror((int)-rc));
    state = rc < 0 ? "Flask XSM Disabled" : rc ? "Enforcing" : "Permissive";
    if (xl->json) {
        json = json_begin(stdout);
        json_map(json, NULL);
        json_string(json, "flask", rc < 0 ? "disabled" : rc ? "enforcing" : "permissive");
        json_finish(json);
    } else {
        printf("%s\n", state);
    }
    return rc < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

int cmd_setenforce(struct xl *xl, int argc, char **argv)
{
    const char *word;
    uint32_t value;
    long rc;

    xl_option(xl, argc, argv, "", NULL);
    word = argv[optind];
    if (strcmp(word, "0") == 0 || strcasecmp(word, "permissive") == 0)
        value = 0;
    else if (strcmp(word, "1") == 0 || strcasecmp(word, "enforcing") == 0)
        value = 1;
    else
        xl_usage_error(xl, "\"%s\" is neither enforcing (1) nor permissive (0).", word);
    rc = flask_call(xl, FLASK_SETENFORCE, value, NULL, 0);
    if (rc == -ENOSYS)
        xl_die("Flask XSM disabled");
    if (rc < 0)
        xl_die("error occurred while setting enforcing mode (%ld)", rc);
    return XL_EXIT_OK;
}

static char *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    long end = 0;

    if (file && fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) > 0) {
        rewind(file);
        text = malloc((size_t)end);
    }
    if (!text || fread(text, 1, (size_t)end, file) != (size_t)end)
        xl_die("Unable to read new Flask policy file: %s: %s.", path,
               file && !end ? "it is empty" : strerror(errno));
    fclose(file);
    *size = (size_t)end;
    return text;
}

int cmd_loadpolicy(struct xl *xl, int argc, char **argv)
{
    char *policy;
    size_t size;
    long rc;

    xl_option(xl, argc, argv, "", NULL);
    policy = file_read(argv[optind], &size);
    rc = flask_call(xl, FLASK_LOAD, 0, policy, size);
    free(policy);
    if (rc == -ENOSYS)
        xl_die("Flask XSM disabled");
    if (rc < 0)
        xl_die("Unable to load new Flask policy: %s.", strerror((int)-rc));
    printf("Successfully loaded policy.\n");
    return XL_EXIT_OK;
}

/* --- help --- */

static void help_json(const struct xl_command *only)
{
    static const char *const marks[] = { "core", "common", "rare" };
    struct json *json = json_begin(stdout);

    json_map(json, NULL);
    json_array(json, "commands");
    for (const struct xl_command *command = xl_commands; command->name; command++) {
        if ((only && command != only) || (command->flags & XL_CMD_HIDDEN))
            continue;
        json_map(json, NULL);
        json_string(json, "name", command->name);
        json_string(json, "usage", command->usage);
        json_string(json, "summary", command->summary);
        json_string(json, "mark", marks[command->mark]);
        json_bool(json, "json", command->flags & XL_CMD_JSON);
        json_bool(json, "dry_run", command->flags & XL_CMD_DRY_RUN);
        json_string(json, "refusal", command->refusal);
        json_end(json);
    }
    json_finish(json);
}

int cmd_help(struct xl *xl, int argc, char **argv)
{
    const struct xl_command *command = NULL;

    xl_option(xl, argc, argv, "", NULL);
    if (optind < argc) {
        command = xl_command_find(argv[optind]);
        if (!command)
            return XL_EXIT_FAILED;
    }
    if (xl->json)
        help_json(command);
    else
        xl_help(command);
    return XL_EXIT_OK;
}
