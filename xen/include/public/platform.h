/* SPDX-License-Identifier: BSD-2-Clause */
/* Control of the machine by the control domain. See docs/interface/platform_op.md. */
#ifndef PUBLIC_PLATFORM_H
#define PUBLIC_PLATFORM_H

#include "xen.h"

#define XENPF_INTERFACE_VERSION 0x03000001

#define XENPF_settime32            17
#define XENPF_add_memtype          31
#define XENPF_del_memtype          32
#define XENPF_read_memtype         33
#define XENPF_microcode_update     35
#define XENPF_platform_quirk       39
#define XENPF_get_cpu_version      48
#define XENPF_efi_runtime_call     49
#define XENPF_firmware_info        50
#define XENPF_enter_acpi_sleep     51
#define XENPF_change_freq          52
#define XENPF_getidletime          53
#define XENPF_set_processor_pminfo 54
#define XENPF_get_cpuinfo          55
#define XENPF_cpu_online           56
#define XENPF_cpu_offline          57
#define XENPF_cpu_hotadd           58
#define XENPF_mem_hotadd           59
#define XENPF_core_parking         60
#define XENPF_resource_op          61
#define XENPF_settime64            62
#define XENPF_get_symbol           63
#define XENPF_get_dom0_console     64 /* after 4.17: answered with -ENOSYS */

/* Both clocks are set as: UTC at the moment when the system time was system_time. */
struct xenpf_settime32 {
    uint32_t secs;
    uint32_t nsecs;
    uint64_t system_time;
};
XEN_ABI_SIZE(struct xenpf_settime32, 16, "platform_op.md");

struct xenpf_settime64 {
    uint64_t secs;
    uint32_t nsecs;
    uint32_t mbz; /* must be zero */
    uint64_t system_time;
};
XEN_ABI_SIZE(struct xenpf_settime64, 24, "platform_op.md");

/* Memory type ranges (MTRR). */
struct xenpf_add_memtype {
    xen_pfn_t mfn;
    uint64_t nr_mfns;
    uint32_t type;
    uint32_t handle; /* out */
    uint32_t reg;    /* out */
};
XEN_ABI_SIZE(struct xenpf_add_memtype, 32, "platform_op.md");

struct xenpf_del_memtype {
    uint32_t handle;
    uint32_t reg;
};
XEN_ABI_SIZE(struct xenpf_del_memtype, 8, "platform_op.md");

struct xenpf_read_memtype {
    uint32_t reg;
    xen_pfn_t mfn;    /* out, and the rest */
    uint64_t nr_mfns;
    uint32_t type;
};
XEN_ABI_SIZE(struct xenpf_read_memtype, 32, "platform_op.md");

struct xenpf_microcode_update {
    XEN_GUEST_PTR(const void) data;
    uint32_t length;
};
XEN_ABI_SIZE(struct xenpf_microcode_update, 16, "platform_op.md");

#define QUIRK_NOIRQBALANCING     1
#define QUIRK_IOAPIC_BAD_REGSEL  2
#define QUIRK_IOAPIC_GOOD_REGSEL 3

struct xenpf_platform_quirk {
    uint32_t quirk_id;
};
XEN_ABI_SIZE(struct xenpf_platform_quirk, 4, "platform_op.md");

/* xenpf_efi_runtime_call.function. */
#define XEN_EFI_get_time                      1
#define XEN_EFI_set_time                      2
#define XEN_EFI_get_wakeup_time               3
#define XEN_EFI_set_wakeup_time               4
#define XEN_EFI_get_next_high_monotonic_count 5
#define XEN_EFI_get_variable                  6
#define XEN_EFI_set_variable                  7
#define XEN_EFI_get_next_variable_name        8
#define XEN_EFI_query_variable_info           9
#define XEN_EFI_query_capsule_capabilities    10
#define XEN_EFI_update_capsule                11

/* Bits of xenpf_efi_runtime_call.misc, each for the function in its name. */
#define XEN_EFI_GET_TIME_SET_CLEARS_NS      0x1
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED     0x1
#define XEN_EFI_GET_WAKEUP_TIME_PENDING     0x2
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE      0x1
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY 0x2
#define XEN_EFI_VARIABLE_NON_VOLATILE       0x1
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS 0x2
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS     0x4
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT       0x1

struct xenpf_efi_time {
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t min;
    uint8_t sec;
    uint32_t ns;
    int16_t tz;
    uint8_t daylight;
};
XEN_ABI_SIZE(struct xenpf_efi_time, 16, "platform_op.md");

struct xenpf_efi_guid {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
};
XEN_ABI_SIZE(struct xenpf_efi_guid, 16, "platform_op.md");

struct xenpf_efi_runtime_call {
    uint32_t function;
    uint32_t misc;      /* in and out */
    xen_ulong_t status; /* out: EFI status */
    union {
        struct {
            struct xenpf_efi_time time;
            uint32_t resolution;
            uint32_t accuracy;
        } get_time;
        struct xenpf_efi_time set_time;
        struct xenpf_efi_time get_wakeup_time;
        struct xenpf_efi_time set_wakeup_time;
        struct {
            XEN_GUEST_PTR(void) name;
            xen_ulong_t size;
            XEN_GUEST_PTR(void) data;
            struct xenpf_efi_guid vendor_guid;
        } get_variable, set_variable;
        struct {
            xen_ulong_t size;
            XEN_GUEST_PTR(void) name;
            struct xenpf_efi_guid vendor_guid;
        } get_next_variable_name;
        struct {
            uint32_t attr;
            uint64_t max_store_size;
            uint64_t remain_store_size;
            uint64_t max_size;
        } query_variable_info;
        struct {
            XEN_GUEST_PTR(void) capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t max_capsule_size;
            uint32_t reset_type;
        } query_capsule_capabilities;
        struct {
            XEN_GUEST_PTR(void) capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t sg_list;
        } update_capsule;
    } u;
};
XEN_ABI_SIZE(struct xenpf_efi_runtime_call, 56, "platform_op.md");
XEN_ABI_OFFSET(struct xenpf_efi_runtime_call, u, 16, "platform_op.md");

/* xenpf_firmware_info.type. */
#define XEN_FW_DISK_INFO          1
#define XEN_FW_DISK_MBR_SIGNATURE 2
#define XEN_FW_VBEDDC_INFO        3
#define XEN_FW_EFI_INFO           4
#define XEN_FW_KBD_SHIFT_FLAGS    5

/* xenpf_firmware_info.index for XEN_FW_EFI_INFO. */
#define XEN_FW_EFI_VERSION          0
#define XEN_FW_EFI_CONFIG_TABLE     1
#define XEN_FW_EFI_VENDOR           2
#define XEN_FW_EFI_MEM_INFO         3
#define XEN_FW_EFI_RT_VERSION       4
#define XEN_FW_EFI_PCI_ROM          5
#define XEN_FW_EFI_APPLE_PROPERTIES 6

union xenpf_efi_info {
    uint32_t version;
    struct {
        uint64_t addr;
        uint32_t nent;
    } cfg;
    struct {
        uint32_t revision;
        uint32_t bufsz; /* in: bytes of room; out: bytes there are */
        XEN_GUEST_PTR(void) name;
    } vendor;
    struct {
        uint64_t addr;
        uint64_t size;
        uint64_t attr;
        uint32_t type;
    } mem;
    struct {
        uint16_t segment;
        uint8_t bus;
        uint8_t devfn;
        uint16_t vendor;
        uint16_t devid;
        uint64_t address;
        xen_ulong_t size;
    } pci_rom;
    struct {
        uint64_t address;
        xen_ulong_t size;
    } apple_properties;
};
XEN_ABI_SIZE(union xenpf_efi_info, 32, "platform_op.md");

struct xenpf_firmware_info {
    uint32_t type;
    uint32_t index;
    union {
        struct {
            uint8_t device;
            uint8_t version;
            uint16_t interface_support;
            uint16_t legacy_max_cylinder;
            uint8_t legacy_max_head;
            uint8_t legacy_sectors_per_track;
            XEN_GUEST_PTR(void) edd_params; /* first two bytes, in: its length */
        } disk_info;
        struct {
            uint8_t device;
            uint32_t mbr_signature;
        } disk_mbr_signature;
        struct {
            uint8_t capabilities;
            uint8_t edid_transfer_time;
            XEN_GUEST_PTR(uint8_t) edid; /* 128 bytes */
        } vbeddc_info;
        union xenpf_efi_info efi_info;
        uint8_t kbd_shift_flags;
    } u;
};
XEN_ABI_SIZE(struct xenpf_firmware_info, 40, "platform_op.md");
XEN_ABI_OFFSET(struct xenpf_firmware_info, u, 8, "platform_op.md");

/* xenpf_enter_acpi_sleep.flags: the values are for the sleep control and status registers. */
#define XENPF_ACPI_SLEEP_EXTENDED 0x1

struct xenpf_enter_acpi_sleep {
    uint16_t val_a;
    uint16_t val_b;
    uint32_t sleep_state;
    uint32_t flags;
};
XEN_ABI_SIZE(struct xenpf_enter_acpi_sleep, 12, "platform_op.md");

struct xenpf_change_freq {
    uint32_t flags;
    uint32_t cpu;
    uint64_t freq;
};
XEN_ABI_SIZE(struct xenpf_change_freq, 16, "platform_op.md");

struct xenpf_getidletime {
    XEN_GUEST_PTR(uint8_t) cpumap_bitmap; /* in and out */
    uint32_t cpumap_nr_cpus;
    XEN_GUEST_PTR(uint64_t) idletime;
    uint64_t now; /* out */
};
XEN_ABI_SIZE(struct xenpf_getidletime, 32, "platform_op.md");

/* xenpf_set_processor_pminfo.type. */
#define XEN_PM_CX  0
#define XEN_PM_PX  1
#define XEN_PM_TX  2
#define XEN_PM_PDC 3

/* Bits of start_info.flags >> 8: who looks after what. */
#define XEN_PROCESSOR_PM_CX 1
#define XEN_PROCESSOR_PM_PX 2
#define XEN_PROCESSOR_PM_TX 4

/* xen_processor_performance.flags: which parts are given. */
#define XEN_PX_PCT 1
#define XEN_PX_PSS 2
#define XEN_PX_PPC 4
#define XEN_PX_PSD 8

#define XEN_CPUPERF_SHARED_TYPE_HW  1
#define XEN_CPUPERF_SHARED_TYPE_ALL 2
#define XEN_CPUPERF_SHARED_TYPE_ANY 3

struct xen_power_register {
    uint32_t space_id;
    uint32_t bit_width;
    uint32_t bit_offset;
    uint32_t access_size;
    uint64_t address;
};
XEN_ABI_SIZE(struct xen_power_register, 24, "platform_op.md");

struct xen_processor_csd {
    uint32_t domain;
    uint32_t coord_type;
    uint32_t num;
};
XEN_ABI_SIZE(struct xen_processor_csd, 12, "platform_op.md");

struct xen_processor_cx {
    struct xen_power_register reg;
    uint8_t type;
    uint32_t latency;
    uint32_t power;
    uint32_t dpcnt;
    XEN_GUEST_PTR(struct xen_processor_csd) dp;
};
XEN_ABI_SIZE(struct xen_processor_cx, 48, "platform_op.md");

struct xen_processor_flags {
    uint32_t bm_control : 1;
    uint32_t bm_check : 1;
    uint32_t has_cst : 1;
    uint32_t power_setup_done : 1;
    uint32_t bm_rld_set : 1;
};
XEN_ABI_SIZE(struct xen_processor_flags, 4, "platform_op.md");

struct xen_processor_power {
    uint32_t count;
    struct xen_processor_flags flags;
    XEN_GUEST_PTR(struct xen_processor_cx) states;
};
XEN_ABI_SIZE(struct xen_processor_power, 16, "platform_op.md");

struct xen_pct_register {
    uint8_t descriptor;
    uint16_t length;
    uint8_t space_id;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t reserved;
    uint64_t address;
};
XEN_ABI_SIZE(struct xen_pct_register, 16, "platform_op.md");

struct xen_processor_px {
    uint64_t core_frequency;
    uint64_t power;
    uint64_t transition_latency;
    uint64_t bus_master_latency;
    uint64_t control;
    uint64_t status;
};
XEN_ABI_SIZE(struct xen_processor_px, 48, "platform_op.md");

struct xen_psd_package {
    uint64_t num_entries;
    uint64_t revision;
    uint64_t domain;
    uint64_t coord_type;
    uint64_t num_processors;
};
XEN_ABI_SIZE(struct xen_psd_package, 40, "platform_op.md");

struct xen_processor_performance {
    uint32_t flags;
    uint32_t platform_limit;
    struct xen_pct_register control_register;
    struct xen_pct_register status_register;
    uint32_t state_count;
    XEN_GUEST_PTR(struct xen_processor_px) states;
    struct xen_psd_package domain_info;
    uint32_t shared_type;
};
XEN_ABI_SIZE(struct xen_processor_performance, 104, "platform_op.md");

struct xenpf_set_processor_pminfo {
    uint32_t id; /* ACPI id of the processor */
    uint32_t type;
    union {
        struct xen_processor_power power;
        struct xen_processor_performance perf;
        XEN_GUEST_PTR(uint32_t) pdc;
    } u;
};
XEN_ABI_SIZE(struct xenpf_set_processor_pminfo, 112, "platform_op.md");

/* xenpf_pcpuinfo.flags. */
#define XEN_PCPU_FLAGS_ONLINE  1
#define XEN_PCPU_FLAGS_INVALID 2

struct xenpf_pcpuinfo {
    uint32_t xen_cpuid;   /* in */
    uint32_t max_present; /* out, and the rest */
    uint32_t flags;
    uint32_t apic_id;
    uint32_t acpi_id;
};
XEN_ABI_SIZE(struct xenpf_pcpuinfo, 20, "platform_op.md");

struct xenpf_pcpu_version {
    uint32_t xen_cpuid;   /* in */
    uint32_t max_present; /* out, and the rest */
    char vendor_id[12];
    uint32_t family;
    uint32_t model;
    uint32_t stepping;
};
XEN_ABI_SIZE(struct xenpf_pcpu_version, 32, "platform_op.md");

struct xenpf_cpu_ol {
    uint32_t cpuid;
};
XEN_ABI_SIZE(struct xenpf_cpu_ol, 4, "platform_op.md");

struct xenpf_cpu_hotadd {
    uint32_t apic_id;
    uint32_t acpi_id;
    uint32_t pxm;
};
XEN_ABI_SIZE(struct xenpf_cpu_hotadd, 12, "platform_op.md");

struct xenpf_mem_hotadd {
    uint64_t spfn;
    uint64_t epfn;
    uint32_t pxm;
    uint32_t flags;
};
XEN_ABI_SIZE(struct xenpf_mem_hotadd, 24, "platform_op.md");

#define XEN_CORE_PARKING_SET 1
#define XEN_CORE_PARKING_GET 2

struct xenpf_core_parking {
    uint32_t type;
    uint32_t idle_nums;
};
XEN_ABI_SIZE(struct xenpf_core_parking, 8, "platform_op.md");

#define XEN_RESOURCE_OP_MSR_READ  0
#define XEN_RESOURCE_OP_MSR_WRITE 1

struct xenpf_resource_entry {
    union {
        uint32_t cmd; /* in */
        int32_t ret;  /* out */
    } u;
    uint32_t rsvd;
    uint64_t idx;
    uint64_t val;
};
XEN_ABI_SIZE(struct xenpf_resource_entry, 24, "platform_op.md");

struct xenpf_resource_op {
    uint32_t nr_entries;
    uint32_t cpu;
    XEN_GUEST_PTR(struct xenpf_resource_entry) entries;
};
XEN_ABI_SIZE(struct xenpf_resource_op, 16, "platform_op.md");

struct xenpf_symdata {
    uint32_t namelen;
    uint32_t symnum;
    XEN_GUEST_PTR(char) name;
    uint64_t address;
    char type;
};
XEN_ABI_SIZE(struct xenpf_symdata, 32, "platform_op.md");

struct xen_platform_op {
    uint32_t cmd;
    uint32_t interface_version;
    union {
        struct xenpf_settime64 settime;
        struct xenpf_settime32 settime32;
        struct xenpf_settime64 settime64;
        struct xenpf_add_memtype add_memtype;
        struct xenpf_del_memtype del_memtype;
        struct xenpf_read_memtype read_memtype;
        struct xenpf_microcode_update microcode;
        struct xenpf_platform_quirk platform_quirk;
        struct xenpf_efi_runtime_call efi_runtime_call;
        struct xenpf_firmware_info firmware_info;
        struct xenpf_enter_acpi_sleep enter_acpi_sleep;
        struct xenpf_change_freq change_freq;
        struct xenpf_getidletime getidletime;
        struct xenpf_set_processor_pminfo set_pminfo;
        struct xenpf_pcpuinfo pcpu_info;
        struct xenpf_pcpu_version pcpu_version;
        struct xenpf_cpu_ol cpu_ol;
        struct xenpf_cpu_hotadd cpu_add;
        struct xenpf_mem_hotadd mem_add;
        struct xenpf_core_parking core_parking;
        struct xenpf_resource_op resource_op;
        struct xenpf_symdata symdata;
        uint8_t pad[128];
    } u;
};
XEN_ABI_SIZE(struct xen_platform_op, 136, "platform_op.md");
XEN_ABI_OFFSET(struct xen_platform_op, u, 8, "platform_op.md");

#endif /* PUBLIC_PLATFORM_H */
