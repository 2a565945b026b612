/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as libvirt's XML: what does not begin as a document gets a beginning. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "<domain type='xen'>", tail[] = "</domain>";
    char *text;

    if (size && *data == '<') {
        fuzz(data, size);
        return 0;
    }
    text = malloc(size + sizeof(head) + sizeof(tail));
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + sizeof(head) - 1, data, size);
    memcpy(text + sizeof(head) - 1 + size, tail, sizeof(tail) - 1);
    fuzz((const uint8_t *)text, size + sizeof(head) + sizeof(tail) - 2);
    free(text);
    return 0;
}
