/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory and text. The mem functions are also what compilers call by themselves. */
#ifndef GUEST_KIT_STRING_H
#define GUEST_KIT_STRING_H

#include <stdbool.h>
#include <stddef.h>

void *memset(void *to, int value, size_t size);
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
bool text_contains(const char *text, const char *part);

#endif
