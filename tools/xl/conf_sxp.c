/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as xend printed it, for xl.conf's output_format="sxp": to the byte as Xen's xl
 * does, which shows some fields only and libxl's numbers for some words.
 */
#include "conf.h"

#include <limits.h>
#include <string.h>

static const char *flag_text(enum xl_flag flag)
{
    return flag == XL_DEFAULT ? "<default>" : flag == XL_YES ? "True" : "False";
}

static const char *or_null(const char *text)
{
    return text ? text : "(null)";
}

static void print_info(const struct xl_config *config, FILE *file, int domid)
{
    const uint8_t *u = config->uuid;

    fprintf(file, "(domain\n\t(domid %d)\n\t(create_info)\n\t(hvm %d)\n", domid,
            config->type == XL_GUEST_HVM);
    fputs("\t(hap <default>)\n\t(oos <default>)\n\t(ssidref 0)\n", file);
    fprintf(file, "\t(name %s)\n", config->name);
    if (config->has_uuid)
        fprintf(file, "\t(uuid %02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                "%02x%02x%02x%02x%02x%02x)\n", u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7],
                u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
    else
        fputs("\t(uuid <unknown>)\n", file);
    if (config->pool)
        fprintf(file, "\t(cpupool %s)\n", config->pool);
    fputs("\t(xsdata (null))\n\t(platformdata (null))\n\t(build_info)\n", file);
}

static void print_build(const struct xl_config *config, FILE *file)
{
    bool counted = xl_config_where(config, "vcpus").line ||
                   xl_config_where(config, "maxvcpus").line;

    fprintf(file, "\t(max_vcpus %u)\n", counted ? config->maxvcpus : 0);
    fprintf(file, "\t(max_grant_frames %d)\n", (int)config->max_grant_frames);
    fprintf(file, "\t(max_maptrack_frames %d)\n", (int)config->max_maptrack_frames);
    fprintf(file, "\t(tsc_mode %s)\n", conf_tsc_names[config->tsc_mode]);
    fprintf(file, "\t(max_memkb %llu)\n", (unsigned long long)config->maxmem_kib);
    fprintf(file, "\t(target_memkb %llu)\n", (unsigned long long)config->memory_kib);
    fprintf(file, "\t(nomigrate %s)\n", flag_text(config->nomigrate));
    if (config->bootloader) {
        fprintf(file, "\t(bootloader %s)\n", config->bootloader);
        for (unsigned i = 0; i < config->bootloader_args_count; i++)
            fprintf(file, "%s%s", i ? " " : "\t(bootloader_args ", config->bootloader_args[i]);
        fputs(config->bootloader_args_count ? ")\n" : "", file);
    }
    fputs("\t(image\n\t\t(linux 0)\n", file);
    fprintf(file, "\t\t\t(kernel %s)\n", or_null(config->own_kernel ? NULL : config->kernel));
    fprintf(file, "\t\t\t(cmdline %s)\n", or_null(config->cmdline));
    fprintf(file, "\t\t\t(ramdisk %s)\n", or_null(config->ramdisk));
    fputs("\t\t\t(e820_host <default>)\n\t\t)\n\t)\n", file);
}

static void begin_device(FILE *file, const char *kind, int domid)
{
    fprintf(file, "\t(device\n\t\t(%s\n\t\t\t(backend_domid 0)\n\t\t\t(frontend_domid %d)\n", kind,
            domid);
}

static void print_disk(const struct xl_disk *disk, FILE *file, int domid)
{
    begin_device(file, "tap", domid);
    fprintf(file, "\t\t\t(physpath %s)\n", disk->target ? disk->target : "");
    fprintf(file, "\t\t\t(phystype %d)\n", disk->backendtype);
    fprintf(file, "\t\t\t(virtpath %s)\n", disk->vdev);
    fprintf(file, "\t\t\t(unpluggable %d)\n", disk->removable);
    fprintf(file, "\t\t\t(readwrite %d)\n", disk->readwrite);
    fprintf(file, "\t\t\t(is_cdrom %d)\n\t\t)\n\t)\n", disk->cdrom);
}

static void print_vif(const struct xl_vif *vif, FILE *file, int domid)
{
    begin_device(file, "vif", domid);
    fprintf(file, "\t\t\t(devid %d)\n\t\t\t(mtu %d)\n", vif->devid, vif->mtu);
    fprintf(file, "\t\t\t(model %s)\n", or_null(vif->model));
    fprintf(file, "\t\t\t(mac %02x%02x%02x%02x%02x%02x)\n\t\t)\n\t)\n", vif->mac[0], vif->mac[1],
            vif->mac[2], vif->mac[3], vif->mac[4], vif->mac[5]);
}

static void print_vfb(const struct xl_vfb *vfb, FILE *file, int domid, unsigned devid)
{
    begin_device(file, "vfb", domid);
    fprintf(file, "\t\t\t(devid %u)\n", devid);
    fprintf(file, "\t\t\t(vnc %s)\n", flag_text(vfb->vnc));
    fprintf(file, "\t\t\t(vnclisten %s)\n", or_null(vfb->vnc_listen));
    fprintf(file, "\t\t\t(vncdisplay %d)\n", vfb->vnc_display);
    fprintf(file, "\t\t\t(vncunused %s)\n", flag_text(vfb->vnc_findunused));
    fprintf(file, "\t\t\t(keymap %s)\n", or_null(vfb->keymap));
    fprintf(file, "\t\t\t(sdl %s)\n", flag_text(vfb->sdl));
    fprintf(file, "\t\t\t(opengl %s)\n", flag_text(vfb->opengl));
    fprintf(file, "\t\t\t(display %s)\n", or_null(vfb->sdl_display));
    fprintf(file, "\t\t\t(xauthority %s)\n\t\t)\n\t)\n", or_null(vfb->sdl_xauthority));
}

void xl_config_print_sxp(const struct xl_config *config, FILE *file, int domid)
{
    print_info(config, file, domid);
    print_build(config, file);
    for (unsigned i = 0; i < config->disk_count; i++)
        print_disk(&config->disks[i], file, domid);
    for (unsigned i = 0; i < config->vif_count; i++)
        print_vif(&config->vifs[i], file, domid);
    for (unsigned i = 0; i < config->vfb_count; i++)
        print_vfb(&config->vfbs[i], file, domid, i);
    fputs(")\n", file);
}
