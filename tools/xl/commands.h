/* SPDX-License-Identifier: BSD-2-Clause */
/* The handlers of xl's commands, for the table in cmdtable.c; cmd_*.c define them. */
#ifndef XL_COMMANDS_H
#define XL_COMMANDS_H

struct xl;

#define XL_HANDLER(name) int cmd_##name(struct xl *xl, int argc, char **argv)

/* Life of a domain. */
XL_HANDLER(create);
XL_HANDLER(config_update);
XL_HANDLER(config);
XL_HANDLER(shutdown);
XL_HANDLER(reboot);
XL_HANDLER(destroy);
XL_HANDLER(pause);
XL_HANDLER(unpause);
XL_HANDLER(console);
XL_HANDLER(rename);
XL_HANDLER(trigger);
XL_HANDLER(sysrq);
XL_HANDLER(button_press);
XL_HANDLER(dump_core);
XL_HANDLER(supervise);
XL_HANDLER(devd);

/* What there is. */
XL_HANDLER(list);
XL_HANDLER(vm_list);
XL_HANDLER(domid);
XL_HANDLER(domname);
XL_HANDLER(uptime);
XL_HANDLER(claims);
XL_HANDLER(sharing);

/* CPUs, memory, schedulers, pools. */
XL_HANDLER(vcpu_list);
XL_HANDLER(vcpu_pin);
XL_HANDLER(vcpu_set);
XL_HANDLER(mem_set);
XL_HANDLER(mem_max);
XL_HANDLER(sched_credit);
XL_HANDLER(sched_credit2);
XL_HANDLER(sched_rtds);
XL_HANDLER(cpupool_create);
XL_HANDLER(cpupool_list);
XL_HANDLER(cpupool_destroy);
XL_HANDLER(cpupool_rename);
XL_HANDLER(cpupool_cpu_add);
XL_HANDLER(cpupool_cpu_remove);
XL_HANDLER(cpupool_migrate);
XL_HANDLER(cpupool_numa_split);

/* The host. */
XL_HANDLER(info);
XL_HANDLER(dmesg);
XL_HANDLER(debug_keys);
XL_HANDLER(set_parameters);
XL_HANDLER(top);
XL_HANDLER(help);
XL_HANDLER(getenforce);
XL_HANDLER(setenforce);
XL_HANDLER(loadpolicy);
XL_HANDLER(net);
XL_HANDLER(init_dom0);

/* Devices. */
XL_HANDLER(block_attach);
XL_HANDLER(block_list);
XL_HANDLER(block_detach);
XL_HANDLER(network_attach);
XL_HANDLER(network_list);
XL_HANDLER(network_detach);
XL_HANDLER(channel_list);

#endif
