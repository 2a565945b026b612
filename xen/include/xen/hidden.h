/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before every source of the image: all symbols are its own, declarations too (which
 * -fvisibility does not cover), so that none is reached through a GOT.
 */
#ifndef XEN_HIDDEN_H
#define XEN_HIDDEN_H

#pragma GCC visibility push(hidden)

#endif
