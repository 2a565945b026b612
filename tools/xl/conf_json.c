/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as JSON, in libxl's shape and to the byte as xl prints it: scripts read it by
 * line. Values that are libxl's defaults are left out, as there; an empty object has an empty line.
 *
 * It is written by hand, not through the JSON module: creating a domain must not load a library.
 */
#include "conf.h"

#include <limits.h>
#include <string.h>

#define STEP 4u

struct writer {
    FILE *file;
    unsigned indent;
    bool first;                     /* nothing stands in the current object yet */
};

static void write_text(FILE *file, const char *text)
{
    static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";

    putc('"', file);
    for (; *text; text++) {
        const char *found = strchr(plain, *text);

        if (found)
            fprintf(file, "\\%c", names[found - plain]);
        else if ((unsigned char)*text < ' ')
            fprintf(file, "\\u%04X", (unsigned char)*text);
        else
            putc(*text, file);
    }
    putc('"', file);
}

/* The place of the next member: after a comma, on a line of its own, with its name. */
static void member(struct writer *w, const char *name)
{
    fputs(w->first ? "\n" : ",\n", w->file);
    fprintf(w->file, "%*s", (int)w->indent, "");
    w->first = false;
    if (name) {
        write_text(w->file, name);
        fputs(": ", w->file);
    }
}

static void open_object(struct writer *w, const char *name, char bracket)
{
    if (name || w->indent)
        member(w, name);
    putc(bracket, w->file);
    w->indent += STEP;
    w->first = true;
}

static void close_object(struct writer *w, char bracket)
{
    w->indent -= STEP;
    fprintf(w->file, "%s%*s%c", w->first ? "\n\n" : "\n", (int)w->indent, "", bracket);
    w->first = false;
}

static void empty_object(struct writer *w, const char *name)
{
    open_object(w, name, '{');
    close_object(w, '}');
}

static void put_string(struct writer *w, const char *name, const char *text)
{
    if (!text)
        return;
    member(w, name);
    write_text(w->file, text);
}

static void put_number(struct writer *w, const char *name, unsigned long long number)
{
    member(w, name);
    fprintf(w->file, "%llu", number);
}

static void put_flag(struct writer *w, const char *name, enum xl_flag flag)
{
    if (flag != XL_DEFAULT)
        put_string(w, name, flag == XL_YES ? "True" : "False");
}

static bool given(const struct xl_config *config, const char *key)
{
    return xl_config_where(config, key).line != 0;
}

/* The text of a key that the configuration's own fields do not keep as it was written. */
static const char *text_of(const struct xl_config *config, const char *key)
{
    const struct xl_value *value = xl_config_value(config, key);

    return value && value->type != XL_VALUE_LIST ? value->text : NULL;
}

/* A key of PVH guests that the configuration has no field for. */
static void put_pvh_flag(struct writer *w, const struct xl_config *config, const char *name,
                         const char *key)
{
    const struct xl_value *value = xl_config_value(config, key);

    if (config->type == XL_GUEST_PVH && value)
        put_flag(w, name, value->number ? XL_YES : XL_NO);
}

static void put_c_info(struct writer *w, const struct xl_config *config, unsigned flags)
{
    char uuid[40];
    const uint8_t *u = config->uuid;

    open_object(w, "c_info", '{');
    put_string(w, "type", xl_guest_type_name(config->type));
    put_pvh_flag(w, config, "hap", "hap");
    put_string(w, "ssid_label", config->init_seclabel ? config->init_seclabel : config->seclabel);
    put_string(w, "name", config->name);
    if (flags & XL_JSON_RUNNING)
        put_number(w, "domid", UINT32_MAX);
    snprintf(uuid, sizeof(uuid),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
             u[15]);
    put_string(w, "uuid", uuid);
    put_string(w, "pool_name", config->pool);
    put_flag(w, "run_hotplug_scripts", config->run_hotplug_scripts ? XL_YES : XL_NO);
    put_flag(w, "driver_domain", config->driver_domain);
    close_object(w, '}');
}

/* As many CPUs as a host can have, when nobody says how many it has. */
static const struct xl_host_cpus any_host = { .cpus = 4096 };

/*
 * libxl keeps sets of CPUs in whole bytes: "all" names the last byte's CPUs too, even those that
 * the host does not have; numbers past it are left out.
 */
static void put_cpu_list(struct writer *w, const struct xl_cpu_list *list,
                         const struct xl_host_cpus *host, const unsigned *nodes)
{
    struct xl_host_cpus wide = { (host->cpus + 7) & ~7u, nodes };

    open_object(w, NULL, '[');
    for (unsigned cpu = 0; cpu < wide.cpus; cpu++)
        if (xl_cpu_list_has(list, &wide, cpu))
            put_number(w, NULL, cpu);
    close_object(w, ']');
}

/* Without the host's CPUs, only lists of numbers can be printed. */
static bool can_print(const struct xl_affinity *affinity, const struct xl_host_cpus *host)
{
    for (unsigned i = 0; i < affinity->count; i++)
        for (unsigned j = 0; j < affinity->lists[i].count; j++)
            if (affinity->lists[i].ranges[j].what != XL_CPUS_RANGE && host == &any_host)
                return false;
    return true;
}

/* "vcpus" is how many the configuration names; as in xl, none if it names no number. */
static void put_affinity(struct writer *w, const char *name, const struct xl_affinity *affinity,
                         unsigned vcpus, const struct xl_host_cpus *host, const unsigned *nodes)
{
    unsigned count = affinity->each && affinity->count < vcpus ? affinity->count : vcpus;

    if (!affinity->count || !count || !can_print(affinity, host))
        return;
    open_object(w, name, '[');
    for (unsigned i = 0; i < count; i++)
        put_cpu_list(w, &affinity->lists[affinity->each ? i : 0], host, nodes);
    close_object(w, ']');
}

/* The node of each CPU; no node for those that only fill the last byte. */
static const unsigned *nodes_of(const struct xl_config *config, const struct xl_host_cpus *host)
{
    unsigned *nodes = arena_alloc(config->arena, sizeof(*nodes) * (host->cpus + 8));

    for (unsigned cpu = 0; cpu < host->cpus + 7; cpu++)
        nodes[cpu] = cpu >= host->cpus ? UINT_MAX : host->node_of ? host->node_of[cpu] : 0;
    return nodes;
}

static void put_vcpus(struct writer *w, const struct xl_config *config,
                      const struct xl_json_state *state)
{
    bool counted = given(config, "vcpus") || given(config, "maxvcpus");
    const struct xl_host_cpus *host = state && state->host ? state->host : &any_host;
    const unsigned vcpus = counted ? config->maxvcpus : 0;
    const unsigned *nodes = config->cpus.count || config->cpus_soft.count
                            ? nodes_of(config, host) : NULL;

    if (counted)
        put_number(w, "max_vcpus", config->maxvcpus);
    if (given(config, "vcpus")) {
        open_object(w, "avail_vcpus", '[');
        for (unsigned i = 0; i < config->vcpus; i++)
            put_number(w, NULL, i);
        close_object(w, ']');
    }
    put_affinity(w, "vcpu_hard_affinity", &config->cpus, vcpus, host, nodes);
    put_affinity(w, "vcpu_soft_affinity", &config->cpus_soft, vcpus, host, nodes);
    if (config->cpus.each || config->cpus_soft.count)
        put_string(w, "numa_placement", "False");
}

static void put_memory(struct writer *w, const struct xl_config *config, unsigned flags,
                       const struct xl_json_state *state)
{
    if (flags & XL_JSON_RUNNING) {
        put_number(w, "max_memkb", state && state->max_kib ? state->max_kib : config->maxmem_kib);
        put_number(w, "target_memkb",
                   state && state->target_kib ? state->target_kib : config->memory_kib);
        put_number(w, "video_memkb", 0);
        return;
    }
    if (given(config, "memory") || given(config, "maxmem"))
        put_number(w, "max_memkb", config->maxmem_kib);
    if (given(config, "memory"))
        put_number(w, "target_memkb", config->memory_kib);
}

static void put_sched(struct writer *w, const struct xl_config *config, unsigned flags,
                      const struct xl_json_state *state)
{
    open_object(w, "sched_params", '{');
    if (flags & XL_JSON_RUNNING && state && state->scheduler) {
        put_string(w, "sched", state->scheduler);
        put_number(w, "weight", (unsigned)state->weight);
        put_number(w, "cap", (unsigned)state->cap);
    } else {
        if (config->weight >= 0)
            put_number(w, "weight", (unsigned)config->weight);
        if (config->cap >= 0)
            put_number(w, "cap", (unsigned)config->cap);
    }
    close_object(w, '}');
}

static void put_boot(struct writer *w, const struct xl_config *config)
{
    put_string(w, "kernel", text_of(config, "kernel"));
    put_string(w, "cmdline", config->own_kernel ? NULL : config->cmdline);
    put_string(w, "ramdisk", text_of(config, "ramdisk"));
    put_string(w, "bootloader", config->bootloader);
    if (config->bootloader_args_count) {
        open_object(w, "bootloader_args", '[');
        for (unsigned i = 0; i < config->bootloader_args_count; i++)
            put_string(w, NULL, config->bootloader_args[i]);
        close_object(w, ']');
    }
}

static void put_limit(struct writer *w, const char *name, unsigned limit)
{
    if (limit != UINT_MAX)
        put_number(w, name, limit);
}

static void put_b_info(struct writer *w, const struct xl_config *config, unsigned flags,
                       const struct xl_json_state *state)
{
    char type[16];

    open_object(w, "b_info", '{');
    put_vcpus(w, config, state);
    if (config->tsc_mode)
        put_string(w, "tsc_mode", conf_tsc_names[config->tsc_mode]);
    put_memory(w, config, flags, state);
    if (config->rtc_timeoffset)
        put_number(w, "rtc_timeoffset", (uint32_t)config->rtc_timeoffset);
    if (config->init_seclabel)
        put_string(w, "exec_ssid_label", config->seclabel);
    put_flag(w, "localtime", config->localtime);
    put_flag(w, "disable_migrate", config->nomigrate);
    put_string(w, "blkdev_start", config->blkdev_start);
    put_limit(w, "max_grant_frames", config->max_grant_frames);
    put_limit(w, "max_maptrack_frames", config->max_maptrack_frames);
    put_limit(w, "max_grant_version", config->max_grant_version);
    put_sched(w, config, flags, state);
    put_flag(w, "claim_mode", config->claim);
    put_limit(w, "event_channels", config->max_event_channels);
    put_boot(w, config);
    put_pvh_flag(w, config, "acpi", "acpi");
    put_pvh_flag(w, config, "nested_hvm", "nestedhvm");
    snprintf(type, sizeof(type), "type.%s", xl_guest_type_name(config->type));
    empty_object(w, type);
    empty_object(w, "arch_arm");
    open_object(w, "arch_x86", '{');
    if (flags & XL_JSON_RUNNING)
        put_string(w, "msr_relaxed", "False");
    close_object(w, '}');
    close_object(w, '}');
}

/* What a living domain adds are defaults that libxl has filled in. */
static void put_disk(struct writer *w, const struct xl_disk *disk, unsigned flags)
{
    open_object(w, NULL, '{');
    put_string(w, "backend_domname", disk->backend);
    put_string(w, "pdev_path", disk->target ? disk->target : "");
    put_string(w, "vdev", disk->vdev);
    if (disk->backendtype != XL_BACKEND_ANY)
        put_string(w, "backend", conf_backend_names[disk->backendtype]);
    put_string(w, "format", xl_disk_format_name(disk->format));
    put_string(w, "script", disk->script);
    if (disk->removable)
        put_number(w, "removable", 1);
    if (disk->readwrite)
        put_number(w, "readwrite", 1);
    if (disk->cdrom)
        put_number(w, "is_cdrom", 1);
    if (disk->direct_io_safe) {
        member(w, "direct_io_safe");
        fputs("true", w->file);
    }
    put_flag(w, "discard_enable", disk->discard);
    if (disk->virtio)
        put_string(w, "specification", "virtio");
    if (flags & XL_JSON_RUNNING)
        put_string(w, "colo_restore_enable", "False");
    put_flag(w, "trusted", disk->trusted);
    close_object(w, '}');
}

static void put_vif(struct writer *w, const struct xl_vif *vif, unsigned flags)
{
    char mac[18];

    open_object(w, NULL, '{');
    put_string(w, "backend_domname", vif->backend);
    put_number(w, "devid", (unsigned)vif->devid);
    if (vif->mtu)
        put_number(w, "mtu", (unsigned)vif->mtu);
    put_string(w, "model", vif->model);
    if (vif->has_mac) {
        snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", vif->mac[0], vif->mac[1],
                 vif->mac[2], vif->mac[3], vif->mac[4], vif->mac[5]);
        put_string(w, "mac", mac);
    }
    put_string(w, "ip", vif->ip);
    put_string(w, "bridge", vif->bridge);
    put_string(w, "ifname", vif->ifname);
    put_string(w, "script", vif->script);
    if (vif->type == XL_VIF_IOEMU)
        put_string(w, "nictype", "vif_ioemu");
    else if (vif->type == XL_VIF_PV || flags & XL_JSON_RUNNING)
        put_string(w, "nictype", "vif");
    if (vif->rate_bytes) {
        put_number(w, "rate_bytes_per_interval", vif->rate_bytes);
        put_number(w, "rate_interval_usecs", vif->rate_interval_us);
    }
    put_string(w, "gatewaydev", vif->gatewaydev);
    put_string(w, "coloft_forwarddev", vif->forwarddev);
    put_flag(w, "trusted", vif->trusted);
    close_object(w, '}');
}

static void put_vfb(struct writer *w, const struct xl_vfb *vfb, unsigned devid)
{
    open_object(w, NULL, '{');
    put_number(w, "devid", devid);
    open_object(w, "vnc", '{');
    put_flag(w, "enable", vfb->vnc);
    put_string(w, "listen", vfb->vnc_listen);
    put_string(w, "passwd", vfb->vnc_passwd);
    if (vfb->vnc_display)
        put_number(w, "display", (unsigned)vfb->vnc_display);
    put_flag(w, "findunused", vfb->vnc_findunused);
    close_object(w, '}');
    open_object(w, "sdl", '{');
    put_flag(w, "enable", vfb->sdl);
    put_flag(w, "opengl", vfb->opengl);
    put_string(w, "display", vfb->sdl_display);
    put_string(w, "xauthority", vfb->sdl_xauthority);
    close_object(w, '}');
    put_string(w, "keymap", vfb->keymap);
    close_object(w, '}');
}

static void put_devices(struct writer *w, const struct xl_config *config, unsigned flags)
{
    if (config->disk_count) {
        open_object(w, "disks", '[');
        for (unsigned i = 0; i < config->disk_count; i++)
            put_disk(w, &config->disks[i], flags);
        close_object(w, ']');
    }
    if (config->vif_count) {
        open_object(w, "nics", '[');
        for (unsigned i = 0; i < config->vif_count; i++)
            put_vif(w, &config->vifs[i], flags);
        close_object(w, ']');
    }
    if (!config->vfb_count)
        return;
    open_object(w, "vfbs", '[');
    for (unsigned i = 0; i < config->vfb_count; i++)
        put_vfb(w, &config->vfbs[i], i);
    close_object(w, ']');
    open_object(w, "vkbs", '[');
    for (unsigned i = 0; i < config->vfb_count; i++) {
        open_object(w, NULL, '{');
        put_number(w, "devid", i);
        close_object(w, '}');
    }
    close_object(w, ']');
}

/* "destroy" is what libxl leaves out. */
static void put_action(struct writer *w, const char *name, enum xl_action action)
{
    static const char *const names[] = {
        "destroy", "restart", "restart_rename", "preserve", "coredump_destroy",
        "coredump_restart", "soft_reset",
    };

    if (action != XL_ACTION_DESTROY)
        put_string(w, name, names[action]);
}

void xl_config_print_json(const struct xl_config *config, FILE *file, unsigned flags,
                          const struct xl_json_state *state, unsigned indent)
{
    struct writer w = { file, indent + STEP, true };

    putc('{', file);
    put_c_info(&w, config, flags);
    put_b_info(&w, config, flags, state);
    put_devices(&w, config, flags);
    put_action(&w, "on_poweroff", config->on_poweroff);
    put_action(&w, "on_reboot", config->on_reboot);
    put_action(&w, "on_watchdog", config->on_watchdog);
    put_action(&w, "on_crash", config->on_crash);
    put_action(&w, "on_soft_reset", config->on_soft_reset);
    close_object(&w, '}');
}
