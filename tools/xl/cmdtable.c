/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All of xl's commands, in the order of "xl help". The help texts, the man page and the completion
 * are made from this table, so a command that is not here does not exist.
 *
 * Options: one line each, "-x, --long=ARG<tab>what it does".
 */
#include "commands.h"
#include "xl.h"

#include <stddef.h>

#define STATE_REFUSAL  "saving and moving guests is not built yet; shut the guest down and " \
                       "create it anew where it is needed"
#define PCI_REFUSAL    "PCI devices cannot be given to guests yet"
#define USB_REFUSAL    "USB devices cannot be given to guests yet"
#define VTPM_REFUSAL   "there is no back-end for virtual TPMs yet"
#define SCREEN_REFUSAL "there is no back-end for virtual keyboards, displays and sound yet"
#define PSR_REFUSAL    "the hypervisor does not allot caches and memory bandwidth yet"
#define QEMU_REFUSAL   "guests here have no QEMU, so it cannot be asked"

#define REFUSED(command, args, text, why) \
    { .name = (command), .usage = (args), .summary = (text), .mark = XL_RARE, .refusal = (why) }

static const char create_options[] =
    "-c\tattach to the guest's console\n"
    "-d\tsay more about what is done\n"
    "-e\tdo not look after the guest when it ends\n"
    "-F\tstay in the foreground until the guest is gone\n"
    "-f, --defconfig=FILE\tread the configuration from FILE\n"
    "-n, --dryrun\tcheck everything, change nothing, print the configuration\n"
    "-p\tleave the guest paused\n"
    "-q, --quiet\tsay nothing unless something is wrong\n"
    "-v\tsay where the time went\n"
    "-V, --vncviewer\tshow the guest's screen in a VNC viewer\n"
    "-A, --vncviewer-autopass\tgive the viewer the password\n"
    "--ignore-global-affinity-masks\tdo not apply the CPU masks of xl.conf\n";

static const char config_update_options[] =
    "-f, --defconfig=FILE\tread the configuration from FILE\n"
    "-d\tsay more about what is done\n";

static const char config_options[] =
    "--xml\tprint it as libvirt's domain XML\n"
    "--cfg\tprint it as an xl configuration file (the default)\n";

static const char shutdown_options[] =
    "-a, --all\tall guests\n"
    "-F\tfall back to an ACPI event when the guest has no paravirtual drivers\n"
    "-w, --wait\twait until it is done\n";

static const char list_options[] =
    "-l, --long\tprint each domain's whole configuration, as JSON\n"
    "-v, --verbose\talso print UUIDs, reasons of shutdown and security labels\n"
    "-Z, --context\talso print security labels\n"
    "-c, --cpupool\talso print the CPU pool\n"
    "-n, --numa\talso print the NUMA nodes\n";

static const char console_options[] =
    "-t TYPE\twhich console: pv, serial or vuart\n"
    "-n NUMBER\twhich of several, from 0\n"
    "-e NUMBER\ttell the file descriptor NUMBER when the console is attached\n";

static const char vcpu_pin_options[] =
    "-f, --force\tundo a pinning that the domain's kernel asked for\n"
    "--ignore-global-affinity-masks\tdo not apply the CPU masks of xl.conf\n";

static const char sched_credit_options[] =
    "-d, --domain=DOMAIN\tshow or change this domain\n"
    "-w, --weight=WEIGHT\tits share, 1 to 65535\n"
    "-c, --cap=CAP\tits limit in per cent of one CPU; 0 is none\n"
    "-s, --schedparam\tshow or change the scheduler itself\n"
    "-t, --tslice_ms=MS\ttime slice, in milliseconds\n"
    "-r, --ratelimit_us=US\tshortest time between two switches, in microseconds\n"
    "-m, --migration_delay_us=US\thow long a vCPU counts as cache-hot, in microseconds\n"
    "-p, --cpupool=POOL\tonly this CPU pool\n";

static const char sched_credit2_options[] =
    "-d, --domain=DOMAIN\tshow or change this domain\n"
    "-w, --weight=WEIGHT\tits share, 1 to 65535\n"
    "-c, --cap=CAP\tits limit in per cent of one CPU; 0 is none\n"
    "-s, --schedparam\tshow or change the scheduler itself\n"
    "-r, --ratelimit_us=US\tshortest time between two switches, in microseconds\n"
    "-p, --cpupool=POOL\tonly this CPU pool\n";

static const char sched_rtds_options[] =
    "-d, --domain=DOMAIN\tshow or change this domain\n"
    "-v, --vcpuid=VCPU\tthis vCPU of it, or 'all'; repeat it with -p, -b and -e for several\n"
    "-p, --period=US\tperiod, in microseconds\n"
    "-b, --budget=US\tbudget in each period, in microseconds\n"
    "-e, --extratime=0|1\twhether it may use time that nobody else wants\n"
    "-c, --cpupool=POOL\tonly this CPU pool\n";

static const char cpupool_create_options[] =
    "-f, --defconfig=FILE\tread the pool's configuration from FILE\n"
    "-n, --dryrun\tprint what would be made, and make nothing\n";

static const char top_options[] =
    "-b, --batch\tprint tables to stdout, one after the other, until -i are done\n"
    "-d, --delay=SECONDS\ttime between two tables (3)\n"
    "-i, --iterations=N\tend after N tables\n"
    "-n, --networks\talso print each network interface\n"
    "-x, --vbds\talso print each block device\n"
    "-r, --repeat-header\trepeat the header before each domain\n"
    "-v, --vcpus\talso print each vCPU\n"
    "-f, --full-name\tprint names whole, also those that do not fit\n";

const struct xl_command xl_commands[] = {
    { "create", NULL, "<ConfigFile> [options] [key=value...]",
      "Create a domain from a configuration file", create_options,
      cmd_create, XL_CORE, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 0, NULL },
    { "config-update", NULL, "<Domain> [<ConfigFile>] [options] [key=value...]",
      "Change the configuration that a domain gets when it starts anew", config_update_options,
      cmd_config_update, XL_COMMON, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 1, NULL },
    { "config", NULL, "[--xml|--cfg] <ConfigFile>",
      "Convert a configuration between xl's format and libvirt's XML", config_options,
      cmd_config, XL_COMMON, 0, 1, NULL },
    { "list", NULL, "[options] [Domain]",
      "List information about all or some domains", list_options,
      cmd_list, XL_CORE, XL_CMD_JSON, 0, NULL },
    { "destroy", NULL, "[options] <Domain>",
      "Terminate a domain immediately",
      "-f\talso destroy domain 0, where that is possible at all\n",
      cmd_destroy, XL_CORE, XL_CMD_MODIFIES, 1, NULL },
    { "shutdown", NULL, "[options] <-a|Domain>",
      "Ask a domain to shut down", shutdown_options,
      cmd_shutdown, XL_CORE, XL_CMD_MODIFIES, 0, NULL },
    { "reboot", NULL, "[options] <-a|Domain>",
      "Ask a domain to start anew", shutdown_options,
      cmd_reboot, XL_CORE, XL_CMD_MODIFIES, 0, NULL },
    REFUSED("pci-attach", "<Domain> <Device>", "Give a PCI device to a domain", PCI_REFUSAL),
    REFUSED("pci-detach", "<Domain> <Device>", "Take a PCI device from a domain", PCI_REFUSAL),
    REFUSED("pci-list", "<Domain>", "List a domain's PCI devices", PCI_REFUSAL),
    REFUSED("pci-assignable-add", "[options] <Device>",
            "Make a PCI device free to be given to domains", PCI_REFUSAL),
    REFUSED("pci-assignable-remove", "[options] <Device>",
            "Give a PCI device back to domain 0", PCI_REFUSAL),
    REFUSED("pci-assignable-list", "[options]",
            "List the PCI devices that can be given to domains", PCI_REFUSAL),
    { "pause", NULL, "<Domain>",
      "Stop a domain until it is unpaused", NULL,
      cmd_pause, XL_CORE, XL_CMD_MODIFIES, 1, NULL },
    { "unpause", NULL, "<Domain>",
      "Let a paused domain go on", NULL,
      cmd_unpause, XL_CORE, XL_CMD_MODIFIES, 1, NULL },
    { "console", NULL, "[options] <Domain>",
      "Attach to a domain's console", console_options,
      cmd_console, XL_CORE, 0, 1, NULL },
    REFUSED("vncviewer", "[options] <Domain>", "Show a domain's screen",
            "guests have no screen yet; use xl console"),
    REFUSED("save", "[options] <Domain> <CheckpointFile> [<ConfigFile>]",
            "Save a domain's state to a file", STATE_REFUSAL),
    REFUSED("migrate", "[options] <Domain> <host>", "Move a domain to another host",
            STATE_REFUSAL),
    REFUSED("restore", "[options] [<ConfigFile>] <CheckpointFile>",
            "Let a saved domain go on", STATE_REFUSAL),
    REFUSED("migrate-receive", "", "Take a domain from another host", STATE_REFUSAL),
    { "dump-core", NULL, "<Domain> <filename>",
      "Write a domain's memory to a file", NULL,
      cmd_dump_core, XL_COMMON, 0, 2, NULL },
    { "cd-insert", NULL, "<Domain> <VirtualDevice> <path>",
      "Put a CD into a guest's drive", NULL,
      NULL, XL_COMMON, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 0,
      "paravirtual guests have no CD drives; use xl block-attach" },
    { "cd-eject", NULL, "<Domain> <VirtualDevice>",
      "Take the CD out of a guest's drive", NULL,
      NULL, XL_COMMON, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 0,
      "paravirtual guests have no CD drives; use xl block-detach" },
    { "mem-max", NULL, "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>",
      "Set how much memory a domain may have at most", NULL,
      cmd_mem_max, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "mem-set", NULL, "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>",
      "Set how much memory a domain shall use now", NULL,
      cmd_mem_set, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "button-press", NULL, "<Domain> <Button>",
      "Press a domain's power or sleep button (use xl trigger)", NULL,
      cmd_button_press, XL_COMMON, XL_CMD_MODIFIES, 2, NULL },
    { "vcpu-list", NULL, "[Domain...]",
      "List the vCPUs of all or some domains", NULL,
      cmd_vcpu_list, XL_CORE, XL_CMD_JSON, 0, NULL },
    { "vcpu-pin", NULL, "[options] <Domain> <VCPU|all> <Hard affinity|-|all> "
      "[<Soft affinity|-|all>]",
      "Set which CPUs a vCPU may run on", vcpu_pin_options,
      cmd_vcpu_pin, XL_CORE, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 3, NULL },
    { "vcpu-set", NULL, "[options] <Domain> <vCPUs>",
      "Set how many vCPUs a domain may use",
      "-i, --ignore-host\talso allow more vCPUs than the host has CPUs\n",
      cmd_vcpu_set, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "vm-list", NULL, "",
      "List guests with their UUIDs", NULL,
      cmd_vm_list, XL_COMMON, XL_CMD_JSON, 0, NULL },
    { "info", NULL, "[-n] [key]",
      "Show what the host is; with a key only its value",
      "-n, --numa\talso show CPUs, devices and memory of each NUMA node\n",
      cmd_info, XL_CORE, XL_CMD_JSON, 0, NULL },
    { "sharing", NULL, "[Domain]",
      "Show how many pages of domains are shared", NULL,
      cmd_sharing, XL_RARE, XL_CMD_JSON, 0, NULL },
    { "sched-credit", NULL,
      "[-d <Domain> [-w WEIGHT] [-c CAP]] [-s [-t TSLICE] [-r RATELIMIT] [-m DELAY]] "
      "[-p CPUPOOL]",
      "Show or set parameters of the credit scheduler", sched_credit_options,
      cmd_sched_credit, XL_COMMON, XL_CMD_JSON | XL_CMD_MODIFIES, 0, NULL },
    { "sched-credit2", NULL,
      "[-d <Domain> [-w WEIGHT] [-c CAP]] [-s [-r RATELIMIT]] [-p CPUPOOL]",
      "Show or set parameters of the credit2 scheduler", sched_credit2_options,
      cmd_sched_credit2, XL_COMMON, XL_CMD_JSON | XL_CMD_MODIFIES, 0, NULL },
    { "sched-rtds", NULL,
      "[-d <Domain> [-v VCPU|all] [-p PERIOD] [-b BUDGET] [-e EXTRATIME]] [-c CPUPOOL]",
      "Show or set parameters of the real-time scheduler", sched_rtds_options,
      cmd_sched_rtds, XL_RARE, XL_CMD_JSON | XL_CMD_MODIFIES, 0, NULL },
    { "domid", NULL, "<DomainName>",
      "Print the id of a domain", NULL,
      cmd_domid, XL_CORE, XL_CMD_JSON, 1, NULL },
    { "domname", NULL, "<DomainId>",
      "Print the name of a domain", NULL,
      cmd_domname, XL_CORE, XL_CMD_JSON, 1, NULL },
    { "rename", NULL, "<Domain> <NewDomainName>",
      "Give a domain another name", NULL,
      cmd_rename, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "trigger", NULL, "<Domain> <nmi|reset|init|power|sleep|s3resume> [<VCPU>]",
      "Send a signal to a domain", NULL,
      cmd_trigger, XL_COMMON, 0, 2, NULL },
    { "sysrq", NULL, "<Domain> <letter>",
      "Send a magic SysRq key to a domain", NULL,
      cmd_sysrq, XL_COMMON, 0, 2, NULL },
    { "debug-keys", NULL, "<Keys>",
      "Send debug keys to the hypervisor; its answers are in xl dmesg", NULL,
      cmd_debug_keys, XL_COMMON, 0, 1, NULL },
    { "set-parameters", NULL, "<Params>",
      "Set parameters of the running hypervisor", NULL,
      cmd_set_parameters, XL_COMMON, XL_CMD_MODIFIES, 1, NULL },
    { "dmesg", NULL, "[-c]",
      "Print the hypervisor's messages",
      "-c, --clear\talso forget them\n",
      cmd_dmesg, XL_CORE, XL_CMD_JSON, 0, NULL },
    { "top", NULL, "[options]",
      "Show live what the host and its domains do", top_options,
      cmd_top, XL_CORE, XL_CMD_JSON, 0, NULL },
    { "network-attach", NULL,
      "<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] "
      "[backend=<BackDomain>] [vifname=<name>] [rate=<rate>] [model=<model>] [mtu=<mtu>]",
      "Add a network interface to a domain", NULL,
      cmd_network_attach, XL_CORE, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 1, NULL },
    { "network-list", NULL, "<Domain...>",
      "List a domain's network interfaces", NULL,
      cmd_network_list, XL_CORE, XL_CMD_JSON, 1, NULL },
    { "network-detach", NULL, "<Domain> <DevId|mac>",
      "Take a network interface from a domain", NULL,
      cmd_network_detach, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "channel-list", NULL, "<Domain...>",
      "List a domain's channels", NULL,
      cmd_channel_list, XL_RARE, XL_CMD_JSON, 1, NULL },
    { "block-attach", NULL, "<Domain> <disk-spec-component(s)>...",
      "Add a disk to a domain", NULL,
      cmd_block_attach, XL_CORE, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 2, NULL },
    { "block-list", NULL, "<Domain...>",
      "List a domain's disks", NULL,
      cmd_block_list, XL_CORE, XL_CMD_JSON, 1, NULL },
    { "block-detach", NULL, "[options] <Domain> <DevId>",
      "Take a disk from a domain",
      "-f, --force\tdo not wait until the domain lets go\n",
      cmd_block_detach, XL_CORE, XL_CMD_MODIFIES, 2, NULL },
    { "net", NULL, "[options] [init|show|remove]",
      "Set up a network for guests that works at once",
      "--bridge=NAME\tthe bridge's name (xenbr0)\n"
      "--network=ADDRESS/BITS\tthe guests' network; the bridge gets its first address\n",
      cmd_net, XL_COMMON, XL_CMD_MODIFIES, 0, NULL },
    REFUSED("vtpm-attach", "<Domain> [key=value...]", "Add a virtual TPM", VTPM_REFUSAL),
    REFUSED("vtpm-list", "<Domain...>", "List virtual TPMs", VTPM_REFUSAL),
    REFUSED("vtpm-detach", "<Domain> <DevId|uuid>", "Take a virtual TPM away", VTPM_REFUSAL),
    REFUSED("vkb-attach", "<Domain> [key=value...]", "Add a virtual keyboard", SCREEN_REFUSAL),
    REFUSED("vkb-list", "<Domain...>", "List virtual keyboards", SCREEN_REFUSAL),
    REFUSED("vkb-detach", "<Domain> <DevId>", "Take a virtual keyboard away", SCREEN_REFUSAL),
    REFUSED("vdispl-attach", "<Domain> [key=value...]", "Add a virtual display",
            SCREEN_REFUSAL),
    REFUSED("vdispl-list", "<Domain...>", "List virtual displays", SCREEN_REFUSAL),
    REFUSED("vdispl-detach", "<Domain> <DevId>", "Take a virtual display away",
            SCREEN_REFUSAL),
    REFUSED("vsnd-attach", "<Domain> [key=value...]", "Add a virtual sound device",
            SCREEN_REFUSAL),
    REFUSED("vsnd-list", "<Domain...>", "List virtual sound devices", SCREEN_REFUSAL),
    REFUSED("vsnd-detach", "<Domain> <DevId>", "Take a virtual sound device away",
            SCREEN_REFUSAL),
    { "uptime", NULL, "[-s] [Domain...]",
      "Show how long all or some domains run",
      "-s\tanother format, as uptime(1)\n",
      cmd_uptime, XL_COMMON, XL_CMD_JSON, 0, NULL },
    { "claims", NULL, "",
      "List memory that is promised to domains and not yet given", NULL,
      cmd_claims, XL_RARE, XL_CMD_JSON, 0, NULL },
    { "cpupool-create", NULL, "[options] [<ConfigFile>] [key=value...]",
      "Create a CPU pool", cpupool_create_options,
      cmd_cpupool_create, XL_COMMON, XL_CMD_DRY_RUN | XL_CMD_MODIFIES, 0, NULL },
    { "cpupool-list", NULL, "[-c] [<CPU Pool>]",
      "List CPU pools",
      "-c, --cpus\tlist the CPUs of each\n",
      cmd_cpupool_list, XL_COMMON, XL_CMD_JSON, 0, NULL },
    { "cpupool-destroy", NULL, "<CPU Pool>",
      "Remove a CPU pool", NULL,
      cmd_cpupool_destroy, XL_COMMON, XL_CMD_MODIFIES, 1, NULL },
    { "cpupool-rename", NULL, "<CPU Pool> <new name>",
      "Give a CPU pool another name", NULL,
      cmd_cpupool_rename, XL_COMMON, XL_CMD_MODIFIES, 2, NULL },
    { "cpupool-cpu-add", NULL, "<CPU Pool> <CPU range>|node:<node range>",
      "Add CPUs to a CPU pool", NULL,
      cmd_cpupool_cpu_add, XL_COMMON, XL_CMD_MODIFIES, 2, NULL },
    { "cpupool-cpu-remove", NULL, "<CPU Pool> <CPU range>|node:<node range>",
      "Take CPUs from a CPU pool", NULL,
      cmd_cpupool_cpu_remove, XL_COMMON, XL_CMD_MODIFIES, 2, NULL },
    { "cpupool-migrate", NULL, "<Domain> <CPU Pool>",
      "Move a domain into a CPU pool", NULL,
      cmd_cpupool_migrate, XL_COMMON, XL_CMD_MODIFIES, 2, NULL },
    { "cpupool-numa-split", NULL, "",
      "Make a CPU pool of each NUMA node", NULL,
      cmd_cpupool_numa_split, XL_COMMON, XL_CMD_MODIFIES, 0, NULL },
    { "getenforce", NULL, "",
      "Print whether Flask enforces its policy", NULL,
      cmd_getenforce, XL_RARE, XL_CMD_JSON, 0, NULL },
    { "setenforce", NULL, "<enforcing|permissive|1|0>",
      "Set whether Flask enforces its policy", NULL,
      cmd_setenforce, XL_RARE, XL_CMD_MODIFIES, 1, NULL },
    { "loadpolicy", NULL, "<policy file>",
      "Load a policy into Flask", NULL,
      cmd_loadpolicy, XL_RARE, XL_CMD_MODIFIES, 1, NULL },
    REFUSED("remus", "[options] <Domain> [<host>]", "Keep a standby of a domain",
            STATE_REFUSAL),
    { "devd", NULL, "[options]",
      "Serve devices of other domains from this one",
      "-F\tstay in the foreground\n"
      "-p, --pidfile=FILE\twrite the process id to FILE\n",
      cmd_devd, XL_RARE, 0, 0, NULL },
    { "supervise", NULL, "[options]",
      "Look after guests that end: restart, destroy, clean up",
      "-F\tstay in the foreground\n",
      cmd_supervise, XL_COMMON, XL_CMD_HIDDEN | XL_CMD_MODIFIES, 0, NULL },
    { "init-dom0", NULL, "",
      "Tell the store of Domain-0", NULL,
      cmd_init_dom0, XL_COMMON, XL_CMD_HIDDEN | XL_CMD_MODIFIES, 0, NULL },
    REFUSED("psr-hwinfo", "[options]", "Show what the platform can allot", PSR_REFUSAL),
    REFUSED("psr-cmt-attach", "<Domain>", "Watch a domain's use of caches", PSR_REFUSAL),
    REFUSED("psr-cmt-detach", "<Domain>", "End watching a domain's use of caches",
            PSR_REFUSAL),
    REFUSED("psr-cmt-show", "<Type> <Domain>", "Show a domain's use of caches", PSR_REFUSAL),
    REFUSED("psr-cat-set", "[options] <Domain> <CBM>", "Allot cache to a domain", PSR_REFUSAL),
    REFUSED("psr-cat-show", "[options] <Domain>", "Show a domain's part of the caches",
            PSR_REFUSAL),
    REFUSED("psr-mba-set", "[options] <Domain> <THRTL>", "Throttle a domain's memory access",
            PSR_REFUSAL),
    REFUSED("psr-mba-show", "<Domain>", "Show how a domain's memory access is throttled",
            PSR_REFUSAL),
    REFUSED("usbctrl-attach", "<Domain> [key=value...]", "Add a USB controller", USB_REFUSAL),
    REFUSED("usbctrl-detach", "<Domain> <DevId>", "Take a USB controller away", USB_REFUSAL),
    REFUSED("usbdev-attach", "<Domain> hostbus=<bus> hostaddr=<device>",
            "Give a USB device to a domain", USB_REFUSAL),
    REFUSED("usbdev-detach", "<Domain> <controller> <port>",
            "Take a USB device from a domain", USB_REFUSAL),
    REFUSED("usb-list", "<Domain...>", "List a domain's USB devices", USB_REFUSAL),
    REFUSED("qemu-monitor-command", "<Domain> <Command>", "Ask a guest's QEMU", QEMU_REFUSAL),
    { "help", NULL, "[command]",
      "Print this list, or how a command is used", NULL,
      cmd_help, XL_CORE, XL_CMD_JSON, 0, NULL },
    { .name = NULL },
};
