/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xenconsoled: the consoles of all guests, to pseudo terminals and to log files. It holds nothing
 * that a restart would lose: the rings lie in the guests' memory, all else is in the store.
 * docs/interface/console.md is its page.
 */
#include "daemon.h"
#include "options.h"
#include "say.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static struct daemon the_daemon;
static struct loop_source signal_source;
static bool stopping;

static void signal_ready(struct loop_source *source, uint32_t events)
{
    struct signalfd_siginfo info;

    (void)events;
    if (read(source->fd, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo != SIGHUP) {
        stopping = true;
        return;
    }
    serve_reopen_logs(&the_daemon);
}

/* --- start --- */

static void make_folders(const char *path)
{
    char *copy = strdup(path), *slash = copy ? strchr(copy + 1, '/') : NULL;

    for (; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755);
        *slash = '/';
    }
    free(copy);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        say("%s: %s. Nothing can be logged there.", path, strerror(errno));
}

/* The lock on the file is held as long as we live: one daemon at a time. */
static int lock_pid_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (fd < 0) {
        say("%s: %s.", path, strerror(errno));
        exit(1);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        say("%s is locked: xenconsoled runs already.", path);
        exit(1);
    }
    return fd;
}

static void write_pid(int fd)
{
    if (ftruncate(fd, 0) < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        say("The pid file could not be written: %s.", strerror(errno));
}

/* The parent leaves when the child serves: whoever started us may then start guests. */
static int go_to_background(void)
{
    int ready[2];
    char byte;
    pid_t child;

    if (pipe2(ready, O_CLOEXEC) < 0 || (child = fork()) < 0) {
        say("%s.", strerror(errno));
        exit(1);
    }
    if (child > 0) {
        close(ready[1]);
        _exit(read(ready[0], &byte, 1) == 1 ? 0 : 1);
    }
    close(ready[0]);
    setsid();
    if (chdir("/") < 0)
        say("/: %s.", strerror(errno));
    return ready[1];
}

static void leave_terminal(int ready)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    say_to_syslog();
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
    if (write(ready, "", 1) < 0)
        say("%s.", strerror(errno));
    close(ready);
}

static void take_signals(struct daemon *daemon)
{
    sigset_t signals;
    struct rlimit files;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal_source.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    signal_source.ready = signal_ready;
    if (loop_set(&daemon->loop, &signal_source, EPOLLIN) < 0) {
        say("Signals cannot be waited for.");
        exit(1);
    }
    /* Two descriptors a guest. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static void start(struct daemon *daemon)
{
    int rc = loop_init(&daemon->loop);

    if (rc == 0)
        rc = ctrl_open(&daemon->ctrl);
    if (rc < 0) {
        say("%s.", strerror(-rc));
        exit(1);
    }
    take_signals(daemon);
    if (daemon->options.log_guests || daemon->options.log_hypervisor)
        make_folders(daemon->options.log_folder);
    if (serve_start(daemon) < 0)
        exit(1);
}

int main(int argc, char **argv)
{
    struct daemon *daemon = &the_daemon;
    int pid_file, ready = -1;

    options_parse(&daemon->options, argc, argv);
    pid_file = lock_pid_file(daemon->options.pid_file);
    if (!daemon->options.foreground)
        ready = go_to_background();
    start(daemon);
    write_pid(pid_file);
    if (ready >= 0)
        leave_terminal(ready);
    while (!stopping)
        serve_round(daemon, -1);
    serve_stop(daemon);
    unlink(daemon->options.pid_file);
    return 0;
}
