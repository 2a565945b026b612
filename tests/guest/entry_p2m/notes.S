/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes of an old kernel: no INIT_P2M, no MOD_START_PFN. */
#include "../kit/notes.h"

    notes_common

    .section .note.GNU-stack, "", @progbits
