/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl console: ties this terminal to the pseudo terminal that xenconsoled made for a guest. What the
 * guest said before is xenconsoled's to repeat. Ctrl-] leaves.
 */
#include "life.h"

#include "commands.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LEAVE        0x1d           /* Ctrl-] */
#define WAIT_SECONDS 10

static struct termios terminal;     /* as it was */
static bool terminal_changed;

static void terminal_restore(void)
{
    if (terminal_changed)
        tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    terminal_changed = false;
}

static void leave_by_signal(int number)
{
    terminal_restore();
    _exit(128 + number);
}

static void raw(int fd, struct termios *saved)
{
    struct termios mode;

    if (tcgetattr(fd, &mode) < 0)
        return;
    if (saved) {
        *saved = mode;
        terminal_changed = true;
        atexit(terminal_restore);
        signal(SIGTERM, leave_by_signal);
        signal(SIGHUP, leave_by_signal);
    }
    cfmakeraw(&mode);
    tcsetattr(fd, TCSANOW, &mode);
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(fd, data, size);
        struct pollfd poller = { .fd = fd, .events = POLLOUT };

        if (done < 0 && errno == EAGAIN)
            poll(&poller, 1, -1);
        else if (done < 0 && errno != EINTR)
            return false;
        data += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* The guest's words; false: its terminal is gone. */
static bool output_copy(int tty)
{
    char data[4096];
    ssize_t got = read(tty, data, sizeof(data));

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    return got > 0 && write_all(STDOUT_FILENO, data, (size_t)got);
}

/* What was typed; false: to leave. *ended: nothing more will be. */
static bool input_copy(int tty, bool *ended)
{
    char data[512], *leave;
    ssize_t got = read(STDIN_FILENO, data, sizeof(data));

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (got <= 0) {
        *ended = true;
        return true;
    }
    leave = memchr(data, LEAVE, (size_t)got);
    return write_all(tty, data, leave ? (size_t)(leave - data) : (size_t)got) && !leave;
}

static void relay(int tty)
{
    bool ended = false;

    for (;;) {
        struct pollfd poller[2] = {
            { .fd = tty, .events = POLLIN }, { .fd = ended ? -1 : STDIN_FILENO, .events = POLLIN },
        };

        if (poll(poller, 2, -1) < 0 && errno != EINTR)
            return;
        if (poller[0].revents && !output_copy(tty))
            return;
        if (poller[1].revents && !input_copy(tty, &ended))
            return;
    }
}

/* The terminal's path, once xenconsoled has written it. NULL after a message. */
static char *tty_find(struct xl *xl, uint32_t domid, unsigned number)
{
    uint64_t end = life_now_ns() + WAIT_SECONDS * 1000000000ull, now;
    struct ctrl_domain_info info;
    struct ctrl_store_event event;
    char path[96], *tty;
    int rc;

    if (number == 0)
        snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
    else
        snprintf(path, sizeof(path), "/local/domain/%u/device/console/%u/tty", domid, number);
    rc = ctrl_store_watch(xl_store(xl), path, "tty");
    while (rc == 0 && (now = life_now_ns()) < end) {
        rc = ctrl_store_read(xl->store, CTRL_STORE_NO_TX, path, &tty, NULL);
        if (rc == 0 && *tty)
            return tty;
        if (rc == 0)
            free(tty);
        if (ctrl_domain_info(xl_ctrl(xl), domid, &info) < 0) {
            xl_error("Error: Domain '%u' does not exist.", domid);
            return NULL;
        }
        if (rc < 0)
            break;
        rc = ctrl_store_wait_event(xl->store, (int)((end - now) / 1000000) + 1, &event);
        rc = rc == -EAGAIN ? 0 : rc;
    }
    if (rc == -ENOENT)
        xl_error("Domain %u has no console %u.", domid, number);
    else if (rc < 0)
        xl_error("Cannot find the console of domain %u: %s.", domid, ctrl_error(xl->ctrl));
    else
        xl_error("The console of domain %u has no terminal: xenconsoled does not answer. Start "
                 "it with \"systemctl start xenconsoled\".", domid);
    return NULL;
}

static int attach(struct xl *xl, uint32_t domid, unsigned number, int notify)
{
    char *path = tty_find(xl, domid, number);
    int tty;

    if (!path)
        return XL_EXIT_FAILED;
    tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0) {
        xl_error("Cannot open the console of domain %u, %s: %m.", domid, path);
        free(path);
        return XL_EXIT_FAILED;
    }
    free(path);
    raw(tty, NULL);
    if (isatty(STDIN_FILENO))
        raw(STDIN_FILENO, &terminal);
    if (notify >= 0) {
        write_all(notify, "\0", 1);
        close(notify);
    }
    relay(tty);
    terminal_restore();
    close(tty);
    return XL_EXIT_OK;
}

int console_attach(struct xl *xl, uint32_t domid, unsigned number)
{
    return attach(xl, domid, number, -1);
}

int cmd_console(struct xl *xl, int argc, char **argv)
{
    int option, notify = -1;
    unsigned number = 0;

    while ((option = xl_option(xl, argc, argv, "n:t:e:", NULL)) != -1) {
        switch (option) {
        case 'n':
            number = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 't':
            if (strcmp(optarg, "pv") == 0)
                break;
            if (strcmp(optarg, "serial") == 0 || strcmp(optarg, "vuart") == 0)
                xl_die("xl console -t %s: guests here have a pv console only.", optarg);
            xl_error("console type supported are: pv, serial, vuart");
            return XL_EXIT_FAILED;
        case 'e':
            notify = atoi(optarg);
            break;
        }
    }
    return attach(xl, xl_domain_need(xl, argv[optind]), number, notify);
}
