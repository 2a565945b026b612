/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /etc/xen/xl.conf: choices for the whole host.
 *
 * A missing file means every default; a file with mistakes is an error, as in Xen.
 */
#ifndef XL_CONF_H
#define XL_CONF_H

#include "config.h"

#define XL_CONF_PATH "/etc/xen/xl.conf"

enum xl_autoballoon {
    XL_AUTOBALLOON_AUTO,            /* off if Xen was started with dom0_mem= */
    XL_AUTOBALLOON_OFF,
    XL_AUTOBALLOON_ON,
};

struct xl_conf {
    const char *path;
    enum xl_autoballoon autoballoon;
    bool run_hotplug_scripts;       /* true */
    bool claim_mode;                /* true */
    bool sxp;                       /* output_format="sxp"; false: JSON */
    bool random_domid;              /* domid_policy="random" */
    enum xl_guest_type default_type;
    const char *vif_script;         /* these: NULL if not given */
    const char *vif_bridge;
    const char *vif_backend;
    const char *vif_gatewaydev;
    const char *blkdev_start;
    unsigned max_grant_frames;      /* these three: UINT_MAX if not given */
    unsigned max_maptrack_frames;
    unsigned max_grant_version;
    struct xl_cpu_list cpumask;     /* count 0: not given */
    struct xl_cpu_list cpumask_pv;
    struct xl_cpu_list cpumask_hvm;
    struct xl_arena *arena;
};

/* 0, or -EINVAL or the file's errno after reporting. A missing file is no error. */
int xl_conf_read(struct xl_conf **conf, const char *path, const struct xl_report *report);
void xl_conf_free(struct xl_conf *conf);

#endif
