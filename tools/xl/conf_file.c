/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a configuration file once, for parsing and for keeping. See conf_file.h. */
#include "conf_file.h"

#include "life.h"
#include "output.h"
#include "xl_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)

static void *need(void *memory)
{
    if (!memory)
        xl_die("Out of memory.");
    return memory;
}

/* Also from a pipe, as "-" for none and /dev/stdin. */
static int text_read(int fd, char **text, size_t *size)
{
    size_t room = 16384, used = 0;
    char *data = need(malloc(room));
    ssize_t got;

    while ((got = read(fd, data + used, room - used - 1)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || used > FILE_MAX) {
            int rc = got < 0 ? -errno : -EFBIG;

            free(data);
            return rc;
        }
        used += (size_t)got;
        if (room - used < 2048)
            data = need(realloc(data, room *= 2));
    }
    data[used] = '\0';
    *text = data;
    *size = used;
    return 0;
}

static void arguments_append(struct conf_file *file)
{
    size_t size = file->size + 2;
    char *end;

    for (unsigned i = 0; i < file->argument_count; i++)
        size += strlen(file->arguments[i]) + 1;
    file->text = realloc(file->text, size);
    if (!file->text)
        xl_die("Out of memory.");
    end = file->text + file->size;
    *end++ = '\n';
    for (unsigned i = 0; i < file->argument_count; i++)
        end += sprintf(end, "%s\n", file->arguments[i]);
    *end = '\0';
}

int conf_file_read(struct conf_file *file, const char *path, const char *const *arguments,
                   unsigned argument_count)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

    *file = (struct conf_file){ .path = path, .arguments = arguments,
                                .argument_count = argument_count };
    rc = fd < 0 ? -errno : text_read(fd, &file->text, &file->size);
    if (fd >= 0)
        close(fd);
    if (rc < 0) {
        xl_error("%s: cannot be read: %s.", path, strerror(-rc));
        return rc;
    }
    arguments_append(file);
    return 0;
}

static void keep_as_cfg(struct conf_file *file, const struct xl_config *config)
{
    FILE *stream;
    char *text;
    size_t size;

    stream = open_memstream(&text, &size);
    if (!stream)
        xl_die("Out of memory.");
    xl_config_print_cfg(config, stream);
    fclose(stream);
    free(file->text);
    file->text = text;
    file->size = size;
}

int conf_file_parse(struct conf_file *file, struct xl_config **config)
{
    struct xl_config_input input = {
        .path = file->path, .text = file->text, .size = file->size,
        .arguments = file->arguments, .argument_count = file->argument_count,
    };
    int rc;

    rc = file->conf ? 0 : xl_conf_read(&file->conf, XL_CONF_PATH, &life_report);
    if (rc < 0)
        return rc;
    input.conf = file->conf;
    rc = xl_config_read(config, &input, &life_report);
    if (rc == 0 && file->text[strspn(file->text, " \t\r\n")] == '<')
        keep_as_cfg(file, *config);
    return rc;
}

void conf_file_free(struct conf_file *file)
{
    free(file->text);
    if (file->conf)
        xl_conf_free(file->conf);
}
