/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a hardware-assisted domain out of the boot module (tests/guest/pvh). */
#ifndef GUEST_BUILDER_BUILD_PVH_H
#define GUEST_BUILDER_BUILD_PVH_H

#include "builder.h"

/* Whether the hypervisor says that the machine can. */
bool pvh_is_offered(void);
/* The whole way, up to a paused domain that only has to be unpaused. False: a check failed. */
bool pvh_build(struct guest *g);

#endif
