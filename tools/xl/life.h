/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a guest: making it, ending it, and its devices in between.
 *
 * Functions return 0 or a negative errno after they have said why (output.h).
 */
#ifndef XL_LIFE_H
#define XL_LIFE_H

#include "claims.h"
#include "config.h"
#include "host.h"
#include "xl.h"

#include <libctrl/build.h>

struct ctrl_batch;
struct ctrl_kernel;

/* How messages about a configuration reach the user. */
extern const struct xl_report life_report;

/* A machine may be busy: only what is known to fail is given up sooner. */
#define BACKEND_SECONDS 40          /* how long a back-end may take to answer, */
#define LET_GO_SECONDS  10          /* a guest to let go of a device, */
#define SCRIPT_SECONDS  40          /* and a script that a configuration names */

/* --- where the time goes (clock.c) --- */

#define LIFE_PHASES_MAX 24

struct life_clock {
    uint64_t last_ns;
    unsigned nr;
    struct {
        const char *name;
        uint64_t ns;
    } phase[LIFE_PHASES_MAX];
};

uint64_t life_now_ns(void);
void life_clock_begin(struct life_clock *clock);
/* The time since the last call went into this; the same name again adds to it. */
void life_clock_lap(struct life_clock *clock, const char *name);
void life_clock_add(struct life_clock *clock, const char *name, uint64_t ns);
/* Shown with -v. */
void life_clock_print(const struct life_clock *clock, const char *what);

/* --- devices (dev_*.c) --- */

enum device_type {
    DEVICE_VBD,
    DEVICE_VIF,
};

struct device {
    enum device_type type;
    const struct xl_disk *disk;     /* of a vbd */
    const struct xl_vif *vif;       /* of a vif */
    uint32_t number;                /* in the guest's store: device/TYPE/NUMBER */
    struct host_disk target;        /* of a vbd without a script */
    uint8_t mac[6];                 /* of a vif */
    const char *bridge;
};

/* One operation on one guest. */
struct life {
    struct xl *xl;
    struct ctrl *ctrl;
    struct ctrl_store *store;
    const struct xl_config *config;
    uint32_t domid;
    uint8_t uuid[16];
    bool dry_run;                   /* only checks: not even a module is loaded */
    struct device *devices;
    unsigned nr_devices;
    int net;                        /* tells of new interfaces while devices are made; or -1 */
    struct life_clock clock;
};

#define DEVICE_PATH_SIZE 96

const char *device_type_name(enum device_type type);        /* "vbd", "vif" */
void device_frontend_path(char path[DEVICE_PATH_SIZE], uint32_t domid, const char *type,
                          uint32_t number);
void device_backend_path(char path[DEVICE_PATH_SIZE], uint32_t domid, const char *type,
                         uint32_t number);

/* All devices of the configuration; chooses what is left to choose (MAC addresses). */
void devices_collect(struct life *life);
void device_of_disk(struct device *device, const struct xl_disk *disk);
void device_of_vif(struct life *life, struct device *device, const struct xl_vif *vif);
/* The address that the configuration gives it, or the one that follows from the guest's UUID. */
void vif_mac(const uint8_t uuid[16], const struct xl_vif *vif, uint8_t mac[6]);
/* The claims a device needs: how many of 'claims' (room for 2) were filled in. */
unsigned device_claims(const struct life *life, const struct device *device,
                       struct claim *claims);
/* Say that somebody else has it. */
void device_complain_claimed(const struct life *life, const struct device *device,
                             const struct claimant *who);
/* Whether somebody else has it; that is said. */
bool device_is_claimed(const struct life *life, const struct device *device);
/* What can be known before the first effect; -EINVAL. */
int device_check(const struct life *life, const struct device *device);
/* Open its target; nothing is visible to the guest yet. */
int devices_open(struct life *life);
void devices_close(struct life *life);
/* Queue its nodes, and a watch of its back-end's state. */
void device_write(const struct life *life, const struct device *device,
                  struct ctrl_batch *batch);
/* Wait until the back-ends answer; bring interfaces into their bridges; run scripts. */
int devices_connect(struct life *life);

/* One more lines for the record (state.h), to be undone if all else fails: "script ..." or "". */
void device_record(const struct device *device, char *lines, size_t size);
/* Run a script that a configuration names for a device: what is "add" or "remove". */
int device_script(uint32_t domid, enum device_type type, uint32_t number, const char *script,
                  bool add);

/* Take a device from a guest that lives: ask its front-end, wait, remove. 'force': don't ask. */
int device_remove(struct life *life, const char *type, uint32_t number, bool force);

/* --- making (create.c) --- */

struct create_options {
    bool paused;
    bool unsupervised;              /* xl does not look after it when it ends */
    bool for_console;               /* wait until its console can be attached to */
    bool ignore_masks;              /* of xl.conf */
    int announced;                  /* from state_creation_begin(); 0: to be done */
    const char *text;               /* the configuration as given, to be kept */
};

/* Make a UUID up if none was given; has_uuid stays as it is. */
void life_uuid_choose(struct xl_config *config);
/* Zeroed, the configuration and its UUID set (NULL: by the caller), hypervisor and store opened. */
void life_begin(struct life *life, struct xl *xl, const struct xl_config *config);
void life_end(struct life *life);

/* What is known before the first effect (preflight*.c). */
struct preflight {
    struct ctrl_kernel *kernel;
    int ramdisk_fd;
    uint64_t ramdisk_size;
    uint32_t pool;
    uint64_t balloon_kib;           /* to be taken from domain 0 first; 0: none */
};

int preflight_run(struct life *life, struct preflight *checked);
void preflight_end(struct preflight *checked);
int preflight_memory(struct life *life, struct preflight *checked, bool autoballoon);
int preflight_kernel(struct life *life, struct preflight *checked);
/* Take memory from domain 0, as preflight_memory() found to be necessary and possible. */
int balloon_down(struct life *life, uint64_t kib);

/*
 * What a guest is built with. A PVH guest's map must have all it can get from the start on: its
 * kernel gives back what is beyond its target while it boots.
 */
static inline uint64_t life_start_kib(const struct xl_config *config)
{
    return config->type == XL_GUEST_PVH ? config->maxmem_kib : config->memory_kib;
}

/* Make the guest that life->config says. On failure nothing is left. */
int life_create(struct life *life, const struct create_options *options);

/* Read the kernel, from the cache of unpacked ones if it was unpacked before (kernel_cache.c). */
int kernel_cache_open(struct ctrl *ctrl, const struct xl_config *config, bool add,
                      struct ctrl_kernel **kernel);

/* Make the domain, set its limits, build it (build.c). */
int build_make_domain(struct life *life, const struct preflight *checked);
int build_domain(struct life *life, const struct preflight *checked,
                 struct ctrl_build_result *built, bool ignore_masks);

/* The nodes of a new domain, but for devices (store_domain.c). */
void store_domain_write(const struct life *life, struct ctrl_batch *batch,
                        const struct ctrl_build_result *built);
/* Nodes that a guest may write, and those that only it and domain 0 see. */
void store_guest_owns(struct ctrl_batch *batch, const char *path, uint32_t domid);
void store_guest_reads(struct ctrl_batch *batch, const char *path, uint32_t domid);

/* --- ending (destroy.c) --- */

/*
 * End a domain and undo all that was made for it, as far as it got: devices, nodes, claims, record.
 * Works for guests that other tools made, too. A domain that isn't there any more: only undo.
 */
int life_destroy(struct xl *xl, uint32_t domid);
/* The same, when its record is locked already by this process (state_lock()). */
int life_destroy_locked(struct xl *xl, uint32_t domid);
/* Undo guests whose makers died. */
void life_orphans_end(struct xl *xl);
/* Only the devices of a guest that is kept for inspection. */
int life_devices_end(struct xl *xl, uint32_t domid);

/* --- a living guest's configuration --- */

/*
 * As it was given, with the changes since then (attach, detach, rename). -ENOENT (silently): xl did
 * not make it. 'text' (may be NULL) gets the text, to be freed.
 */
int life_config_read(uint32_t domid, struct xl_config **config, char **text);

/* Take the new name; prints what stands in its way. */
int life_rename(struct xl *xl, uint32_t domid, const char *name);

/* --- the supervisor (supervise.c, actions.c) --- */

/* Start it if it doesn't run. */
int supervisor_need(struct xl *xl);

/* What is done with a guest that has ended. */
struct life_plan {
    bool dump;
    bool keep;                      /* it stays as it is */
    bool rename;                    /* it stays, under another name */
    bool restart;
};

/* 'reason': of enum ctrl_shutdown. */
struct life_plan life_plan(const struct xl_config *config, unsigned reason);
/* What mem-set and vcpu-set told a domain is what the next one of its configuration starts with. */
void life_sizes_keep(struct xl *xl, uint32_t domid, struct xl_config *config);
/* Do that, with a guest that has ended. */
int life_ended(struct xl *xl, uint32_t domid);

/* Write a domain's memory to a file (dump.c). */
int dump_core_write(struct xl *xl, uint32_t domid, const char *path);

/* Wait until a guest, and those restarted in its place, are gone. */
int life_follow(struct xl *xl, const uint8_t uuid[16]);

/* The last lines of a guest's console, to stderr (console_log.c). */
void console_tail_print(const char *name, unsigned lines);
/* Attach this terminal (cmd_console.c). Returns an exit code. */
int console_attach(struct xl *xl, uint32_t domid, unsigned number);

#endif
