/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters of the running hypervisor: entries of its small file system below /params. An entry
 * has a type, and a value given as text is put into that type's form.
 */
#include <libctrl/host.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "internal.h"

#define HYPERCALL_HYPFS_OP 42
#define HYPFS_READ         1
#define HYPFS_WRITE        2

#define PATH_SIZE  128
#define VALUE_SIZE 1024

enum hypfs_type {
    HYPFS_STRING = 2,
    HYPFS_UINT = 3,
    HYPFS_INT = 4,
    HYPFS_BOOL = 5,
};

struct hypfs_entry {
    uint8_t type, encoding;
    uint16_t pad;
    uint32_t size, max_write_size;
};

static bool word_is(const char *value, const char *const *words)
{
    for (; *words; words++) {
        if (strcasecmp(value, *words) == 0) {
            return true;
        }
    }
    return false;
}

static bool number_parse(const struct hypfs_entry *entry, const char *value, uint64_t *number)
{
    static const char *const yes[] = { "yes", "on", "true", "enable", NULL };
    static const char *const no[] = { "no", "off", "false", "disable", NULL };
    char *end;

    if (entry->type == HYPFS_BOOL && (word_is(value, yes) || word_is(value, no))) {
        *number = word_is(value, yes);
        return true;
    }
    errno = 0;
    *number = entry->type == HYPFS_INT ? (uint64_t)strtoll(value, &end, 0)
                                       : strtoull(value, &end, 0);
    return !errno && end != value && !*end && (entry->type != HYPFS_BOOL || *number <= 1);
}

/* Puts the value into buffer; its size, or 0: not a value of this type. */
static size_t value_encode(const struct hypfs_entry *entry, const char *value, void *buffer)
{
    uint64_t number;

    switch (entry->type) {
    case HYPFS_STRING:
        if (strlen(value) >= VALUE_SIZE) {
            return 0;
        }
        memcpy(buffer, value, strlen(value) + 1);
        return strlen(value) + 1;
    case HYPFS_UINT:
    case HYPFS_INT:
    case HYPFS_BOOL:
        if (entry->size > sizeof(number) || !number_parse(entry, value, &number)) {
            return 0;
        }
        memcpy(buffer, &number, entry->size);
        return entry->size;
    default:
        return 0;
    }
}

static long hypfs_op(struct ctrl *ctrl, uint64_t op, const char *path, void *buffer, size_t size)
{
    const uint64_t args[5] = { op, (uintptr_t)path, strlen(path) + 1, (uintptr_t)buffer, size };

    return ctrl_hypercall(ctrl, HYPERCALL_HYPFS_OP, args);
}

static int explain_read(struct ctrl *ctrl, int rc, const char *name)
{
    switch (rc) {
    case -ENOSYS:
    case -EOPNOTSUPP:
        return ctrl_fail(ctrl, rc, "this hypervisor's parameters cannot be changed while it runs "
                         "(it has no hypfs); set %s on its boot command line", name);
    case -ENOENT:
        return ctrl_fail(ctrl, rc, "there is no parameter '%s' that can be changed while the "
                         "hypervisor runs", name);
    default:
        return fail_errno(ctrl, rc, "reading parameter '%s'", name);
    }
}

/* path and buffer: argument memory of PATH_SIZE and VALUE_SIZE bytes. */
static int parameter_write(struct ctrl *ctrl, char *path, void *buffer, const char *name,
                           const char *value)
{
    struct hypfs_entry entry;
    size_t size;
    long rc;

    if (snprintf(path, PATH_SIZE, "/params/%s", name) >= PATH_SIZE) {
        return ctrl_fail(ctrl, -EINVAL, "the parameter's name '%s' is too long", name);
    }
    rc = hypfs_op(ctrl, HYPFS_READ, path, buffer, VALUE_SIZE);
    if (rc < 0 && rc != -ENOBUFS) { /* with ENOBUFS the entry is there, without its value */
        return explain_read(ctrl, (int)rc, name);
    }
    memcpy(&entry, buffer, sizeof(entry));
    size = value_encode(&entry, value, buffer);
    if (!size) {
        return ctrl_fail(ctrl, -EINVAL, "'%s' is no value for parameter '%s'", value, name);
    }
    rc = hypfs_op(ctrl, HYPFS_WRITE, path, buffer, size);
    return rc < 0 ? fail_errno(ctrl, (int)rc, "setting parameter '%s' to '%s'", name, value) : 0;
}

/* "name=value", "name" (yes) or "no-name". */
static int word_apply(struct ctrl *ctrl, char *path, void *buffer, char *word)
{
    char *value = strchr(word, '=');

    if (value) {
        *value++ = '\0';
        return parameter_write(ctrl, path, buffer, word, value);
    }
    if (strncmp(word, "no-", 3) == 0) {
        return parameter_write(ctrl, path, buffer, word + 3, "no");
    }
    return parameter_write(ctrl, path, buffer, word, "yes");
}

int ctrl_set_parameters(struct ctrl *ctrl, const char *params)
{
    struct arg_mark mark = arg_begin(ctrl);
    char *path = arg_get(ctrl, PATH_SIZE);
    void *buffer = arg_get(ctrl, VALUE_SIZE);
    char *copy = strdup(params), *next = NULL;
    int rc = path && buffer && copy ? 0 : arg_error(ctrl);

    for (char *word = rc ? NULL : strtok_r(copy, " ", &next); word && !rc;
         word = strtok_r(NULL, " ", &next)) {
        rc = word_apply(ctrl, path, buffer, word);
    }
    free(copy);
    arg_end(ctrl, mark);
    return rc;
}
