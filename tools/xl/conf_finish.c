/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What keys say together, and what is to be said about keys that are not known, are deprecated or
 * do nothing for this type of guest.
 */
#include "conf.h"

#include <string.h>

/* Where the package grub-xen-host puts GRUB for guests that are 64-bit PV, and PVH. */
#define GRUB_IMAGE     "/usr/lib/grub-xen/grub-x86_64-xen.bin"
#define GRUB_IMAGE_PVH "/usr/lib/grub-xen/grub-i386-xen_pvh.bin"

#define DEFAULT_MEMORY_KIB (32u << 10)
/* The local APICs of more would not have numbers of one byte. */
#define MAX_VCPUS_PVH      128u

/* Keys that xl has never known, but managers write and people try. */
static const char *const meant[][2] = {
    { "cpu", "cpus" }, { "cpu_cap", "cap" }, { "bootargs", "bootloader_args" },
    { "vcpu", "vcpus" }, { "initrd", "ramdisk" }, { "append", "cmdline" },
    { "args", "cmdline" }, { "weight", "cpu_weight" }, { "mem", "memory" },
    { "network", "vif" }, { "nic", "vif" }, { "interface", "vif" }, { "disks", "disk" },
    { "on_shutdown", "on_poweroff" }, { "cpupool", "pool" }, { "ram", "memory" },
};

static void unknown_key(struct conf_reader *r, const struct xl_setting *s)
{
    const char *near = NULL;

    for (unsigned i = 0; i < sizeof(meant) / sizeof(meant[0]); i++)
        if (!strcmp(s->name, meant[i][0]))
            near = meant[i][1];
    if (!near)
        near = conf_key_nearest(s->name);
    if (near)
        conf_warn(r, s->where, s->name, "unknown key, which has no effect; did you mean '%s'?",
                  near);
    else
        conf_warn(r, s->where, s->name, "unknown key, which has no effect; xl.cfg(5) lists the "
                  "keys there are");
}

static void check_names(struct conf_reader *r)
{
    unsigned guest = 1u << r->config->type;
    const char *type = xl_guest_type_name(r->config->type);

    for (unsigned i = 0; i < r->settings_count; i++) {
        const struct xl_setting *s = &r->settings[i];

        if (s->overridden)
            continue;
        if (!s->key)
            unknown_key(r, s);
        else if (s->key->deprecated)
            conf_warn(r, s->where, s->name, "is deprecated; %s", s->key->note);
        else if (!(s->key->guests & guest) && s->key->guests == CONF_ARM)
            conf_warn(r, s->where, s->name, "has no effect: %s; remove it", s->key->note);
        else if (!(s->key->guests & guest))
            conf_warn(r, s->where, s->name, "has no effect on a %s guest; remove it", type);
        else if (s->key->support == CONF_NO_EFFECT && guest != CONF_HVM)
            conf_warn(r, s->where, s->name, "has no effect: %s", s->key->note);
    }
}

static struct xl_where where(const struct conf_reader *r, const char *key)
{
    return xl_config_where(r->config, key);
}

static bool given(const struct conf_reader *r, const char *key)
{
    return where(r, key).line != 0;
}

static void finish_memory(struct conf_reader *r)
{
    struct xl_config *config = r->config;

    if (!given(r, "memory") && !given(r, "maxmem")) {
        config->memory_kib = config->maxmem_kib = DEFAULT_MEMORY_KIB;
        conf_warn(r, where(r, "memory"), "memory", "is not given: the guest gets 32 MiB; write "
                  "memory = MIB");
        return;
    }
    if (!config->memory_kib)
        config->memory_kib = config->maxmem_kib;
    if (!config->maxmem_kib)
        config->maxmem_kib = config->memory_kib;
    if (config->maxmem_kib < config->memory_kib)
        conf_error(r, where(r, "maxmem"), "maxmem", "%llu MiB is less than memory = %llu (line %u)"
                   "; raise maxmem or lower memory",
                   (unsigned long long)config->maxmem_kib >> 10,
                   (unsigned long long)config->memory_kib >> 10, where(r, "memory").line);
}

static void check_affinity(struct conf_reader *r, const struct xl_affinity *affinity,
                           const char *key)
{
    if (affinity->each && affinity->count > r->config->maxvcpus)
        conf_warn(r, where(r, key), key, "names CPUs for %u vCPUs, and the guest has %u; the rest "
                  "has no effect", affinity->count, r->config->maxvcpus);
}

static void finish_cpus(struct conf_reader *r)
{
    struct xl_config *config = r->config;

    if (given(r, "maxvcpus") && given(r, "vcpus") && config->maxvcpus < config->vcpus)
        conf_error(r, where(r, "maxvcpus"), "maxvcpus", "%u is less than vcpus = %u (line %u); "
                   "raise maxvcpus or lower vcpus", config->maxvcpus, config->vcpus,
                   where(r, "vcpus").line);
    if (!config->maxvcpus)
        config->maxvcpus = config->vcpus;
    if (config->type == XL_GUEST_PVH && config->maxvcpus > MAX_VCPUS_PVH)
        conf_error(r, where(r, given(r, "maxvcpus") ? "maxvcpus" : "vcpus"),
                   given(r, "maxvcpus") ? "maxvcpus" : "vcpus", "%u is more than a pvh guest can "
                   "have; give at most %u", config->maxvcpus, MAX_VCPUS_PVH);
    check_affinity(r, &config->cpus, "cpus");
    check_affinity(r, &config->cpus_soft, "cpus_soft");
    if (config->cap > 0 && (unsigned)config->cap > 100 * config->maxvcpus)
        conf_warn(r, where(r, "cap"), "cap", "%d is more than %u vCPU%s can use (%u); it has no "
                  "effect", config->cap, config->maxvcpus, config->maxvcpus == 1 ? "" : "s",
                  100 * config->maxvcpus);
}

static void finish_cmdline(struct conf_reader *r)
{
    struct xl_config *config = r->config;

    if (r->cmdline) {
        if (r->root || r->extra)
            conf_warn(r, where(r, r->root ? "root" : "extra"), r->root ? "root" : "extra",
                      "has no effect beside cmdline (line %u); put it there",
                      where(r, "cmdline").line);
        config->cmdline = r->cmdline;
    } else if (r->root && r->extra) {
        config->cmdline = arena_printf(r->arena, "root=%s %s", r->root, r->extra);
    } else if (r->root) {
        config->cmdline = arena_printf(r->arena, "root=%s", r->root);
    } else {
        config->cmdline = r->extra;
    }
}

/* The guest's own kernel: GRUB in the guest reads it, its menu and its command line. */
static void finish_own_kernel(struct conf_reader *r)
{
    struct xl_config *config = r->config;
    static const char *const useless[] = {
        "kernel", "ramdisk", "cmdline", "root", "extra", "bootloader_args",
    };

    for (unsigned i = 0; i < sizeof(useless) / sizeof(useless[0]); i++)
        if (given(r, useless[i]))
            conf_warn(r, where(r, useless[i]), useless[i], "has no effect: the guest's own GRUB "
                      "menu says what is booted; remove it%s",
                      config->bootloader ? ", or remove bootloader" : "");
    config->kernel = config->type == XL_GUEST_PVH ? GRUB_IMAGE_PVH : GRUB_IMAGE;
    config->ramdisk = NULL;
    config->cmdline = NULL;
}

static void finish_kernel(struct conf_reader *r)
{
    struct xl_config *config = r->config;
    const char *key = given(r, "bootloader") ? "bootloader" : "kernel";

    finish_cmdline(r);
    if (config->type == XL_GUEST_HVM)
        return;
    if (config->kernel && !*config->kernel)
        conf_error(r, where(r, "kernel"), "kernel", "is empty; give a file, or remove the key to "
                   "boot the kernel on the guest's own disk");
    if (config->kernel && !config->own_kernel)
        return;
    if (!config->own_kernel && !given(r, "disk"))
        conf_error(r, where(r, "kernel"), "kernel", "is not given, and there is no disk with a "
                   "kernel on it; write kernel = \"/boot/vmlinuz...\"");
    else if (!config->disk_count && !r->errors)
        conf_error(r, where(r, key), key, "the guest's own kernel is to be booted, but it has no "
                   "disk; add disk = [ \"PATH,raw,xvda,w\" ]");
    config->own_kernel = true;
    finish_own_kernel(r);
}

static void check_disks(struct conf_reader *r)
{
    struct xl_config *config = r->config;

    for (unsigned i = 0; i < config->disk_count; i++)
        for (unsigned j = 0; j < i && !r->living; j++)
            if (config->disks[i].number == config->disks[j].number)
                conf_error(r, config->disks[i].where, "disk", "'%s' is the name of two disks "
                           "(the other is in line %u); give one of them another",
                           config->disks[i].vdev, config->disks[j].where.line);
}

/* Interfaces: names, addresses and numbers are theirs alone. */
static void check_vif_pair(struct conf_reader *r, const struct xl_vif *a, const struct xl_vif *b)
{
    if (a->has_mac && b->has_mac && !memcmp(a->mac, b->mac, sizeof(a->mac)))
        conf_error(r, a->where, "vif", "mac %02x:%02x:%02x:%02x:%02x:%02x is that of another "
                   "interface (line %u) too; change one of them", a->mac[0], a->mac[1], a->mac[2],
                   a->mac[3], a->mac[4], a->mac[5], b->where.line);
    if (a->devid == b->devid)
        conf_error(r, a->where, "vif", "devid %d is that of another interface (line %u) too; "
                   "remove devid=", a->devid, b->where.line);
    if (a->ifname && b->ifname && !strcmp(a->ifname, b->ifname))
        conf_error(r, a->where, "vif", "vifname '%s' is that of another interface (line %u) too; "
                   "change one of them", a->ifname, b->where.line);
}

static void check_vifs(struct conf_reader *r)
{
    struct xl_config *config = r->config;

    for (unsigned i = 0; i < config->vif_count; i++) {
        const struct xl_vif *vif = &config->vifs[i];

        for (unsigned j = 0; j < i && !r->living; j++)
            check_vif_pair(r, vif, &config->vifs[j]);
        if (config->type != XL_GUEST_HVM && (vif->model || vif->type == XL_VIF_IOEMU))
            conf_warn(r, vif->where, "vif", "%s has no effect on a %s guest, which sees no "
                      "emulated card; remove it", vif->model ? "model=" : "type=ioemu",
                      xl_guest_type_name(config->type));
    }
}

/* The screen keys of HVM guests make a PV guest's frame buffer. */
static void finish_vnc(struct conf_reader *r)
{
    struct xl_config *config = r->config;
    const struct xl_value *vnc = xl_config_value(config, "vnc");

    if (config->type != XL_GUEST_PV || config->vfb_count || !vnc || !vnc->number)
        return;
    config->vfbs = arena_alloc(r->arena, sizeof(*config->vfbs));
    config->vfb_count = 1;
    config->vfbs[0].where = where(r, "vnc");
    config->vfbs[0].vnc = XL_YES;
}

void conf_finish(struct conf_reader *r, bool whole)
{
    check_names(r);
    if (!whole)
        return;
    if (!given(r, "name"))
        conf_error(r, where(r, "name"), "name", "is not given; write name = \"NAME\"");
    finish_memory(r);
    finish_cpus(r);
    finish_kernel(r);
    check_disks(r);
    check_vifs(r);
    finish_vnc(r);
}
