/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes of a kernel that wants a hypercall page. */
#include "../kit/notes.h"

    notes_common
    note NOTE_INIT_P2M, .quad NOTE_INIT_P2M_VALUE
    note NOTE_MOD_START_PFN, .quad 1
    note NOTE_HYPERCALL_PAGE, .quad hypercall_page

    .section .note.GNU-stack, "", @progbits
