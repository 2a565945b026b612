/* SPDX-License-Identifier: BSD-2-Clause */
/* xl dump-core: a guest's memory and registers as a file. The guest stands still meanwhile. */
#include "life.h"

#include "commands.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libctrl/domain.h>
#include <libctrl/dump.h>
#include <string.h>
#include <unistd.h>

static void progress_update(void *arg, uint64_t done, uint64_t total)
{
    struct xl_progress *progress = arg;

    progress->total = total >> 8;
    xl_progress_update(progress, done >> 8);
}

static int memory_write(struct xl *xl, uint32_t domid, int fd, const char *path)
{
    struct xl_progress progress;
    bool paused;
    int rc;

    xl_progress_begin(&progress, "Dumping core", 0, "MiB");
    paused = ctrl_domain_pause(xl_ctrl(xl), domid) == 0;
    rc = ctrl_dump_core(xl->ctrl, domid, fd, progress_update, &progress);
    xl_progress_end(&progress);
    if (rc < 0)
        xl_error("Cannot write the memory of domain %u to %s: %s.%s", domid, path,
                 ctrl_error(xl->ctrl), rc == -ENOSPC ? " Free some space there, or choose another "
                 "folder." : "");
    if (paused && ctrl_domain_unpause(xl->ctrl, domid) < 0)
        xl_warn("Domain %u stays paused: %s.", domid, ctrl_error(xl->ctrl));
    return rc;
}

int dump_core_write(struct xl *xl, uint32_t domid, const char *path)
{
    struct ctrl_domain_info info;
    int fd, rc;

    rc = ctrl_domain_info(xl_ctrl(xl), domid, &info);
    if (rc < 0) {
        xl_error("Cannot dump domain %u: %s.", domid, ctrl_error(xl->ctrl));
        return rc;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        rc = -errno;
        xl_error("Cannot write %s: %s.", path, strerror(-rc));
        return rc;
    }
    rc = memory_write(xl, domid, fd, path);
    if (close(fd) < 0 && rc == 0) {
        rc = -errno;
        xl_error("Cannot write %s: %s.", path, strerror(-rc));
    }
    if (rc < 0)
        unlink(path);               /* half a core file is of no use, and takes space */
    return rc;
}

int cmd_dump_core(struct xl *xl, int argc, char **argv)
{
    uint32_t domid;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    domid = xl_domain_need(xl, argv[optind]);
    return dump_core_write(xl, domid, argv[optind + 1]) < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}
