/* SPDX-License-Identifier: BSD-2-Clause */
/* Detaching, the pid file and systemd's notification socket. */
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

static int parent = -1;

void service_detach(void)
{
    int ends[2], status = 0;
    char byte;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) || (pid = fork()) < 0) {
        log_say("Cannot detach: %s.", strerror(errno));
        exit(1);
    }
    if (pid > 0) {
        close(ends[1]);
        if (read(ends[0], &byte, 1) == 1) {
            _exit(0);
        }
        waitpid(pid, &status, 0);
        _exit(1);
    }
    close(ends[0]);
    parent = ends[1];
    setsid();
}

static void write_pid(const char *path)
{
    FILE *file = fopen(path, "we");

    if (!file || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file)) {
        log_say("Cannot write the pid file %s: %s.", path, strerror(errno));
    }
}

static void notify_systemd(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    static const char ready[] = "READY=1";
    size_t len = path ? strlen(path) : 0;
    int fd;

    if (len < 2 || len >= sizeof(address.sun_path)) {
        return;
    }
    memcpy(address.sun_path, path, len);
    if (*path == '@') {
        address.sun_path[0] = '\0';
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        sendto(fd, ready, sizeof(ready) - 1, MSG_NOSIGNAL, (struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
        close(fd);
    }
}

/* Whoever started the daemon may wait for the end of its output. */
static void leave_terminal(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd < 3 && null >= 0; fd++) {
        dup2(null, fd);
    }
    if (null > 2) {
        close(null);
    }
    if (chdir("/")) {
        log_say("Cannot change to the root folder: %s.", strerror(errno));
    }
}

void service_ready(const struct options *options)
{
    if (options->pid_file) {
        write_pid(options->pid_file);
    }
    if (options->print_pid && options->take_over_fd < 0) {
        printf("%d\n", (int)getpid());
        fflush(stdout);
    }
    notify_systemd();
    if (!options->foreground) {
        leave_terminal();
    }
    if (parent >= 0) {
        if (write(parent, "+", 1) != 1) {
            log_say("Whoever started the daemon is gone.");
        }
        close(parent);
    }
}

void service_end(const struct options *options)
{
    if (options->pid_file) {
        unlink(options->pid_file);
    }
}
