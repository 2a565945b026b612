/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's own messages. Its ring is read from the start again when the daemon starts. */
#include "hypervisor.h"

#include "daemon.h"
#include "say.h"

#include <libctrl/event.h>
#include <libctrl/host.h>

int hypervisor_start(struct daemon *daemon)
{
    int rc = logfile_open(&daemon->hypervisor_log, &daemon->options.hypervisor_rules,
                          daemon->options.log_folder, "hypervisor.log");

    if (rc < 0)
        return rc;
    rc = ctrl_event_bind_virq(daemon->event, CTRL_VIRQ_CON_RING);
    if (rc < 0) {
        say("No log of the hypervisor: %s.", ctrl_error(daemon->ctrl));
        logfile_close(&daemon->hypervisor_log);
        return rc;
    }
    daemon->hypervisor_port = rc;
    hypervisor_event(daemon);
    return 0;
}

void hypervisor_event(struct daemon *daemon)
{
    char buffer[16384];
    int size;

    do {
        size = ctrl_console_read(daemon->ctrl, &daemon->hypervisor_index, buffer, sizeof(buffer));
        if (size > 0)
            logfile_write(&daemon->hypervisor_log, buffer, (size_t)size);
    } while (size == (int)sizeof(buffer));
    ctrl_event_unmask(daemon->event, (uint32_t)daemon->hypervisor_port);
}
