/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the test, each run by the domain without rights. */
#ifndef CTL_REFUSED_PARTS_H
#define CTL_REFUSED_PARTS_H

#include <stdint.h>

/* Its own id, that of another domain without rights, a frame of each, and no domain's id. */
struct places {
    unsigned int self, other;
    uint64_t frame_0, frame_other;
};
extern struct places places;

#define NO_DOMAIN 0x7000

void refused_control(void);
void refused_memory(void);
void refused_frames(void);
void refused_others(void);
void permitted_on_target(void);
void permitted_to_xenstore(void);

#endif
