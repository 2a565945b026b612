/* SPDX-License-Identifier: BSD-2-Clause */
/* Applies the boot command line to the options that modules declared (param.h). */
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/param.h>
#include <xen/string.h>

char boot_cmdline[1024];

extern const struct boot_param params_start[], params_end[];

static int __init parse_bool(const char *v, bool *out)
{
    static const char *const yes[] = { "", "yes", "on", "true", "1", "enable" };
    static const char *const no[] = { "no", "off", "false", "0", "disable" };

    for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
        if (strcmp(v, yes[i]) == 0) {
            *out = true;
            return 0;
        }
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(no); i++) {
        if (strcmp(v, no[i]) == 0) {
            *out = false;
            return 0;
        }
    }
    return -EINVAL;
}

static int __init parse_size(const char *v, uint64_t *out)
{
    const char *end;
    uint64_t n = string_to_ulong(v, &end);

    if (end == v) {
        return -EINVAL;
    }
    switch (*end) {
    case 'T': case 't': n <<= 10; fallthrough;
    case 'G': case 'g': n <<= 10; fallthrough;
    case 'M': case 'm': n <<= 10; fallthrough;
    case 'K': case 'k': n <<= 10; end++; break;
    case 'B': case 'b': end++; break;
    case '\0': n <<= 10; break; /* like Xen: a bare number means KiB */
    default: return -EINVAL;
    }
    if (*end != '\0') {
        return -EINVAL;
    }
    *out = n;
    return 0;
}

static int __init parse_uint(const char *v, unsigned int *out)
{
    const char *end;
    unsigned long n = string_to_ulong(v, &end);

    if (end == v || *end != '\0' || n > UINT32_MAX) {
        return -EINVAL;
    }
    *out = (unsigned int)n;
    return 0;
}

static int __init param_apply(const struct boot_param *p, const char *value)
{
    switch (p->kind) {
    case PARAM_BOOL:
        return parse_bool(value, p->var);
    case PARAM_UINT:
        return parse_uint(value, p->var);
    case PARAM_SIZE:
        return parse_size(value, p->var);
    case PARAM_STRING:
        return string_copy(p->var, value, p->size) < p->size ? 0 : -EINVAL;
    case PARAM_CUSTOM:
        return p->parse(value);
    }
    return -EINVAL;
}

static const struct boot_param *__init param_find(const char *name)
{
    for (const struct boot_param *p = params_start; p < params_end; p++) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}

/* One word of the command line; writes into it. */
static void __init param_word(char *word)
{
    char *value = strchr(word, '=');
    const struct boot_param *p;

    if (value != NULL) {
        *value++ = '\0';
    }
    p = param_find(word);
    if (p == NULL && value == NULL && strncmp(word, "no-", 3) == 0) {
        p = param_find(word + 3);
        if (p != NULL && p->kind == PARAM_BOOL) {
            value = (char *)"no";
        } else {
            p = NULL;
        }
    }
    if (p == NULL) {
        log_warn("Command line: option \"%s\" is unknown or not supported yet; it has no effect.\n",
                 word);
    } else if (param_apply(p, value != NULL ? value : "") != 0) {
        log_warn("Command line: option \"%s\": cannot use the value \"%s\"; it has no effect.\n",
                 word, value != NULL ? value : "");
    }
}

void __init params_parse(const char *cmdline)
{
    static char __initdata copy[sizeof(boot_cmdline)];
    char *p = copy;

    if (string_copy(boot_cmdline, cmdline, sizeof(boot_cmdline)) >= sizeof(boot_cmdline)) {
        log_warn("Command line: longer than %zu bytes; the rest is ignored.\n",
                 sizeof(boot_cmdline) - 1);
    }
    string_copy(copy, boot_cmdline, sizeof(copy));
    for (;;) {
        char *word;

        while (*p == ' ' || *p == '\t') {
            p++;
        }
        if (*p == '\0') {
            return;
        }
        for (word = p; *p != '\0' && *p != ' ' && *p != '\t'; p++) {
            continue;
        }
        if (*p != '\0') {
            *p++ = '\0';
        }
        param_word(word);
    }
}
