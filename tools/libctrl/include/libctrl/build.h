/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a kernel file to a domain that is ready to run.
 *
 * Kernel files: bzImage (payload gzip, xz, zstd or bare), gzip, or an ELF file. Decompressors are
 * loaded only when one is needed.
 */
#ifndef LIBCTRL_BUILD_H
#define LIBCTRL_BUILD_H

#include <libctrl/ctrl.h>

/* --- kernels: no hypervisor needed --- */

struct ctrl_kernel;

/*
 * Reads a kernel from a file that is open for reading, unpacks it, and checks that it can be a PV
 * guest. The caller may close the descriptor. name is for messages. -ENOEXEC: not a kernel, or
 * not one for Xen; -EINVAL: damaged, or its notes cannot be; -EOPNOTSUPP: it needs what there is
 * not (another compression, a feature); -ENOMEM; -ELIBACC: the decompressor's library cannot be
 * loaded. ctrl_error(): "NAME: why".
 */
int ctrl_kernel_open(struct ctrl *ctrl, int fd, const char *name, struct ctrl_kernel **kernel);
/*
 * The same for a PVH guest. -ENOEXEC also if the kernel has no entry for one (Xen note
 * PHYS32_ENTRY).
 */
int ctrl_kernel_open_pvh(struct ctrl *ctrl, int fd, const char *name,
                         struct ctrl_kernel **kernel);
void ctrl_kernel_close(struct ctrl_kernel *kernel);

enum ctrl_kernel_format {
    CTRL_KERNEL_ELF,
    CTRL_KERNEL_GZIP,
    CTRL_KERNEL_XZ,
    CTRL_KERNEL_ZSTD,
};

#define CTRL_NOTE_UNSET UINT64_MAX

/* What the kernel asks for. Texts end with a zero byte, and are "" if not given. */
struct ctrl_kernel_info {
    enum ctrl_kernel_format format;     /* of the payload */
    uint64_t file_size, elf_size;
    uint64_t paddr_start, paddr_end;    /* of its load segments */
    uint64_t virt_base, entry;          /* of a PVH kernel: 0, and physical */
    uint64_t hypercall_page, init_p2m;  /* or CTRL_NOTE_UNSET */
    bool mod_start_pfn;                 /* the initrd need not be mapped */
    bool pvh;                           /* opened for a PVH guest */
    char guest_os[32], guest_version[32], loader[32], xen_version[32], features[128];
};
void ctrl_kernel_info(const struct ctrl_kernel *kernel, struct ctrl_kernel_info *info);

/* The unpacked ELF file: valid until the kernel is closed. */
const void *ctrl_kernel_elf(const struct ctrl_kernel *kernel, size_t *size);
/*
 * Writes the ELF file to an empty file, with holes where pages are zeros: kernels that are opened
 * from such a file are loaded in about half the time. Write errors as they are.
 */
int ctrl_kernel_save(struct ctrl *ctrl, const struct ctrl_kernel *kernel, int fd);

/*
 * Whether a guest of nr_pages frames has room for this kernel and a ramdisk. -ENOMEM: no, and
 * *pages_needed (may be NULL; also set on success) is how many it takes; -EINVAL: the kernel's
 * addresses cannot be mapped.
 */
int ctrl_kernel_fits(struct ctrl *ctrl, const struct ctrl_kernel *kernel, uint64_t nr_pages,
                     uint64_t ramdisk_size, uint64_t *pages_needed);

/* --- domains --- */

/* What a PVH domain has beyond its memory: special pages and ACPI tables, at most so much. */
#define CTRL_PVH_EXTRA_KIB 64u

struct ctrl_build {
    uint32_t domid;         /* new: no memory yet, vCPUs made, its memory limit high enough */
    const struct ctrl_kernel *kernel;
    int ramdisk_fd;         /* open for reading; -1: none. All of it is loaded; its offset moves */
    const char *ramdisk_name;   /* for messages */
    const char *cmdline;    /* at most 1023 bytes (PVH: 2047); NULL: "" */
    uint64_t nr_pages;      /* memory that it starts with */
    uint64_t max_pages;     /* PV: memory map that it is told; at least nr_pages, or 0: the same */
    uint32_t store_domid;   /* who runs xenstored and the console: 0 */
    uint32_t console_domid;
    uint32_t store_port;    /* ports made before for these; 0: made here */
    uint32_t console_port;
    uint32_t flags;         /* PV: start_info flags besides those of the builder; 0 */
};

/* Where the time went, in ns. */
enum ctrl_build_phase {
    CTRL_BUILD_MEMORY,      /* giving the domain its frames */
    CTRL_BUILD_KERNEL,      /* copying the kernel */
    CTRL_BUILD_RAMDISK,
    CTRL_BUILD_TABLES,      /* PV: frame list and page tables, which the hypervisor checks too;
                               PVH: ACPI tables and start_info */
    CTRL_BUILD_REST,        /* start_info, context, grants */
    CTRL_BUILD_NR_PHASES,
};

/* Frames of a PVH domain: guest frame numbers. */
struct ctrl_build_result {
    uint64_t store_mfn, console_mfn, shared_info_mfn;
    uint32_t store_port, console_port;
    uint64_t pages_needed;
    uint64_t start_info_mfn;
    uint64_t ns[CTRL_BUILD_NR_PHASES];
};

/*
 * Gives the domain memory, kernel, ramdisk, page tables, start page, console and xenstore pages
 * with their grants, and vCPU 0 its registers: after ctrl_domain_unpause() it runs. -EINVAL:
 * command line too long, or addresses; -ENOMEM: the kernel does not fit (with the numbers), or
 * the host has not so much free; -EIO: the ramdisk. On failure the domain is to be destroyed.
 */
int ctrl_build_pv(struct ctrl *ctrl, const struct ctrl_build *build,
                  struct ctrl_build_result *result);

/*
 * The same for a domain that was created with hvm and hap, and a kernel from
 * ctrl_kernel_open_pvh(): memory from guest frame 0 on with a hole below 4 GiB, kernel, ramdisk,
 * hvm_start_info, ACPI tables that list all its vCPUs, console and xenstore pages. nr_pages does
 * not count CTRL_PVH_EXTRA_KIB. Errors as above.
 */
int ctrl_build_pvh(struct ctrl *ctrl, const struct ctrl_build *build,
                   struct ctrl_build_result *result);

#endif
