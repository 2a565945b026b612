/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The supervisor: one process for all guests that xl made. It sleeps until a domain ends or a maker
 * of guests dies, and lets a child do what is then to be done, so it holds no state of its own:
 * whenever it is started, it finds everything in /run/xl and in the hypervisor.
 */
#include "life.h"

#include "commands.h"
#include "output.h"
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_NAME  "supervisor.lock"
#define LOG_PATH   "/var/log/xen/xl-supervisor.log"
#define RETRY_MS   1000             /* until xenstored is back */
#define CHILDREN_MAX 64             /* at once; more wait for their turn */

/* --- starting it --- */

/* The lock that says it runs; -EWOULDBLOCK: it does. */
static int lock_take(void)
{
    int root = state_root(), fd;

    if (root < 0)
        return root;
    fd = openat(root, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int rc = -errno;

        xl_error("Cannot open %s/%s: %s.", STATE_ROOT, LOCK_NAME, strerror(-rc));
        return rc;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    close(fd);
    return -EWOULDBLOCK;
}

static _Noreturn void start_child(void)
{
    static char *const args[] = { (char *)"xl", (char *)"supervise", NULL };
    int null = open("/dev/null", O_RDWR), log;
    char path[4096] = "";

    setsid();
    if (fork() != 0)
        _exit(0);
    mkdir("/var/log/xen", 0755);
    log = open(LOG_PATH, O_WRONLY | O_CREAT | O_APPEND, 0640);
    if (chdir("/") < 0)
        _exit(1);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(log < 0 ? null : log, STDERR_FILENO);
    /* By its own path, so that process lists show its name. */
    if (readlink("/proc/self/exe", path, sizeof(path) - 1) > 0)
        execv(path, args);
    execv("/proc/self/exe", args);
    _exit(1);
}

int supervisor_need(struct xl *xl)
{
    int lock = lock_take(), status;
    pid_t pid;

    (void)xl;
    if (lock == -EWOULDBLOCK)
        return 0;
    if (lock < 0)
        return lock;
    close(lock);
    pid = fork();
    if (pid == 0)
        start_child();
    if (pid < 0) {
        int rc = -errno;

        xl_error("Cannot start the supervisor of guests: %s. With -e a guest is made without it.",
                 strerror(-rc));
        return rc;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* --- its work --- */

enum duty {
    DUTY_NONE,
    DUTY_ENDED,                     /* do what its configuration says */
    DUTY_GONE,                      /* undo what is left of it */
};

/* A guest that was seen to: not again for the same reason. */
struct seen {
    uint32_t domid;
    uint8_t uuid[16];
    enum duty duty;
    pid_t pid;                      /* 0: done */
};

struct supervisor {
    struct xl *xl;
    struct seen *seen;
    unsigned nr_seen, children;
    pid_t orphans_pid;
    bool scan_again;
    int signals, makers, lock;
};

static enum duty duty_of(struct xl *xl, uint32_t domid, const struct state_record *record)
{
    const char *supervised = state_record_get(record, "supervised");
    struct ctrl_domain_info info;
    int rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);

    if (rc == -ESRCH)
        return DUTY_GONE;
    if (rc < 0)
        return DUTY_NONE;
    if (info.dying || memcmp(info.uuid, record->uuid, sizeof(info.uuid)) != 0)
        return DUTY_GONE;
    if (!info.shutdown || (supervised && strcmp(supervised, "0") == 0))
        return DUTY_NONE;
    return DUTY_ENDED;
}

static bool seen_before(const struct supervisor *s, const struct seen *item)
{
    for (unsigned i = 0; i < s->nr_seen; i++)
        if (s->seen[i].domid == item->domid && s->seen[i].duty == item->duty &&
            memcmp(s->seen[i].uuid, item->uuid, sizeof(item->uuid)) == 0)
            return true;
    return false;
}

static pid_t work_fork(struct supervisor *s)
{
    pid_t pid = fork();
    sigset_t none;

    if (pid != 0)
        return pid;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close(s->lock);
    close(s->signals);
    close(s->makers);
    /* Connections of its own. */
    s->xl->ctrl = NULL;
    s->xl->store = NULL;
    return 0;
}

static void duty_do(struct supervisor *s, struct seen *item)
{
    struct seen *grown;

    if (s->children >= CHILDREN_MAX) {
        s->scan_again = true;
        return;
    }
    item->pid = work_fork(s);
    if (item->pid == 0) {
        int rc = item->duty == DUTY_ENDED ? life_ended(s->xl, item->domid)
                                          : life_destroy(s->xl, item->domid);

        _exit(rc < 0);
    }
    if (item->pid < 0) {
        xl_error("Cannot start a process for domain %u: %m.", item->domid);
        return;
    }
    grown = realloc(s->seen, (s->nr_seen + 1) * sizeof(*grown));
    if (!grown)
        xl_die("Out of memory.");
    s->seen = grown;
    s->seen[s->nr_seen++] = *item;
    s->children++;
}

/* Look at every guest that has a record. */
static void scan(struct supervisor *s)
{
    struct state_record record;
    uint32_t *ids = NULL;
    int nr = state_list(&ids);

    s->scan_again = false;
    for (int i = 0; i < nr; i++) {
        struct seen item = { .domid = ids[i] };

        if (state_record_read(ids[i], &record) < 0)
            continue;
        memcpy(item.uuid, record.uuid, sizeof(item.uuid));
        /* Whoever makes it right now, or died doing so, is another affair. */
        item.duty = state_creation_goes_on(record.uuid) ? DUTY_NONE
                                                        : duty_of(s->xl, ids[i], &record);
        state_record_free(&record);
        if (item.duty != DUTY_NONE && !seen_before(s, &item))
            duty_do(s, &item);
    }
    free(ids);
}

/* A guest is being made, or its maker died: its lock goes a moment after its death is told. */
static bool creations_left(void)
{
    struct dirent *entry;
    bool left = false;
    DIR *folder;
    int fd = openat(state_root(), "creating", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder)
        return false;
    while (!left && (entry = readdir(folder)))
        left = entry->d_name[0] != '.';
    closedir(folder);
    return left;
}

static void orphans_look(struct supervisor *s)
{
    char events[4096];

    while (read(s->makers, events, sizeof(events)) > 0)
        ;
    if (s->orphans_pid || !creations_left())
        return;                     /* the loop looks again a little later */
    s->orphans_pid = work_fork(s);
    if (s->orphans_pid == 0) {
        life_orphans_end(s->xl);
        _exit(0);
    }
}

static void children_reap(struct supervisor *s)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    if (read(s->signals, &info, sizeof(info)) == sizeof(info) && info.ssi_signo != SIGCHLD)
        exit(XL_EXIT_OK);           /* children go on; what they leave is found next time */
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == s->orphans_pid)
            s->orphans_pid = 0;
        for (unsigned i = 0; i < s->nr_seen; i++) {
            struct seen *item = &s->seen[i];
            struct ctrl_domain_info domain;

            if (item->pid != pid)
                continue;
            item->pid = 0;
            s->children--;
            /* Gone for good: the id may come again. */
            if (ctrl_domain_info(xl_ctrl(s->xl), item->domid, &domain) < 0 ||
                memcmp(domain.uuid, item->uuid, sizeof(item->uuid)) != 0)
                *item = s->seen[--s->nr_seen];
            break;
        }
    }
    s->scan_again = true;
}

/* --- the loop --- */

static bool store_connect(struct supervisor *s)
{
    if (s->xl->store)
        return true;
    if (ctrl_store_open(xl_ctrl(s->xl), &s->xl->store) < 0)
        return false;
    if (ctrl_store_watch(s->xl->store, "@releaseDomain", "end") == 0) {
        s->scan_again = true;
        return true;
    }
    ctrl_store_close(s->xl->store);
    s->xl->store = NULL;
    return false;
}

static void store_look(struct supervisor *s)
{
    struct ctrl_store_event event;
    int rc;

    while ((rc = ctrl_store_next_event(s->xl->store, &event)) == 0)
        s->scan_again = true;
    if (rc != -EAGAIN) {
        xl_warn("xenstored is gone; waiting until it is back.");
        ctrl_store_close(s->xl->store);
        s->xl->store = NULL;
    }
}

static _Noreturn void loop(struct supervisor *s)
{
    for (;;) {
        bool connected = store_connect(s);
        struct pollfd poller[3] = {
            { .fd = s->signals, .events = POLLIN }, { .fd = s->makers, .events = POLLIN },
            { .fd = connected ? ctrl_store_fd(s->xl->store) : -1, .events = POLLIN },
        };
        int timeout = -1, ready;

        if (s->scan_again && connected)
            scan(s);
        if (connected)
            store_look(s);
        if (s->scan_again || !s->xl->store || (!s->orphans_pid && creations_left()))
            timeout = RETRY_MS;
        ready = poll(poller, 3, timeout);
        if (ready < 0 && errno != EINTR)
            xl_die("Cannot wait: %m.");
        if (poller[0].revents)
            children_reap(s);
        if (connected && (poller[1].revents || ready == 0))
            orphans_look(s);
    }
}

int cmd_supervise(struct xl *xl, int argc, char **argv)
{
    struct supervisor s = { .xl = xl, .scan_again = true };
    sigset_t signals;

    while (xl_option(xl, argc, argv, "F", NULL) != -1)
        ;
    s.lock = lock_take();
    if (s.lock == -EWOULDBLOCK) {
        xl_note("The supervisor runs already.");
        return XL_EXIT_OK;
    }
    s.makers = s.lock < 0 ? s.lock : state_creation_watch();
    if (s.makers < 0)
        return XL_EXIT_FAILED;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    s.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s.signals < 0)
        xl_die("Cannot wait for signals: %m.");
    loop(&s);
}
