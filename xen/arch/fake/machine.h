/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine for unit tests: RAM, frame table, one CPU, locks that check their order, assertions
 * that can be awaited.
 */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Maps RAM and tables for frames below nr_frames, zero-filled; costs only what is touched. */
void fake_machine_init(uint64_t nr_frames);

/* Locks held now: 0 whenever a test calls into the hypervisor, and when that returns. */
extern unsigned int fake_locks_held;

/* Statements that must end in BUG(), ASSERT() or panic(). Locks they hold then are forgotten. */
extern jmp_buf fake_bug_target;
extern bool fake_bug_awaited;
void fake_bug_forget(void);
#define expect_bug(statement)                             \
    do {                                                  \
        volatile bool hit = true;                         \
        fake_bug_awaited = true;                          \
        if (setjmp(fake_bug_target) == 0) {               \
            statement;                                    \
            hit = false;                                  \
        }                                                 \
        fake_bug_forget();                                \
        if (!hit) {                                       \
            fail_msg("%s: expected a BUG", #statement);   \
        }                                                 \
    } while (0)

/* The clock of TLB flushes. fake_flushed: as of when the CPU last flushed; any flush counts up. */
extern uint32_t fake_tlb_clock, fake_tlb_flushed;

/* Guest memory is the program's own; accesses to [start, start + len) fail. */
extern uint64_t fake_fault_start, fake_fault_len;
extern bool fake_write_fault; /* all writes fail */

#endif
