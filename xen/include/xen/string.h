/* SPDX-License-Identifier: BSD-2-Clause */
/* The string and memory functions of C that the hypervisor uses; freestanding. */
#ifndef XEN_STRING_H
#define XEN_STRING_H

#include <stddef.h>

void *memset(void *dst, int c, size_t n);
void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *needle);

/* Copies and always terminates; returns the length of @src. */
size_t string_copy(char *dst, const char *src, size_t size);

/* Reads a number, decimal or with 0x; *end is the first character not read. */
unsigned long string_to_ulong(const char *s, const char **end);

#endif
