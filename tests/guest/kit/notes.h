/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ELF notes of a test guest, one macro each, for notes.S files. A test folder that holds
 * its own notes.S is linked with that one in place of the kit's.
 */
#ifndef GUEST_KIT_NOTES_H
#define GUEST_KIT_NOTES_H

#define NOTE_ENTRY              1
#define NOTE_HYPERCALL_PAGE     2
#define NOTE_VIRT_BASE          3
#define NOTE_PADDR_OFFSET       4
#define NOTE_XEN_VERSION        5
#define NOTE_GUEST_OS           6
#define NOTE_LOADER             8
#define NOTE_PAE_MODE           9
#define NOTE_FEATURES           10
#define NOTE_INIT_P2M           15
#define NOTE_MOD_START_PFN      16
#define NOTE_SUPPORTED_FEATURES 17
#define NOTE_PHYS32_ENTRY       18

#define NOTE_VIRT_BASE_VALUE    0xffffffff80000000
#define NOTE_INIT_P2M_VALUE     0x8000000000
/* writable_page_tables, dom0, linux_rsdp_unrestricted: what a Linux kernel offers. */
#define NOTE_SUPPORTED_VALUE    0x8801

.macro note type:req, desc:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4
    .long 2f - 1f
    .long \type
    .asciz "Xen"
1:  \desc
2:  .balign 4
    .popsection
.endm

/* The notes every test guest has. */
.macro notes_common
    note NOTE_ENTRY, .quad guest_entry
    note NOTE_VIRT_BASE, .quad NOTE_VIRT_BASE_VALUE
    note NOTE_PADDR_OFFSET, .quad 0
    note NOTE_XEN_VERSION, .asciz "xen-3.0"
    note NOTE_GUEST_OS, .asciz "linux"
    note NOTE_LOADER, .asciz "generic"
    note NOTE_PAE_MODE, .asciz "yes"
    note NOTE_FEATURES, .asciz "!writable_page_tables|pae_pgdir_above_4gb"
    note NOTE_SUPPORTED_FEATURES, .quad NOTE_SUPPORTED_VALUE
.endm

#endif
