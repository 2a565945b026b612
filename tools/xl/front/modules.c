/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands for dlopen() and the like in the static xl: the decompressors are part of it, and
 * whoever wants another module has it in the whole program. Modules are loaded before anything is
 * done.
 */
#include "front.h"

#include <stddef.h>
#include <string.h>

struct ctrl_unpack;
extern const struct ctrl_unpack ctrl_unpack_gzip, ctrl_unpack_xz, ctrl_unpack_zstd;

static const struct {
    const char *name;
    const struct ctrl_unpack *ops;
} built_in[] = {
    { "unpack-gzip.so", &ctrl_unpack_gzip },
    { "unpack-xz.so", &ctrl_unpack_xz },
    { "unpack-zstd.so", &ctrl_unpack_zstd },
};

void *front_dlopen(const char *path, int mode)
{
    const char *slash = strrchr(path, '/');

    (void)mode;
    for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
        if (strcmp(slash ? slash + 1 : path, built_in[i].name) == 0)
            return (void *)built_in[i].ops;
    front_run_whole();
}

/* Each has one symbol. */
void *front_dlsym(void *module, const char *symbol)
{
    (void)symbol;
    return module;
}

int front_dlclose(void *module)
{
    (void)module;
    return 0;
}

char *front_dlerror(void)
{
    return NULL;
}
