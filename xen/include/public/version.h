/* SPDX-License-Identifier: BSD-2-Clause */
/* xen_version: who is the hypervisor, and what does it offer. See docs/interface/xen_version.md. */
#ifndef PUBLIC_VERSION_H
#define PUBLIC_VERSION_H

#include "features.h"
#include "xen.h"

#define XENVER_version             0
#define XENVER_extraversion        1
#define XENVER_compile_info        2
#define XENVER_capabilities        3
#define XENVER_changeset           4
#define XENVER_platform_parameters 5
#define XENVER_get_features        6
#define XENVER_pagesize            7
#define XENVER_guest_handle        8
#define XENVER_commandline         9
#define XENVER_build_id            10

#define XEN_EXTRAVERSION_LEN      16
#define XEN_CAPABILITIES_INFO_LEN 1024
#define XEN_CHANGESET_INFO_LEN    64

typedef char xen_extraversion_t[XEN_EXTRAVERSION_LEN];
typedef char xen_capabilities_info_t[XEN_CAPABILITIES_INFO_LEN];
typedef char xen_changeset_info_t[XEN_CHANGESET_INFO_LEN];
typedef char xen_commandline_t[1024];

struct xen_compile_info {
    char compiler[64];
    char compile_by[16];
    char compile_domain[32];
    char compile_date[32];
};
XEN_ABI_SIZE(struct xen_compile_info, 144, "xen_version.md");

struct xen_platform_parameters {
    xen_ulong_t virt_start;
};
XEN_ABI_SIZE(struct xen_platform_parameters, 8, "xen_version.md");

struct xen_feature_info {
    uint32_t submap_idx; /* in */
    uint32_t submap;     /* out */
};
XEN_ABI_SIZE(struct xen_feature_info, 8, "xen_version.md");

struct xen_build_id {
    uint32_t len; /* in: room in buf */
    uint8_t buf[];
};
XEN_ABI_SIZE(struct xen_build_id, 4, "xen_version.md");

#endif /* PUBLIC_VERSION_H */
