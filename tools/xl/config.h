/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's configuration: what an xl.cfg file, a libvirt domain XML file and
 * arguments of the form key=value say, as plain data.
 *
 * Reading checks everything that can be told from the text alone and reports
 * every mistake it finds, not only the first. xl_config_check() adds what can be
 * told from this host's files. Neither asks the hypervisor or xenstore.
 *
 * All strings and arrays belong to the configuration and live until
 * xl_config_free(). An absent string is NULL; an absent number has the value
 * named beside it. Whether a key was given at all: xl_config_where().
 */
#ifndef XL_CONFIG_H
#define XL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct xl_conf;

/* --- messages --- */

enum xl_severity {
    XL_WARNING,
    XL_ERROR,
};

/* Receives one message without a newline: "file:line: key: what is wrong; what to do". */
struct xl_report {
    void (*emit)(void *opaque, enum xl_severity severity, const char *text);
    void *opaque;
};

/* --- where a key was given --- */

/* "file" is "command line" for an argument, whose number is then "line". Line 0: not given. */
struct xl_where {
    const char *file;
    unsigned line;
};

/* --- values as written --- */

enum xl_value_type {
    XL_VALUE_STRING,
    XL_VALUE_NUMBER,
    XL_VALUE_LIST,
};

struct xl_value {
    enum xl_value_type type;
    unsigned line;
    const char *text;               /* string; number as written */
    int64_t number;
    const struct xl_value **items;  /* list */
    unsigned count;
};

/* One assignment; "key" is NULL where the table has no such key. The last one of a name counts. */
struct xl_setting {
    const struct xl_key *key;
    const char *name;
    const struct xl_value *value;
    struct xl_where where;
    bool overridden;                /* a later one of the same name counts */
};

/* --- parts of a configuration --- */

enum xl_flag {
    XL_DEFAULT,                     /* not given */
    XL_NO,
    XL_YES,
};

enum xl_guest_type {
    XL_GUEST_PV,
    XL_GUEST_PVH,
    XL_GUEST_HVM,
};

enum xl_action {
    XL_ACTION_DESTROY,
    XL_ACTION_RESTART,
    XL_ACTION_RENAME_RESTART,
    XL_ACTION_PRESERVE,
    XL_ACTION_COREDUMP_DESTROY,
    XL_ACTION_COREDUMP_RESTART,
    XL_ACTION_SOFT_RESET,
};

enum xl_disk_format {
    XL_DISK_RAW,
    XL_DISK_QCOW,
    XL_DISK_QCOW2,
    XL_DISK_VHD,
    XL_DISK_QED,
    XL_DISK_EMPTY,                  /* a CD-ROM drive without a disc */
};

enum xl_disk_backend {
    XL_BACKEND_ANY,
    XL_BACKEND_PHY,
    XL_BACKEND_TAP,
    XL_BACKEND_QDISK,
    XL_BACKEND_STANDALONE,
};

struct xl_disk {
    struct xl_where where;
    const char *target;             /* as written; NULL: empty drive */
    const char *path;               /* target as a path on the host ("/dev/" put before a bare
                                       name); NULL with a script or without a target */
    const char *vdev;               /* as written: xvda, sda1, hdc ... */
    uint32_t number;                /* vdev as in the guest's store: device/vbd/NUMBER */
    enum xl_disk_format format;
    enum xl_disk_backend backendtype;
    const char *backend;            /* back-end domain's name or id; NULL: this domain */
    const char *script;             /* as written; NULL: none */
    const char *script_path;        /* in /etc/xen/scripts unless a path was given */
    bool readwrite;
    bool cdrom;
    bool removable;
    bool direct_io_safe;
    bool virtio;
    enum xl_flag discard;
    enum xl_flag trusted;
};

enum xl_vif_type {
    XL_VIF_ANY,
    XL_VIF_PV,                      /* type=vif */
    XL_VIF_IOEMU,                   /* type=ioemu: an emulated card beside it */
};

/* bridge, script, backend and gatewaydev are xl.conf's where the specification gives none. */
struct xl_vif {
    struct xl_where where;
    uint8_t mac[6];
    bool has_mac;                   /* otherwise the creator makes one up */
    enum xl_vif_type type;          /* means something for HVM guests only */
    int devid;                      /* its place in the list if none was given */
    const char *bridge;             /* NULL: the built-in default */
    const char *model;
    const char *ifname;             /* NULL: vifDOMID.DEVID */
    const char *script;             /* as written; NULL: none */
    const char *script_path;        /* in /etc/xen/scripts unless a path was given */
    const char *ip;
    const char *backend;            /* back-end domain's name or id; NULL: this domain */
    const char *gatewaydev;
    const char *forwarddev;
    uint64_t rate_bytes;            /* bytes an interval; 0: no limit */
    uint32_t rate_interval_us;
    int mtu;                        /* 0: not given */
    enum xl_flag trusted;
};

struct xl_vfb {
    struct xl_where where;
    enum xl_flag vnc, vnc_findunused, sdl, opengl;
    const char *vnc_listen, *vnc_passwd, *sdl_display, *sdl_xauthority, *keymap;
    int vnc_display;
};

/* A set of host CPUs as written: applied from left to right, starting from none. */
struct xl_cpu_range {
    enum { XL_CPUS_ALL, XL_CPUS_RANGE, XL_CPUS_NODES } what;
    bool exclude;
    unsigned first, last;
};

struct xl_cpu_list {
    const char *text;
    const struct xl_cpu_range *ranges;
    unsigned count;
};

/* With "each", list N is vCPU N's; otherwise lists[0] is that of all. Count 0: not given. */
struct xl_affinity {
    const struct xl_cpu_list *lists;
    unsigned count;
    bool each;
};

/* --- the configuration --- */

struct xl_config {
    const char *source;             /* the file's name */
    const struct xl_setting *settings;
    unsigned settings_count;
    unsigned warnings;              /* how many were reported while reading */

    const char *name;
    uint8_t uuid[16];
    bool has_uuid;                  /* otherwise the creator makes one up and sets both */
    enum xl_guest_type type;
    uint64_t memory_kib;            /* what it starts with */
    uint64_t maxmem_kib;
    unsigned vcpus;                 /* online at the start; 1 if not given */
    unsigned maxvcpus;

    const char *kernel;             /* NULL: a boot loader finds the guest's own */
    const char *ramdisk;
    const char *cmdline;            /* composed of cmdline or root and extra; NULL: none given */
    const char *bootloader;         /* as written, or NULL */
    const char *const *bootloader_args;
    unsigned bootloader_args_count;
    bool own_kernel;                /* kernel is GRUB's packaged PV image, which starts the
                                       kernel it finds on the guest's disk */

    struct xl_disk *disks;
    unsigned disk_count;
    struct xl_vif *vifs;
    unsigned vif_count;
    struct xl_vfb *vfbs;
    unsigned vfb_count;

    struct xl_affinity cpus, cpus_soft;
    int weight;                     /* -1: not given */
    int cap;                        /* -1: not given; 0: none; percent of one CPU */
    const char *pool;

    enum xl_action on_poweroff, on_reboot, on_crash, on_watchdog, on_soft_reset;

    unsigned max_grant_frames;      /* these four: UINT_MAX if not given */
    unsigned max_maptrack_frames;
    unsigned max_event_channels;
    unsigned max_grant_version;

    enum xl_flag localtime;
    int rtc_timeoffset;             /* seconds */
    unsigned tsc_mode;              /* 0 default, 1 always emulated, 2 native, 3 native paravirt */
    enum xl_flag nomigrate;
    enum xl_flag driver_domain;
    bool random_domid;              /* not the next free number (xl.conf) */
    enum xl_flag claim;             /* claim memory before populating it (xl.conf) */
    const char *seclabel;
    const char *init_seclabel;
    const char *blkdev_start;       /* from xl.conf; NULL: xvda */
    bool run_hotplug_scripts;

    struct xl_arena *arena;
};

/* --- reading --- */

/*
 * What to read. With "text" NULL, "path" is opened; otherwise the text is read and
 * "path" only names it. "arguments" are lines of xl.cfg that count as if they stood
 * after the file's. A text that starts with '<' is libvirt's XML.
 * "conf" (xl.conf) may be NULL: built-in defaults.
 */
struct xl_config_input {
    const char *path;
    const char *text;
    size_t size;
    const char *const *arguments;
    unsigned argument_count;
    const struct xl_conf *conf;
    bool living;                    /* what was kept of a guest that lives: a device may stand
                                       there again, after it was taken away and came back */
};

/*
 * 0; -EINVAL when mistakes were reported; the errno of a file that cannot be read,
 * reported as well. Nothing is returned in "config" on failure.
 */
int xl_config_read(struct xl_config **config, const struct xl_config_input *input,
                   const struct xl_report *report);

/*
 * What this host's files can tell: kernel, ramdisk, disk targets and scripts are there
 * and of the right sort, the disks can be served here, and every key used is one that
 * is supported for this type of guest. Returns 0 or -EINVAL after reporting.
 */
int xl_config_check(struct xl_config *config, const struct xl_report *report);

/* NULL is permitted. */
void xl_config_free(struct xl_config *config);

/* Where the key got its value; line 0 if it was not given. */
struct xl_where xl_config_where(const struct xl_config *config, const char *key);

/* The value as written, for keys without a field of their own; NULL if not given. */
const struct xl_value *xl_config_value(const struct xl_config *config, const char *key);

/*
 * Format "file:line: key: " and the message, as all of a configuration's messages
 * read; for errors that only show later (the bridge is not there, no memory is free).
 * A key that was not given is named with the file alone.
 */
__attribute__((format(printf, 4, 5)))
void xl_config_complain(const struct xl_config *config, const struct xl_report *report,
                        const char *key, const char *format, ...);

/* The same for one disk or interface ("disk", where of the device). */
__attribute__((format(printf, 4, 5)))
void xl_where_complain(struct xl_where where, const struct xl_report *report,
                       const char *key, const char *format, ...);

/* --- single devices: block-attach, network-attach --- */

/*
 * Parse one device written as in a configuration's list; with several texts, each is
 * added with a comma between (xl's own habit for arguments). Strings belong to
 * "config", which xl_config_new_empty() makes.
 */
int xl_config_new_empty(struct xl_config **config, const struct xl_conf *conf);
int xl_disk_parse(struct xl_config *config, const char *const *texts, unsigned count,
                  struct xl_disk *disk, const struct xl_report *report);
int xl_vif_parse(struct xl_config *config, const struct xl_conf *conf, const char *const *texts,
                 unsigned count, struct xl_vif *vif, const struct xl_report *report);

/* The number of a virtual disk's name (xvda1, sdb, hdc, d3p2, 51712), or -EINVAL. */
int xl_vdev_number(const char *vdev, uint32_t *number);
/* The reverse, as block-list and friends print it: xvda, sdb1, hdc. Returns name. */
const char *xl_vdev_name(uint32_t number, char *name, size_t size);

/* --- CPU lists: also for vcpu-pin --- */

/* The host's CPUs: node_of[cpu] may be NULL (one node). */
struct xl_host_cpus {
    unsigned cpus;
    const unsigned *node_of;
};

/* Parse a list into "list", strings and arrays in "config". -EINVAL and "why" when wrong. */
int xl_cpu_list_parse(struct xl_config *config, const char *text, struct xl_cpu_list *list,
                      char *why, size_t why_size);
/* Set the bits of a bitmap of (host->cpus + 7) / 8 bytes; CPUs past the end are left out. */
void xl_cpu_list_resolve(const struct xl_cpu_list *list, const struct xl_host_cpus *host,
                         uint8_t *bitmap);
/* Whether it has one CPU; a CPU past the host's only counts where it is named by number. */
bool xl_cpu_list_has(const struct xl_cpu_list *list, const struct xl_host_cpus *host,
                     unsigned cpu);
/* A vCPU's list, or NULL if it may run anywhere. */
const struct xl_cpu_list *xl_affinity_of(const struct xl_affinity *affinity, unsigned vcpu);

/* --- printing --- */

enum {
    XL_JSON_RUNNING = 1 << 0,       /* as "xl list -l" prints a living domain; otherwise as
                                       "xl create -n" prints a configuration */
};

/* What a living domain adds to its configuration. */
struct xl_json_state {
    const struct xl_host_cpus *host;    /* NULL: lists with "all" or nodes are left out */
    uint64_t target_kib, max_kib;       /* as they are now */
    const char *scheduler;              /* "credit2" */
    int weight, cap;
};

/* "indent" is the column at which the object stands; no newline follows the last brace. */
void xl_config_print_json(const struct xl_config *config, FILE *file, unsigned flags,
                          const struct xl_json_state *state, unsigned indent);
/* As an xl.cfg file that reads back to the same configuration. */
void xl_config_print_cfg(const struct xl_config *config, FILE *file);
/* As libvirt's domain XML; what has no place there is named in warnings. 0 or -EIO. */
int xl_config_print_xml(const struct xl_config *config, FILE *file,
                        const struct xl_report *report);
/* As "(domain ...)" with xl.conf's output_format="sxp". */
void xl_config_print_sxp(const struct xl_config *config, FILE *file, int domid);

const char *xl_action_name(enum xl_action action);      /* as in a configuration: rename-restart */
const char *xl_guest_type_name(enum xl_guest_type type);
const char *xl_disk_format_name(enum xl_disk_format format);

#endif
