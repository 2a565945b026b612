/* SPDX-License-Identifier: BSD-2-Clause */
/* A new folder for a test's logs, and files in it as texts. */
#ifndef TESTS_CONSOLED_FOLDER_H
#define TESTS_CONSOLED_FOLDER_H

#include "unit.h"

#include <dirent.h>
#include <unistd.h>

static char folder[64];

static inline void folder_make(void)
{
    strcpy(folder, "/tmp/xenconsoled-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline void folder_remove(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[400];

    while (dir && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    rmdir(folder);
}

/* A file's text, in a buffer that the next call overwrites; NULL: there is no such file. */
static inline const char *folder_text(const char *name)
{
    static char text[1 << 20];
    char path[400];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "r");
    if (!file)
        return NULL;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

#endif
