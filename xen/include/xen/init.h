/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Marks for code and data that only boot uses. Their sections are freed
 * before the control domain first runs: nothing that stays may refer to them.
 */
#ifndef XEN_INIT_H
#define XEN_INIT_H

#define __init      __attribute__((__section__(".init.text"), __noinline__))
#define __initdata  __attribute__((__section__(".init.data")))
#define __initconst __attribute__((__section__(".init.rodata")))

#endif
