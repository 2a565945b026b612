/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of the reader of configurations that files cannot show well: numbers of disks, sets of
 * CPUs, nearest words, memory, single devices, messages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf.h"

const void *xl_module_load(const char *name, const char *symbol)
{
    (void)name;
    (void)symbol;
    abort();
}

/* --- what was reported last --- */

static char said[2000];

static void emit(void *opaque, enum xl_severity severity, const char *text)
{
    (void)opaque;
    snprintf(said, sizeof(said), "%s: %s", severity == XL_ERROR ? "error" : "warning", text);
}

static const struct xl_report report = { emit, NULL };

static struct xl_config *read_text(const char *text)
{
    struct xl_config_input input = { .path = "t.cfg", .text = text, .size = strlen(text) };
    struct xl_config *config = NULL;

    said[0] = 0;
    xl_config_read(&config, &input, &report);
    return config;
}

/* --- disks --- */

static void check_vdev(const char *vdev, uint32_t want)
{
    uint32_t number = 0;
    char name[32];

    assert_int_equal(xl_vdev_number(vdev, &number), 0);
    assert_int_equal(number, want);
    assert_string_equal(xl_vdev_name(number, name, sizeof(name)), vdev);
}

static void test_vdev_numbers(void **state)
{
    uint32_t number = 0;
    char name[32];

    (void)state;
    check_vdev("xvda", 51712);
    check_vdev("xvda1", 51713);
    check_vdev("xvdb", 51728);
    check_vdev("xvdp15", 51967);
    check_vdev("xvdq", 1u << 28 | 16 << 8);
    check_vdev("xvda16", 1u << 28 | 16);
    check_vdev("xvdz", 1u << 28 | 25 << 8);
    check_vdev("xvdaa", 1u << 28 | 26 << 8);
    check_vdev("xvdzz255", 1u << 28 | 701 << 8 | 255);
    check_vdev("sda", 2048);
    check_vdev("sdb3", 2067);
    check_vdev("sdp15", 2303);
    check_vdev("hda", 768);
    check_vdev("hdb1", 833);
    check_vdev("hdc", 5632);
    check_vdev("hdd63", 5759);
    assert_int_equal(xl_vdev_number("d2p3", &number), 0);
    assert_int_equal(number, 51712 + 2 * 16 + 3);
    assert_int_equal(xl_vdev_number("51712", &number), 0);
    assert_int_equal(number, 51712);
    assert_int_equal(xl_vdev_number("0xca00", &number), 0);
    assert_int_equal(number, 51712);
    assert_string_equal(xl_vdev_name(12345678, name, sizeof(name)), "12345678");
}

static void test_vdev_wrong(void **state)
{
    static const char *const wrong[] = {
        "", "xvd", "xvd1", "xvda256", "xvda01", "xvda1x", "XVDA", "vda", "sdq", "sda16", "hde",
        "hda64", "d", "d1p", "d1p256", "d1048576", "xvdzzzzzzzzzz", "-1", "536870912", "51712x",
        "xvda4294967297",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint32_t number = 7;

        assert_int_not_equal(xl_vdev_number(wrong[i], &number), 0);
        assert_int_equal(number, 7);
    }
}

/* --- CPUs --- */

static void check_cpus(const char *text, unsigned want)
{
    static const unsigned nodes[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    static const struct xl_host_cpus host = { 8, nodes };
    struct xl_config *config;
    struct xl_cpu_list list;
    uint8_t bits = 0;
    char why[100];

    xl_config_new_empty(&config, NULL);
    assert_int_equal(xl_cpu_list_parse(config, text, &list, why, sizeof(why)), 0);
    xl_cpu_list_resolve(&list, &host, &bits);
    assert_int_equal(bits, want);
    xl_config_free(config);
}

static void test_cpu_lists(void **state)
{
    (void)state;
    check_cpus("0", 0x01);
    check_cpus("0-3,5", 0x2f);
    check_cpus("0-3,5,^1", 0x2d);
    check_cpus("^1,0-3", 0x0f);
    check_cpus("all", 0xff);
    check_cpus("all,^7", 0x7f);
    check_cpus("nodes:1", 0xf0);
    check_cpus("node:0,^node:0,2", 0x04);
    check_cpus("1,node:1,^6", 0xb2);
    check_cpus("all,^node:1", 0x0f);
    check_cpus("nodes:all", 0xff);
    check_cpus("6-20", 0xc0);
    check_cpus(" 1 , 2,", 0x06);
}

static void test_cpu_lists_wrong(void **state)
{
    static const char *const wrong[] = {
        "x", "1-", "-1", "3-1", "1-2-3", "^", "node:", "node:x", "99999999999", "1;2", "0x1",
    };
    struct xl_config *config;

    (void)state;
    xl_config_new_empty(&config, NULL);
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct xl_cpu_list list = { .count = 77 };
        char why[200] = "";

        assert_int_not_equal(xl_cpu_list_parse(config, wrong[i], &list, why, sizeof(why)), 0);
        assert_int_equal(list.count, 77);
        assert_string_not_equal(why, "");
    }
    xl_config_free(config);
}

static void test_affinity_of_vcpus(void **state)
{
    struct xl_config *config = read_text("name='a';kernel='k';memory=4;vcpus=3\n"
                                         "cpus=['0','1']; cpus_soft='2'");

    (void)state;
    assert_non_null(config);
    assert_string_equal(xl_affinity_of(&config->cpus, 1)->text, "1");
    assert_null(xl_affinity_of(&config->cpus, 2));
    assert_string_equal(xl_affinity_of(&config->cpus_soft, 2)->text, "2");
    xl_config_free(config);
}

/* --- words --- */

static void test_nearest_key(void **state)
{
    static const char *const pairs[][2] = {
        { "memroy", "memory" }, { "vcpu", "vcpus" }, { "Name", "name" }, { "kernal", "kernel" },
        { "cmdlin", "cmdline" }, { "on_powerof", "on_poweroff" }, { "dsik", "disk" },
        { "bootlaoder", "bootloader" }, { "maxvcpu", "maxvcpus" },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_string_equal(conf_key_nearest(pairs[i][0]), pairs[i][1]);
    assert_null(conf_key_nearest("frobnicate"));
    assert_null(conf_key_nearest("a-name-that-is-much-longer-than-any-key-there-is-in-the-table"));
}

static void test_numbers(void **state)
{
    static const char *const wrong[] = { "", "-", "1x", "08", "0x", " 1", "1 ", "+1",
                                         "99999999999999999999", "0x1g" };
    int64_t number = 0;

    (void)state;
    assert_true(conf_number("0x10", &number));
    assert_int_equal(number, 16);
    assert_true(conf_number("010", &number));
    assert_int_equal(number, 8);
    assert_true(conf_number("-5", &number));
    assert_int_equal(number, -5);
    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(conf_number(wrong[i], &number));
}

/* --- memory --- */

static void test_arena_grows(void **state)
{
    struct xl_arena *arena = arena_new();
    unsigned *array = NULL;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        array = arena_grow(arena, array, i, sizeof(*array));
        array[i] = i;
    }
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    assert_int_equal((uintptr_t)arena_alloc(arena, 100000) % 16, 0);
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 3), "a-3");
    arena_free(arena);
    arena_free(NULL);
}

/* --- a configuration's fields and places --- */

static void test_fields(void **state)
{
    struct xl_config *config = read_text("name = 'web'\nkernel = '/k'\nroot = '/dev/xvda1'\n"
                                         "extra = 'ro'\nmemory = 64\nmaxmem = 128\n"
                                         "disk = [ 'a,raw,xvda,r',\n"
                                         "'vdev=xvdb,script=b,target=x:y' ]\n"
                                         "vif = [ 'mac=00:16:3e:01:02:ff,rate=1MB/s@20ms' ]\n");

    (void)state;
    assert_non_null(config);
    assert_string_equal(said, "");
    assert_string_equal(config->cmdline, "root=/dev/xvda1 ro");
    assert_int_equal(config->memory_kib, 64 << 10);
    assert_int_equal(config->maxmem_kib, 128 << 10);
    assert_int_equal(config->vcpus, 1);
    assert_int_equal(config->maxvcpus, 1);
    assert_int_equal(config->weight, -1);
    assert_int_equal(config->on_reboot, XL_ACTION_RESTART);
    assert_int_equal(config->on_soft_reset, XL_ACTION_SOFT_RESET);
    assert_false(config->has_uuid);
    assert_false(config->own_kernel);
    assert_int_equal(config->disk_count, 2);
    assert_string_equal(config->disks[0].path, "/dev/a");
    assert_false(config->disks[0].readwrite);
    assert_int_equal(config->disks[0].where.line, 7);
    assert_null(config->disks[1].path);
    assert_string_equal(config->disks[1].script_path, "/etc/xen/scripts/b");
    assert_int_equal(config->disks[1].where.line, 8);
    assert_int_equal(config->vif_count, 1);
    assert_int_equal(config->vifs[0].mac[5], 0xff);
    assert_int_equal(config->vifs[0].rate_bytes, 20000);
    assert_int_equal(config->vifs[0].rate_interval_us, 20000);
    assert_null(config->vifs[0].script_path);
    assert_int_equal(xl_config_where(config, "memory").line, 5);
    assert_string_equal(xl_config_where(config, "memory").file, "t.cfg");
    assert_int_equal(xl_config_where(config, "uuid").line, 0);
    assert_int_equal(xl_config_value(config, "maxmem")->number, 128);
    assert_null(xl_config_value(config, "nothing"));
    xl_config_free(config);
}

/* A disk that was detached and attached again stands twice in what is kept of a guest. */
static void test_devices_again_of_the_living(void **state)
{
    static const char text[] = "name='a';kernel='/k';memory=4\n"
                               "disk=['/a,raw,xvda'];disk+=['/b,raw,xvda']\n"
                               "vif=['devid=1'];vif+=['devid=1']\n";
    struct xl_config_input input = {
        .path = "t.cfg", .text = text, .size = strlen(text), .living = true,
    };
    struct xl_config *config;

    (void)state;
    said[0] = 0;
    assert_int_equal(xl_config_read(&config, &input, &report), 0);
    assert_int_equal(config->disk_count, 2);
    assert_int_equal(config->vif_count, 2);
    assert_string_equal(said, "");
    xl_config_free(config);
    assert_null(read_text(text));
}

static void test_own_kernel(void **state)
{
    struct xl_config *config = read_text("name='a';memory=4;disk=['/a,raw,xvda']");

    (void)state;
    assert_non_null(config);
    assert_true(config->own_kernel);
    assert_string_equal(config->kernel, "/usr/lib/grub-xen/grub-x86_64-xen.bin");
    assert_null(config->bootloader);
    assert_string_equal(said, "");
    xl_config_free(config);
}

static void test_own_kernel_needs_grub(void **state)
{
    struct xl_config *config = read_text("name='a';memory=4\nbootloader='pygrub'\n"
                                         "disk=['/dev/zero,raw,xvda,w,script=/bin/true']");

    (void)state;
    assert_non_null(config);
    config->kernel = "/nowhere/grub.bin";
    assert_int_not_equal(xl_config_check(config, &report), 0);
    assert_string_equal(said, "error: t.cfg:2: bootloader: the guest's own kernel is booted "
                        "through '/nowhere/grub.bin', which is not there; install the package "
                        "grub-xen-host, or give a kernel");
    xl_config_free(config);
}

static void test_later_errors_name_their_line(void **state)
{
    struct xl_config *config = read_text("name='a';kernel='/k'\nmemory=4\nvif=[\n'']");

    (void)state;
    assert_non_null(config);
    xl_config_complain(config, &report, "memory", "needs %d MiB", 5);
    assert_string_equal(said, "error: t.cfg:2: memory: needs 5 MiB");
    xl_config_complain(config, &report, "uuid", "is in use");
    assert_string_equal(said, "error: t.cfg: uuid: is in use");
    xl_where_complain(config->vifs[0].where, &report, "vif", "no bridge '%s'", "xenbr0");
    assert_string_equal(said, "error: t.cfg:4: vif: no bridge 'xenbr0'");
    xl_config_free(config);
}

static void test_single_devices(void **state)
{
    static const char *const disk_words[] = { "phy:/dev/a", "xvdb", "r" };
    static const char *const wrong_words[] = { "/dev/a", "raw" };
    static const char *const vif_words[] = { "bridge=b0", "mtu=1400" };
    struct xl_config *config;
    struct xl_disk disk;
    struct xl_vif vif;

    (void)state;
    xl_config_new_empty(&config, NULL);
    assert_int_equal(xl_disk_parse(config, disk_words, 3, &disk, &report), 0);
    assert_string_equal(disk.path, "/dev/a");
    assert_int_equal(disk.number, 51728);
    assert_false(disk.readwrite);
    assert_int_not_equal(xl_disk_parse(config, wrong_words, 2, &disk, &report), 0);
    assert_string_equal(said, "error: command line: disk: '/dev/a,raw': the guest's name of the "
                        "disk is missing; add it as the third part: TARGET,raw,xvda,w");
    assert_int_equal(xl_vif_parse(config, NULL, vif_words, 2, &vif, &report), 0);
    assert_string_equal(vif.bridge, "b0");
    assert_int_equal(vif.mtu, 1400);
    xl_config_free(config);
}

/* Lists nested without end must not end the stack, and every text must come to an end. */
static void test_deep_lists(void **state)
{
    char text[2000] = "name = ";

    (void)state;
    memset(text + 7, '[', sizeof(text) - 8);
    assert_null(read_text(text));
    assert_non_null(strstr(said, "error: "));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vdev_numbers),
        cmocka_unit_test(test_vdev_wrong),
        cmocka_unit_test(test_cpu_lists),
        cmocka_unit_test(test_cpu_lists_wrong),
        cmocka_unit_test(test_affinity_of_vcpus),
        cmocka_unit_test(test_nearest_key),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_arena_grows),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_devices_again_of_the_living),
        cmocka_unit_test(test_own_kernel),
        cmocka_unit_test(test_own_kernel_needs_grub),
        cmocka_unit_test(test_later_errors_name_their_line),
        cmocka_unit_test(test_single_devices),
        cmocka_unit_test(test_deep_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
