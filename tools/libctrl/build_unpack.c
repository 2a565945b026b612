/* SPDX-License-Identifier: BSD-2-Clause */
/* Unpacking a kernel's payload, by a module that is loaded for it and dropped again. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "kernel.h"
#include "unpack.h"

/* Where the modules are installed, if the Makefile does not say. */
#ifndef CTRL_MODULES
#define CTRL_MODULES "/usr/lib/xenios"
#endif

int ctrl_modules_at(struct ctrl *ctrl, const char *folder)
{
    int length = snprintf(ctrl->modules, sizeof(ctrl->modules), "%s", folder);

    if (length < 0 || (size_t)length >= sizeof(ctrl->modules)) {
        ctrl->modules[0] = '\0';
        return ctrl_fail(ctrl, -ENAMETOOLONG, "%s: the name is too long", folder);
    }
    return 0;
}

const char *ctrl_modules(const struct ctrl *ctrl)
{
    return ctrl->modules[0] ? ctrl->modules : CTRL_MODULES;
}

static const char *format_name(enum ctrl_kernel_format format)
{
    switch (format) {
    case CTRL_KERNEL_GZIP:
        return "gzip";
    case CTRL_KERNEL_XZ:
        return "xz";
    case CTRL_KERNEL_ZSTD:
        return "zstd";
    case CTRL_KERNEL_ELF:
        break;
    }
    return "elf";
}

int kernel_unpack(struct ctrl *ctrl, const char *name, enum ctrl_kernel_format format,
                  const void *data, size_t size, size_t unpacked_size, void **unpacked)
{
    const struct ctrl_unpack *ops;
    char path[sizeof(ctrl->modules) + 32];
    void *module, *out;
    int rc;

    snprintf(path, sizeof(path), "%s/unpack-%s.so", ctrl_modules(ctrl), format_name(format));
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ops = module ? dlsym(module, CTRL_UNPACK_SYMBOL) : NULL;
    if (!ops) {
        rc = ctrl_fail(ctrl, -ELIBACC, "%s: the kernel is compressed with %s, and its decompressor "
                       "cannot be loaded: %s", name, format_name(format), dlerror());
    } else {
        out = malloc(unpacked_size);
        rc = out ? ops->unpack(data, size, out, unpacked_size) : -ENOMEM;
        if (rc == 0) {
            *unpacked = out;
        } else {
            free(out);
            rc = rc == -ENOMEM
                 ? fail_errno(ctrl, rc, "%s: unpacking it to %zu MiB", name, unpacked_size >> 20)
                 : ctrl_fail(ctrl, rc, "%s: the kernel's compressed payload (%s) is damaged; copy "
                             "the file again", name, format_name(format));
        }
    }
    if (module) {
        dlclose(module);
    }
    return rc;
}
