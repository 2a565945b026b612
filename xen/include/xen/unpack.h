/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unpacks a compressed kernel into memory of the caller's. The decoders are
 * Debian's static libraries, linked into boot-only sections; they run in an
 * environment of their own (unpack_run), because they were compiled for user
 * space. Boot only, one CPU.
 */
#ifndef XEN_UNPACK_H
#define XEN_UNPACK_H

#include <xen/compiler.h>
#include <xen/kernel_image.h>

/*
 * Working memory that unpack_payload() needs for this payload. -EINVAL, with
 * *why: the payload is damaged at its head; -EOPNOTSUPP: it uses a method that
 * the decoder lacks.
 */
must_check int unpack_arena_size(const struct kernel_payload *payload, size_t *size,
                                 const char **why);

/*
 * Unpacks to payload->unpacked_size bytes at out, or copies them if they are
 * not compressed. Nothing is written outside out and arena, whatever the input.
 * -EINVAL: damaged, or of another size than it says; -ENOMEM: the arena is too
 * small; -EOPNOTSUPP: as above. *why tells it in a sentence.
 */
must_check int unpack_payload(const struct kernel_payload *payload, void *out, void *arena,
                              size_t arena_size, const char **why);

/* What arch owes. */

/*
 * Calls fn(arg) as code compiled for user space expects it: a stack canary at
 * %fs:0x28, SSE, a red zone. Interrupts are off meanwhile. Returns what fn
 * returned, or what it passed to unpack_exit(). Does not nest.
 */
int unpack_run(int (*fn)(void *), void *arg);

/* Leaves the unpack_run() in progress with this value, from any depth. */
noreturn void unpack_exit(int rc);

#endif
