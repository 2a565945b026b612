/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of keys, part 2: time, limits, and what the guest gets of the machine.
 */
#include "conf_keytable.h"

/* A refused key whose value is read, because a configuration is printed with it. */
#define REFUSED_READ(key, marked, kinds, types_of_guest, stands, why, taker, text) \
    { .name = key, .mark = marked, .types = kinds, .guests = types_of_guest, .value = stands, \
      .support = CONF_REFUSED, .note = why, .take = conf_take_##taker, .help = text }

const struct xl_key conf_keys_time[] = {
    KEY("localtime", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN", localtime,
        "1: the clock that the guest reads at its start shows the host's local time; 0: UTC, which "
        "is what a guest gets unless it is given."),
    KEY("rtc_timeoffset", XL_COMMON, CONF_NUM, ALL_GUESTS, "SECONDS", rtc_timeoffset,
        "Seconds to add to that clock. A negative number goes in quotes for Xen's xl."),
    KEY("tsc_mode", XL_COMMON, CONF_STR | CONF_NUM, ALL_GUESTS, "MODE", tsc_mode,
        "How the guest reads the CPU's time stamp counter: \"default\" and \"native\" read the "
        "machine's; \"always_emulate\" reads one that the hypervisor keeps, the same on all CPUs, "
        "which costs a trap each time. \"native_paravirt\" is refused."),
    NO_EFFECT("timer_mode", XL_COMMON, CONF_STR | CONF_NUM, CONF_PVH | CONF_HVM, "MODE",
              "a guest's only emulated timer, its local APIC's, makes up for no lost ticks",
              "How emulated timers make up for lost ticks."),
    REFUSED("vpt_align", XL_RARE, CONF_BOOL, CONF_HVM, "BOOLEAN", WHY_HVM,
            "Whether emulated timers tick at the same moments."),
    REFUSED("hpet", XL_COMMON, CONF_BOOL, CONF_HVM, "BOOLEAN", WHY_HVM,
            "Whether there is an emulated HPET."),
    END
};

const struct xl_key conf_keys_limits[] = {
    KEY("max_grant_frames", XL_COMMON, CONF_NUM, ALL_GUESTS, "N", limit,
        "The most pages of the guest's grant table: what it needs for many fast devices. Unless it "
        "is given: xl.conf's, or else the hypervisor's."),
    KEY("max_maptrack_frames", XL_COMMON, CONF_NUM, ALL_GUESTS, "N", limit,
        "The most pages in which the hypervisor keeps what the guest maps of others. Unless it is "
        "given: xl.conf's, or else the hypervisor's."),
    KEY("max_grant_version", XL_COMMON, CONF_NUM, ALL_GUESTS, "N", limit,
        "The highest version of the grant table's format, 1 or 2."),
    KEY("max_event_channels", XL_COMMON, CONF_NUM, ALL_GUESTS, "N", limit,
        "The most event channels of the guest; 1023 unless it is given."),
    KEY("nomigrate", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN", nomigrate,
        "1: the guest will never be saved or moved, and may see features that would not allow "
        "it."),
    REFUSED_READ("seclabel", XL_COMMON, CONF_STR, ALL_GUESTS, "LABEL", WHY_XSM, seclabel,
                 "The guest's security label."),
    REFUSED_READ("init_seclabel", XL_COMMON, CONF_STR, ALL_GUESTS, "LABEL", WHY_XSM, seclabel,
                 "The security label while the guest is built."),
    REFUSED_READ("driver_domain", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
                 "back-ends in guests are not supported yet", driver_domain,
                 "1: the guest may be the back-end of others' devices."),
    NO_EFFECT("xend_suspend_evtchn_compat", XL_RARE, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
              "guests are suspended through their control node",
              "How very old guests are suspended."),
    REFUSED("msr_relaxed", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
            "reading an unknown MSR is always an error in the guest",
            "1: reading unknown MSRs gives 0 instead of an error."),
    REFUSED("vmtrace_buf_kb", XL_RARE, CONF_NUM, CONF_PVH | CONF_HVM, "KIB",
            "traces of the processor are not supported so far",
            "Room for a trace of the processor, for each vCPU."),
    NO_EFFECT("shadow_memory", XL_COMMON, CONF_NUM, CONF_PVH | CONF_HVM, "MIB",
              "a guest's page tables get what its memory and its vCPUs need",
              "Memory for shadow page tables."),
    END
};

const struct xl_key conf_keys_passthrough[] = {
    REFUSED("pci", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"DEVICE\", ... ]", WHY_PCI,
            "PCI devices of the machine that become the guest's."),
    NO_EFFECT("pci_permissive", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
              "it is about devices in pci", "Whether the guest may write to all of the devices' "
              "configuration."),
    NO_EFFECT("pci_msitranslate", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
              "it is about devices in pci", "Whether interrupts by message become ones by pin."),
    NO_EFFECT("pci_seize", XL_COMMON, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
              "it is about devices in pci", "Whether the devices are taken from their drivers."),
    NO_EFFECT("pci_power_mgmt", XL_COMMON, CONF_BOOL, CONF_HVM, "BOOLEAN",
              "it is about devices in pci", "Whether the guest controls the devices' power."),
    REFUSED("e820_host", XL_COMMON, CONF_BOOL, CONF_PV, "BOOLEAN", WHY_PCI,
            "Whether the guest sees the machine's own memory map, as drivers of devices need."),
    REFUSED("passthrough", XL_COMMON, CONF_STR, ALL_GUESTS, "MODE", WHY_PCI,
            "How an IOMMU is set up for the guest's devices."),
    REFUSED("gfx_passthru", XL_COMMON, CONF_BOOL | CONF_STR, CONF_HVM, "BOOLEAN", WHY_HVM,
            "Whether a graphics card becomes the guest's first screen."),
    REFUSED("rdm", XL_RARE, CONF_STR, CONF_HVM, "POLICY", WHY_HVM,
            "What to do about memory that the firmware keeps for devices."),
    REFUSED("rdm_mem_boundary", XL_RARE, CONF_NUM, CONF_HVM, "MIB", WHY_HVM,
            "Where memory ends for the check that rdm does."),
    REFUSED("dtdev", XL_RARE, CONF_LIST, CONF_ARM, "[ \"PATH\", ... ]", WHY_ARM,
            "Devices of the device tree."),
    REFUSED("iomem", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"FIRST,PAGES\", ... ]", WHY_PCI,
            "Device memory that the guest may map."),
    REFUSED("ioports", XL_RARE, CONF_LIST, ALL_GUESTS, "[ \"FIRST-LAST\", ... ]", WHY_PCI,
            "I/O ports that the guest may use."),
    REFUSED("irqs", XL_RARE, CONF_LIST, ALL_GUESTS, "[ N, ... ]", WHY_PCI,
            "Interrupts that the guest may bind."),
    REFUSED("usbctrl", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"CONTROLLER\", ... ]", WHY_PCI,
            "USB controllers of the guest, with type=, version=, ports=."),
    REFUSED("usbdev", XL_COMMON, CONF_LIST, ALL_GUESTS, "[ \"DEVICE\", ... ]", WHY_PCI,
            "USB devices of the machine, with type=, hostbus=, hostaddr=, controller=, port=."),
    END
};

const struct xl_key conf_keys_arm[] = {
    REFUSED("gic_version", XL_RARE, CONF_STR, CONF_ARM, "VERSION", WHY_ARM,
            "Version of the interrupt controller."),
    REFUSED("vuart", XL_RARE, CONF_STR, CONF_ARM, "MODEL", WHY_ARM, "An emulated serial port."),
    REFUSED("tee", XL_RARE, CONF_STR, CONF_ARM, "TYPE", WHY_ARM,
            "Access to the machine's trusted environment."),
    REFUSED("device_tree", XL_RARE, CONF_STR, CONF_ARM, "PATH", WHY_ARM,
            "A part of a device tree to add to the guest's."),
    REFUSED("vpmu", XL_COMMON, CONF_BOOL, CONF_ARM, "BOOLEAN", WHY_ARM,
            "Whether the guest may use the performance counters."),
    END
};
