/* SPDX-License-Identifier: BSD-2-Clause */
/* xen_version: who we are, and which features a guest may count on. */
#include <asm/current.h>
#include <asm/hvm.h>
#include <asm/memory_map.h>
#include <public/features.h>
#include <public/version.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/hypercall.h>
#include <xen/param.h>
#include <xen/string.h>
#include <xen/usercopy.h>

/* The map, the callback by vector and the clock are the hardware-assisted domain's. */
#define HVM_FEATURES                                                                       \
    ((1U << XENFEAT_writable_page_tables) | (1U << XENFEAT_auto_translated_physmap) |      \
     (1U << XENFEAT_hvm_callback_vector) |                                                 \
     (1U << XENFEAT_hvm_safe_pvclock) | (1U << XENFEAT_memory_op_vnode_supported) |        \
     (1U << XENFEAT_not_direct_mapped))

static long get_features(void *arg)
{
    struct xen_feature_info f;
    const struct vcpu *v = current;

    if (!read_guest(&f, (const struct xen_feature_info *)arg)) {
        return -EFAULT;
    }
    if (f.submap_idx != 0) {
        return -EINVAL;
    }
    if (is_hvm(v->domain)) {
        f.submap = HVM_FEATURES;
        return write_guest((struct xen_feature_info *)arg, &f) ? 0 : -EFAULT;
    }
    f.submap = (1U << XENFEAT_mmu_pt_update_preserve_ad) | (1U << XENFEAT_highmem_assist) |
               (1U << XENFEAT_gnttab_map_avail_bits) | (1U << XENFEAT_memory_op_vnode_supported) |
               (1U << XENFEAT_direct_mapped);
    if (v->domain->is_hardware) {
        f.submap |= 1U << XENFEAT_dom0;
    }
    if (v->domain->is_hardware ||
        (v->domain->arch.vm_assist & (1U << VMASST_TYPE_pae_extended_cr3))) {
        f.submap |= 1U << XENFEAT_pae_pgdir_above_4gb;
    }
    return write_guest((struct xen_feature_info *)arg, &f) ? 0 : -EFAULT;
}

static long put_text(void *arg, const char *text, size_t field)
{
    char buf[1024] = { 0 };

    string_copy(buf, text, MIN(field, sizeof(buf)));
    return copy_to_guest(arg, buf, MIN(field, sizeof(buf))) == 0 ? 0 : -EFAULT;
}

static long get_compile_info(void *arg)
{
    struct xen_compile_info info = { .compiler = "" };

    string_copy((char *)info.compiler, __VERSION__, sizeof(info.compiler));
    string_copy((char *)info.compile_by, "xenios", sizeof(info.compile_by));
    string_copy((char *)info.compile_domain, "localhost", sizeof(info.compile_domain));
    string_copy((char *)info.compile_date, "reproducible", sizeof(info.compile_date));
    return write_guest((struct xen_compile_info *)arg, &info) ? 0 : -EFAULT;
}

/* The linker's note: a header of 12 bytes, the name "GNU", then the id. */
extern const char build_id_start[], build_id_end[];
#define BUILD_ID_OFFSET 16

static long get_build_id(void *arg)
{
    const char *bytes = build_id_start + BUILD_ID_OFFSET;
    uint32_t len = (uint32_t)(build_id_end - bytes);
    struct xen_build_id id;

    if (!current->domain->is_control) {
        return -EPERM;
    }
    if (arg == NULL) {
        return len;
    }
    if (!read_guest(&id, (const struct xen_build_id *)arg)) {
        return -EFAULT;
    }
    if (id.len == 0) {
        return -EINVAL;
    }
    if (id.len < len) {
        return -ENOSPC;
    }
    return copy_to_guest((char *)arg + offsetof(struct xen_build_id, buf), bytes, len) == 0
               ? (long)len
               : -EFAULT;
}

long hypercall_xen_version(int cmd, void *arg)
{
    const struct domain *d = current->domain;
    struct xen_platform_parameters pp = { .virt_start = HV_VIRT_START };

    switch (cmd) {
    case XENVER_version:
        return (ABI_VERSION_MAJOR << 16) | ABI_VERSION_MINOR;
    case XENVER_extraversion:
        return put_text(arg, ".xenios", XEN_EXTRAVERSION_LEN);
    case XENVER_compile_info:
        return get_compile_info(arg);
    case XENVER_capabilities:
        return put_text(arg, hvm_engine_name() != NULL
                                 ? "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "
                                 : "xen-3.0-x86_64 ", XEN_CAPABILITIES_INFO_LEN);
    case XENVER_changeset:
        return put_text(arg, "xenios " XENIOS_VERSION, XEN_CHANGESET_INFO_LEN);
    case XENVER_platform_parameters:
        return write_guest((struct xen_platform_parameters *)arg, &pp) ? 0 : -EFAULT;
    case XENVER_get_features:
        return get_features(arg);
    case XENVER_pagesize:
        return arg == NULL ? (long)PAGE_SIZE : -EINVAL;
    case XENVER_guest_handle:
        return copy_to_guest(arg, d->handle, sizeof(d->handle)) == 0 ? 0 : -EFAULT;
    case XENVER_commandline:
        return put_text(arg, d->is_control ? boot_cmdline : "<denied>", 1024);
    case XENVER_build_id:
        return get_build_id(arg);
    default:
        return -ENOSYS;
    }
}
