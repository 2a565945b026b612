/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Basic types. Machine frames, guest frames and machine addresses are distinct
 * struct types in every build, so that the compiler catches a mix-up.
 */
#ifndef XEN_TYPES_H
#define XEN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Machine frame number: a 4 KiB frame of the machine's address space. */
typedef struct {
    uint64_t n;
} mfn_t;

/* Guest frame number: a 4 KiB frame of a domain's pseudo-physical space. */
typedef struct {
    uint64_t n;
} gfn_t;

/* Machine (physical) address, in bytes. */
typedef struct {
    uint64_t a;
} maddr_t;

/* System time: nanoseconds since the hypervisor's boot. */
typedef int64_t stime_t;

#ifndef XEN_DOMID_T
#define XEN_DOMID_T
typedef uint16_t domid_t;
#endif

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define INVALID_MFN mfn(~0UL)
#define INVALID_GFN gfn(~0UL)

static inline mfn_t mfn(uint64_t n)
{
    return (mfn_t){ n };
}

static inline gfn_t gfn(uint64_t n)
{
    return (gfn_t){ n };
}

static inline maddr_t maddr(uint64_t a)
{
    return (maddr_t){ a };
}

static inline mfn_t mfn_add(mfn_t m, uint64_t k)
{
    return mfn(m.n + k);
}

static inline bool mfn_eq(mfn_t x, mfn_t y)
{
    return x.n == y.n;
}

static inline mfn_t maddr_to_mfn(maddr_t a)
{
    return mfn(a.a >> PAGE_SHIFT);
}

static inline maddr_t mfn_to_maddr(mfn_t m)
{
    return maddr(m.n << PAGE_SHIFT);
}

#define KiB(x) ((uint64_t)(x) << 10)
#define MiB(x) ((uint64_t)(x) << 20)
#define GiB(x) ((uint64_t)(x) << 30)

#define ARRAY_SIZE(a)       (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)  (((n) + (d) - 1) / (d))
#define ROUND_UP(x, align)  (((x) + (align) - 1) & ~((typeof(x))(align) - 1))
#define ROUND_DOWN(x, align) ((x) & ~((typeof(x))(align) - 1))
#define container_of(ptr, type, member) \
    ((type *)(void *)((char *)(ptr) - offsetof(type, member)))

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
