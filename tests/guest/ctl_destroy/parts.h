/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the test: what the domains do, and the ways to bring them there. */
#ifndef CTL_DESTROY_PARTS_H
#define CTL_DESTROY_PARTS_H

#include "builder.h"

/* Inside the domain: does what its command line says, then waits to be destroyed. */
void victim_main(const char *args);

/* A reference of our grant table, and of any other domain's. */
#define GRANT_REF 8

/* Brings a domain that has nothing, or one that is built and paused, to a state. */
void part_promises(struct guest *g);
void part_limit(struct guest *g);
void part_contexts(struct guest *g);
void part_pins(struct guest *g);
void part_permissions(struct guest *g);
void part_ports(struct guest *g);
void part_pauses(struct guest *g);

#endif
