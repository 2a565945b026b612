/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report COMMAND ARGUMENT...: runs the command and sends its output and its status to the
 * world outside through QEMU's debug port (isa-debugcon), one byte an OUT instruction. The
 * console stays out of it, so neither kernel nor hypervisor messages mix with the output,
 * and nothing but port access has to work.
 *
 * A frame is: one byte kind ('o' standard output, 'e' standard error, 'x' the end), two bytes
 * length (low byte first), the data. The data of 'x' is the exit status, one byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUG_PORT 0xe9

static int port_fd;

static void send_bytes(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (pwrite(port_fd, bytes + i, 1, DEBUG_PORT) != 1) {
            perror("report: /dev/port");
            _exit(125);
        }
}

static void send_frame(unsigned char kind, const unsigned char *data, size_t len)
{
    unsigned char head[3] = { kind, len & 0xff, (unsigned char)(len >> 8) };

    send_bytes(head, sizeof(head));
    send_bytes(data, len);
}

/* Forwards what can be read now; returns false at the end of the stream. */
static bool forward(int fd, unsigned char kind)
{
    unsigned char data[4096];
    ssize_t len = read(fd, data, sizeof(data));

    if (len < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (len <= 0)
        return false;
    send_frame(kind, data, (size_t)len);
    return true;
}

/*
 * Forwards both streams until the child has ended and nothing is left to read. Processes that it
 * left behind may still hold the streams open; they are not waited for. Returns the child's status.
 */
static int forward_all(pid_t child, int out_fd, int err_fd)
{
    struct pollfd streams[2] = {
        { .fd = out_fd, .events = POLLIN },
        { .fd = err_fd, .events = POLLIN },
    };
    static const unsigned char kind[2] = { 'o', 'e' };
    bool ended = false;
    int status = 0, late = 0;

    for (;;) {
        int ready = poll(streams, 2, ended ? 0 : 100);

        for (int i = 0; ready > 0 && i < 2; i++)
            if (streams[i].fd >= 0 && streams[i].revents && !forward(streams[i].fd, kind[i]))
                streams[i].fd = -1;
        if (ended && (ready <= 0 || late++ == 100))
            return status;
        if (!ended)
            ended = waitpid(child, &status, WNOHANG) == child;
    }
}

int main(int argc, char **argv)
{
    int out[2], err[2], status;
    unsigned char code;
    pid_t child;

    port_fd = open("/dev/port", O_WRONLY | O_CLOEXEC);
    if (argc < 2 || port_fd < 0 || pipe(out) < 0 || pipe(err) < 0) {
        perror("report");
        return 125;
    }
    child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(out[1]);
        close(err[0]);
        close(err[1]);
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    status = forward_all(child, out[0], err[0]);
    code = (unsigned char)(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    send_frame('x', &code, 1);
    return 0;
}
