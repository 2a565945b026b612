/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a kernel: the file is mapped, its container recognised, unpacked if needed, and read.
 * Container and notes are read by the hypervisor's own code, which trusts nothing in them
 * (xen/boot/kernel_payload.c, kernel_image.c, xen/lib/elf.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "kernel.h"

/* Last: it brings names of attributes that system headers use too. */
#include <xen/kernel_image.h>

#include <public/features.h>

_Static_assert((int)CTRL_KERNEL_GZIP == PAYLOAD_GZIP && (int)CTRL_KERNEL_XZ == PAYLOAD_XZ &&
               (int)CTRL_KERNEL_ZSTD == PAYLOAD_ZSTD, "the same formats");

/* The reader's sentence, without the full stop that it ends in. */
static int fail_why(struct ctrl *ctrl, int rc, const char *name, const char *why)
{
    size_t length = strlen(why);

    return ctrl_fail(ctrl, rc, "%s: %.*s", name,
                     (int)(length > 0 && why[length - 1] == '.' ? length - 1 : length), why);
}

static void copy_text(char *to, size_t size, struct elf_text text)
{
    size_t length = text.length < size - 1 ? text.length : size - 1;

    if (length > 0) {
        memcpy(to, text.chars, length);
    }
    to[length] = '\0';
}

static void fill_info(struct ctrl_kernel_info *info, const struct kernel_image *image)
{
    info->paddr_start = image->paddr_start;
    info->paddr_end = image->paddr_end;
    info->virt_base = image->virt_base;
    info->entry = image->entry;
    info->hypercall_page = image->hypercall_page;
    info->init_p2m = image->init_p2m;
    info->mod_start_pfn = image->mod_start_pfn;
    copy_text(info->guest_os, sizeof(info->guest_os), image->guest_os);
    copy_text(info->guest_version, sizeof(info->guest_version), image->guest_version);
    copy_text(info->loader, sizeof(info->loader), image->loader);
    copy_text(info->xen_version, sizeof(info->xen_version), image->xen_version);
    copy_text(info->features, sizeof(info->features), image->features);
}

static int read_segments(struct ctrl *ctrl, struct ctrl_kernel *kernel,
                         const struct kernel_image *image)
{
    struct elf_segment s;
    unsigned int i;

    for (i = 0; i < image->elf.nr_segments; i++) {
        if (elf_read_segment(&image->elf, i, &s) != 0 || s.type != ELF_PT_LOAD ||
            s.mem_size == 0) {
            continue;
        }
        if (kernel->nr_segments == KERNEL_SEGMENTS_MAX) {
            return ctrl_fail(ctrl, -EINVAL, "%s: more than %u load segments", kernel->name,
                             KERNEL_SEGMENTS_MAX);
        }
        kernel->segments[kernel->nr_segments++] = (struct kernel_segment){
            .offset = s.offset, .file_size = s.file_size, .paddr = s.paddr - image->paddr_offset,
        };
    }
    return 0;
}

static int read_image(struct ctrl *ctrl, struct ctrl_kernel *kernel)
{
    struct kernel_image image = { .virt_end = 0 };
    const char *why = "";
    int rc = (kernel->info.pvh ? kernel_image_read_pvh : kernel_image_read)(
        kernel->elf, kernel->info.elf_size, &image, &why);

    if (rc != 0) {
        return fail_why(ctrl, rc, kernel->name, why);
    }
    if (!kernel->info.pvh && image.features_required & (1u << XENFEAT_dom0)) {
        return ctrl_fail(ctrl, -EOPNOTSUPP, "%s: the kernel can only be the control domain (Xen "
                         "note FEATURES requires dom0); use another kernel", kernel->name);
    }
    fill_info(&kernel->info, &image);
    kernel->virt_end = image.virt_end;
    return read_segments(ctrl, kernel, &image);
}

/* Finds the ELF file in the file, and unpacks it. */
static int read_payload(struct ctrl *ctrl, struct ctrl_kernel *kernel)
{
    struct kernel_payload payload;
    const char *why = "";
    int rc = kernel_payload_find(kernel->file, kernel->file_size, &payload, &why);

    if (rc != 0) {
        return fail_why(ctrl, rc, kernel->name, why);
    }
    kernel->info.format = (enum ctrl_kernel_format)payload.format;
    kernel->info.elf_size = payload.unpacked_size;
    kernel->elf = payload.data;
    kernel->elf_offset = (uint64_t)(payload.data - (const uint8_t *)kernel->file);
    if (payload.format != PAYLOAD_ELF) {
        rc = kernel_unpack(ctrl, kernel->name, kernel->info.format, payload.data, payload.size,
                           payload.unpacked_size, &kernel->unpacked);
        kernel->elf = kernel->unpacked;
    }
    return rc;
}

static int map_file(struct ctrl *ctrl, struct ctrl_kernel *kernel, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return fail_errno(ctrl, -errno, "%s", kernel->name);
    }
    if (!S_ISREG(st.st_mode)) {
        return ctrl_fail(ctrl, -ENOEXEC, "%s: not a regular file", kernel->name);
    }
    if (st.st_size == 0) {
        return ctrl_fail(ctrl, -ENOEXEC, "%s: the file is empty", kernel->name);
    }
    if ((uint64_t)st.st_size > KERNEL_PAYLOAD_MAX) {
        return ctrl_fail(ctrl, -ENOEXEC, "%s: larger than 1 GiB: not a kernel", kernel->name);
    }
    kernel->file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (kernel->file == MAP_FAILED) {
        kernel->file = NULL;
        return fail_errno(ctrl, -errno, "%s", kernel->name);
    }
    kernel->file_size = (size_t)st.st_size;
    kernel->info.file_size = kernel->file_size;
    return 0;
}

static int kernel_open(struct ctrl *ctrl, int fd, const char *name, bool pvh,
                       struct ctrl_kernel **kernel)
{
    struct ctrl_kernel *k = calloc(1, sizeof(*k));
    int rc;

    if (!k) {
        return fail_errno(ctrl, -ENOMEM, "%s", name);
    }
    k->fd = -1;
    k->info.pvh = pvh;
    snprintf(k->name, sizeof(k->name), "%s", name);
    rc = map_file(ctrl, k, fd);
    rc = rc ? rc : read_payload(ctrl, k);
    rc = rc ? rc : read_image(ctrl, k);
    if (rc == 0 && !k->unpacked) {
        k->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        rc = k->fd < 0 ? fail_errno(ctrl, -errno, "%s", name) : 0;
    }
    if (rc != 0) {
        ctrl_kernel_close(k);
        return rc;
    }
    *kernel = k;
    return 0;
}

int ctrl_kernel_open(struct ctrl *ctrl, int fd, const char *name, struct ctrl_kernel **kernel)
{
    return kernel_open(ctrl, fd, name, false, kernel);
}

int ctrl_kernel_open_pvh(struct ctrl *ctrl, int fd, const char *name,
                         struct ctrl_kernel **kernel)
{
    return kernel_open(ctrl, fd, name, true, kernel);
}

void ctrl_kernel_close(struct ctrl_kernel *kernel)
{
    if (!kernel) {
        return;
    }
    if (kernel->file) {
        munmap(kernel->file, kernel->file_size);
    }
    if (kernel->fd >= 0) {
        close(kernel->fd);
    }
    free(kernel->unpacked);
    free(kernel);
}

void ctrl_kernel_info(const struct ctrl_kernel *kernel, struct ctrl_kernel_info *info)
{
    *info = kernel->info;
}

const void *ctrl_kernel_elf(const struct ctrl_kernel *kernel, size_t *size)
{
    *size = kernel->info.elf_size;
    return kernel->elf;
}

static int write_run(struct ctrl *ctrl, const struct ctrl_kernel *kernel, int fd, uint64_t start,
                     uint64_t end)
{
    ssize_t put;

    while (start < end) {
        put = pwrite(fd, kernel->elf + start, end - start, (off_t)start);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return fail_errno(ctrl, put < 0 ? -errno : -EIO, "%s: keeping it unpacked",
                              kernel->name);
        }
        start += (uint64_t)put;
    }
    return 0;
}

int ctrl_kernel_save(struct ctrl *ctrl, const struct ctrl_kernel *kernel, int fd)
{
    static const uint8_t zeros[CTRL_PAGE_SIZE];
    uint64_t size = kernel->info.elf_size, at, some, start = 0;
    int rc = 0;

    for (at = 0; rc == 0 && at < size; at += some) {
        some = size - at < CTRL_PAGE_SIZE ? size - at : CTRL_PAGE_SIZE;
        if (memcmp(kernel->elf + at, zeros, some) == 0) {
            rc = write_run(ctrl, kernel, fd, start, at);
            start = at + some;
        }
    }
    rc = rc ? rc : write_run(ctrl, kernel, fd, start, size);
    if (rc == 0 && ftruncate(fd, (off_t)size) != 0) {
        rc = fail_errno(ctrl, -errno, "%s: keeping it unpacked", kernel->name);
    }
    return rc;
}
