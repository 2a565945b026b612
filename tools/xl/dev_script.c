/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts that a configuration names for a device, called as Xen's tools call them. */
#include "devices.h"

#include <stdio.h>

int device_script(uint32_t domid, enum device_type type, uint32_t number, const char *script,
                  bool add)
{
    const char *kind = device_type_name(type);
    char backend[DEVICE_PATH_SIZE], path[160], name[64], vif[64], file[1100];
    const char *disk_args[] = { add ? "add" : "remove", NULL };
    const char *vif_args[] = { add ? "online" : "offline", "type_if=vif", NULL };
    const char *env[] = { path, "XENBUS_BASE_PATH=backend", name, file, vif, NULL };

    device_backend_path(backend, domid, kind, number);
    /* Scripts take it relative to Domain-0's home in the store. */
    snprintf(path, sizeof(path), "XENBUS_PATH=%s", backend + sizeof("/local/domain/0/") - 1);
    snprintf(name, sizeof(name), "XENBUS_TYPE=%s", kind);
    snprintf(file, sizeof(file), "script=%s", script);
    snprintf(vif, sizeof(vif), type == DEVICE_VIF ? "vif=vif%u.%u" : "XL_DEVICE=%u-%u", domid,
             number);
    return host_script_run(script, type == DEVICE_VIF ? vif_args : disk_args, env,
                           SCRIPT_SECONDS);
}
