/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files dev_*.c share: parts of devices by type, and writing nodes below a path. */
#ifndef XL_DEVICES_H
#define XL_DEVICES_H

#include "life.h"

struct node_writer {
    struct ctrl_batch *batch;
    const char *folder;
};

__attribute__((format(printf, 3, 4)))
void node_write(struct node_writer *nodes, const char *name, const char *format, ...);

/* Whether a back-end domain that a configuration names is this one. */
bool backend_is_here(const char *backend);

int disk_check(const struct life *life, const struct device *device);
int disk_open(struct device *device);
unsigned disk_claims(const struct life *life, const struct device *device, struct claim *claims);
void disk_write(const struct device *device, struct node_writer *front, struct node_writer *back);

int vif_check(const struct life *life, const struct device *device);
unsigned vif_claims(const struct device *device, struct claim *claims);
void vif_write(const struct device *device, struct node_writer *front, struct node_writer *back);
/* 'net' is from host_net_open(). */
int vif_attach(const struct life *life, const struct device *device, int net);

#endif
