/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine-to-physical table: for each machine frame, its owner's frame number. */
#ifndef XEN_M2P_H
#define XEN_M2P_H

#include <asm/memory_map.h>
#include <xen/types.h>

#define M2P_INVALID (~0UL)

static inline void m2p_set(mfn_t m, uint64_t gfn)
{
    __atomic_store_n((uint64_t *)M2P_RW_START + m.n, gfn, __ATOMIC_RELAXED);
}

static inline uint64_t m2p_get(mfn_t m)
{
    return __atomic_load_n((const uint64_t *)M2P_RW_START + m.n, __ATOMIC_RELAXED);
}

#endif
