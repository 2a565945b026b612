/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One network interface: "key=value" and flags with commas between, blanks around them mean
 * nothing.
 */
#include "conf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS         "/etc/xen/scripts/"
/* The kernel's limit for an interface's name is 15 characters. */
#define MAX_IFNAME      15
#define DEFAULT_RATE_US 50000u

struct spec {
    struct conf_reader *r;
    struct xl_where where;
    const char *text;
    struct xl_vif *vif;
};

/* Always false, so that a caller can return it. */
static bool wrong(struct spec *spec, const char *what, const char *value, const char *advice)
{
    conf_error(spec->r, spec->where, "vif", "'%s': %s '%s' %s", spec->text, what, value, advice);
    return false;
}

static bool take_mac(struct spec *spec, const char *text)
{
    struct xl_vif *vif = spec->vif;
    const char *at = text;
    uint8_t any = 0;

    for (unsigned i = 0; i < 6; i++) {
        char *end;
        unsigned long byte = isxdigit((unsigned char)*at) ? strtoul(at, &end, 16) : ULONG_MAX;

        if (byte > 0xff || end - at > 2 || *end != (i < 5 ? ':' : '\0'))
            return wrong(spec, "mac", text, "is not an address; write it as 00:16:3e:01:02:03");
        vif->mac[i] = (uint8_t)byte;
        any |= (uint8_t)byte;
        at = end + 1;
    }
    if (vif->mac[0] & 1)
        return wrong(spec, "mac", text, "is a group's address (its first byte is odd); "
                     "use one that begins with 00:16:3e, or leave it out");
    if (!any)
        return wrong(spec, "mac", text, "is all zeros; leave it out to get a new one");
    vif->has_mac = true;
    return true;
}

/* N[GMK](B|b)/s[@N(s|ms|us)]: bytes or bits in a second, and how often credit comes. */
static bool take_rate(struct spec *spec, const char *text)
{
    static const char advice[] = "is not a rate; write it as 10Mb/s, 250KB/s or 1MB/s@20ms "
                                 "(B: bytes, b: bits; K, M, G before it)";
    uint64_t rate, interval = DEFAULT_RATE_US, scale = 1;
    char *at;

    if (!isdigit((unsigned char)*text))
        return wrong(spec, "rate", text, advice);
    rate = strtoull(text, &at, 10);
    scale = *at == 'G' ? 1000000000 : *at == 'M' ? 1000000 : *at == 'K' ? 1000 : 1;
    at += scale != 1;
    if (rate > UINT32_MAX || (*at != 'B' && *at != 'b') || strncmp(at + 1, "/s", 2) != 0)
        return wrong(spec, "rate", text, advice);
    rate = *at == 'b' ? rate * scale / 8 : rate * scale;
    at += 3;
    if (*at == '@') {
        const char *digits = at + 1;

        interval = isdigit((unsigned char)*digits) ? strtoull(digits, &at, 10) : 0;
        scale = !strcmp(at, "s") ? 1000000 : !strcmp(at, "ms") ? 1000 : !strcmp(at, "us") ? 1 : 0;
        if (!interval || !scale || interval > UINT32_MAX / scale)
            return wrong(spec, "rate", text, advice);
        interval *= scale;
    } else if (*at) {
        return wrong(spec, "rate", text, advice);
    }
    /* Bytes in 100 us first: the product of the largest would not fit. */
    spec->vif->rate_interval_us = (uint32_t)interval;
    spec->vif->rate_bytes = rate <= UINT64_MAX / interval ? rate * interval / 1000000
                                                          : rate / 1000000 * interval;
    return spec->vif->rate_bytes ||
           wrong(spec, "rate", text, "is less than a byte in its interval; give more");
}

static bool take_number(struct spec *spec, const char *what, const char *text, int min, int max,
                        int *out)
{
    int64_t number;
    char advice[80];

    if (conf_number(text, &number) && number >= min && number <= max) {
        *out = (int)number;
        return true;
    }
    snprintf(advice, sizeof(advice), "must be a number from %d to %d", min, max);
    return wrong(spec, what, text, advice);
}

/* "paravirtualized" is what Ganeti writes; Xen's xl only complains of it. */
static bool take_type(struct spec *spec, const char *text)
{
    if (!strcmp(text, "paravirtualized"))
        conf_warn(spec->r, spec->where, "vif", "'%s': type '%s' is not known and taken as vif",
                  spec->text, text);
    if (!strcmp(text, "vif") || !strcmp(text, "paravirtualized"))
        spec->vif->type = XL_VIF_PV;
    else if (!strcmp(text, "ioemu"))
        spec->vif->type = XL_VIF_IOEMU;
    else
        return wrong(spec, "type", text, "is not known; use vif or ioemu, or leave it out");
    return true;
}

static bool take_script(struct spec *spec, const char *text)
{
    spec->vif->script = text;
    return true;
}

/* An interface's name goes to the kernel of the control domain. */
static bool take_ifname(struct spec *spec, const char *key, const char *text, const char **out)
{
    if (!*text)
        return wrong(spec, key, text, "is empty; give a name or leave it out");
    if (strlen(text) > MAX_IFNAME)
        return wrong(spec, key, text, "has more than 15 characters, which no interface can have");
    for (const char *c = text; *c; c++)
        if (isspace((unsigned char)*c) || *c == '/' || *c == ':')
            return wrong(spec, key, text, "has a blank, '/' or ':' in it, which no interface can "
                         "have");
    *out = text;
    return true;
}

/* One or more, with blanks between, each perhaps with a prefix's length. */
static bool take_ip(struct spec *spec, const char *text)
{
    for (const char *at = text; *at;) {
        size_t size = strcspn(at, " ");
        char address[64];
        uint8_t bytes[16];

        snprintf(address, sizeof(address), "%.*s", (int)strcspn(at, " /"), at);
        if (size && inet_pton(AF_INET, address, bytes) != 1 &&
            inet_pton(AF_INET6, address, bytes) != 1)
            return wrong(spec, "ip", text, "is not an IPv4 or IPv6 address, nor several with "
                         "blanks between");
        at += size + (at[size] == ' ');
    }
    spec->vif->ip = text;
    return true;
}

enum {
    MAC, BRIDGE, GATEWAYDEV, NETDEV, TYPE, MODEL, VIFNAME, SCRIPT, IP, BACKEND, RATE, MTU, DEVID,
    FORWARDDEV, ACCEL,
};

static const char *const keys[] = {
    "mac", "bridge", "gatewaydev", "netdev", "type", "model", "vifname", "script", "ip", "backend",
    "rate", "mtu", "devid", "forwarddev", "accel", "trusted", "untrusted", NULL,
};

static bool take_key(struct spec *spec, unsigned key, const char *value)
{
    struct xl_vif *vif = spec->vif;

    switch (key) {
    case MAC:
        return take_mac(spec, value);
    case BRIDGE:
        vif->bridge = value;
        return true;
    case NETDEV:
        conf_warn(spec->r, spec->where, "vif", "'%s': netdev= is deprecated; write gatewaydev=",
                  spec->text);
        return take_ifname(spec, "netdev", value, &vif->gatewaydev);
    case GATEWAYDEV:
        return take_ifname(spec, "gatewaydev", value, &vif->gatewaydev);
    case FORWARDDEV:
        return take_ifname(spec, "forwarddev", value, &vif->forwarddev);
    case VIFNAME:
        return take_ifname(spec, "vifname", value, &vif->ifname);
    case TYPE:
        return take_type(spec, value);
    case MODEL:
        vif->model = value;
        return true;
    case SCRIPT:
        return take_script(spec, value);
    case IP:
        return take_ip(spec, value);
    case BACKEND:
        vif->backend = value;
        return true;
    case RATE:
        return take_rate(spec, value);
    case MTU:
        return take_number(spec, "mtu", value, 68, 65535, &vif->mtu);
    case DEVID:
        return take_number(spec, "devid", value, 0, 65535, &vif->devid);
    default:
        conf_warn(spec->r, spec->where, "vif", "'%s': accel= has no effect; remove it", spec->text);
        return true;
    }
}

static bool unknown(struct spec *spec, const char *part, const char *name)
{
    const char *near = conf_nearest(name, keys);

    if (!strncmp(name, "colo", 4))
        return wrong(spec, "COLO is not supported:", part, "must be removed");
    if (near)
        conf_error(spec->r, spec->where, "vif", "'%s': unknown key in '%s'; did you mean %s?",
                   spec->text, part, near);
    else if (!strchr(part, '='))
        conf_error(spec->r, spec->where, "vif", "'%s': '%s' stands without a key; write bridge=%s "
                   "if it is a bridge", spec->text, part, part);
    else
        conf_error(spec->r, spec->where, "vif", "'%s': unknown key in '%s'; there are mac, bridge, "
                   "gatewaydev, type, model, vifname, script, ip, backend, rate, mtu, devid, "
                   "trusted, untrusted", spec->text, part);
    return false;
}

static bool take_part(struct spec *spec, const char *part)
{
    const char *equals = strchr(part, '=');
    char *name = conf_trim(spec->r->arena, part, equals ? (size_t)(equals - part) : strlen(part));

    if (!equals) {
        if (strcmp(name, "trusted") != 0 && strcmp(name, "untrusted") != 0)
            return unknown(spec, part, name);
        spec->vif->trusted = *name == 'u' ? XL_NO : XL_YES;
        return true;
    }
    for (unsigned i = 0; i <= ACCEL; i++)
        if (!strcmp(name, keys[i]))
            return take_key(spec, i, conf_trim(spec->r->arena, equals + 1, strlen(equals + 1)));
    return unknown(spec, part, name);
}

/* What xl.conf says where the specification says nothing. */
static void set_defaults(struct conf_reader *r, struct xl_vif *vif)
{
    const struct xl_conf *conf = r->conf;

    if (conf) {
        vif->script = vif->script ? vif->script : conf->vif_script;
        vif->bridge = vif->bridge ? vif->bridge : conf->vif_bridge;
        vif->backend = vif->backend ? vif->backend : conf->vif_backend;
        vif->gatewaydev = vif->gatewaydev ? vif->gatewaydev : conf->vif_gatewaydev;
    }
    if (vif->script)
        vif->script_path = strchr(vif->script, '/') ? vif->script
                           : arena_printf(r->arena, SCRIPTS "%s", vif->script);
}

bool conf_vif_parse(struct conf_reader *r, struct xl_where where, const char *text, unsigned place,
                    struct xl_vif *vif)
{
    struct spec spec = { .r = r, .where = where, .text = text, .vif = vif };

    memset(vif, 0, sizeof(*vif));
    vif->where = where;
    vif->devid = (int)place;
    for (const char *at = text; *at;) {
        size_t size = strcspn(at, ",");
        char *part = conf_trim(r->arena, at, size);

        if (*part && !take_part(&spec, part))
            return false;
        at += size + (at[size] == ',');
    }
    set_defaults(r, vif);
    /* What a script is told may be more than a name: Open vSwitch's "BRIDGE.VLAN:TRUNKS". */
    return !vif->bridge || vif->script || take_ifname(&spec, "bridge", vif->bridge, &vif->bridge);
}

void conf_take_vif(struct conf_reader *r, const struct xl_setting *s)
{
    const struct xl_value *const *items;
    struct xl_config *config = r->config;
    unsigned count;

    if (!conf_take_list(r, s, &items, &count))
        return;
    config->vifs = arena_alloc(r->arena, sizeof(*config->vifs) * (count + 1));
    for (unsigned i = 0; i < count; i++)
        if (conf_vif_parse(r, (struct xl_where){ s->where.file, items[i]->line }, items[i]->text,
                           i, &config->vifs[config->vif_count]))
            config->vif_count++;
}
