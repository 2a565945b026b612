/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot command-line options. A module declares an option beside the variable it sets; the
 * parser walks the table. An option that nobody declared is reported by name.
 *
 * Values: bool ("name", "no-name", "name=yes/no/on/off/true/false/1/0"), unsigned integer (decimal
 * or 0x), size (with K, M, G suffix), string, or a function of its own.
 */
#ifndef XEN_PARAM_H
#define XEN_PARAM_H

#include <xen/compiler.h>
#include <xen/types.h>

enum param_kind { PARAM_BOOL, PARAM_UINT, PARAM_SIZE, PARAM_STRING, PARAM_CUSTOM };

struct boot_param {
    const char *name;
    enum param_kind kind;
    unsigned int size; /* of a string's buffer */
    union {
        void *var;
        int (*parse)(const char *value); /* 0 or -EINVAL */
    };
};

#define BOOT_PARAM(n, k, sz, init, id)                                       \
    static const struct boot_param used section(".init.params") aligned(8)   \
    boot_param_##id = { .name = (n), .kind = (k), .size = (sz), init }

#define PARAM_BOOL(n, v)   BOOT_PARAM(n, PARAM_BOOL, sizeof(v), .var = &(v), v)
#define PARAM_UINT(n, v)   BOOT_PARAM(n, PARAM_UINT, sizeof(v), .var = &(v), v)
#define PARAM_SIZE(n, v)   BOOT_PARAM(n, PARAM_SIZE, sizeof(v), .var = &(v), v)
#define PARAM_STRING(n, v) BOOT_PARAM(n, PARAM_STRING, sizeof(v), .var = (v), v)
#define PARAM_CUSTOM(n, f) BOOT_PARAM(n, PARAM_CUSTOM, 0, .parse = (f), f)

/* Applies the command line (without the image's own name). Reports what it does not know. */
void params_parse(const char *cmdline);
/* The command line as given, for XENVER_commandline. */
extern char boot_cmdline[1024];

#endif
