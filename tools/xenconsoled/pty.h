/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pseudo terminal for a console's readers ("xl console"). We keep only the master side open, so
 * that the kernel tells us when nobody reads; it does not tell when somebody begins to, so each
 * pty is watched with inotify.
 */
#ifndef CONSOLED_PTY_H
#define CONSOLED_PTY_H

#include <stdbool.h>
#include <stddef.h>

struct pty {
    int master;      /* -1: there is none */
    int watch;       /* of inotify; -1: none, then 'slave' is held and a reader is always assumed */
    int slave;
    char path[32];
};

/* A raw terminal without echo. inotify: a descriptor, or -1. -errno. */
int pty_open(struct pty *pty, int inotify);
void pty_close(struct pty *pty, int inotify);

/* Forget what readers have not read, and how they set the terminal. */
void pty_flush(const struct pty *pty);

/* Does a reader still have something to read? */
bool pty_has_unread(const struct pty *pty);

#endif
