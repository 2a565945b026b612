/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of keys, part 3: guests in hardware's virtual machines, their screens and their device
 * model. In a PV guest's configuration these have no effect, but for the screen's, which mean a
 * vfb there.
 */
#include "conf_keytable.h"

#define HVM_ONLY(key, marked, kinds, stands, text) \
    REFUSED(key, marked, kinds, CONF_HVM, stands, WHY_HVM, text)

const struct xl_key conf_keys_hvm[] = {
    HVM_ONLY("boot", XL_CORE, CONF_STR, "DEVICES",
             "What to boot from, in order: c disk, d CD-ROM, n network."),
    HVM_ONLY("bios", XL_CORE, CONF_STR, "BIOS", "\"seabios\", \"ovmf\" or \"rombios\"."),
    HVM_ONLY("bios_path_override", XL_COMMON, CONF_STR, "PATH", "Another file for it."),
    HVM_ONLY("firmware_override", XL_COMMON, CONF_STR, "PATH", "Another file for the loader."),
    ALWAYS("acpi", XL_COMMON, CONF_PVH | CONF_HVM, "its ACPI tables tell the guest its processors",
           "Whether the guest gets ACPI tables."),
    HVM_ONLY("acpi_s3", XL_RARE, CONF_BOOL, "BOOLEAN", "Whether they name suspend to memory."),
    HVM_ONLY("acpi_s4", XL_RARE, CONF_BOOL, "BOOLEAN", "Whether they name suspend to disk."),
    HVM_ONLY("acpi_laptop_slate", XL_RARE, CONF_BOOL, "BOOLEAN",
             "Whether they name the switch between laptop and slate."),
    HVM_ONLY("acpi_firmware", XL_RARE, CONF_STR, "PATH", "More ACPI tables."),
    HVM_ONLY("smbios_firmware", XL_RARE, CONF_STR, "PATH", "More SMBIOS structures."),
    HVM_ONLY("ms_vm_genid", XL_RARE, CONF_STR, "OPTION", "\"generate\" or \"none\"."),
    ALWAYS("apic", XL_COMMON, CONF_PVH | CONF_HVM, "each vCPU has a local APIC",
           "Whether a guest of one vCPU has an APIC."),
    HVM_ONLY("pae", XL_COMMON, CONF_BOOL, "BOOLEAN", "Whether the CPU has PAE."),
    HVM_ONLY("nx", XL_COMMON, CONF_BOOL, "BOOLEAN", "Whether the CPU has no-execute."),
    ALWAYS("hap", XL_COMMON, CONF_PVH | CONF_HVM, "there are no shadow page tables in its place",
           "Whether hardware translates the guest's addresses."),
    NO_EFFECT("oos", XL_RARE, CONF_BOOL, CONF_PVH | CONF_HVM, "BOOLEAN",
              "there are no shadow page tables", "Whether shadow page tables may lag behind."),
    HVM_ONLY("viridian", XL_COMMON, CONF_BOOL | CONF_LIST, "[ \"GROUP\", ... ]",
             "Interfaces of Hyper-V that the guest sees."),
    REFUSED("nestedhvm", XL_COMMON, CONF_BOOL, CONF_PVH | CONF_HVM, "BOOLEAN",
            "guests cannot have guests of their own so far", "Whether the guest may have guests."),
    HVM_ONLY("altp2m", XL_RARE, CONF_STR | CONF_NUM, "MODE", "More than one view of memory."),
    HVM_ONLY("altp2mhvm", XL_RARE, CONF_BOOL, "BOOLEAN", "The older form of altp2m."),
    HVM_ONLY("mmio_hole", XL_RARE, CONF_NUM, "MIB", "Room for devices below 4 GiB."),
    HVM_ONLY("mca_caps", XL_RARE, CONF_LIST, "[ \"CAP\", ... ]", "Machine check features."),
    HVM_ONLY("xen_platform_pci", XL_COMMON, CONF_BOOL, "BOOLEAN",
             "Whether the device is there by which guests find Xen."),
    HVM_ONLY("hdtype", XL_COMMON, CONF_STR, "TYPE", "\"ide\" or \"ahci\" disks."),
    HVM_ONLY("vendor_device", XL_RARE, CONF_STR, "DEVICE", "A device for vendors' drivers."),
    REFUSED("pvshim", XL_COMMON, CONF_BOOL, CONF_PVH, "BOOLEAN", WHY_SHIM,
            "Whether a PV guest runs inside a PVH one."),
    NO_EFFECT("pvshim_path", XL_COMMON, CONF_STR, CONF_PVH, "PATH", "there is no shim",
              "Another shim."),
    NO_EFFECT("pvshim_cmdline", XL_COMMON, CONF_STR, CONF_PVH, "TEXT", "there is no shim",
              "The shim's command line."),
    NO_EFFECT("pvshim_extra", XL_COMMON, CONF_STR, CONF_PVH, "TEXT", "there is no shim",
              "More of the shim's command line."),
    END
};

/* A screen: HVM's emulated card, or a PV guest's frame buffer. */
#define SCREEN(key, marked, kinds, stands, text) \
    REFUSED(key, marked, kinds, CONF_PV | CONF_HVM, stands, WHY_QEMU, text)

/* Details of a screen mean nothing without vnc = 1, which is refused. */
#define DETAIL(key, marked, kinds, stands, text) \
    NO_EFFECT(key, marked, kinds, CONF_PV | CONF_HVM, stands, \
              "guests have no screens yet", text)

const struct xl_key conf_keys_graphics[] = {
    SCREEN("vnc", XL_CORE, CONF_BOOL, "BOOLEAN", "1: the guest's screen is served by VNC."),
    DETAIL("vnclisten", XL_CORE, CONF_STR, "ADDRESS[:N]", "The address that VNC listens on."),
    DETAIL("vncdisplay", XL_CORE, CONF_NUM, "N", "VNC's port is N + 5900."),
    DETAIL("vncunused", XL_CORE, CONF_BOOL, "BOOLEAN", "1: VNC takes a free port."),
    DETAIL("vncpasswd", XL_CORE, CONF_STR, "PASSWORD", "VNC's password."),
    DETAIL("sdl", XL_RARE, CONF_BOOL, "BOOLEAN", "1: the screen is a window on the host."),
    DETAIL("opengl", XL_RARE, CONF_BOOL, "BOOLEAN", "1: that window uses OpenGL."),
    DETAIL("display", XL_RARE, CONF_STR, "DISPLAY", "The X display of that window."),
    DETAIL("xauthority", XL_RARE, CONF_STR, "PATH", "The X authority file for it."),
    DETAIL("keymap", XL_COMMON, CONF_STR, "LANGUAGE", "The keyboard of whoever looks on."),
    NO_EFFECT("vncviewer", XL_RARE, CONF_BOOL, ALL_GUESTS, "BOOLEAN",
              "use xl create -V", "Whether a viewer is started."),
    HVM_ONLY("vga", XL_COMMON, CONF_STR, "CARD", "\"none\", \"stdvga\", \"cirrus\" or \"qxl\"."),
    HVM_ONLY("stdvga", XL_COMMON, CONF_BOOL, "BOOLEAN", "The older form of vga = \"stdvga\"."),
    HVM_ONLY("videoram", XL_COMMON, CONF_NUM, "MIB", "The card's memory."),
    HVM_ONLY("nographic", XL_COMMON, CONF_BOOL, "BOOLEAN", "1: there is no card."),
    HVM_ONLY("vkb_device", XL_RARE, CONF_BOOL, "BOOLEAN", "Whether there is a PV keyboard."),
    HVM_ONLY("spice", XL_RARE, CONF_BOOL, "BOOLEAN", "1: the screen is served by SPICE."),
    HVM_ONLY("spicehost", XL_RARE, CONF_STR, "ADDRESS", "The address it listens on."),
    HVM_ONLY("spiceport", XL_RARE, CONF_NUM, "PORT", "Its port."),
    HVM_ONLY("spicetls_port", XL_RARE, CONF_NUM, "PORT", "Its port with TLS."),
    HVM_ONLY("spicedisable_ticketing", XL_RARE, CONF_BOOL, "BOOLEAN", "1: no password."),
    HVM_ONLY("spicepasswd", XL_RARE, CONF_STR, "PASSWORD", "Its password."),
    HVM_ONLY("spiceagent_mouse", XL_RARE, CONF_BOOL, "BOOLEAN",
             "Whether its agent moves the mouse."),
    HVM_ONLY("spicevdagent", XL_RARE, CONF_BOOL, "BOOLEAN", "Whether there is an agent."),
    HVM_ONLY("spice_clipboard_sharing", XL_RARE, CONF_BOOL, "BOOLEAN",
             "Whether text can be copied."),
    HVM_ONLY("spiceusbredirection", XL_RARE, CONF_NUM, "N", "USB devices of the viewer's side."),
    HVM_ONLY("spice_image_compression", XL_RARE, CONF_STR, "KIND", "How images are compressed."),
    HVM_ONLY("spice_streaming_video", XL_RARE, CONF_STR, "KIND", "How videos are found."),
    HVM_ONLY("soundhw", XL_COMMON, CONF_STR, "CARD", "An emulated sound card."),
    HVM_ONLY("serial", XL_CORE, CONF_STR | CONF_LIST, "[ \"DEVICE\", ... ]",
             "Where emulated serial ports lead."),
    HVM_ONLY("usb", XL_COMMON, CONF_BOOL, "BOOLEAN", "1: there is an emulated USB bus."),
    HVM_ONLY("usbversion", XL_RARE, CONF_NUM, "N", "Its version, 1 to 3."),
    HVM_ONLY("usbdevice", XL_COMMON, CONF_STR | CONF_LIST, "[ \"DEVICE\", ... ]",
             "What is on the bus; \"tablet\" is a good pointer."),
    END
};

/* Device models serve HVM guests, and some devices of PV guests. */
#define MODEL(key, marked, kinds, stands, text) \
    REFUSED(key, marked, kinds, ALL_GUESTS, stands, WHY_QEMU, text)

const struct xl_key conf_keys_model[] = {
    NO_EFFECT("device_model", XL_RARE, CONF_STR, ALL_GUESTS, "PATH",
              "xl has ignored it since Xen 4.2", "An older form of device_model_override."),
    NO_EFFECT("device_model_version", XL_COMMON, CONF_STR, ALL_GUESTS, "VERSION",
              "no device model is run", "\"qemu-xen\" or \"qemu-xen-traditional\"."),
    MODEL("device_model_override", XL_COMMON, CONF_STR, "PATH", "Another program."),
    MODEL("device_model_args", XL_COMMON, CONF_LIST, "[ \"ARG\", ... ]", "More arguments."),
    MODEL("device_model_args_pv", XL_COMMON, CONF_LIST, "[ \"ARG\", ... ]",
          "More arguments where the guest is PV."),
    MODEL("device_model_args_hvm", XL_COMMON, CONF_LIST, "[ \"ARG\", ... ]",
          "More arguments where the guest is HVM."),
    MODEL("device_model_user", XL_COMMON, CONF_STR, "USER", "The user it runs as."),
    MODEL("dm_restrict", XL_COMMON, CONF_BOOL, "BOOLEAN", "1: it gives up its privileges."),
    MODEL("device_model_stubdomain_override", XL_RARE, CONF_BOOL, "BOOLEAN",
          "1: it runs in a domain of its own."),
    MODEL("device_model_stubdomain_seclabel", XL_RARE, CONF_STR, "LABEL", "That domain's label."),
    MODEL("stubdomain_kernel", XL_RARE, CONF_STR, "PATH", "That domain's kernel."),
    MODEL("stubdomain_ramdisk", XL_RARE, CONF_STR, "PATH", "That domain's RAM disk."),
    MODEL("stubdomain_cmdline", XL_RARE, CONF_STR, "TEXT", "That domain's command line."),
    MODEL("stubdomain_memory", XL_RARE, CONF_NUM, "MIB", "That domain's memory."),
    END
};
