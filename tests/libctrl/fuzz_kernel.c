/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target (libFuzzer): a kernel file of any bytes is opened, laid out, and built over the
 * model. Nothing may be touched that is not the file's or the guest's, and all memory comes back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libctrl/build.h>
#include <libctrl/domain.h>

#include "fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGES 4096u

static void build(struct ctrl *ctrl, const struct ctrl_kernel *kernel)
{
    struct ctrl_domain_create create = { .max_vcpus = 1 };
    struct ctrl_build what = { .kernel = kernel, .ramdisk_fd = -1, .nr_pages = PAGES };
    struct ctrl_build_result result;
    uint64_t before = fake.free_pages;
    struct ctrl_kernel_info info;
    int id;

    ctrl_kernel_info(kernel, &info);
    fake.hvm = create.hvm = create.hap = info.pvh;
    ctrl_domain_create_defaults(&create);
    id = ctrl_domain_create(ctrl, &create);
    if (id < 0 || ctrl_domain_set_max_mem(ctrl, (uint32_t)id, PAGES * 4) != 0) {
        abort();
    }
    what.domid = (uint32_t)id;
    (info.pvh ? ctrl_build_pvh : ctrl_build_pv)(ctrl, &what, &result);
    if (ctrl_domain_destroy(ctrl, (uint32_t)id) != 0 || fake.free_pages != before) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    unsigned int i;
    struct ctrl_kernel *kernel;
    struct ctrl *ctrl;

    if (fd < 0) {
        fd = memfd_create("kernel", MFD_CLOEXEC);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size ||
        ctrl_open(&ctrl) != 0) {
        abort();
    }
    ctrl_modules_at(ctrl, MODULES_DIR);
    for (i = 0; i < 2; i++) {
        if ((i ? ctrl_kernel_open_pvh : ctrl_kernel_open)(ctrl, fd, "fuzz", &kernel) == 0) {
            if (ctrl_kernel_fits(ctrl, kernel, PAGES, 0, NULL) == 0) {
                build(ctrl, kernel);
            }
            ctrl_kernel_close(kernel);
        }
    }
    ctrl_close(ctrl);
    return 0;
}
