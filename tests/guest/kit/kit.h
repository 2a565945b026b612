/* SPDX-License-Identifier: BSD-2-Clause */
/* What nearly every test does first. */
#ifndef GUEST_KIT_KIT_H
#define GUEST_KIT_KIT_H

/* start_info, shared_info, the window, traps and callbacks. Events stay masked. */
void kit_init(void);

#endif
