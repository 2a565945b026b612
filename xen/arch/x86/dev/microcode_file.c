/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Microcode containers: Intel's sequence of updates (SDM vol. 3, 10.11), AMD's file with a table of
 * equivalent CPUs and patches (as in amd-ucode/microcode_amd*.bin), and the cpio archive in which
 * distributions put both. The file is input from the boot loader: every length is checked.
 */
#include <asm/microcode.h>
#include <xen/string.h>

#define INTEL_HEADER       48
#define INTEL_DEFAULT_DATA 2000
#define INTEL_EXT_HEADER   20
#define INTEL_EXT_ENTRY    12

#define AMD_MAGIC          0x00414d44U
#define AMD_SECTION_HEADER 8
#define AMD_EQUIV_TABLE    0
#define AMD_PATCH          1
#define AMD_EQUIV_ENTRY    16
#define AMD_PATCH_HEADER   64

#define CPIO_HEADER        110

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static bool intel_is_for(const uint8_t *entry, uint32_t signature, uint32_t platform)
{
    uint32_t flags = get32(entry + 4);

    return get32(entry) == signature && ((!flags && !platform) || (flags & platform));
}

/* The update at @p, @total bytes long with @data bytes of code: for this CPU? */
static bool intel_matches(const uint8_t *p, uint32_t data, uint32_t total, uint32_t signature,
                          uint32_t platform)
{
    const uint8_t main[8] = { p[12], p[13], p[14], p[15], p[24], p[25], p[26], p[27] };
    uint32_t at = INTEL_HEADER + data, count;

    if (intel_is_for(main, signature, platform)) {
        return true;
    }
    if (total - at < INTEL_EXT_HEADER) {
        return false;
    }
    count = get32(p + at);
    at += INTEL_EXT_HEADER;
    for (uint32_t i = 0; i < count && total - at >= INTEL_EXT_ENTRY; i++, at += INTEL_EXT_ENTRY) {
        if (intel_is_for(p + at, signature, platform)) {
            return true;
        }
    }
    return false;
}

static bool intel_sum_is_zero(const uint8_t *p, uint32_t total)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < total; i += 4) {
        sum += get32(p + i);
    }
    return sum == 0;
}

bool microcode_find_intel(const uint8_t *file, size_t size, uint32_t signature, uint32_t platform,
                          uint32_t revision, struct microcode_patch *out)
{
    bool found = false;

    while (size >= INTEL_HEADER) {
        uint32_t data = get32(file + 28), total = get32(file + 32);

        if (!data) {
            data = INTEL_DEFAULT_DATA;
            total = INTEL_DEFAULT_DATA + INTEL_HEADER;
        }
        if (get32(file) != 1 || get32(file + 20) != 1 || total > size || total % 4 ||
            total < INTEL_HEADER || data > total - INTEL_HEADER) {
            break;
        }
        if ((int32_t)get32(file + 4) > (int32_t)revision &&
            intel_matches(file, data, total, signature, platform) &&
            intel_sum_is_zero(file, total)) {
            revision = get32(file + 4);
            *out = (struct microcode_patch){ file, INTEL_HEADER + data, revision };
            found = true;
        }
        file += total;
        size -= total;
    }
    return found;
}

/* The number that patches use for this CPU, or 0. */
static uint16_t amd_equivalent(const uint8_t *table, uint32_t len, uint32_t signature)
{
    for (uint32_t at = 0; len - at >= AMD_EQUIV_ENTRY; at += AMD_EQUIV_ENTRY) {
        if (!get32(table + at)) {
            break;
        }
        if (get32(table + at) == signature) {
            return get16(table + at + 12);
        }
    }
    return 0;
}

/* Sections of one container, which ends where another's magic number or the file's end is. */
static size_t amd_container(const uint8_t *file, size_t size, uint32_t signature,
                            struct microcode_patch *best, bool *found)
{
    uint16_t equivalent = 0;
    size_t at = 4;

    while (size - at >= AMD_SECTION_HEADER && get32(file + at) != AMD_MAGIC) {
        uint32_t type = get32(file + at), len = get32(file + at + 4);
        const uint8_t *body = file + at + AMD_SECTION_HEADER;

        if (len > size - at - AMD_SECTION_HEADER || !len) {
            return size; /* damaged */
        }
        if (type == AMD_EQUIV_TABLE) {
            equivalent = amd_equivalent(body, len, signature);
        } else if (type == AMD_PATCH && len >= AMD_PATCH_HEADER && equivalent &&
                   get16(body + 24) == equivalent && get32(body + 4) > best->revision) {
            *best = (struct microcode_patch){ body, len, get32(body + 4) };
            *found = true;
        }
        at += AMD_SECTION_HEADER + len;
    }
    return at;
}

bool microcode_find_amd(const uint8_t *file, size_t size, uint32_t signature, uint32_t revision,
                        struct microcode_patch *out)
{
    struct microcode_patch best = { NULL, 0, revision };
    bool found = false;

    while (size >= 4 + AMD_SECTION_HEADER && get32(file) == AMD_MAGIC) {
        size_t n = amd_container(file, size, signature, &best, &found);

        file += n;
        size -= n;
    }
    if (found) {
        *out = best;
    }
    return found;
}

/* Eight hexadecimal digits. */
static bool get_hex(const uint8_t *p, uint32_t *out)
{
    uint32_t v = 0;

    for (unsigned int i = 0; i < 8; i++) {
        uint8_t c = p[i] | 0x20;

        if (c >= '0' && c <= '9') {
            v = v << 4 | (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        } else {
            return false;
        }
    }
    *out = v;
    return true;
}

const uint8_t *microcode_find_in_cpio(const uint8_t *archive, size_t size, const char *name,
                                      size_t *member_size)
{
    size_t at = 0, name_len = strlen(name) + 1;
    uint32_t file_size, this_len;

    while (size - at >= CPIO_HEADER && memcmp(archive + at, "070701", 6) == 0 &&
           get_hex(archive + at + 54, &file_size) && get_hex(archive + at + 94, &this_len)) {
        size_t data = ROUND_UP(at + CPIO_HEADER + this_len, (size_t)4);

        if (this_len > size - at - CPIO_HEADER || data > size || file_size > size - data) {
            break;
        }
        if (this_len == name_len && memcmp(archive + at + CPIO_HEADER, name, name_len) == 0) {
            *member_size = file_size;
            return archive + data;
        }
        at = ROUND_UP(data + file_size, (size_t)4);
        if (at > size) {
            break;
        }
    }
    return NULL;
}
