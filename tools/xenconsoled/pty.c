/* SPDX-License-Identifier: BSD-2-Clause */
/* A pseudo terminal for a console's readers. */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int set_up(struct pty *pty)
{
    struct termios termios;
    int lock = 0;

    if (ioctl(pty->master, TIOCSPTLCK, &lock) < 0 ||
        ptsname_r(pty->master, pty->path, sizeof(pty->path)) != 0)
        return -errno;
    /* Asked of the master side, this is about the other one. */
    if (tcgetattr(pty->master, &termios) < 0)
        return -errno;
    cfmakeraw(&termios);
    if (tcsetattr(pty->master, TCSANOW, &termios) < 0)
        return -errno;
    return 0;
}

int pty_open(struct pty *pty, int inotify)
{
    int rc;

    *pty = (struct pty){ .watch = -1, .slave = -1 };
    pty->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (pty->master < 0)
        return -errno;
    rc = set_up(pty);
    if (rc == 0 && inotify >= 0)
        pty->watch = inotify_add_watch(inotify, pty->path, IN_OPEN);
    if (rc == 0 && pty->watch < 0) {
        pty->slave = open(pty->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (pty->slave < 0)
            rc = -errno;
    }
    if (rc < 0)
        pty_close(pty, inotify);
    return rc;
}

void pty_close(struct pty *pty, int inotify)
{
    if (pty->watch >= 0)
        inotify_rm_watch(inotify, pty->watch);
    if (pty->slave >= 0)
        close(pty->slave);
    if (pty->master >= 0)
        close(pty->master);
    *pty = (struct pty){ .master = -1, .watch = -1, .slave = -1 };
}

void pty_flush(const struct pty *pty)
{
    struct termios termios;

    /* On the way to the reader's side, and there. The second flush comes with the setting. */
    tcflush(pty->master, TCOFLUSH);
    if (tcgetattr(pty->master, &termios) < 0)
        return;
    cfmakeraw(&termios);
    tcsetattr(pty->master, TCSAFLUSH, &termios);
}

bool pty_has_unread(const struct pty *pty)
{
    int slave = open(pty->path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    int unread = 0;

    if (slave < 0)
        return false;
    if (ioctl(slave, FIONREAD, &unread) < 0)
        unread = 0;
    close(slave);
    return unread > 0;
}
