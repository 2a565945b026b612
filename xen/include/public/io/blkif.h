/* SPDX-License-Identifier: BSD-2-Clause */
/* Block devices of a domain: requests and responses. Sectors here have 512 bytes always. */
#ifndef PUBLIC_IO_BLKIF_H
#define PUBLIC_IO_BLKIF_H

#include "../grant_table.h"
#include "ring.h"

#define BLKIF_OP_READ            0
#define BLKIF_OP_WRITE           1
#define BLKIF_OP_WRITE_BARRIER   2
#define BLKIF_OP_FLUSH_DISKCACHE 3
#define BLKIF_OP_DISCARD         5
#define BLKIF_OP_INDIRECT        6

#define BLKIF_RSP_OKAY       0
#define BLKIF_RSP_ERROR      (-1)
#define BLKIF_RSP_EOPNOTSUPP (-2)

#define BLKIF_MAX_SEGMENTS_PER_REQUEST       11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST 8

#define BLKIF_DISCARD_SECURE (1 << 0)

/* The "info" key of the backend. */
#define VDISK_CDROM     0x1
#define VDISK_REMOVABLE 0x2
#define VDISK_READONLY  0x4

typedef uint16_t blkif_vdev_t;
typedef uint64_t blkif_sector_t;

/* Sectors first_sect to last_sect, both included, of a granted page. */
struct blkif_request_segment {
    grant_ref_t gref;
    uint8_t first_sect;
    uint8_t last_sect;
};
XEN_ABI_SIZE(struct blkif_request_segment, 8, "README.md");

struct blkif_request {
    uint8_t operation;
    uint8_t nr_segments;
    blkif_vdev_t handle;
    uint64_t id;
    blkif_sector_t sector_number;
    struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
XEN_ABI_SIZE(struct blkif_request, 112, "README.md");
XEN_ABI_OFFSET(struct blkif_request, id, 8, "README.md");
XEN_ABI_OFFSET(struct blkif_request, seg, 24, "README.md");

struct blkif_request_discard {
    uint8_t operation;
    uint8_t flag;
    blkif_vdev_t handle;
    uint64_t id;
    blkif_sector_t sector_number;
    uint64_t nr_sectors;
};
XEN_ABI_SIZE(struct blkif_request_discard, 32, "README.md");

/* The segments stand in granted pages. handle has another place than above. */
struct blkif_request_indirect {
    uint8_t operation;
    uint8_t indirect_op;
    uint16_t nr_segments;
    uint64_t id;
    blkif_sector_t sector_number;
    blkif_vdev_t handle;
    grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};
XEN_ABI_SIZE(struct blkif_request_indirect, 64, "README.md");
XEN_ABI_OFFSET(struct blkif_request_indirect, indirect_grefs, 28, "README.md");

struct blkif_response {
    uint64_t id;
    uint8_t operation;
    int16_t status;
};
XEN_ABI_SIZE(struct blkif_response, 16, "README.md");
XEN_ABI_OFFSET(struct blkif_response, status, 10, "README.md");

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

#endif /* PUBLIC_IO_BLKIF_H */
