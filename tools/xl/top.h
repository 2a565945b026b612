/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "xl top": samples of what the domains did, as tables (top_batch.c), as JSON (top_json.c) or on a
 * screen (mod_top.c). A sample is taken from the hypervisor in one call for all domains, from the
 * kernel's counters of the back-ends in domain 0, and from the store (names).
 *
 * What Xen's interface does not tell of other domains is not shown: time that their vCPUs waited
 * for a CPU, their hypercalls, faults and events. Domain 0's kernel knows its own waiting.
 */
#ifndef XL_TOP_H
#define XL_TOP_H

#include "xl.h"

#include <libctrl/domain.h>
#include <libctrl/host.h>
#include <stdio.h>

struct top_vcpu {
    uint32_t number;
    uint32_t cpu;         /* where it ran last */
    bool online, running, blocked;
    uint64_t cpu_ns;
    double percent;       /* of one CPU, since the last sample */
    double steal_percent; /* time it wanted to run and could not; negative: not known */
    uint64_t steal_ns;
};

/* As the guest sees it: rx is what it received. */
struct top_nic {
    unsigned number;
    uint64_t rx_bytes, rx_packets, rx_errors, rx_drops;
    uint64_t tx_bytes, tx_packets, tx_errors, tx_drops;
};

struct top_vbd {
    unsigned number;      /* the guest's device number: major << 8 | minor */
    uint64_t out_of_requests, reads, writes, read_sectors, written_sectors;
};

struct top_domain {
    struct ctrl_domain_info info;
    char *name;           /* never NULL */
    double percent;       /* all vCPUs, since the last sample */
    double steal_percent; /* negative: not known */
    double rx_rate, tx_rate, read_rate, write_rate; /* bytes in a second */
    double request_rate;  /* of all block devices, in a second */
    unsigned nr_vcpus, nr_nics, nr_vbds;
    struct top_vcpu *vcpus; /* when they were asked for */
    struct top_nic *nics;
    struct top_vbd *vbds;
};

struct top_sample {
    uint64_t time_ns;
    struct ctrl_physinfo host;
    uint64_t idle_ns;     /* of all CPUs together */
    double busy_percent;  /* of the whole host; negative: not known */
    unsigned nr;
    struct top_domain *domains;
};

/* --- taking samples (top_sample.c, top_devices.c) --- */

/* 'previous' gives the rates, and may be NULL. A failure is a message and exit 1. */
struct top_sample *top_sample_take(struct xl *xl, const struct top_sample *previous, bool vcpus);
void top_sample_free(struct top_sample *sample);

/* The counters of domain 0's back-ends, added to the domains of a sample. */
void top_devices_read(struct top_sample *sample);

/* Sums over a domain's devices. */
struct top_nic top_nics_sum(const struct top_domain *domain);
struct top_vbd top_vbds_sum(const struct top_domain *domain);

/* --- showing them --- */

struct top_options {
    bool batch, networks, vbds, vcpus, repeat_header, full_names;
    unsigned delay_s;
    unsigned long iterations; /* 0: for ever */
};

void top_batch_print(FILE *out, const struct top_sample *sample,
                     const struct top_options *options);
void top_json_print(FILE *out, const struct top_sample *sample);

/* The module "top". It returns when the user leaves. */
struct top_screen {
    void (*run)(struct xl *xl, struct top_options *options);
};

#endif
