/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The microcode container readers: which update is chosen, and that damaged containers do no harm.
 * Every buffer has its exact size, so a read beyond it is a red test.
 */
#include "unit.h"

#include <asm/microcode.h>

#define SIGNATURE 0x000506e3
#define PLATFORM  0x02

static uint8_t *buffer;
static size_t used_bytes;

static int setup(void **state)
{
    (void)state;
    buffer = calloc(1, 1 << 20);
    used_bytes = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(buffer);
    return 0;
}

static void put32(size_t at, uint32_t v)
{
    memcpy(buffer + at, &v, 4);
}

/* The buffer's content in memory of its exact size. */
static uint8_t *exact(size_t size)
{
    uint8_t *p = malloc(size ? size : 1);

    memcpy(p, buffer, size);
    return p;
}

static void fix_sum(size_t at, size_t len)
{
    uint32_t sum = 0, v;

    put32(at + 16, 0);
    for (size_t i = 0; i < len; i += 4) {
        memcpy(&v, buffer + at + i, 4);
        sum += v;
    }
    put32(at + 16, -sum);
}

/* An Intel update; with an extended table if @ext is not 0. Returns where it begins. */
static size_t add_intel(uint32_t signature, uint32_t platform, uint32_t revision, uint32_t ext)
{
    size_t at = used_bytes;
    uint32_t data = 256, total = 48 + data + (ext ? 20 + 12 : 0);

    put32(at, 1);
    put32(at + 4, revision);
    put32(at + 12, signature);
    put32(at + 20, 1);
    put32(at + 24, platform);
    put32(at + 28, data);
    put32(at + 32, total);
    memset(buffer + at + 48, 0x5a, data);
    if (ext) {
        put32(at + 48 + data, 1);
        put32(at + 48 + data + 20, ext);
        put32(at + 48 + data + 24, PLATFORM);
    }
    fix_sum(at, total);
    used_bytes += total;
    return at;
}

static bool find_intel(uint32_t revision, uint32_t *found)
{
    uint8_t *p = exact(used_bytes);
    struct microcode_patch patch = { 0 };
    bool ok = microcode_find_intel(p, used_bytes, SIGNATURE, PLATFORM, revision, &patch);

    if (ok) {
        *found = patch.revision;
        assert_true(patch.data >= p && patch.data + patch.size <= p + used_bytes);
    }
    free(p);
    return ok;
}

static void intel_newest(void **state)
{
    uint32_t rev = 0;

    (void)state;
    add_intel(SIGNATURE, PLATFORM, 0xc0, 0);
    add_intel(SIGNATURE, PLATFORM, 0xf0, 0);
    add_intel(SIGNATURE, PLATFORM, 0xe0, 0);
    add_intel(SIGNATURE, 0x40, 0xff, 0);     /* another platform */
    add_intel(SIGNATURE + 1, PLATFORM, 0xfe, 0);
    assert_true(find_intel(0x10, &rev));
    assert_int_equal(rev, 0xf0);
    assert_false(find_intel(0xf0, &rev));
}

static void intel_extended_table(void **state)
{
    uint32_t rev = 0;

    (void)state;
    add_intel(SIGNATURE + 1, 1, 0xc2, SIGNATURE);
    assert_true(find_intel(0, &rev));
    assert_int_equal(rev, 0xc2);
    put32(48 + 256, UINT32_MAX); /* more entries than there are */
    put32(48 + 256 + 20, SIGNATURE + 2);
    fix_sum(0, 48 + 256 + 32);
    assert_false(find_intel(0, &rev));
}

static void intel_damaged(void **state)
{
    uint32_t rev = 0;
    size_t second;

    (void)state;
    add_intel(SIGNATURE, PLATFORM, 0xc0, 0);
    second = add_intel(SIGNATURE, PLATFORM, 0xd0, 0);
    buffer[second + 100] ^= 1; /* checksum */
    assert_true(find_intel(0, &rev));
    assert_int_equal(rev, 0xc0);
    put32(second + 32, UINT32_MAX - 3); /* length */
    assert_true(find_intel(0, &rev));
    put32(second + 32, 16);
    assert_true(find_intel(0, &rev));
    used_bytes -= 40;
    assert_true(find_intel(0, &rev));
    assert_int_equal(rev, 0xc0);
}

static void start_amd(uint32_t signature, uint16_t equivalent)
{
    size_t at = used_bytes;

    put32(at, 0x00414d44);
    put32(at + 4, 0);
    put32(at + 8, 32);
    put32(at + 12, signature);
    put32(at + 24, equivalent);
    memset(buffer + at + 28, 0, 16);
    used_bytes += 12 + 32;
}

static void add_amd(uint16_t equivalent, uint32_t revision)
{
    size_t at = used_bytes;

    put32(at, 1);
    put32(at + 4, 128);
    put32(at + 8 + 4, revision);
    memcpy(buffer + at + 8 + 24, &equivalent, 2);
    used_bytes += 8 + 128;
}

static bool find_amd(uint32_t revision, uint32_t *found)
{
    uint8_t *p = exact(used_bytes);
    struct microcode_patch patch = { 0 };
    bool ok = microcode_find_amd(p, used_bytes, SIGNATURE, revision, &patch);

    if (ok) {
        *found = patch.revision;
        assert_true(patch.data >= p && patch.data + patch.size <= p + used_bytes);
    }
    free(p);
    return ok;
}

static void amd_second_container(void **state)
{
    uint32_t rev = 0;

    (void)state;
    start_amd(SIGNATURE + 7, 0x5000);
    add_amd(0x5000, 0x999);
    start_amd(SIGNATURE, 0x6012);
    add_amd(0x6012, 0x100);
    add_amd(0x6012, 0x300);
    add_amd(0x7000, 0x400);
    assert_true(find_amd(0x50, &rev));
    assert_int_equal(rev, 0x300);
    assert_false(find_amd(0x300, &rev));
}

static void amd_damaged(void **state)
{
    uint32_t rev = 0;
    size_t last;

    (void)state;
    start_amd(SIGNATURE, 0x6012);
    add_amd(0x6012, 0x100);
    last = used_bytes;
    add_amd(0x6012, 0x300);
    used_bytes--;
    assert_true(find_amd(0, &rev));
    assert_int_equal(rev, 0x100);
    put32(last + 4, UINT32_MAX);
    assert_true(find_amd(0, &rev));
    put32(last + 4, 0);
    assert_true(find_amd(0, &rev));
    put32(8, 3); /* the table is shorter than one entry */
    assert_false(find_amd(0, &rev));
}

static void add_member(const char *name, size_t size)
{
    char header[111];

    snprintf(header, sizeof(header), "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
             1, 0100644, 0, 0, 1, 0, (unsigned int)size, 0, 0, 0, 0,
             (unsigned int)strlen(name) + 1, 0);
    memcpy(buffer + used_bytes, header, 110);
    memcpy(buffer + used_bytes + 110, name, strlen(name) + 1);
    used_bytes = (used_bytes + 110 + strlen(name) + 1 + 3) & ~3UL;
    memset(buffer + used_bytes, (int)size, size);
    used_bytes = (used_bytes + size + 3) & ~3UL;
}

static void cpio_members(void **state)
{
    size_t size = 0;
    uint8_t *p;
    const uint8_t *m;

    (void)state;
    add_member("kernel", 0);
    add_member("kernel/x86/microcode/AuthenticAMD.bin", 77);
    add_member("kernel/x86/microcode/GenuineIntel.bin", 33);
    p = exact(used_bytes);
    m = microcode_find_in_cpio(p, used_bytes, "kernel/x86/microcode/GenuineIntel.bin", &size);
    assert_non_null(m);
    assert_int_equal(size, 33);
    assert_int_equal(m[0], 33);
    assert_null(microcode_find_in_cpio(p, used_bytes, "kernel/x86", &size));
    free(p);
    for (size_t cut = 0; cut < used_bytes; cut++) { /* any truncation is survived */
        p = exact(cut);
        (void)microcode_find_in_cpio(p, cut, "kernel/x86/microcode/GenuineIntel.bin", &size);
        free(p);
    }
}

static void random_damage(void **state)
{
    uint64_t seed = unit_seed("microcode");
    uint32_t rev;

    for (unsigned int round = 0; round < 2000; round++) {
        teardown(state);
        setup(state);
        if (round & 1) {
            start_amd(SIGNATURE, 0x6012);
            add_amd(0x6012, 0x100);
        } else {
            add_intel(SIGNATURE, PLATFORM, 0xc0, SIGNATURE + 1);
        }
        for (unsigned int i = 0; i < 3; i++) {
            buffer[unit_random(&seed) % used_bytes] = (uint8_t)unit_random(&seed);
        }
        (void)(round & 1 ? find_amd(0, &rev) : find_intel(0, &rev));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(intel_newest, setup, teardown),
        cmocka_unit_test_setup_teardown(intel_extended_table, setup, teardown),
        cmocka_unit_test_setup_teardown(intel_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(amd_second_container, setup, teardown),
        cmocka_unit_test_setup_teardown(amd_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(cpio_members, setup, teardown),
        cmocka_unit_test_setup_teardown(random_damage, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
