/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoders as the hypervisor links them: round trips, trailing bytes, wrong
 * sizes, too little memory, damage. Output and arena end at a page that cannot
 * be touched, and begin at one, so that an overrun by the libraries, which are not
 * instrumented, stops the test too. Then the real kernels, if they are there.
 */
#include "unit.h"

#include <glob.h>
#include <lzma.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

#include <xen/errno.h>
#include <xen/unpack.h>

#define PLAIN_SIZE 300000
#define PAGE 4096ul

/* size bytes whose end (and, but for rounding, whose start) is at a forbidden page. */
struct guarded {
    uint8_t *data;
    uint8_t *map;
    size_t map_size;
};

static struct guarded guarded_alloc(size_t size)
{
    struct guarded g;
    size_t room = (size + PAGE - 1) & ~(PAGE - 1);

    g.map_size = room + 2 * PAGE;
    g.map = mmap(NULL, g.map_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(g.map, MAP_FAILED);
    if (room) {
        assert_int_equal(mprotect(g.map + PAGE, room, PROT_READ | PROT_WRITE), 0);
    }
    g.data = g.map + PAGE + room - size;
    return g;
}

static void guarded_free(struct guarded g)
{
    munmap(g.map, g.map_size);
}

/* Something like code: repeats, runs, x86 calls for the BCJ filter. */
static uint8_t *make_plain(void)
{
    uint8_t *p = malloc(PLAIN_SIZE);
    uint64_t seed = 42;
    size_t i;

    for (i = 0; i < PLAIN_SIZE; i++) {
        p[i] = unit_random(&seed) % 7 ? (i >> 5) * 3 + i % 11 : unit_random(&seed);
    }
    for (i = 0; i + 5 < PLAIN_SIZE; i += 40 + unit_random(&seed) % 60) {
        uint32_t distance = 0x1000 - i;

        p[i] = 0xe8;
        memcpy(p + i + 1, &distance, 4);
    }
    return p;
}

/* Compressed PLAIN_SIZE bytes, followed by the size as a bzImage has it. */
static struct kernel_payload pack(enum payload_format format, const uint8_t *plain,
                                  lzma_check check)
{
    size_t room = PLAIN_SIZE + 65536, length = 0;
    uint8_t *out = malloc(room);
    uint32_t size = PLAIN_SIZE;
    lzma_options_lzma lzma;
    z_stream z = { 0 };

    if (format == PAYLOAD_XZ) {
        lzma_filter filters[] = { { LZMA_FILTER_X86, NULL }, { LZMA_FILTER_LZMA2, &lzma },
                                  { LZMA_VLI_UNKNOWN, NULL } };

        assert_false(lzma_lzma_preset(&lzma, 6));
        lzma.dict_size = 32u << 20;
        assert_int_equal(lzma_stream_buffer_encode(filters, check, NULL, plain, PLAIN_SIZE,
                                                   out, &length, room), LZMA_OK);
    } else if (format == PAYLOAD_ZSTD) {
        ZSTD_CCtx *context = ZSTD_createCCtx();

        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 19);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        length = ZSTD_compress2(context, out, room, plain, PLAIN_SIZE);
        assert_false(ZSTD_isError(length));
        ZSTD_freeCCtx(context);
    } else {
        assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (Bytef *)plain;
        z.avail_in = PLAIN_SIZE;
        z.next_out = out;
        z.avail_out = room;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        length = z.total_out;
        deflateEnd(&z);
    }
    memcpy(out + length, &size, 4);
    return (struct kernel_payload){ format, out, length + 4, PLAIN_SIZE };
}

/* Unpacks with guards around output and arena; *plain, if given, must come out. */
static int unpack(const struct kernel_payload *payload, const uint8_t *plain, const char **why)
{
    size_t arena_size;
    struct guarded out, arena;
    int rc;

    *why = NULL;
    rc = unpack_arena_size(payload, &arena_size, why);
    if (rc == 0) {
        out = guarded_alloc(payload->unpacked_size);
        arena = guarded_alloc(arena_size);
        rc = unpack_payload(payload, out.data, arena.data, arena_size, why);
        if (rc == 0 && plain) {
            assert_memory_equal(out.data, plain, payload->unpacked_size);
        }
        guarded_free(out);
        guarded_free(arena);
    }
    if (rc != 0) {
        assert_non_null(*why);
    }
    return rc;
}

static void round_trip(enum payload_format format, lzma_check check)
{
    uint8_t *plain = make_plain();
    struct kernel_payload payload = pack(format, plain, check);
    const char *why;

    assert_int_equal(unpack(&payload, plain, &why), 0);
    payload.size -= 4;
    assert_int_equal(unpack(&payload, plain, &why), 0);
    payload.unpacked_size = PLAIN_SIZE - 1;
    assert_int_equal(unpack(&payload, NULL, &why), -EINVAL);
    payload.unpacked_size = PLAIN_SIZE + 1;
    assert_int_equal(unpack(&payload, NULL, &why), -EINVAL);
    payload.unpacked_size = PLAIN_SIZE;
    payload.size -= 1000;
    assert_int_equal(unpack(&payload, NULL, &why), -EINVAL);
    if (!strstr(why, payload_format_name(format))) {
        fail_msg("\"%s\" does not name the format", why);
    }
    payload.size = 1;
    assert_int_equal(unpack(&payload, NULL, &why), -EINVAL);
    free((void *)payload.data);
    free(plain);
}

static void test_gzip(void **state)
{
    (void)state;
    round_trip(PAYLOAD_GZIP, 0);
}

static void test_zstd(void **state)
{
    (void)state;
    round_trip(PAYLOAD_ZSTD, 0);
}

static void test_xz(void **state)
{
    (void)state;
    round_trip(PAYLOAD_XZ, LZMA_CHECK_CRC32);
}

/* CRC64 is chosen in a constructor, which the hypervisor must call itself. */
static void test_xz_other_checks(void **state)
{
    (void)state;
    round_trip(PAYLOAD_XZ, LZMA_CHECK_CRC64);
    round_trip(PAYLOAD_XZ, LZMA_CHECK_SHA256);
}

static void test_bare_elf(void **state)
{
    static const uint8_t data[] = "\x7f" "ELF bare";
    struct kernel_payload payload = { PAYLOAD_ELF, data, sizeof(data), sizeof(data) };
    const char *why;

    (void)state;
    assert_int_equal(unpack(&payload, data, &why), 0);
}

static void test_small_arena(void **state)
{
    static const enum payload_format formats[] = { PAYLOAD_GZIP, PAYLOAD_XZ, PAYLOAD_ZSTD };
    static const size_t sizes[] = { 0, 1, 15, 16, 100, 4096, 9000, 40000 };
    uint8_t *plain = make_plain(), *out = malloc(PLAIN_SIZE);
    const char *why;
    size_t f, i;

    (void)state;
    for (f = 0; f < 3; f++) {
        struct kernel_payload payload = pack(formats[f], plain, LZMA_CHECK_CRC32);

        for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct guarded arena = guarded_alloc(sizes[i]);
            int rc = unpack_payload(&payload, out, arena.data, sizes[i], &why);

            assert_true(rc == -ENOMEM || (rc == 0 && sizes[i] >= 9000));
            guarded_free(arena);
            /* Ends before it is aligned. */
            arena = guarded_alloc(PAGE);
            assert_int_equal(unpack_payload(&payload, out, arena.data + 1, 3, &why), -ENOMEM);
            guarded_free(arena);
        }
        free((void *)payload.data);
    }
    free(out);
    free(plain);
}

/* A frame of zstd 0.5 to 0.7, which the library could read but does not contain here. */
static void test_old_zstd(void **state)
{
    uint8_t data[64] = { 0x25, 0xb5, 0x2f, 0xfd };
    struct kernel_payload payload = { PAYLOAD_ZSTD, data, sizeof(data), PLAIN_SIZE };
    const char *why;

    (void)state;
    assert_int_equal(unpack(&payload, NULL, &why), -EOPNOTSUPP);
    data[0] = 0x27;
    assert_int_equal(unpack(&payload, NULL, &why), -EOPNOTSUPP);
}

static void damage(enum payload_format format, int rounds)
{
    uint64_t seed = unit_seed(payload_format_name(format));
    uint8_t *plain = make_plain();
    struct kernel_payload good = pack(format, plain, LZMA_CHECK_CRC32);
    const char *why;
    int i, k, rc, refused = 0;

    for (i = 0; i < rounds; i++) {
        struct guarded copy = guarded_alloc(good.size);
        struct kernel_payload bad = { format, copy.data, good.size, PLAIN_SIZE };

        memcpy(copy.data, good.data, good.size);
        for (k = unit_random(&seed) % 4; k >= 0; k--) {
            /* Headers decide more than data does. */
            size_t range = unit_random(&seed) % 2 ? good.size : 64;

            copy.data[unit_random(&seed) % range] ^= 1 << unit_random(&seed) % 8;
        }
        if (unit_random(&seed) % 8 == 0) {
            bad.size = 1 + unit_random(&seed) % good.size;
        }
        if (unit_random(&seed) % 8 == 0) {
            bad.unpacked_size = 1 + unit_random(&seed) % PLAIN_SIZE;
        }
        rc = unpack(&bad, NULL, &why);
        assert_true(rc == 0 || rc == -EINVAL || rc == -ENOMEM || rc == -EOPNOTSUPP);
        refused += rc != 0;
        guarded_free(copy);
    }
    assert_true(refused > rounds / 2);
    free((void *)good.data);
    free(plain);
}

static void test_damaged_gzip(void **state)
{
    (void)state;
    damage(PAYLOAD_GZIP, 1500);
}

static void test_damaged_xz(void **state)
{
    (void)state;
    damage(PAYLOAD_XZ, 1500);
}

static void test_damaged_zstd(void **state)
{
    (void)state;
    damage(PAYLOAD_ZSTD, 1500);
}

static void unpack_kernel(const char *path)
{
    struct kernel_payload payload;
    struct kernel_image image;
    struct guarded out, arena;
    size_t size, arena_size;
    const char *why = NULL;
    uint8_t *file = unit_read_file(path, &size);

    assert_non_null(file);
    assert_int_equal(kernel_payload_find(file, size, &payload, &why), 0);
    assert_int_equal(unpack_arena_size(&payload, &arena_size, &why), 0);
    out = guarded_alloc(payload.unpacked_size);
    arena = guarded_alloc(arena_size);
    if (unpack_payload(&payload, out.data, arena.data, arena_size, &why) != 0) {
        fail_msg("%s: %s", path, why);
    }
    if (kernel_image_parse(out.data, payload.unpacked_size, &image, &why) != 0) {
        fail_msg("%s: %s", path, why);
    }
    fprintf(stderr, "%s: %s, %zu KiB, arena %zu KiB, paddr %#lx-%#lx, entry %#lx\n", path,
            payload_format_name(payload.format), payload.unpacked_size >> 10, arena_size >> 10,
            (long)image.paddr_start, (long)image.paddr_end, (long)image.entry);
    assert_int_equal(image.paddr_start, 0x1000000);
    assert_true(image.virt_base == 0xffffffff80000000);
    assert_true(image.init_p2m == 0x8000000000);
    assert_true(image.mod_start_pfn);
    assert_int_equal(image.features_required, 1);
    assert_true(image.features_supported & 1 << 11);
    guarded_free(out);
    guarded_free(arena);
    free(file);
}

static void test_debian_kernels(void **state)
{
    glob_t found;
    size_t i;

    (void)state;
    if (glob(KERNELS_DIR "/*/vmlinuz", 0, NULL, &found) != 0) {
        unit_skip("no kernel in " KERNELS_DIR);
    }
    for (i = 0; i < found.gl_pathc; i++) {
        unpack_kernel(found.gl_pathv[i]);
    }
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_zstd),
        cmocka_unit_test(test_xz),
        cmocka_unit_test(test_xz_other_checks),
        cmocka_unit_test(test_bare_elf),
        cmocka_unit_test(test_small_arena),
        cmocka_unit_test(test_old_zstd),
        cmocka_unit_test(test_damaged_gzip),
        cmocka_unit_test(test_damaged_xz),
        cmocka_unit_test(test_damaged_zstd),
        cmocka_unit_test(test_debian_kernels),
    };

    return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
