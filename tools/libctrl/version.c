/* SPDX-License-Identifier: BSD-2-Clause */
/* Who the hypervisor is (docs/interface/xen_version.md). */
#include <errno.h>
#include <string.h>

#include <libctrl/host.h>

#include <public/version.h>

#include "internal.h"

static long ask(struct ctrl *ctrl, unsigned int cmd, void *arg)
{
    return hypercall(ctrl, __HYPERVISOR_xen_version, cmd, (uintptr_t)arg, 0, 0);
}

static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);

    memcpy(to, from, length);
    to[length] = '\0';
}

/* One text of size bytes. */
static long ask_text(struct ctrl *ctrl, unsigned int cmd, char *arg, char *to, size_t size)
{
    long rc;

    memset(arg, 0, size);
    rc = ask(ctrl, cmd, arg);
    if (rc >= 0) {
        copy_text(to, size, arg);
    }
    return rc;
}

static long ask_compiler(struct ctrl *ctrl, struct xen_compile_info *arg,
                         struct ctrl_version *version)
{
    long rc;

    memset(arg, 0, sizeof(*arg));
    rc = ask(ctrl, XENVER_compile_info, arg);
    if (rc >= 0) {
        copy_text(version->compiler, sizeof(version->compiler), arg->compiler);
        copy_text(version->compile_by, sizeof(version->compile_by), arg->compile_by);
        copy_text(version->compile_domain, sizeof(version->compile_domain), arg->compile_domain);
        copy_text(version->compile_date, sizeof(version->compile_date), arg->compile_date);
    }
    return rc;
}

/* A hypervisor linked without a build id has none to tell. */
static void ask_build_id(struct ctrl *ctrl, struct xen_build_id *arg,
                         struct ctrl_version *version)
{
    long size;

    arg->len = sizeof(version->build_id);
    size = ask(ctrl, XENVER_build_id, arg);
    if (size > 0 && size <= (long)sizeof(version->build_id)) {
        memcpy(version->build_id, arg->buf, (size_t)size);
        version->build_id_size = (uint32_t)size;
    }
}

static long ask_all(struct ctrl *ctrl, void *arg, struct ctrl_version *v)
{
    struct xen_platform_parameters *params = arg;
    long rc = ask(ctrl, XENVER_version, NULL);

    if (rc < 0) {
        return rc;
    }
    v->major = (uint32_t)rc >> 16;
    v->minor = rc & 0xffff;
    rc = ask_text(ctrl, XENVER_extraversion, arg, v->extra, sizeof(v->extra));
    rc = rc < 0 ? rc : ask_text(ctrl, XENVER_capabilities, arg, v->capabilities,
                                sizeof(v->capabilities));
    rc = rc < 0 ? rc : ask_text(ctrl, XENVER_changeset, arg, v->changeset, sizeof(v->changeset));
    rc = rc < 0 ? rc : ask_text(ctrl, XENVER_commandline, arg, v->commandline,
                                sizeof(v->commandline));
    rc = rc < 0 ? rc : ask_compiler(ctrl, arg, v);
    rc = rc < 0 ? rc : ask(ctrl, XENVER_platform_parameters, params);
    if (rc < 0) {
        return rc;
    }
    v->virt_start = params->virt_start;
    rc = ask(ctrl, XENVER_pagesize, NULL);
    v->page_size = (uint32_t)rc;
    ask_build_id(ctrl, arg, v);
    return rc;
}

int ctrl_version(struct ctrl *ctrl, struct ctrl_version *version)
{
    struct arg_mark mark = arg_begin(ctrl);
    void *arg = arg_get(ctrl, sizeof(xen_capabilities_info_t));
    struct ctrl_version v = { .major = 0 };
    long rc = arg ? ask_all(ctrl, arg, &v) : arg_error(ctrl);

    arg_end(ctrl, mark);
    if (rc < 0) {
        return fail_errno(ctrl, (int)rc, "asking for the hypervisor's version");
    }
    *version = v;
    return 0;
}
