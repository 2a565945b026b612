/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making and ending guests over a host that is not there: claims, what is checked first and how it
 * is said, what a device looks like in the store, decisions at a guest's end; and each step of a
 * creation failing, or the maker dying at it, after which nothing may be left.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/unit.h"

#include "kernel_maker.h"

#include "claims.h"
#include "fake.h"
#include "life.h"
#include "life_host.h"
#include "output.h"
#include "state.h"
#include "xl.h"
#include "xl_conf.h"

#include <libctrl/domain.h>
#include <libctrl/store.h>

static char folder[64];
static char kernel_path[64], pv_kernel_path[64], disk_path[80], other_path[80];
static struct xl xl;
static int saved_stderr = -1;

/* --- the world --- */

static void file_make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    close(fd);
}

static int world_make(void **state)
{
    struct elf_maker m;

    (void)state;
    fake_reset();
    life_host_reset();
    fake_store_set("/local/domain/0/name", "Domain-0");
    xl = (struct xl){ .verbose = 0 };
    strcpy(folder, "/tmp/xl-life-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(disk_path, sizeof(disk_path), "%s/disk.img", folder);
    snprintf(other_path, sizeof(other_path), "%s/other.img", folder);
    file_make(disk_path);
    file_make(other_path);
    state_set_root(strcat(strcpy(kernel_path, folder), "/run"));
    static char root[64];
    strcpy(root, kernel_path);
    state_set_root(root);
    kernel_notes(&m);
    snprintf(pv_kernel_path, sizeof(pv_kernel_path), "/proc/self/fd/%d", kernel_made(&m));
    elf_maker_number(&m, XEN_ELFNOTE_PHYS32_ENTRY, 0x1000010);
    snprintf(kernel_path, sizeof(kernel_path), "/proc/self/fd/%d", kernel_made(&m));
    return 0;
}

static int world_end(void **state)
{
    char command[128];

    (void)state;
    if (xl.store)
        ctrl_store_close(xl.store);
    if (xl.ctrl)
        ctrl_close(xl.ctrl);
    state_set_root("/nowhere");
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    return 0;
}

/* What is said meanwhile. */
static void hear(void)
{
    char path[96];
    int fd;

    snprintf(path, sizeof(path), "%s/said", folder);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    saved_stderr = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static const char *heard(void)
{
    static char text[8192];
    char path[96];
    ssize_t size;
    int fd;

    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    snprintf(path, sizeof(path), "%s/said", folder);
    fd = open(path, O_RDONLY);
    size = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

static void assert_heard(const char *part)
{
    const char *text = heard();

    if (!strstr(text, part))
        fail_msg("it said '%s', not '%s'", text, part);
}

static struct xl_config *config_read(const char *lines)
{
    struct xl_config_input input = { .path = "g.cfg" };
    struct xl_config *config;
    static char text[2048];

    snprintf(text, sizeof(text), "name = 'g'\nkernel = '%s'\nmemory = 20\n%s\n", kernel_path,
             lines);
    input.text = text;
    input.size = strlen(text);
    if (xl_config_read(&config, &input, &life_report) < 0)
        return NULL;
    life_uuid_choose(config);
    return config;
}

static const char *devices(void)
{
    static char lines[512];

    snprintf(lines, sizeof(lines), "disk = ['%s,raw,xvda,w', '%s,raw,xvdb,r']\n"
             "vif = ['bridge=xenbr0']", disk_path, other_path);
    return lines;
}

static int create(const char *lines, struct life *life)
{
    struct xl_config *config = config_read(lines);
    struct create_options options = { .unsupervised = true, .text = "name = 'g'\n" };
    int rc;

    if (!config)
        return -ENOEXEC;
    life_begin(life, &xl, config);
    rc = life_create(life, &options);
    life_end(life);
    xl_config_free(config);
    return rc;
}

static unsigned files_below(const char *name)
{
    char command[160];
    unsigned count = 99;
    FILE *pipe;

    snprintf(command, sizeof(command), "find %s/run/%s -mindepth 1 | wc -l", folder, name);
    pipe = popen(command, "r");
    assert_int_equal(fscanf(pipe, "%u", &count), 1);
    pclose(pipe);
    return count;
}

static void assert_nothing_left(unsigned step)
{
    static const char *const folders[] = { "creating", "domains", "names", "macs", "disks" };

    for (uint32_t id = 1; id < 4; id++)
        if (fake_domain(id))
            fail_msg("step %u: domain %u is left", step, id);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (files_below(folders[i]))
            fail_msg("step %u: something is left in %s", step, folders[i]);
    if (fake_store_get("/local/domain/1") || fake_store_get("/local/domain/1/name") ||
        fake_store_get("/local/domain/0/backend/vbd/1") ||
        fake_store_get("/local/domain/0/backend/vif/1") ||
        fake_store_get("/local/domain/0/backend/console/1") || fake_store_get("/local/domain/2"))
        fail_msg("step %u: nodes are left", step);
    assert_int_equal(life_host.open_disks, 0);
    assert_int_equal(life_host.scripts_added, life_host.scripts_removed);
}

/* --- claims --- */

static void claims_have_one_owner(void **state)
{
    struct claimant one = { .domid = 1 }, two = { .domid = 2 }, who;
    struct claim claim;

    (void)state;
    memset(one.uuid, 1, 16);
    memset(two.uuid, 2, 16);
    memcpy(fake_domain_add(1, "one", 1024, 1)->uuid, one.uuid, 16);
    memcpy(fake_domain_add(2, "two", 1024, 1)->uuid, two.uuid, 16);
    assert_true(claim_of_name(&claim, "../a/b%"));
    assert_string_equal(claim.path, "names/%2e.%2fa%2fb%25");
    assert_true(claim_of_name(&claim, "guest"));
    assert_int_equal(claim_holder(xl_ctrl(&xl), &claim, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &claim, &one, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &claim, &one, &who), 0); /* again, by the same */
    assert_int_equal(claim_take(xl.ctrl, &claim, &two, &who), -EEXIST);
    assert_int_equal(who.domid, 1);
    claim_release(claim.path, &two); /* not its own */
    assert_int_equal(claim_holder(xl.ctrl, &claim, &who), 1);
    claim_release(claim.path, &one);
    assert_int_equal(claim_take(xl.ctrl, &claim, &two, &who), 0);
}

static void stale_claims_go_to_who_wants_them(void **state)
{
    struct claimant dead = { .domid = 7 }, two = { .domid = 2 }, who;
    struct claim claim;
    const uint8_t mac[6] = { 0, 0x16, 0x3e, 1, 2, 3 };

    (void)state;
    memset(dead.uuid, 9, 16);
    memset(two.uuid, 2, 16);
    memcpy(fake_domain_add(2, "two", 1024, 1)->uuid, two.uuid, 16);
    claim_of_mac(&claim, mac);
    assert_string_equal(claim.path, "macs/00:16:3e:01:02:03");
    assert_int_equal(claim_take(xl_ctrl(&xl), &claim, &dead, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &claim, &two, &who), 0);
    /* The same id with another UUID is another domain. */
    dead.domid = 2;
    assert_int_equal(claim_take(xl.ctrl, &claim, &dead, &who), -EEXIST);
}

static void disks_are_written_by_one(void **state)
{
    struct claimant one = { .domid = 1 }, two = { .domid = 2 }, who;
    struct claim read1, read2, write2;
    struct stat found;

    (void)state;
    memset(one.uuid, 1, 16);
    memset(two.uuid, 2, 16);
    memcpy(fake_domain_add(1, "one", 1024, 1)->uuid, one.uuid, 16);
    memcpy(fake_domain_add(2, "two", 1024, 1)->uuid, two.uuid, 16);
    assert_int_equal(stat(disk_path, &found), 0);
    claim_of_disk(&read1, &found, false, 1, 51712);
    claim_of_disk(&read2, &found, false, 2, 51712);
    claim_of_disk(&write2, &found, true, 2, 51728);
    assert_int_equal(claim_take(xl_ctrl(&xl), &read1, &one, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &read2, &two, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &write2, &two, &who), -EEXIST);
    claim_release(read1.path, &one);
    claim_release(read2.path, &two);
    assert_int_equal(claim_take(xl.ctrl, &write2, &two, &who), 0);
    assert_int_equal(claim_take(xl.ctrl, &read1, &one, &who), -EEXIST);
    assert_int_equal(who.domid, 2);
    claim_release(write2.path, &two);
    assert_int_equal(files_below("disks"), 0); /* the folder as well */
}

/* --- what is checked first --- */

static void checks_say_where_and_why(void **state)
{
    static const struct {
        const char *lines, *says;
    } rows[] = {
        { "memory = 1", "g.cfg:4: memory: 1 MiB are too little for /proc/self/fd" },
        { "memory = 100000", "g.cfg:4: memory: needs 100001 MiB (100000 for the guest, 544 KiB "
                             "around it), but 1531 MiB are free" },
        { "pool = 'none'", "g.cfg:4: pool: there is no CPU pool \"none\"" },
        { "vif = ['backend=other']", "g.cfg:4: vif: backend=other: networks are served by" },
        { "vif = ['mac=00:16:3e:00:00:01', 'mac=00:16:3e:00:00:01']",
          "g.cfg:4: vif: mac 00:16:3e:00:00:01 is that of another interface" },
        { "uuid = '01010101-0101-0101-0101-010101010101'",
          "g.cfg:4: uuid: domain 9 has this UUID already" },
    };
    struct fake_domain *other = fake_domain_add(9, "other", 1024, 1);
    struct life life;

    (void)state;
    memset(other->uuid, 1, 16);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int rc;

        hear();
        rc = create(rows[i].lines, &life);
        assert_heard(rows[i].says);
        assert_true(rc < 0);
        assert_nothing_left(0);
    }
}

static void pvh_needs_a_host_and_a_kernel(void **state)
{
    struct life life;
    char lines[128];

    (void)state;
    hear();
    assert_int_equal(create("type = 'pvh'", &life), -EINVAL);
    assert_heard("g.cfg:4: type: this hypervisor runs no pvh guests here: these need a CPU with "
                 "nested paging (AMD-V, VT-x)");
    fake.hvm = true;
    snprintf(lines, sizeof(lines), "type = 'pvh'\nkernel = '%s'", pv_kernel_path);
    hear();
    assert_int_equal(create(lines, &life), -EINVAL);
    assert_heard("The kernel cannot start as a PVH guest (it has no Xen note PHYS32_ENTRY)");
    hear();
    assert_int_equal(create("type = 'pvh'\nmemory = 100000", &life), -EINVAL);
    assert_heard("g.cfg:5: memory: needs 100783 MiB (100000 for the guest, ");
    assert_nothing_left(0);
}

static void names_of_others_are_taken(void **state)
{
    struct life life;

    (void)state;
    fake_domain_add(9, "g", 1024, 1);
    fake_store_set("/libxl/9", "");
    fake_store_set("/libxl/10", "");        /* of one that is gone */
    hear();
    assert_int_equal(create("", &life), -EINVAL);
    assert_heard("g.cfg:1: name: \"g\" is the name of domain 9 already");
}

static void a_uuid_is_given_once(void **state)
{
    struct life life;

    (void)state;
    memset(fake_domain_add(9, "h", 1024, 1)->uuid, 0xab, 16);
    hear();
    assert_int_equal(create("uuid = 'abababab-abab-abab-abab-abababababab'", &life), -EINVAL);
    assert_heard("g.cfg:4: uuid: domain 9 has this UUID already");
}

static void all_mistakes_are_said_at_once(void **state)
{
    struct life life;
    const char *text;

    (void)state;
    life_host.no_bridge = life_host.mounted = true;
    hear();
    assert_int_equal(create(devices(), &life), -EINVAL);
    text = heard();
    assert_non_null(strstr(text, "g.cfg:4: disk: xvda: "));
    assert_non_null(strstr(text, "is mounted on /mnt here"));
    assert_non_null(strstr(text, "g.cfg:4: disk: xvdb: "));
    assert_non_null(strstr(text, "g.cfg:5: vif: There is no bridge xenbr0; make one"));
}

static void the_same_disk_twice(void **state)
{
    struct life life;
    char lines[256];

    (void)state;
    snprintf(lines, sizeof(lines), "disk = ['%s,raw,xvda,w', '%s,raw,xvdb,r']", disk_path,
             disk_path);
    hear();
    assert_int_equal(create(lines, &life), -EINVAL);
    assert_heard("g.cfg:4: disk: xvdb: ");
}

/* --- a guest, made and ended --- */

static void assert_node(const char *path, const char *value)
{
    const char *got = fake_store_get(path);

    if (!got || strcmp(got, value) != 0)
        fail_msg("%s is '%s', not '%s'", path, got ? got : "(none)", value);
}

static void a_guest_comes_and_goes(void **state)
{
    struct life life;

    (void)state;
    assert_int_equal(create(devices(), &life), 0);
    assert_int_equal(life.domid, 1);
    assert_int_equal(fake_domain(1)->pauses, 0);
    assert_int_equal(life_host.open_disks, 0);
    assert_int_equal(fake.claims, 1);
    assert_int_equal(fake_domain(1)->outstanding, 0);
    assert_node("/local/domain/1/name", "g");
    assert_node("/local/domain/1/memory/target", "20480");
    assert_node("/local/domain/1/cpu/0/availability", "online");
    assert_node("/local/domain/1/device/vbd/51712/virtual-device", "51712");
    assert_node("/local/domain/1/device/vbd/51712/backend",
                "/local/domain/0/backend/vbd/1/51712");
    assert_node("/local/domain/0/backend/vbd/1/51712/physical-device", "7:3");
    assert_node("/local/domain/0/backend/vbd/1/51712/mode", "w");
    assert_node("/local/domain/0/backend/vbd/1/51712/params", disk_path);
    assert_node("/local/domain/0/backend/vbd/1/51728/mode", "r");
    assert_node("/local/domain/0/backend/vbd/1/51728/discard-enable", "0");
    assert_node("/local/domain/0/backend/vif/1/0/bridge", "xenbr0");
    assert_node("/local/domain/0/backend/vif/1/0/hotplug-status", "connected");
    assert_int_equal(files_below("creating"), 0);
    assert_int_equal(files_below("names"), 1);
    assert_int_equal(files_below("disks"), 4);
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
    assert_int_equal(life_destroy(&xl, 1), 0); /* once more does no harm */
}

/* xenstored tells only that it ends, not when the last of its pages is let go. */
static void a_guest_whose_pages_are_held_for_a_moment(void **state)
{
    struct life life;

    (void)state;
    assert_int_equal(create(devices(), &life), 0);
    fake.linger = 8;
    fake.waited_ms = 0;
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
    assert_in_range(fake.waited_ms, 1, 100);
}

static void a_pvh_guest_comes_and_goes(void **state)
{
    char lines[600];
    struct life life;

    (void)state;
    fake.hvm = true;
    snprintf(lines, sizeof(lines), "type = 'pvh'\nvcpus = 2\nmaxvcpus = 4\nmaxmem = 30\n%s",
             devices());
    assert_int_equal(create(lines, &life), 0);
    assert_true(fake_domain(1)->hvm && fake_domain(1)->pauses == 0);
    assert_int_equal(fake_domain(1)->max_vcpus, 4);
    assert_true(fake_domain(1)->vcpus[0].online);
    assert_node("/local/domain/1/memory/target", "20480");
    assert_node("/local/domain/1/memory/static-max", "30720");
    assert_in_range(fake_domain(1)->nr_pages, 30 * 256, 30 * 256 + CTRL_PVH_EXTRA_KIB / 4);
    assert_node("/local/domain/1/cpu/1/availability", "online");
    assert_node("/local/domain/1/cpu/2/availability", "offline");
    assert_node("/local/domain/1/store/ring-ref", "1044476");
    assert_node("/local/domain/1/console/ring-ref", "1044479");
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
}

static void scripts_are_run_and_undone(void **state)
{
    struct life life;

    (void)state;
    assert_int_equal(create("vif = ['script=/bin/true']", &life), 0);
    assert_int_equal(life_host.scripts_added, 1);
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
    life_host.fail_at = life_host.steps + 6;
    hear();
    while (create("vif = ['script=/bin/true']", &life) == 0) {
        life_destroy(&xl, life.domid);
        life_host.fail_at = life_host.steps + 1;
    }
    heard();
}

static void a_backend_that_fails_is_named(void **state)
{
    uint64_t start = life_now_ns();
    struct life life;

    (void)state;
    life_host.backend_fails = true;
    fake_store_set("/local/domain/0/error/backend/vbd/1/51712/error", "2 creating vbd structure");
    hear();
    assert_true(create(devices(), &life) < 0);
    assert_heard("g.cfg:4: disk: xvda: the back-end in Domain-0 failed; 2 creating vbd structure");
    assert_nothing_left(0);
    /* Nobody waits for what has failed. */
    assert_true(life_now_ns() - start < 5000000000u);
}

/* --- failures and deaths --- */

static const char *all_devices(void)
{
    static char lines[600];

    snprintf(lines, sizeof(lines), "%s", devices());
    return lines;
}

static void every_step_may_fail(void **state)
{
    struct life life;
    unsigned step = 0;
    int rc;

    (void)state;
    do {
        fake_store_set("/local/domain/0/name", "Domain-0");
        life_host.steps = 0;
        life_host.fail_at = ++step;
        fake.next_domid = 1;
        hear();
        rc = create(all_devices(), &life);
        if (rc < 0 && !*heard())
            fail_msg("step %u fails silently", step);
        if (rc == 0)
            heard();
        else
            assert_nothing_left(step);
    } while (rc < 0);
    assert_true(step > 8);
    life_host.fail_at = 0;
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(step);
}

static void fail_every_hypercall(const char *lines)
{
    struct life life;
    unsigned call = 0;
    bool came;

    do {
        int rc;

        fake.next_domid = 1;
        fake.fail_hypercall.after = ++call;
        fake.fail_hypercall.error = ENOMEM;
        hear();
        rc = create(lines, &life);
        came = !fake.fail_hypercall.after;
        fake.fail_hypercall.after = 0;
        /* A failure that is only warned of makes a guest all the same; and what failed may have
         * been the undoing, which the next one does again. */
        life_destroy(&xl, 1);
        heard();
        assert_nothing_left(call);
        assert_true(came || rc == 0);
    } while (came);
    assert_true(call > 10);
}

static void every_hypercall_may_fail(void **state)
{
    char lines[700];

    (void)state;
    fail_every_hypercall(all_devices());
    fake.hvm = true;
    snprintf(lines, sizeof(lines), "type = 'pvh'\n%s", all_devices());
    fail_every_hypercall(lines);
}

/* What the kernel does at a process' end: descriptors are closed, and with them locks go. */
static void descriptors_close(void)
{
    char path[64], to[256], root[80];

    snprintf(root, sizeof(root), "%s/run/", folder);
    for (int fd = 3; fd < 256; fd++) {
        ssize_t size;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        size = readlink(path, to, sizeof(to) - 1);
        if (size <= 0)
            continue;
        to[size] = '\0';
        if (strncmp(to, root, strlen(root)) == 0)
            close(fd);
    }
    life_host.open_disks = 0;
}

static void death_at_any_step(bool after)
{
    static struct life life;
    static unsigned step;
    static int rc;

    step = 0;
    rc = -1;
    do {
        fake_store_set("/local/domain/0/name", "Domain-0");
        life_host.steps = 0;
        life_host.die_at = ++step;
        life_host.die_after = after;
        fake.next_domid = 1;
        hear();
        if (setjmp(life_host.death) == 0)
            rc = create(all_devices(), &life);
        life_host.die_at = 0;
        descriptors_close();
        /* Another process comes. */
        xl = (struct xl){ .verbose = 0 };
        life_orphans_end(&xl);
        heard();
        if (rc == 0)
            assert_int_equal(life_destroy(&xl, 1), 0);
        assert_nothing_left(step);
    } while (rc < 0);
    assert_true(step > 8);
}

static void death_before_any_step(void **state)
{
    (void)state;
    death_at_any_step(false);
}

static void death_after_any_step(void **state)
{
    (void)state;
    death_at_any_step(true);
}

/* --- the end of a guest --- */

static void ends_are_decided_by_the_configuration(void **state)
{
    static const struct {
        const char *lines;
        unsigned reason;
        struct life_plan plan;
    } rows[] = {
        { "", CTRL_SHUTDOWN_POWEROFF, { .keep = false } },
        { "", CTRL_SHUTDOWN_REBOOT, { .restart = true } },
        { "", CTRL_SHUTDOWN_CRASH, { .keep = false } },
        { "", CTRL_SHUTDOWN_SUSPEND, { .keep = true } },
        { "", CTRL_SHUTDOWN_SOFT_RESET, { .restart = true } },
        { "", 77, { .keep = false } },
        { "on_poweroff = 'preserve'", CTRL_SHUTDOWN_POWEROFF, { .keep = true } },
        { "on_crash = 'coredump-restart'", CTRL_SHUTDOWN_CRASH, { .dump = true, .restart = true } },
        { "on_crash = 'coredump-destroy'", CTRL_SHUTDOWN_CRASH, { .dump = true } },
        { "on_reboot = 'rename-restart'", CTRL_SHUTDOWN_REBOOT,
          { .rename = true, .restart = true } },
        { "on_watchdog = 'restart'", CTRL_SHUTDOWN_WATCHDOG, { .restart = true } },
        { "on_reboot = 'destroy'", CTRL_SHUTDOWN_REBOOT, { .keep = false } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xl_config *config = config_read(rows[i].lines);
        struct life_plan plan = life_plan(config, rows[i].reason);

        assert_memory_equal(&plan, &rows[i].plan, sizeof(plan));
        xl_config_free(config);
    }
}

static void numbers_are_drawn(void **state)
{
    struct xl_config *config = config_read("");
    struct create_options options = { .unsupervised = true, .text = "" };
    bool far = false;

    (void)state;
    config->random_domid = true;
    for (unsigned i = 0; i < 4; i++) {
        struct life life;

        life_begin(&life, &xl, config);
        assert_int_equal(life_create(&life, &options), 0);
        life_end(&life);
        assert_non_null(fake_domain(life.domid));
        far = far || life.domid > 4;
        assert_int_equal(life_destroy(&xl, life.domid), 0);
    }
    assert_true(far);
    xl_config_free(config);
}

static void sizes_outlive_a_restart(void **state)
{
    struct xl_config *config = config_read("vcpus = 2\nmaxvcpus = 4\nmaxmem = 40");

    (void)state;
    fake_domain_add(1, "g", 1024, 1);
    fake_store_set("/local/domain/1/memory/static-max", "40960");
    fake_store_set("/local/domain/1/memory/target", "18000");
    fake_store_set("/local/domain/1/cpu/0/availability", "online");
    fake_store_set("/local/domain/1/cpu/1/availability", "online");
    fake_store_set("/local/domain/1/cpu/2/availability", "online");
    fake_store_set("/local/domain/1/cpu/3/availability", "offline");
    life_sizes_keep(&xl, 1, config);
    assert_int_equal(config->memory_kib, 18000);
    assert_int_equal(config->maxmem_kib, 40960);
    assert_int_equal(config->vcpus, 3);
    /* What makes no sense changes nothing. */
    fake_store_set("/local/domain/1/memory/target", "50000");
    life_sizes_keep(&xl, 1, config);
    assert_int_equal(config->memory_kib, 18000);
    xl_config_free(config);
}

static void a_name_is_changed(void **state)
{
    struct life life;

    (void)state;
    assert_int_equal(create("", &life), 0);
    fake_domain_add(9, "other", 1024, 1);
    hear();
    assert_int_equal(life_rename(&xl, 1, "other"), -EEXIST);
    assert_int_equal(life_rename(&xl, 1, "a b"), -EINVAL);
    heard();
    assert_int_equal(life_rename(&xl, 1, "h"), 0);
    assert_node("/local/domain/1/name", "h");
    assert_int_equal(files_below("names"), 1);
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
}

static void create_v_says_where_its_time_went(void **state)
{
    static const char *const phases[] = {
        "read configuration", "open kernel", "check", "domain", "record and claims", "open disks",
        "limits", "build: memory", "build: kernel", "build: page tables", "store", "back-ends",
    };
    char path[96], command[] = "create", detached[] = "-pev";
    char *words[] = { command, detached, path, NULL };
    const char *text, *total, *at;
    unsigned long long sum = 0, whole;
    FILE *file;

    (void)state;
    snprintf(path, sizeof(path), "%s/g.cfg", folder);
    file = fopen(path, "w");
    fprintf(file, "name = 'g'\nkernel = '%s'\nmemory = 20\n%s\n", kernel_path, devices());
    fclose(file);
    xl.command = xl_command_find("create");
    hear();
    optind = 0;
    assert_int_equal(xl.command->handler(&xl, 3, words), 0);
    text = heard();
    output_configure(0, false, false);
    total = strstr(text, "Time of xl create: ");
    assert_non_null(total);
    whole = strtoull(strchr(total, '(') + 1, NULL, 10);
    for (at = strchr(total, '\n'); at && at[1]; at = strchr(at + 1, '\n'))
        sum += strtoull(strstr(at, " ms ") + 4, NULL, 10);
    assert_true(whole > 0 && sum == whole);
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
        if (!strstr(total, phases[i]))
            fail_msg("no '%s' in '%s'", phases[i], total);
    assert_int_equal(life_destroy(&xl, 1), 0);
    assert_nothing_left(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(claims_have_one_owner),
        TEST(stale_claims_go_to_who_wants_them),
        TEST(disks_are_written_by_one),
        TEST(checks_say_where_and_why),
        TEST(pvh_needs_a_host_and_a_kernel),
        TEST(names_of_others_are_taken),
        TEST(a_uuid_is_given_once),
        TEST(all_mistakes_are_said_at_once),
        TEST(the_same_disk_twice),
        TEST(a_guest_comes_and_goes),
        TEST(a_guest_whose_pages_are_held_for_a_moment),
        TEST(a_pvh_guest_comes_and_goes),
        TEST(scripts_are_run_and_undone),
        TEST(a_backend_that_fails_is_named),
        TEST(every_step_may_fail),
        TEST(every_hypercall_may_fail),
        TEST(death_before_any_step),
        TEST(death_after_any_step),
        TEST(ends_are_decided_by_the_configuration),
        TEST(numbers_are_drawn),
        TEST(sizes_outlive_a_restart),
        TEST(a_name_is_changed),
        TEST(create_v_says_where_its_time_went),
    };

    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
