/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The planned restart. All that counts is in the arena; what the next program needs besides is the
 * sockets, which it inherits. It binds the event channels anew and looks at every ring, as after a
 * crash.
 */
#include "restart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "log.h"
#include "peer.h"
#include "socket.h"

#define ARGS_MAX 64

static struct {
    char self[4096];        /* the file that this program came from */
    char chosen[4096];
    char *args[ARGS_MAX];
    char listener[32];
} state;

void restart_note(int argc, char **argv)
{
    ssize_t len = readlink("/proc/self/exe", state.self, sizeof(state.self) - 1);
    int nr = 0;

    state.self[len > 0 ? len : 0] = '\0';
    state.args[nr++] = argv[0];
    state.args[nr++] = state.listener;
    for (int i = 1; i < argc && nr < ARGS_MAX - 1; i++) {
        if (strncmp(argv[i], RESTART_OPTION, strlen(RESTART_OPTION)) != 0) {
            state.args[nr++] = argv[i];
        }
    }
    state.args[nr] = NULL;
    strcpy(state.chosen, state.self);
}

/* What a program prints when it is asked for the layout it knows. */
static long layout_of(const char *program)
{
    char text[32] = "";
    int ends[2], status;
    ssize_t got;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC)) {
        return -1;
    }
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        alarm(5);
        execl(program, program, "--layout", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    got = read(ends[0], text, sizeof(text) - 1);
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0 || got <= 0) {
        return -1;
    }
    return strtol(text, NULL, 10);
}

int restart_choose(const char *program)
{
    program = program ? program : state.self;
    if (strlen(program) >= sizeof(state.chosen) || access(program, X_OK)) {
        return -ENOENT;
    }
    if (layout_of(program) != (long)ARENA_LAYOUT) {
        return -EPROTO;
    }
    strcpy(state.chosen, program);
    return 0;
}

const char *restart_program(void)
{
    return state.chosen;
}

static void set_inherited(int fd, bool inherited)
{
    fcntl(fd, F_SETFD, inherited ? 0 : FD_CLOEXEC);
}

static void set_all_inherited(int listener, bool inherited)
{
    set_inherited(listener, inherited);
    for (struct peer *peer = peers_first(); peer; peer = peer->next) {
        if (peer->fd >= 0) {
            set_inherited(peer->fd, inherited);
        }
    }
}

void restart_now(int listener)
{
    for (struct peer *peer = peers_first(); peer; peer = peer->next) {
        if (peer->fd >= 0 && socket_keep_input(peer)) {
            log_say("No memory for the restart; it does not happen.");
            return;
        }
    }
    log_say("Restart: %s takes over.", state.chosen);
    snprintf(state.listener, sizeof(state.listener), RESTART_OPTION "%d", listener);
    set_all_inherited(listener, true);
    execv(state.chosen, state.args);
    log_say("Cannot run %s (%s); all goes on as before.", state.chosen, strerror(errno));
    set_all_inherited(listener, false);
}
