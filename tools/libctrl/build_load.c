/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes into a guest. Mapping a page of it costs more than copying one, and half of a kernel is
 * zeros, as a new guest's memory is: so only runs of data are mapped. In memory they are looked
 * for; a file tells them as its data and its holes.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "build.h"

#define COPY_PAGES 4096u            /* mapped at once */
#define GAP        (4 * CTRL_PAGE_SIZE)  /* fewer zeros between two runs do not part them */

typedef uint64_t vec __attribute__((vector_size(16), aligned(1), may_alias));

/*
 * Plain stores of 16 bytes: a string instruction takes as many steps as there are bytes on an
 * emulated CPU, and is no faster on others at these sizes.
 */
static void copy_bytes(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t i = 0;

    for (; i + 64 <= size; i += 64) {
        vec a = *(const vec *)(from + i), b = *(const vec *)(from + i + 16);
        vec c = *(const vec *)(from + i + 32), d = *(const vec *)(from + i + 48);

        *(vec *)(to + i) = a;
        *(vec *)(to + i + 16) = b;
        *(vec *)(to + i + 32) = c;
        *(vec *)(to + i + 48) = d;
    }
    for (; i < size; i++) {
        to[i] = from[i];
    }
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
    size_t i = 0;

    for (; i + 64 <= size; i += 64) {
        vec any = *(const vec *)(bytes + i) | *(const vec *)(bytes + i + 16) |
                  *(const vec *)(bytes + i + 32) | *(const vec *)(bytes + i + 48);

        if (any[0] | any[1]) {
            return false;
        }
    }
    for (; i < size; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

/* Bytes up to the next boundary of a page of the guest, which paddr is in. */
static uint64_t piece(uint64_t paddr, uint64_t size)
{
    uint64_t some = CTRL_PAGE_SIZE - paddr % CTRL_PAGE_SIZE;

    return some < size ? some : size;
}

/* The first run of pages that are not all zeros, in size bytes that go to paddr. */
static bool run_in_memory(const uint8_t *bytes, uint64_t paddr, uint64_t size, uint64_t *start,
                          uint64_t *end)
{
    uint64_t at = 0, some, zeros = 0;

    while (at < size && is_zero(bytes + at, some = piece(paddr + at, size - at))) {
        at += some;
    }
    *start = *end = at;
    for (; at < size && zeros < GAP; at += some) {
        some = piece(paddr + at, size - at);
        zeros = is_zero(bytes + at, some) ? zeros + some : 0;
        *end = zeros ? *end : at + some;
    }
    return *end > *start;
}

/* The same by what the file system knows. One that knows nothing says that all is data. */
static bool run_in_file(int fd, uint64_t offset, uint64_t size, uint64_t *start, uint64_t *end)
{
    off_t data = lseek(fd, (off_t)offset, SEEK_DATA), hole, last = (off_t)(offset + size);

    if (data < 0) {
        *start = 0;
        *end = errno == ENXIO ? 0 : size;
        return *end > 0;
    }
    if (data >= last) {
        return false;
    }
    *start = (uint64_t)data - offset;
    do {
        hole = lseek(fd, data, SEEK_HOLE);
        data = hole < 0 ? -1 : lseek(fd, hole, SEEK_DATA);
    } while (hole >= 0 && hole < last && data >= 0 && data - hole < (off_t)GAP);
    *end = hole < 0 || hole > last ? size : (uint64_t)hole - offset;
    return *end > *start;
}

static int read_all(struct builder *b, const struct build_source *from, uint64_t offset,
                    uint8_t *to, size_t size)
{
    ssize_t got;

    if (from->bytes) {
        copy_bytes(to, from->bytes + offset, size);
        return 0;
    }
    while (size > 0) {
        got = pread(from->fd, to, size, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return ctrl_fail(b->ctrl, -EIO, "%s: reading it: %s", from->name,
                             got == 0 ? "the file has become shorter" : strerror(errno));
        }
        to += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return 0;
}

static int load_run(struct builder *b, const struct build_source *from, uint64_t offset,
                    uint64_t paddr, uint64_t size)
{
    uint64_t at, pages, some;
    void *address;
    int rc = 0, unmapped;

    while (rc == 0 && size > 0) {
        at = paddr % CTRL_PAGE_SIZE;
        some = (uint64_t)COPY_PAGES * CTRL_PAGE_SIZE - at;
        some = some < size ? some : size;
        pages = (at + some + CTRL_PAGE_SIZE - 1) >> CTRL_PAGE_SHIFT;
        rc = build_map(b, paddr >> CTRL_PAGE_SHIFT, pages, &address);
        if (rc != 0) {
            break;
        }
        rc = read_all(b, from, offset, (uint8_t *)address + at, some);
        unmapped = build_unmap(b, address, pages);
        rc = rc ? rc : unmapped;
        offset += some;
        paddr += some;
        size -= some;
    }
    return rc;
}

int build_load(struct builder *b, const struct build_source *from, uint64_t offset,
               uint64_t paddr, uint64_t size)
{
    uint64_t start, end;
    int rc = 0;

    while (rc == 0 && size > 0 &&
           (from->bytes ? run_in_memory(from->bytes + offset, paddr, size, &start, &end)
                        : run_in_file(from->fd, offset, size, &start, &end))) {
        rc = load_run(b, from, offset + start, paddr + start, end - start);
        offset += end;
        paddr += end;
        size -= end;
    }
    return rc;
}
