/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as libvirt's domain XML. Keys that have no place there are named in warnings.
 */
#include "conf.h"

#include <errno.h>
#include <string.h>

/* Text, or the value of an attribute in '...'. */
static void print_text(FILE *file, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", file);
            break;
        case '<':
            fputs("&lt;", file);
            break;
        case '>':
            fputs("&gt;", file);
            break;
        case '\'':
            fputs("&apos;", file);
            break;
        default:
            putc(*text, file);
        }
    }
}

static void print_element(FILE *file, unsigned indent, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(file, "%*s<%s>", (int)indent, "", name);
    print_text(file, text);
    fprintf(file, "</%s>\n", name);
}

/* <name attribute='text'/> */
static void print_attribute(FILE *file, const char *name, const char *attribute, const char *text)
{
    if (!text)
        return;
    fprintf(file, "      <%s %s='", name, attribute);
    print_text(file, text);
    fputs("'/>\n", file);
}

static void print_uuid(const struct xl_config *config, FILE *file)
{
    const uint8_t *u = config->uuid;

    if (!config->has_uuid)
        return;
    fputs("  <uuid>", file);
    for (unsigned i = 0; i < 16; i++)
        fprintf(file, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
    fputs("</uuid>\n", file);
}

static void print_cpus(const struct xl_config *config, FILE *file)
{
    fputs("  <vcpu", file);
    if (config->cpus.count && !config->cpus.each) {
        fputs(" cpuset='", file);
        print_text(file, config->cpus.lists[0].text);
        putc('\'', file);
    }
    if (config->vcpus != config->maxvcpus)
        fprintf(file, " current='%u'", config->vcpus);
    fprintf(file, ">%u</vcpu>\n", config->maxvcpus);
    if (!config->cpus.each && config->weight < 0)
        return;
    fputs("  <cputune>\n", file);
    if (config->weight >= 0)
        fprintf(file, "    <shares>%d</shares>\n", config->weight);
    for (unsigned i = 0; config->cpus.each && i < config->cpus.count; i++) {
        fprintf(file, "    <vcpupin vcpu='%u' cpuset='", i);
        print_text(file, config->cpus.lists[i].text);
        fputs("'/>\n", file);
    }
    fputs("  </cputune>\n", file);
}

static void print_boot(const struct xl_config *config, FILE *file)
{
    static const char *const types[] = { "linux", "xenpvh", "hvm" };

    print_element(file, 2, "bootloader", config->bootloader);
    if (config->bootloader_args_count) {
        fputs("  <bootloader_args>", file);
        for (unsigned i = 0; i < config->bootloader_args_count; i++) {
            fputs(i ? " " : "", file);
            print_text(file, config->bootloader_args[i]);
        }
        fputs("</bootloader_args>\n", file);
    }
    fprintf(file, "  <os>\n    <type arch='x86_64' machine='%s'>%s</type>\n",
            config->type == XL_GUEST_PVH ? "xenpvh" : config->type == XL_GUEST_HVM ? "xenfv"
                                                                                   : "xenpv",
            types[config->type]);
    if (!config->own_kernel) {
        print_element(file, 4, "kernel", config->kernel);
        print_element(file, 4, "initrd", config->ramdisk);
        print_element(file, 4, "cmdline", config->cmdline);
    }
    fputs("  </os>\n", file);
}

static void print_life(const struct xl_config *config, FILE *file)
{
    if (config->localtime == XL_YES)
        fputs("  <clock offset='localtime'/>\n", file);
    else if (config->rtc_timeoffset)
        fprintf(file, "  <clock offset='variable' adjustment='%d'/>\n", config->rtc_timeoffset);
    else
        fputs("  <clock offset='utc'/>\n", file);
    print_element(file, 2, "on_poweroff", xl_action_name(config->on_poweroff));
    print_element(file, 2, "on_reboot", xl_action_name(config->on_reboot));
    print_element(file, 2, "on_crash", xl_action_name(config->on_crash));
}

/* A path says which sort it is, even where it does not exist. */
static void print_disk(const struct xl_disk *disk, FILE *file)
{
    bool block = disk->path && !strncmp(disk->path, "/dev/", 5);

    fprintf(file, "    <disk type='%s' device='%s'>\n", block ? "block" : "file",
            disk->cdrom ? "cdrom" : "disk");
    fprintf(file, "      <driver name='%s' type='%s'%s/>\n", block ? "phy" : "file",
            disk->format == XL_DISK_EMPTY ? "raw" : xl_disk_format_name(disk->format),
            disk->discard == XL_DEFAULT ? "" : disk->discard == XL_YES ? " discard='unmap'"
                                                                       : " discard='ignore'");
    print_attribute(file, "source", block ? "dev" : "file", block ? disk->path : disk->target);
    print_attribute(file, "target", "dev", disk->vdev);
    print_attribute(file, "backenddomain", "name", disk->backend);
    if (!disk->readwrite)
        fputs("      <readonly/>\n", file);
    fputs("    </disk>\n", file);
}

static void print_addresses(const char *ip, FILE *file)
{
    while (*ip) {
        size_t size = strcspn(ip, " ");

        if (size)
            fprintf(file, "      <ip address='%.*s'/>\n", (int)size, ip);
        ip += size + (ip[size] == ' ');
    }
}

static void print_vif(const struct xl_vif *vif, FILE *file)
{
    fputs("    <interface type='bridge'>\n", file);
    if (vif->has_mac)
        fprintf(file, "      <mac address='%02x:%02x:%02x:%02x:%02x:%02x'/>\n", vif->mac[0],
                vif->mac[1], vif->mac[2], vif->mac[3], vif->mac[4], vif->mac[5]);
    print_attribute(file, "source", "bridge", vif->bridge);
    print_attribute(file, "script", "path", vif->script);
    print_attribute(file, "target", "dev", vif->ifname);
    if (vif->ip)
        print_addresses(vif->ip, file);
    if (vif->rate_bytes)
        fprintf(file, "      <bandwidth>\n        <outbound average='%llu'/>\n"
                "      </bandwidth>\n",
                (unsigned long long)(vif->rate_bytes * 1000 / vif->rate_interval_us));
    if (vif->mtu)
        fprintf(file, "      <mtu size='%d'/>\n", vif->mtu);
    print_attribute(file, "backenddomain", "name", vif->backend);
    print_attribute(file, "model", "type", vif->model);
    fputs("    </interface>\n", file);
}

static void print_screen(const struct xl_vfb *vfb, FILE *file)
{
    fprintf(file, "    <graphics type='%s'", vfb->vnc == XL_NO ? "sdl" : "vnc");
    if (vfb->vnc_listen) {
        fputs(" listen='", file);
        print_text(file, vfb->vnc_listen);
        putc('\'', file);
    }
    if (vfb->vnc_passwd) {
        fputs(" passwd='", file);
        print_text(file, vfb->vnc_passwd);
        putc('\'', file);
    }
    fputs("/>\n", file);
}

static void print_devices(const struct xl_config *config, FILE *file)
{
    fputs("  <devices>\n", file);
    if (config->max_grant_frames != UINT32_MAX || config->max_event_channels != UINT32_MAX) {
        fputs("    <controller type='xenbus'", file);
        if (config->max_grant_frames != UINT32_MAX)
            fprintf(file, " maxGrantFrames='%u'", config->max_grant_frames);
        if (config->max_event_channels != UINT32_MAX)
            fprintf(file, " maxEventChannels='%u'", config->max_event_channels);
        fputs("/>\n", file);
    }
    for (unsigned i = 0; i < config->disk_count; i++)
        print_disk(&config->disks[i], file);
    for (unsigned i = 0; i < config->vif_count; i++)
        print_vif(&config->vifs[i], file);
    for (unsigned i = 0; i < config->vfb_count; i++)
        print_screen(&config->vfbs[i], file);
    fputs("    <console type='pty'>\n      <target type='xen' port='0'/>\n    </console>\n"
          "  </devices>\n", file);
}

/* What the functions above print. */
static bool has_place(const char *key)
{
    static const char *const keys[] = {
        "name", "uuid", "type", "builder", "memory", "maxmem", "vcpus", "maxvcpus", "cpus",
        "kernel", "ramdisk", "cmdline", "root", "extra", "bootloader", "bootloader_args",
        "localtime", "rtc_timeoffset", "on_poweroff", "on_reboot", "on_crash", "disk", "vif",
        "max_grant_frames", "max_event_channels", "vfb", "vnc", "cpu_weight",
    };

    for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!strcmp(key, keys[i]))
            return true;
    return false;
}

int xl_config_print_xml(const struct xl_config *config, FILE *file, const struct xl_report *report)
{
    struct conf_reader r = { .report = report };

    for (unsigned i = 0; i < config->settings_count; i++) {
        const struct xl_setting *s = &config->settings[i];

        if (!s->overridden && s->key && !has_place(s->name))
            conf_warn(&r, s->where, s->name, "has no place in libvirt's XML and is left out");
    }
    fputs("<domain type='xen'>\n", file);
    print_element(file, 2, "name", config->name);
    print_uuid(config, file);
    fprintf(file, "  <memory unit='KiB'>%llu</memory>\n", (unsigned long long)config->maxmem_kib);
    fprintf(file, "  <currentMemory unit='KiB'>%llu</currentMemory>\n",
            (unsigned long long)config->memory_kib);
    print_cpus(config, file);
    print_boot(config, file);
    print_life(config, file);
    print_devices(config, file);
    fputs("</domain>\n", file);
    return ferror(file) ? -EIO : 0;
}
