/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads modules: from the program's own folder, or the folder 'modules' in it, when they are there,
 * as in a build, else from where they are installed.
 */
#include "output.h"
#include "xl.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool path_beside_program(char *path, size_t size, const char *name)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash;
    int written;

    if (length <= 0)
        return false;
    program[length] = '\0';
    slash = strrchr(program, '/');
    if (!slash)
        return false;
    *slash = '\0';
    written = snprintf(path, size, "%s/modules/%s.so", program, name);
    if (written > 0 && (size_t)written < size && access(path, R_OK) == 0)
        return true;
    written = snprintf(path, size, "%s/%s.so", program, name);
    return written > 0 && (size_t)written < size && access(path, R_OK) == 0;
}

const void *xl_module_load(const char *name, const char *symbol)
{
    char path[PATH_MAX];
    const void *object;
    void *handle;

    if (!path_beside_program(path, sizeof(path), name))
        snprintf(path, sizeof(path), "%s/%s.so", XL_LIBEXEC, name);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        xl_die("Cannot load the module \"%s\": %s. Install it or the library that it needs.",
               name, dlerror());
    object = dlsym(handle, symbol);
    if (!object)
        xl_die("The module %s has no object \"%s\": it is of another version of xl.", path, symbol);
    return object;
}
