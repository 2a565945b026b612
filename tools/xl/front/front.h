/* SPDX-License-Identifier: BSD-2-Clause */
/* The static xl: leaving work to the whole program, and modules. */
#ifndef XL_FRONT_H
#define XL_FRONT_H

/* --- front.c --- */

/* Runs the whole program with the same words in place of this one. */
_Noreturn void front_run_whole(void);

/* --- modules.c: in place of those without "front_" --- */

void *front_dlopen(const char *path, int mode);
void *front_dlsym(void *module, const char *symbol);
int front_dlclose(void *module);
char *front_dlerror(void);

#endif
