/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module that reads libvirt's domain XML with libxml2. Each element is said again as a key of
 * xl.cfg; what it means, and whether it is right, is then told by the same code as for a file.
 *
 * The document comes from anybody: entities are not expanded, nothing is fetched, and a document
 * with a type definition of its own is refused.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "conf_xml.h"

struct xml {
    const struct conf_xml_sink *sink;
    bool hvm;
};

/* Handlers of elements by name; a NULL handler: read over in silence. */
struct element {
    const char *name;
    void (*take)(struct xml *x, const xmlNode *node);
};

static unsigned line_of(const xmlNode *node)
{
    long line = xmlGetLineNo((xmlNode *)node);

    return line > 0 && line < INT_MAX ? (unsigned)line : 1;
}

__attribute__((format(printf, 4, 5)))
static void problem(struct xml *x, bool warning, const xmlNode *node, const char *format, ...)
{
    char text[400], what[80];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    snprintf(what, sizeof(what), "<%.60s>", (const char *)node->name);
    x->sink->problem(x->sink->opaque, warning, what, text, line_of(node));
}

static bool is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
    for (node = node->children; node; node = node->next)
        if (is(node, name))
            return node;
    return NULL;
}

/* The text in an element, without blanks at its ends; to be freed. */
static char *text_of(const xmlNode *node)
{
    xmlChar *text = xmlNodeGetContent((xmlNode *)node);
    char *from = text ? (char *)text : "", *copy;
    size_t size;

    from += strspn(from, " \t\r\n");
    size = strlen(from);
    while (size && strchr(" \t\r\n", from[size - 1]))
        size--;
    copy = strndup(from, size);
    xmlFree(text);
    if (!copy)
        abort();
    return copy;
}

/* An attribute of an element that may be NULL; to be freed with xmlFree(); NULL when absent. */
static char *attribute(const xmlNode *node, const char *name)
{
    return node ? (char *)xmlGetProp((xmlNode *)node, (const xmlChar *)name) : NULL;
}

static bool attribute_is(const xmlNode *node, const char *name, const char *value)
{
    char *text = attribute(node, name);
    bool same = text && !strcmp(text, value);

    xmlFree(text);
    return same;
}

static void say_text(struct xml *x, const char *key, const xmlNode *node)
{
    char *text = text_of(node);

    x->sink->string(x->sink->opaque, key, text, line_of(node));
    free(text);
}

/* --- a specification "key=value,key=value" that grows --- */

struct spec {
    struct xml *x;
    const xmlNode *node;
    char text[4096];
    bool wrong;
};

static void add(struct spec *spec, const char *key, const char *value)
{
    size_t used = strlen(spec->text), size;

    if (!value || !*value)
        return;
    if (strchr(value, ',') && strcmp(key, "target=") != 0) {
        problem(spec->x, false, spec->node, "'%s' has a comma in it, which %s cannot have", value,
                key);
        spec->wrong = true;
        return;
    }
    size = (size_t)snprintf(spec->text + used, sizeof(spec->text) - used, "%s%s%s",
                            used ? "," : "", key, value);
    if (used + size >= sizeof(spec->text)) {
        problem(spec->x, false, spec->node, "is longer than %zu characters", sizeof(spec->text));
        spec->wrong = true;
        spec->text[0] = 0;
    }
}

static void add_attribute(struct spec *spec, const char *key, const xmlNode *node,
                          const char *name)
{
    char *value = attribute(node, name);

    add(spec, key, value);
    xmlFree(value);
}

static void finish(struct spec *spec, const char *key)
{
    if (!spec->wrong)
        spec->x->sink->item(spec->x->sink->opaque, key, spec->text, line_of(spec->node));
}

/* --- the guest --- */

static void take_name(struct xml *x, const xmlNode *node)
{
    say_text(x, "name", node);
}

static void take_uuid(struct xml *x, const xmlNode *node)
{
    say_text(x, "uuid", node);
}

/* A number with a unit as MiB, rounded up; 0 after an error was reported. */
static uint64_t mib_of(struct xml *x, const xmlNode *node)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {
        { "b", 1 }, { "bytes", 1 }, { "KB", 1000 }, { "k", 1 << 10 }, { "KiB", 1 << 10 },
        { "MB", 1000000 }, { "M", 1 << 20 }, { "MiB", 1 << 20 }, { "GB", 1000000000 },
        { "G", 1 << 30 }, { "GiB", 1 << 30 }, { "TB", 1000000000000 }, { "T", 1ull << 40 },
        { "TiB", 1ull << 40 },
    };
    char *unit = attribute(node, "unit"), *text = text_of(node), *end;
    unsigned long long number = strtoull(text, &end, 10);
    uint64_t bytes = unit ? 0 : 1 << 10, mib = 0;

    for (unsigned i = 0; unit && i < sizeof(units) / sizeof(units[0]); i++)
        if (!strcmp(unit, units[i].name))
            bytes = units[i].bytes;
    if (!bytes)
        problem(x, false, node, "unit '%s' is not known; use KiB, MiB or GiB", unit);
    else if (*text < '0' || *text > '9' || *end || !number || number > (1ull << 53) / bytes)
        problem(x, false, node, "'%s' is not an amount of memory that is possible", text);
    else
        mib = (number * bytes + (1 << 20) - 1) >> 20;
    xmlFree(unit);
    free(text);
    return mib;
}

static void take_memory(struct xml *x, const xmlNode *node)
{
    uint64_t mib = mib_of(x, node);
    const xmlNode *current = child(node->parent, "currentMemory");
    uint64_t now = current ? mib_of(x, current) : mib;

    if (!mib || !now)
        return;
    x->sink->number(x->sink->opaque, "memory", (long long)now, line_of(current ? current : node));
    if (now != mib)
        x->sink->number(x->sink->opaque, "maxmem", (long long)mib, line_of(node));
}

static void say_number(struct xml *x, const char *key, const xmlNode *node, const char *text)
{
    char *end;
    long long number = strtoll(text, &end, 10);

    if (*text < '0' || *text > '9' || *end)
        problem(x, false, node, "'%s' is not a number", text);
    else
        x->sink->number(x->sink->opaque, key, number, line_of(node));
}

static void take_vcpu(struct xml *x, const xmlNode *node)
{
    char *all = text_of(node), *now = attribute(node, "current");
    char *cpus = attribute(node, "cpuset");
    const xmlNode *tune = child(node->parent, "cputune");

    say_number(x, "vcpus", node, now ? now : all);
    if (now)
        say_number(x, "maxvcpus", node, all);
    /* Pins of single vCPUs go before. */
    if (cpus && !(tune && child(tune, "vcpupin")))
        x->sink->string(x->sink->opaque, "cpus", cpus, line_of(node));
    free(all);
    xmlFree(now);
    xmlFree(cpus);
}

/* The list must name each vCPU up to the last pinned one. */
static void take_cputune(struct xml *x, const xmlNode *node)
{
    unsigned next = 0;

    for (const xmlNode *pin = node->children; pin; pin = pin->next) {
        char *vcpu, *cpus;

        if (pin->type != XML_ELEMENT_NODE)
            continue;
        if (is(pin, "shares")) {
            char *weight = text_of(pin);

            say_number(x, "cpu_weight", pin, weight);
            free(weight);
            continue;
        }
        if (!is(pin, "vcpupin")) {
            problem(x, true, pin, "has no effect");
            continue;
        }
        vcpu = attribute(pin, "vcpu");
        cpus = attribute(pin, "cpuset");
        if (!vcpu || !cpus || *vcpu < '0' || *vcpu > '9' || strtoul(vcpu, NULL, 10) < next ||
            strtoul(vcpu, NULL, 10) > 8191) {
            problem(x, false, pin, "needs vcpu= in rising order and cpuset=");
        } else {
            for (; next < strtoul(vcpu, NULL, 10); next++)
                x->sink->item(x->sink->opaque, "cpus", "all", line_of(pin));
            x->sink->item(x->sink->opaque, "cpus", cpus, line_of(pin));
            next++;
        }
        xmlFree(vcpu);
        xmlFree(cpus);
    }
}

/* --- what it boots --- */

static void take_os_type(struct xml *x, const xmlNode *node)
{
    char *type = text_of(node), *machine = attribute(node, "machine");
    const char *meant = NULL;

    if (!strcmp(type, "xenpvh") || (machine && !strcmp(machine, "xenpvh")))
        meant = "pvh";
    else if (!strcmp(type, "hvm"))
        meant = "hvm";
    else if (!strcmp(type, "linux") || !strcmp(type, "xen"))
        meant = "pv";
    if (meant)
        x->sink->string(x->sink->opaque, "type", meant, line_of(node));
    else
        problem(x, false, node, "'%s' is not known; use linux for a PV guest", type);
    x->hvm = meant && !strcmp(meant, "hvm");
    free(type);
    xmlFree(machine);
}

static void take_kernel(struct xml *x, const xmlNode *node)
{
    say_text(x, "kernel", node);
}

static void take_initrd(struct xml *x, const xmlNode *node)
{
    say_text(x, "ramdisk", node);
}

static void take_cmdline(struct xml *x, const xmlNode *node)
{
    say_text(x, "cmdline", node);
}

static void take_root(struct xml *x, const xmlNode *node)
{
    say_text(x, "root", node);
}

static void take_loader(struct xml *x, const xmlNode *node)
{
    if (x->hvm)
        say_text(x, "firmware_override", node);
    else
        problem(x, true, node, "has no effect on a PV guest");
}

static void take_bootloader(struct xml *x, const xmlNode *node)
{
    say_text(x, "bootloader", node);
}

static void take_bootloader_args(struct xml *x, const xmlNode *node)
{
    char *text = text_of(node);

    for (char *save = NULL, *word = strtok_r(text, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save))
        x->sink->item(x->sink->opaque, "bootloader_args", word, line_of(node));
    free(text);
}

static void take_on(struct xml *x, const xmlNode *node)
{
    say_text(x, (const char *)node->name, node);
}

static void take_clock(struct xml *x, const xmlNode *node)
{
    char *offset = attribute(node, "offset"), *seconds = attribute(node, "adjustment");

    if (offset && !strcmp(offset, "localtime"))
        x->sink->number(x->sink->opaque, "localtime", 1, line_of(node));
    else if (offset && !strcmp(offset, "variable") && seconds)
        x->sink->string(x->sink->opaque, "rtc_timeoffset", seconds, line_of(node));
    else if (offset && strcmp(offset, "utc") != 0)
        problem(x, false, node, "offset='%s' is not supported; use utc, localtime or variable",
                offset);
    xmlFree(offset);
    xmlFree(seconds);
}

/* --- devices --- */

static void take_disk(struct xml *x, const xmlNode *node)
{
    struct spec spec = { .x = x, .node = node };
    const xmlNode *source = child(node, "source"), *driver = child(node, "driver");
    char *type = attribute(node, "type"), *device = attribute(node, "device");
    char *format = attribute(driver, "type");

    if (type && strcmp(type, "file") != 0 && strcmp(type, "block") != 0) {
        problem(x, false, node, "type='%s' is not supported; use block or file", type);
    } else if (device && strcmp(device, "disk") != 0 && strcmp(device, "cdrom") != 0) {
        problem(x, false, node, "device='%s' is not supported; use disk or cdrom", device);
    } else {
        if (format && strcmp(format, "aio") != 0)
            add(&spec, "format=", format);
        add_attribute(&spec, "vdev=", child(node, "target"), "dev");
        if (device && !strcmp(device, "cdrom"))
            add(&spec, "", "cdrom");
        else
            add(&spec, "access=", child(node, "readonly") ? "r" : "w");
        if (attribute_is(driver, "discard", "unmap"))
            add(&spec, "", "discard");
        if (attribute_is(driver, "discard", "ignore"))
            add(&spec, "", "no-discard");
        add_attribute(&spec, "backend=", child(node, "backenddomain"), "name");
        add_attribute(&spec, "target=", source, type && !strcmp(type, "block") ? "dev" : "file");
        finish(&spec, "disk");
    }
    xmlFree(type);
    xmlFree(device);
    xmlFree(format);
}

/* libvirt writes the name that a living guest has got; only others were chosen. */
static void add_ifname(struct spec *spec, const xmlNode *node)
{
    char *name = attribute(child(node, "target"), "dev");

    if (name && strncmp(name, "vif", 3) != 0 && strncmp(name, "vnet", 4) != 0)
        add(spec, "vifname=", name);
    xmlFree(name);
}

static void add_addresses(struct spec *spec, const xmlNode *node)
{
    char all[1024] = "";

    for (const xmlNode *ip = node->children; ip; ip = ip->next) {
        char *address = is(ip, "ip") ? attribute(ip, "address") : NULL;

        if (address && strlen(all) + strlen(address) + 2 < sizeof(all)) {
            strcat(all, *all ? " " : "");
            strcat(all, address);
        }
        xmlFree(address);
    }
    add(spec, "ip=", all);
}

/* libvirt counts kilobytes a second. */
static void add_rate(struct spec *spec, const xmlNode *outbound)
{
    char *average = attribute(outbound, "average"), rate[40], *end;
    unsigned long long number;

    if (average) {
        number = strtoull(average, &end, 10);
        snprintf(rate, sizeof(rate), "%lluKB/s", number);
        if (*end || number > UINT32_MAX)
            problem(spec->x, false, outbound, "average='%s' is not a rate that is possible",
                    average);
        else
            add(spec, "rate=", rate);
    }
    xmlFree(average);
}

static void take_interface(struct xml *x, const xmlNode *node)
{
    struct spec spec = { .x = x, .node = node };
    char *type = attribute(node, "type"), *model = attribute(child(node, "model"), "type");
    const xmlNode *bandwidth = child(node, "bandwidth");

    if (type && strcmp(type, "bridge") != 0 && strcmp(type, "ethernet") != 0) {
        problem(x, false, node, "type='%s' is not supported%s; use type='bridge' and "
                "<source bridge='NAME'/>", type,
                strcmp(type, "network") ? "" : " (networks are libvirt's own)");
    } else {
        add_attribute(&spec, "mac=", child(node, "mac"), "address");
        add_attribute(&spec, "bridge=", child(node, "source"), "bridge");
        add_attribute(&spec, "script=", child(node, "script"), "path");
        add_ifname(&spec, node);
        add_addresses(&spec, node);
        add_rate(&spec, bandwidth ? child(bandwidth, "outbound") : NULL);
        add_attribute(&spec, "mtu=", child(node, "mtu"), "size");
        add_attribute(&spec, "backend=", child(node, "backenddomain"), "name");
        if (model && strcmp(model, "netfront") != 0)
            add(&spec, "model=", model);
        finish(&spec, "vif");
    }
    xmlFree(type);
    xmlFree(model);
}

static void take_graphics(struct xml *x, const xmlNode *node)
{
    struct spec spec = { .x = x, .node = node };
    char *type = attribute(node, "type");

    if (type && !strcmp(type, "vnc")) {
        add(&spec, "vnc=", "1");
        add_attribute(&spec, "vnclisten=", node, "listen");
        add_attribute(&spec, "vncpasswd=", node, "passwd");
    } else {
        add(&spec, "sdl=", "1");
    }
    finish(&spec, "vfb");
    xmlFree(type);
}

static void take_hostdev(struct xml *x, const xmlNode *node)
{
    problem(x, false, node, "passing devices of the machine to guests is not supported yet; "
            "remove it");
}

static void take_controller(struct xml *x, const xmlNode *node)
{
    char *frames = attribute(node, "maxGrantFrames"), *events = attribute(node, "maxEventChannels");

    if (frames)
        say_number(x, "max_grant_frames", node, frames);
    if (events)
        say_number(x, "max_event_channels", node, events);
    xmlFree(frames);
    xmlFree(events);
}

static void walk(struct xml *x, const xmlNode *node, const struct element *elements)
{
    for (node = node->children; node; node = node->next) {
        const struct element *element = elements;

        if (node->type != XML_ELEMENT_NODE)
            continue;
        while (element->name && strcmp(element->name, (const char *)node->name) != 0)
            element++;
        if (!element->name)
            problem(x, true, node, "has no effect: it is not known or not supported");
        else if (element->take)
            element->take(x, node);
    }
}

static void take_os(struct xml *x, const xmlNode *node)
{
    static const struct element elements[] = {
        { "type", take_os_type }, { "kernel", take_kernel }, { "initrd", take_initrd },
        { "cmdline", take_cmdline }, { "root", take_root }, { "loader", take_loader },
        { "boot", NULL }, { NULL, NULL },
    };

    walk(x, node, elements);
}

static void take_devices(struct xml *x, const xmlNode *node)
{
    static const struct element elements[] = {
        { "disk", take_disk }, { "interface", take_interface }, { "graphics", take_graphics },
        { "hostdev", take_hostdev }, { "controller", take_controller },
        /* Each guest has these, or needs none of them. */
        { "emulator", NULL }, { "console", NULL }, { "serial", NULL }, { "input", NULL },
        { "video", NULL }, { "memballoon", NULL }, { NULL, NULL },
    };

    walk(x, node, elements);
}

static void take_domain(struct xml *x, const xmlNode *root)
{
    static const struct element elements[] = {
        { "name", take_name }, { "uuid", take_uuid }, { "memory", take_memory },
        { "vcpu", take_vcpu }, { "cputune", take_cputune }, { "os", take_os },
        { "bootloader", take_bootloader }, { "bootloader_args", take_bootloader_args },
        { "clock", take_clock }, { "on_poweroff", take_on }, { "on_reboot", take_on },
        { "on_crash", take_on }, { "devices", take_devices },
        /* Said elsewhere, or nothing that changes the guest. */
        { "currentMemory", NULL }, { "title", NULL }, { "description", NULL },
        { "metadata", NULL }, { "features", NULL }, { NULL, NULL },
    };
    char *type = attribute(root, "type");

    if (!is(root, "domain"))
        problem(x, false, root, "is not libvirt's XML of a guest, which begins with "
                "<domain type='xen'>");
    else if (!type || strcmp(type, "xen") != 0)
        problem(x, false, root, "type='%s' is not a Xen guest; it must be type='xen'",
                type ? type : "");
    else
        walk(x, root, elements);
    xmlFree(type);
}

/* The first error of a document that is not well-formed; what follows are its consequences. */
static void say_error(struct xml *x, xmlParserCtxt *context)
{
    const xmlError *error = xmlCtxtGetLastError(context);
    char text[300];
    size_t size;

    snprintf(text, sizeof(text), "is not well-formed: %s",
             error && error->message ? error->message : "no document");
    size = strcspn(text, "\n");
    text[size] = 0;
    x->sink->problem(x->sink->opaque, false, "XML", text,
                     error && error->line > 0 ? (unsigned)error->line : 1);
}

static void parse(const char *text, size_t size, const struct conf_xml_sink *sink)
{
    struct xml x = { .sink = sink };
    xmlParserCtxt *context = xmlNewParserCtxt();
    xmlDoc *doc = NULL;

    if (context && size < INT_MAX)
        doc = xmlCtxtReadMemory(context, text, (int)size, "domain.xml", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc)
        say_error(&x, context);
    else if (doc->intSubset)
        sink->problem(sink->opaque, false, "XML", "has a document type definition, which is not "
                      "permitted; remove <!DOCTYPE>", 1);
    else if (xmlDocGetRootElement(doc))
        take_domain(&x, xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(context);
}

extern const struct conf_xml xl_module_xml;
const struct conf_xml xl_module_xml = { parse };
