/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's back-end drivers, and whether they are at work. See host.h. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODPROBE_SECONDS 20

int host_driver_need(const char *type)
{
    const char *module = strcmp(type, "vif") == 0 ? "xen-netback" : "xen-blkback";
    const char *const modprobe[] = { "/sbin/modprobe", "/usr/sbin/modprobe", "/bin/modprobe" };
    const char *const args[] = { "-q", module, NULL };
    const char *const env[] = { NULL };
    char path[64];

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/%s", type);
    if (access(path, F_OK) == 0)
        return 0;
    for (size_t i = 0; i < sizeof(modprobe) / sizeof(modprobe[0]); i++) {
        if (access(modprobe[i], X_OK) == 0) {
            host_script_run(modprobe[i], args, env, MODPROBE_SECONDS);
            break;
        }
    }
    if (access(path, F_OK) == 0)
        return 0;
    return host_fail(-ENODEV, "This kernel has no back-end for it, and \"modprobe %s\" does not "
                     "bring one", module);
}

bool host_vbd_ready(uint32_t domid, uint32_t number)
{
    char path[96];

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/vbd-%u-%u/mode", domid, number);
    return access(path, F_OK) == 0;
}
