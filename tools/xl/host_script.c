/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a device's script, and keeps its last words for the error message. See host.h. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_SIZE 512
#define ARGS_MAX   8

static _Noreturn void script_exec(const char *path, const char *const *args,
                                  const char *const *env, int out)
{
    char *words[ARGS_MAX + 2] = { (char *)path };
    int null = open("/dev/null", O_RDONLY);

    for (unsigned i = 0; i < ARGS_MAX && args[i]; i++)
        words[i + 1] = (char *)args[i];
    for (; *env; env++)
        putenv((char *)*env);
    setpgid(0, 0);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(path, words);
    dprintf(STDERR_FILENO, "%s cannot be run: %s", path, strerror(errno));
    _exit(127);
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Keep the end of what it says, until it closes its output or time is up. */
static bool words_read(int fd, char words[WORDS_SIZE], long end)
{
    size_t used = 0;

    for (;;) {
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        long left = end - now_ms();
        ssize_t got;

        if (left <= 0 || poll(&poller, 1, (int)left) == 0)
            return false;
        if (used > WORDS_SIZE / 2) {
            memmove(words, words + WORDS_SIZE / 4, used - WORDS_SIZE / 4);
            used -= WORDS_SIZE / 4;
        }
        got = read(fd, words + used, WORDS_SIZE - 1 - used);
        if (got <= 0 && errno != EINTR)
            return true;
        used += got > 0 ? (size_t)got : 0;
        words[used] = '\0';
    }
}

static void words_tidy(char *words)
{
    size_t length = strlen(words);

    while (length && (words[length - 1] == '\n' || words[length - 1] == ' '))
        words[--length] = '\0';
    for (char *c = words; *c; c++)
        if (*c == '\n')
            *c = ';';
}

int host_script_run(const char *path, const char *const *args, const char *const *env,
                    int timeout_s)
{
    char words[WORDS_SIZE] = "";
    int ends[2], status = 0;
    bool ended;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return host_fail(-errno, "%s cannot be run: %s", path, strerror(errno));
    pid = fork();
    if (pid == 0)
        script_exec(path, args, env, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return host_fail(-errno, "%s cannot be run: %s", path, strerror(errno));
    }
    ended = words_read(ends[0], words, now_ms() + timeout_s * 1000l);
    close(ends[0]);
    if (!ended)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    words_tidy(words);
    if (!ended)
        return host_fail(-ETIMEDOUT, "%s did not end within %d s and was killed%s%s", path,
                         timeout_s, *words ? "; it said: " : "", words);
    if (status)
        return host_fail(-EPROTO, "%s failed (%s %d)%s%s", path,
                         WIFEXITED(status) ? "status" : "signal",
                         WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
                         *words ? "; it said: " : "", words);
    return 0;
}
