/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler is told: attributes and barriers. */
#ifndef XEN_COMPILER_H
#define XEN_COMPILER_H

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define must_check   __attribute__((__warn_unused_result__))
#define noreturn     __attribute__((__noreturn__))
#define noinline     __attribute__((__noinline__))
#define always_inline inline __attribute__((__always_inline__))
#define packed       __attribute__((__packed__))
#define aligned(n)   __attribute__((__aligned__(n)))
#define section(s)   __attribute__((__section__(s)))
#define used         __attribute__((__used__))
#define weak         __attribute__((__weak__))
#define printf_like(f, a) __attribute__((__format__(__printf__, f, a)))
#define fallthrough  __attribute__((__fallthrough__))

#define barrier() __asm__ __volatile__("" ::: "memory")

/* One access, neither torn nor repeated: for memory that others write. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#endif
