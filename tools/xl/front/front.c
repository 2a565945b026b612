/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The xl that is installed where commands are: those commands that are typed and scripted all day,
 * linked statically, as loading a library is a good part of what a short command costs. All else is
 * done by the whole program, which can load modules: it gets the same words before anything was
 * done. That is decided by the words alone.
 */
#include "front.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* main() of the program. */
int xl_main(int argc, char **argv);

/* Full names only, and options that need no module. */
static const struct quick {
    const char *command, *options;
} quick[] = {
    { "create", "ceFpqv" }, { "destroy", "f" }, { "domid", "" }, { "domname", "" }, { "list", "v" },
    { "pause", "" }, { "reboot", "awF" }, { "shutdown", "awF" }, { "unpause", "" },
};

static char **words;

static const struct quick *quick_find(const char *command)
{
    for (size_t i = 0; i < sizeof(quick) / sizeof(quick[0]); i++)
        if (strcmp(quick[i].command, command) == 0)
            return &quick[i];
    return NULL;
}

/* XML needs a module; what is no file can be read only once, by whoever gets to it. */
static bool is_plain_config(const char *path)
{
    char start[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat stat;
    ssize_t got, at = 0;
    bool plain;

    if (fd < 0)
        return true;            /* that is said where it is opened */
    plain = fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
    got = plain ? read(fd, start, sizeof(start)) : 0;
    close(fd);
    while (at < got && isspace((unsigned char)start[at]))
        at++;
    return plain && (at == got || start[at] != '<');
}

static bool is_quick_word(const struct quick *command, const char *word)
{
    if (word[0] == '-')
        return word[1] && !word[1 + strspn(word + 1, command->options)];
    return command != &quick[0] || strchr(word, '=') || is_plain_config(word);
}

static bool is_quick(int argc, char **argv)
{
    const struct quick *command;
    int i = 1;

    while (i < argc && strcmp(argv[i], "-v") == 0)
        i++;
    command = i < argc ? quick_find(argv[i]) : NULL;
    for (i++; command && i < argc; i++)
        if (!is_quick_word(command, argv[i]))
            return false;
    return command;
}

/* In a folder beside this one, as in a build, or where it is installed. */
_Noreturn void front_run_whole(void)
{
    static const char *const places[] = { "modules/xl", "../lib/xenios/xl" };
    char program[PATH_MAX], path[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash;

    program[length > 0 ? length : 0] = '\0';
    slash = strrchr(program, '/');
    for (size_t i = 0; slash && i < sizeof(places) / sizeof(places[0]); i++) {
        slash[1] = '\0';
        snprintf(path, sizeof(path), "%s%s", program, places[i]);
        execv(path, words);
    }
    execv(XL_LIBEXEC "/xl", words);
    fprintf(stderr, "xl: Cannot run " XL_LIBEXEC "/xl: %s. Install it again.\n", strerror(errno));
    exit(1);
}

int main(int argc, char **argv)
{
    words = argv;
    if (!is_quick(argc, argv))
        front_run_whole();
    return xl_main(argc, argv);
}
