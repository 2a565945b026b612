/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of VT-x: fields of the VMCS (Intel SDM vol. 3, appendix B), bits of the controls (25.6
 * to 25.8), exit reasons (appendix C), and the MSRs that say what there is (appendix A).
 */
#ifndef HVM_VMX_VMCS_FIELDS_H
#define HVM_VMX_VMCS_FIELDS_H

#define MSR_FEATURE_CONTROL      0x3a
#define MSR_VMX_BASIC            0x480
#define MSR_VMX_PIN              0x481 /* pin, primary, exit, entry: these four in this order, */
#define MSR_VMX_CR0_FIXED0       0x486
#define MSR_VMX_CR0_FIXED1       0x487
#define MSR_VMX_CR4_FIXED0       0x488
#define MSR_VMX_CR4_FIXED1       0x489
#define MSR_VMX_SECONDARY        0x48b
#define MSR_VMX_EPT_VPID         0x48c
#define MSR_VMX_TRUE_PIN         0x48d /* and again, as they really are */

#define FEATURE_CONTROL_LOCKED   (1UL << 0)
#define FEATURE_CONTROL_VMXON    (1UL << 2) /* outside SMX */
#define VMX_BASIC_REVISION       0x7fffffffU
#define VMX_BASIC_INS_OUTS       (1UL << 54)
#define VMX_BASIC_TRUE           (1UL << 55)

#define EPT_CAP_WALK_4           (1UL << 6)
#define EPT_CAP_WRITE_BACK       (1UL << 14)
#define EPT_CAP_2M               (1UL << 16)
#define EPT_CAP_1G               (1UL << 17)
#define EPT_CAP_INVEPT           (1UL << 20)
#define EPT_CAP_INVEPT_SINGLE    (1UL << 25)
#define EPT_CAP_INVEPT_ALL       (1UL << 26)
#define VPID_CAP_INVVPID         (1UL << 32)
#define VPID_CAP_INVVPID_ALL     (1UL << 42)

#define INVEPT_SINGLE            1UL
#define INVEPT_ALL               2UL
#define INVVPID_ALL              2UL

#define EPT_READ                 (1UL << 0)
#define EPT_WRITE                (1UL << 1)
#define EPT_EXECUTE              (1UL << 2)
#define EPT_WRITE_BACK           (6UL << 3)
#define EPT_IGNORE_PAT           (1UL << 6)
#define EPT_LARGE                (1UL << 7)
#define EPTP_WRITE_BACK          6UL
#define EPTP_WALK_4              (3UL << 3)

/* Controls */
#define PIN_EXTERNAL_INTERRUPT   (1U << 0)
#define PIN_NMI                  (1U << 3)
#define PIN_VIRTUAL_NMIS         (1U << 5)

#define PRIMARY_INTERRUPT_WINDOW (1U << 2)
#define PRIMARY_TSC_OFFSET       (1U << 3)
#define PRIMARY_HLT              (1U << 7)
#define PRIMARY_INVLPG           (1U << 9)
#define PRIMARY_MWAIT            (1U << 10)
#define PRIMARY_RDPMC            (1U << 11)
#define PRIMARY_RDTSC            (1U << 12)
#define PRIMARY_CR3_LOAD         (1U << 15)
#define PRIMARY_CR3_STORE        (1U << 16)
#define PRIMARY_CR8_LOAD         (1U << 19)
#define PRIMARY_CR8_STORE        (1U << 20)
#define PRIMARY_NMI_WINDOW       (1U << 22)
#define PRIMARY_MOV_DR           (1U << 23)
#define PRIMARY_ALL_PORTS        (1U << 24)
#define PRIMARY_MSR_BITMAP       (1U << 28)
#define PRIMARY_MONITOR          (1U << 29)
#define PRIMARY_PAUSE            (1U << 30)
#define PRIMARY_SECONDARY        (1U << 31)

#define SECONDARY_EPT            (1U << 1)
#define SECONDARY_RDTSCP         (1U << 3)
#define SECONDARY_VPID           (1U << 5)
#define SECONDARY_WBINVD         (1U << 6)
#define SECONDARY_UNRESTRICTED   (1U << 7)
#define SECONDARY_INVPCID        (1U << 12)

#define EXIT_SAVE_DEBUG          (1U << 2)
#define EXIT_HOST_64             (1U << 9)
#define EXIT_SAVE_PAT            (1U << 18)
#define EXIT_LOAD_PAT            (1U << 19)
#define EXIT_LOAD_EFER           (1U << 21)

#define ENTRY_LOAD_DEBUG         (1U << 2)
#define ENTRY_LONG_MODE          (1U << 9)
#define ENTRY_LOAD_PAT           (1U << 14)
#define ENTRY_LOAD_EFER          (1U << 15)

/* Interruption information: bits 0-7 vector, 8-10 type. */
#define INFO_TYPE(info)          ((info) >> 8 & 7)
#define INFO_INTERRUPT           0U
#define INFO_NMI                 2U
#define INFO_EXCEPTION           3U
#define INFO_ICEBP               5U
#define INFO_HAS_ERROR           (1U << 11)
#define INFO_NMI_UNBLOCKED       (1U << 12) /* of exits: by the IRET that faulted */
#define INFO_VALID               (1U << 31)

#define BLOCKED_BY_STI           (1U << 0)
#define BLOCKED_BY_MOV_SS        (1U << 1)
#define BLOCKED_BY_NMI           (1U << 3)

#define RIGHTS_UNUSABLE          (1U << 16)

/* Fields. Those of segments are in the order ES CS SS DS FS GS LDTR TR GDTR IDTR, 2 apart. */
enum vmcs_field {
    VMCS_VPID = 0x0000,
    VMCS_GUEST_SELECTOR = 0x0800,
    VMCS_GUEST_CS = 0x0802,
    VMCS_GUEST_SS = 0x0804,
    VMCS_HOST_ES = 0x0c00,
    VMCS_HOST_CS = 0x0c02,
    VMCS_HOST_SS = 0x0c04,
    VMCS_HOST_DS = 0x0c06,
    VMCS_HOST_FS = 0x0c08,
    VMCS_HOST_GS = 0x0c0a,
    VMCS_HOST_TR = 0x0c0c,

    VMCS_MSR_BITMAP = 0x2004,
    VMCS_TSC_OFFSET = 0x2010,
    VMCS_EPTP = 0x201a,
    VMCS_GUEST_PHYSICAL = 0x2400,
    VMCS_LINK = 0x2800,
    VMCS_GUEST_DEBUGCTL = 0x2802,
    VMCS_GUEST_PAT = 0x2804,
    VMCS_GUEST_EFER = 0x2806,
    VMCS_GUEST_PDPTE = 0x280a, /* four */
    VMCS_HOST_PAT = 0x2c00,
    VMCS_HOST_EFER = 0x2c02,

    VMCS_PIN = 0x4000,
    VMCS_PRIMARY = 0x4002,
    VMCS_EXCEPTIONS = 0x4004,
    VMCS_PAGE_FAULT_MASK = 0x4006,
    VMCS_PAGE_FAULT_MATCH = 0x4008,
    VMCS_CR3_TARGETS = 0x400a,
    VMCS_EXIT = 0x400c,
    VMCS_EXIT_STORED_MSRS = 0x400e,
    VMCS_EXIT_LOADED_MSRS = 0x4010,
    VMCS_ENTRY = 0x4012,
    VMCS_ENTRY_LOADED_MSRS = 0x4014,
    VMCS_ENTRY_INFO = 0x4016,
    VMCS_ENTRY_ERROR = 0x4018,
    VMCS_SECONDARY = 0x401e,
    VMCS_INSTRUCTION_ERROR = 0x4400,
    VMCS_EXIT_REASON = 0x4402,
    VMCS_EXIT_INFO = 0x4404,
    VMCS_EXIT_ERROR = 0x4406,
    VMCS_VECTORING_INFO = 0x4408,
    VMCS_VECTORING_ERROR = 0x440a,
    VMCS_EXIT_LENGTH = 0x440c,
    VMCS_INSTRUCTION_INFO = 0x440e,
    VMCS_GUEST_LIMIT = 0x4800,
    VMCS_GUEST_RIGHTS = 0x4814,
    VMCS_INTERRUPTIBILITY = 0x4824,
    VMCS_ACTIVITY = 0x4826,
    VMCS_GUEST_SYSENTER_CS = 0x482a,
    VMCS_HOST_SYSENTER_CS = 0x4c00,

    VMCS_CR0_MASK = 0x6000,
    VMCS_CR4_MASK = 0x6002,
    VMCS_CR0_SHADOW = 0x6004,
    VMCS_CR4_SHADOW = 0x6006,
    VMCS_QUALIFICATION = 0x6400,
    VMCS_GUEST_CR0 = 0x6800,
    VMCS_GUEST_CR3 = 0x6802,
    VMCS_GUEST_CR4 = 0x6804,
    VMCS_GUEST_BASE = 0x6806,
    VMCS_GUEST_DR7 = 0x681a,
    VMCS_GUEST_RSP = 0x681c,
    VMCS_GUEST_RIP = 0x681e,
    VMCS_GUEST_RFLAGS = 0x6820,
    VMCS_PENDING_DEBUG = 0x6822,
    VMCS_GUEST_SYSENTER_ESP = 0x6824,
    VMCS_GUEST_SYSENTER_EIP = 0x6826,
    VMCS_HOST_CR0 = 0x6c00,
    VMCS_HOST_CR3 = 0x6c02,
    VMCS_HOST_CR4 = 0x6c04,
    VMCS_HOST_FS_BASE = 0x6c06,
    VMCS_HOST_GS_BASE = 0x6c08,
    VMCS_HOST_TR_BASE = 0x6c0a,
    VMCS_HOST_GDTR_BASE = 0x6c0c,
    VMCS_HOST_IDTR_BASE = 0x6c0e,
    VMCS_HOST_SYSENTER_ESP = 0x6c10,
    VMCS_HOST_SYSENTER_EIP = 0x6c12,
    VMCS_HOST_RSP = 0x6c14,
    VMCS_HOST_RIP = 0x6c16,
};

#define EXIT_ENTRY_FAILED (1U << 31) /* in the exit reason: the guest was not entered */

enum vmx_exit_reason {
    EXIT_EXCEPTION = 0,
    EXIT_INTERRUPT = 1,
    EXIT_TRIPLE_FAULT = 2,
    EXIT_INIT = 3,
    EXIT_SIPI = 4,
    EXIT_INTERRUPT_WINDOW = 7,
    EXIT_NMI_WINDOW = 8,
    EXIT_CPUID = 10,
    EXIT_GETSEC = 11,
    EXIT_HLT = 12,
    EXIT_INVD = 13,
    EXIT_RDPMC = 15,
    EXIT_RDTSC = 16,
    EXIT_VMCALL = 18,
    EXIT_VMCLEAR = 19,
    EXIT_VMLAUNCH = 20,
    EXIT_VMPTRLD = 21,
    EXIT_VMPTRST = 22,
    EXIT_VMREAD = 23,
    EXIT_VMRESUME = 24,
    EXIT_VMWRITE = 25,
    EXIT_VMXOFF = 26,
    EXIT_VMXON = 27,
    EXIT_CR = 28,
    EXIT_PORT = 30,
    EXIT_RDMSR = 31,
    EXIT_WRMSR = 32,
    EXIT_MWAIT = 36,
    EXIT_MONITOR = 39,
    EXIT_MACHINE_CHECK = 41,
    EXIT_EPT_VIOLATION = 48,
    EXIT_INVEPT = 50,
    EXIT_RDTSCP = 51,
    EXIT_INVVPID = 53,
    EXIT_WBINVD = 54,
    EXIT_XSETBV = 55,
    EXIT_VMFUNC = 59,
};

#endif
