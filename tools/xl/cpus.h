/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs and of NUMA nodes as people write and read them, and the host's CPUs. */
#ifndef XL_CPUS_H
#define XL_CPUS_H

#include "config.h"
#include "json.h"
#include "xl.h"

#include <libctrl/cpumap.h>
#include <stdio.h>

/* "all", "none" or "0-3,5", of the numbers below nr. */
void cpus_print(FILE *out, const struct ctrl_cpumap *map, unsigned nr);

/* An array of numbers. */
void cpus_json(struct json *json, const char *key, const struct ctrl_cpumap *map, unsigned nr);

/*
 * The CPUs that a list names: "0-3,5,^2", "all", "none", "node:1", "nodes:0-1,^3". When it is
 * wrong, a message and exit 1.
 */
void cpus_parse(struct xl *xl, const char *text, struct ctrl_cpumap *map);

/* How many CPUs the host has. */
unsigned cpus_host(struct xl *xl);
/* Its CPUs with their nodes, to be freed with cpus_host_free(). Negative errno: ctrl_error(). */
int cpus_host_read(struct ctrl *ctrl, struct xl_host_cpus *host);
void cpus_host_free(struct xl_host_cpus *host);

/* Tell a domain to use 'nr' of its vCPUs. A store that refuses: a message and exit 1. */
void vcpus_offer(struct xl *xl, uint32_t domid, uint32_t max_vcpus, uint32_t nr);

/* A 16-byte id as text. */
#define UUID_TEXT_SIZE 37
const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT_SIZE]);

#endif
