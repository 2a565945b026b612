/* SPDX-License-Identifier: BSD-2-Clause */
/* The last words of a guest, from xenconsoled's log of its console. */
#include "life.h"

#include "output.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_PATH  "/var/log/xen/console/guest-%s.log"
#define TAIL_SIZE 4096u

/* Nothing that a terminal would take as a command. */
static void text_clean(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (*from == '\n' || *from == '\t' || (unsigned char)*from >= ' ')
            *to++ = *from;
    *to = '\0';
}

void console_tail_print(const char *name, unsigned lines)
{
    char path[512], text[TAIL_SIZE + 1], *start;
    struct stat stat;
    ssize_t size;
    int fd;

    snprintf(path, sizeof(path), LOG_PATH, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &stat) == 0 && stat.st_size > (off_t)TAIL_SIZE)
        lseek(fd, stat.st_size - (off_t)TAIL_SIZE, SEEK_SET);
    size = read(fd, text, TAIL_SIZE);
    close(fd);
    if (size <= 0)
        return;
    text[size] = '\0';
    text_clean(text);
    start = text + strlen(text);
    while (start > text && start[-1] == '\n')
        *--start = '\0';
    for (unsigned seen = 0; start > text && seen < lines;)
        if (*--start == '\n')
            seen++;
    xl_note("The last lines of its console (%s):", path);
    xl_note("%s", start + (*start == '\n'));
}
