/* SPDX-License-Identifier: BSD-2-Clause */
/* A domain's ring: one turn of serving it. */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include "peer.h"

/* Sends what waits, and does at most one request. True: there may be more to do. */
bool ring_turn(struct peer *peer);

#endif
