/* SPDX-License-Identifier: BSD-2-Clause */
/* The notes of a present-day Linux kernel: p2m in its own slot, no hypercall page. */
#include "notes.h"

    notes_common
    note NOTE_INIT_P2M, .quad NOTE_INIT_P2M_VALUE
    note NOTE_MOD_START_PFN, .quad 1

    .section .note.GNU-stack, "", @progbits
