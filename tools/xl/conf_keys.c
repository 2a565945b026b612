/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of keys, part 1: what every guest has. The chapters stand here in the manual's order.
 */
#include "conf_keytable.h"

const struct conf_chapter conf_chapters[] = {
    { "The guest", conf_keys_general },
    { "Processors", conf_keys_cpu },
    { "What it boots", conf_keys_boot },
    { "What happens when it ends", conf_keys_life },
    { "Devices", conf_keys_devices },
    { "Time", conf_keys_time },
    { "Limits and permissions", conf_keys_limits },
    { "Devices of the machine", conf_keys_passthrough },
    { "Fully virtualised guests", conf_keys_hvm },
    { "Screens and sound", conf_keys_graphics },
    { "The device model", conf_keys_model },
    { "Arm", conf_keys_arm },
    { NULL, NULL },
};

const struct xl_key conf_keys_general[] = {
    KEY("name", XL_CORE, CONF_STR, ALL_GUESTS, "NAME", name,
        "The guest's name. It must be given, and no other guest on this host may have it."),
    KEY("type", XL_CORE, CONF_STR, ALL_GUESTS, "TYPE", type,
        "\"pv\" for a paravirtual guest, which is what a missing type means unless xl.conf's "
        "default_type says otherwise; \"pvh\" for a guest in a virtual machine of the CPU's "
        "(AMD-V, VT-x) with the same devices, where its kernel and the host can do that; \"hvm\" "
        "for one with firmware and emulated devices, which is not supported yet."),
    { .name = "builder", .mark = XL_CORE, .types = CONF_STR, .guests = ALL_GUESTS,
      .value = "BUILDER", .support = CONF_SUPPORTED, .deprecated = true,
      .note = "write type = \"pv\", \"pvh\" or \"hvm\"", .take = conf_take_builder,
      .help = "The older form of type: \"generic\" and \"linux\" are PV guests, \"hvm\" is an HVM "
              "guest. It does not count where type is given." },
    KEY("uuid", XL_CORE, CONF_STR, ALL_GUESTS, "UUID", uuid,
        "The guest's UUID, as 01234567-89ab-cdef-0123-456789abcdef. Without it, each start gets a "
        "new one."),
    KEY("memory", XL_CORE, CONF_NUM, ALL_GUESTS, "MIB", memory,
        "The memory that the guest starts with, in MiB. Without it and maxmem: 32 MiB."),
    KEY("maxmem", XL_CORE, CONF_NUM, ALL_GUESTS, "MIB", maxmem,
        "The most memory that the guest can be given later by xl mem-set, in MiB; what memory says "
        "unless it is given. A PV guest keeps books of all of it, so that a large maxmem costs "
        "memory, and its start takes longer. A PVH guest starts with all of it, and gives back "
        "what is beyond memory while it boots."),
    END
};

const struct xl_key conf_keys_cpu[] = {
    KEY("vcpus", XL_CORE, CONF_NUM, ALL_GUESTS, "N", vcpus,
        "How many virtual CPUs are online at the start; 1 unless it is given."),
    KEY("maxvcpus", XL_CORE, CONF_NUM, ALL_GUESTS, "N", maxvcpus,
        "How many virtual CPUs the guest can have; xl vcpu-set changes how many are online. What "
        "vcpus says unless it is given."),
    KEY("cpus", XL_CORE, CONF_STR | CONF_NUM | CONF_LIST, ALL_GUESTS, "CPUS", cpus,
        "The CPUs of the host on which the guest's virtual CPUs may run: \"all\", \"0-3,5\", "
        "\"all,^2\", \"nodes:0\" and combinations of these, which are applied from left to right. "
        "A list gives each virtual CPU its own, the first entry to vCPU 0."),
    KEY("cpus_soft", XL_CORE, CONF_STR | CONF_NUM | CONF_LIST, ALL_GUESTS, "CPUS", cpus_soft,
        "The same for CPUs that are preferred, not required."),
    KEY("cpu_weight", XL_CORE, CONF_NUM, ALL_GUESTS, "WEIGHT", cpu_weight,
        "The guest's share of CPU time when there is not enough for all: twice the weight, twice "
        "the time. From 1 to 65535; 256 unless it is given."),
    KEY("cap", XL_CORE, CONF_NUM, ALL_GUESTS, "PERCENT", cap,
        "The most CPU time that the guest gets even if CPUs are idle, in percent of one CPU: 50 is "
        "half a CPU, 200 two CPUs; 0, no limit, unless it is given."),
    KEY("pool", XL_CORE, CONF_STR, ALL_GUESTS, "POOL", pool,
        "The CPU pool in which the guest runs; Pool-0 unless it is given. xl cpupool-list shows "
        "those there are."),
    REFUSED("vnuma", XL_COMMON, CONF_LIST, CONF_PVH | CONF_HVM, "[ [ NODE ], ... ]",
            "guests see one node of memory so far",
            "The nodes of the memory that the guest sees, each with pnode=, size=, vcpus= and "
            "vdistances=."),
    REFUSED("cpuid", XL_COMMON, CONF_STR | CONF_LIST, ALL_GUESTS, "FEATURES",
            "guests get the CPU features the hypervisor chooses; hiding single ones is not "
            "supported yet",
            "Which CPU features the guest sees: \"host,tm=0,...\" or a list of leaves with bit "
            "strings."),
    REFUSED("period", XL_RARE, CONF_NUM, ALL_GUESTS, "US",
            "it is for the schedulers sedf and rtds, and there is only credit2; use cpu_weight "
            "and cap", "The period of a guest under the real-time scheduler."),
    REFUSED("slice", XL_RARE, CONF_NUM, ALL_GUESTS, "US",
            "it is for the scheduler sedf, which is no more; use cpu_weight and cap",
            "CPU time in each period."),
    REFUSED("latency", XL_RARE, CONF_NUM, ALL_GUESTS, "US",
            "it is for the scheduler sedf, which is no more; use cpu_weight and cap",
            "How late a guest may get its time."),
    REFUSED("extratime", XL_RARE, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
            "it is for the schedulers sedf and rtds, and there is only credit2; use cpu_weight "
            "and cap", "Whether idle time goes to the guest as well."),
    END
};

const struct xl_key conf_keys_boot[] = {
    KEY("kernel", XL_CORE, CONF_STR, ALL_GUESTS, "PATH", kernel,
        "The kernel's file on the host: a Linux bzImage or an ELF image. Without it, the guest "
        "boots the kernel on its own disk: its GRUB menu is read by GRUB's image for guests of "
        "its type, which Debian's package grub-xen-host brings."),
    KEY("ramdisk", XL_CORE, CONF_STR, ALL_GUESTS, "PATH", ramdisk,
        "The initial RAM disk's file on the host."),
    KEY("cmdline", XL_CORE, CONF_STR, ALL_GUESTS, "TEXT", cmdline,
        "The kernel's command line. Where it is given, root and extra do not count."),
    KEY("root", XL_CORE, CONF_STR, ALL_GUESTS, "DEVICE", root,
        "Becomes root=DEVICE at the start of the kernel's command line."),
    KEY("extra", XL_CORE, CONF_STR, ALL_GUESTS, "TEXT", extra,
        "Follows root in the kernel's command line."),
    KEY("bootloader", XL_CORE, CONF_STR, CONF_PV | CONF_PVH, "PROGRAM", bootloader,
        "\"pygrub\" starts the kernel on the guest's own disk, as a missing kernel does: GRUB runs "
        "inside the guest, so that nothing in the control domain reads the guest's disk."),
    KEY("bootloader_args", XL_CORE, CONF_LIST | CONF_STR, CONF_PV | CONF_PVH, "[ \"ARG\", ... ]",
        bootloader_args,
        "Arguments of the boot loader. GRUB inside the guest has none: they have no effect."),
    KEY("firmware", XL_CORE, CONF_STR, CONF_PV | CONF_HVM, "FIRMWARE", firmware,
        "For a PV guest: \"pvgrub64\" is the same as bootloader = \"pygrub\". HVM guests: "
        "\"bios\", \"uefi\" and others."),
    END
};

const struct xl_key conf_keys_life[] = {
    KEY("on_poweroff", XL_CORE, CONF_STR, ALL_GUESTS, "ACTION", action,
        "What to do when the guest has shut itself down: \"destroy\" (unless it is given) removes "
        "it; \"restart\" starts it anew; \"rename-restart\" does so and keeps the old one under "
        "another name; \"preserve\" keeps it until xl destroy; \"coredump-destroy\" and "
        "\"coredump-restart\" first write its memory to /var/lib/xen/dump."),
    KEY("on_reboot", XL_CORE, CONF_STR, ALL_GUESTS, "ACTION", action,
        "The same for a guest that wants to reboot; \"restart\" unless it is given."),
    KEY("on_crash", XL_CORE, CONF_STR, ALL_GUESTS, "ACTION", action,
        "The same for a guest that has crashed; \"destroy\" unless it is given."),
    KEY("on_watchdog", XL_CORE, CONF_STR, ALL_GUESTS, "ACTION", action,
        "The same for a guest whose watchdog ran out; \"destroy\" unless it is given."),
    KEY("on_soft_reset", XL_CORE, CONF_STR, ALL_GUESTS, "ACTION", action,
        "The same for a guest that starts another kernel in its place (kexec); \"soft-reset\" "
        "unless it is given, which works for HVM guests only: a PV guest is restarted."),
    END
};

const struct xl_key conf_keys_devices[] = {
    KEY("disk", XL_CORE, CONF_LIST, ALL_GUESTS, "[ \"DISK\", ... ]", disk,
        "The guest's disks; see the chapter DISKS."),
    KEY("vif", XL_CORE, CONF_LIST, ALL_GUESTS, "[ \"INTERFACE\", ... ]", vif,
        "The guest's network interfaces; see the chapter NETWORK INTERFACES."),
    { .name = "vfb", .mark = XL_CORE, .types = CONF_LIST, .guests = ALL_GUESTS,
      .value = "[ \"SCREEN\", ... ]", .support = CONF_REFUSED, .note = WHY_QEMU,
      .take = conf_take_vfb,
      .help = "Graphical consoles of a PV guest, each with vnc=, vnclisten=, vncpasswd=, "
              "vncdisplay=, vncunused=, sdl=, opengl=, display=, xauthority=, keymap=." },
    REFUSED("channel", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"CHANNEL\", ... ]", WHY_BACK,
            "Byte streams between host and guest, with backend=, name=, connection=, path=."),
    REFUSED("p9", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"SHARE\", ... ]", WHY_QEMU,
            "Folders of the host that the guest may mount, with tag=, security_model=, path=, "
            "backend=."),
    REFUSED("vkb", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"KEYBOARD\", ... ]", WHY_QEMU,
            "Virtual keyboards and pointers."),
    REFUSED("vtpm", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"TPM\", ... ]", WHY_BACK,
            "Virtual trusted platform modules, with backend= and uuid=."),
    REFUSED("vdispl", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"DISPLAY\", ... ]", WHY_BACK,
            "Virtual displays."),
    REFUSED("vsnd", XL_RARE, CONF_LIST, ALL_GUESTS, "[ [ \"CARD\", ... ], ... ]", WHY_BACK,
            "Virtual sound cards."),
    REFUSED("pvcalls", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"backend=DOMAIN\" ]", WHY_BACK,
            "Network calls that the host does for the guest."),
    NO_EFFECT("vif2", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"INTERFACE\", ... ]",
              "no system has these interfaces any more; use vif",
              "Interfaces of a second sort, which was given up."),
    END
};
