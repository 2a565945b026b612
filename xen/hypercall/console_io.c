/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console_io: the hardware domain's way to the hypervisor's console. Others have consoles of
 * their own and are refused. Page: docs/interface/console_io.md.
 */
#include <asm/current.h>
#include <xen/console.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/usercopy.h>

#define CHUNK 256

static long write_console(unsigned int count, const char *buf)
{
    char chunk[CHUNK];

    while (count) {
        unsigned int n = MIN(count, (unsigned int)CHUNK);

        if (copy_from_guest(chunk, buf, n)) {
            return -EFAULT;
        }
        console_write(chunk, n);
        buf += n;
        count -= n;
        if (count && hypercall_preempt_check()) {
            hypercall_set_arg(1, count);
            hypercall_set_arg(2, (unsigned long)buf);
            return -ERESTART;
        }
    }
    return 0;
}

/* Bytes read; what doesn't reach the guest because of a bad pointer is lost. */
static long read_console(unsigned int count, char *buf)
{
    char chunk[CHUNK];
    long done = 0;

    while (count) {
        size_t n = console_read(chunk, MIN(count, (unsigned int)CHUNK));

        if (!n) {
            break;
        }
        if (copy_to_guest(buf + done, chunk, n)) {
            return -EFAULT;
        }
        done += (long)n;
        count -= (unsigned int)n;
    }
    return done;
}

long hypercall_console_io(unsigned int cmd, unsigned int count, void *buf)
{
    if (!current->domain->is_hardware) {
        return -EPERM;
    }
    switch (cmd) {
    case CONSOLEIO_write:
        return write_console(count, buf);
    case CONSOLEIO_read:
        return read_console(count, buf);
    default:
        return -ENOSYS;
    }
}
