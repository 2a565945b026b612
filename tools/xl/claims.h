/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that only one guest may have: names, MAC addresses, disks. A claim is a symbolic link
 * /run/xl/KIND/KEY -> "ID UUID", made and filled in one step. It is stale, and goes to whoever
 * wants it, when no domain with that id and UUID lives; so nothing that dies can block a name.
 * The cost does not depend on how many guests there are.
 */
#ifndef XL_CLAIMS_H
#define XL_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ctrl;
struct stat;

#define CLAIM_SIZE 320

/* Below /run/xl: "names/NAME", "macs/MAC", "disks/KEY/w", "disks/KEY/r-ID-NUMBER". */
struct claim {
    char path[CLAIM_SIZE];
};

struct claimant {
    uint32_t domid;
    uint8_t uuid[16];
};

/* False: the name is too long to be claimed. */
bool claim_of_name(struct claim *claim, const char *name);
void claim_of_mac(struct claim *claim, const uint8_t mac[6]);
/* Of a disk that is written, or read only by this domain's device. */
void claim_of_disk(struct claim *claim, const struct stat *stat, bool write, uint32_t domid,
                   uint32_t number);

/* Who has it, or stands in its way: 1 and *who; 0: nobody that lives. */
int claim_holder(struct ctrl *ctrl, const struct claim *claim, struct claimant *who);
/* Take it. -EEXIST and *who; another errno after an error was printed. */
int claim_take(struct ctrl *ctrl, const struct claim *claim, const struct claimant *self,
               struct claimant *who);
/* Give it back, if it is ours. */
void claim_release(const char *path, const struct claimant *self);

#endif
