/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon but for its command line, over a stand-in for libctrl: guests, readers, the store. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <public/io/console.h>

#include "../../tools/xenconsoled/console.h"
#include "../../tools/xenconsoled/serve.h"
#include "fake_ctrl.h"

static struct daemon served;
static bool keep_output;

static void start(void)
{
    memset(&served, 0, sizeof(served));
    served.options = (struct options){
        .log_guests = true, .log_hypervisor = true, .log_folder = folder,
        .keep_output = keep_output, .guest_rules = { .size = 1 << 20, .keep = 1 },
    };
    assert_int_equal(loop_init(&served.loop), 0);
    assert_int_equal(serve_start(&served), 0);
}

static void stop(void)
{
    serve_stop(&served);
    loop_fini(&served.loop);
}

static void rounds(unsigned int nr)
{
    while (nr--)
        serve_round(&served, 0);
}

static int set_up(void **state)
{
    (void)state;
    folder_make();
    fake_reset();
    keep_output = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stop();
    for (uint32_t i = 0; i < FAKE_DOMAINS; i++)
        assert_int_equal(fake_domains[i].maps, 0);
    folder_remove();
    return 0;
}

static const char *tty_of(uint32_t domid)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/console/tty", domid);
    return fake_store_get(path);
}

static int open_reader(uint32_t domid)
{
    int fd;

    assert_non_null(tty_of(domid));
    fd = open(tty_of(domid), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

/* What a reader has got, as a text. The kernel hands it over a moment later. */
static const char *read_text(int fd)
{
    static char text[1 << 18];
    size_t used = 0;
    ssize_t size;

    for (unsigned int tries = 0; tries < 20; tries++) {
        while ((size = read(fd, text + used, sizeof(text) - 1 - used)) > 0) {
            used += (size_t)size;
            tries = 0;
            rounds(1);
        }
        rounds(1);
        usleep(1000);
    }
    text[used] = '\0';
    return text;
}

static void guest_says(uint32_t domid, const char *text)
{
    assert_int_equal(fake_guest_write(domid, text, strlen(text)), strlen(text));
    fake_guest_notify(domid);
}

/* --- from the first byte on --- */

static void test_bytes_written_before_we_came_are_logged(void **state)
{
    (void)state;
    fake_domain_make(5, "early");
    fake_guest_write(5, "first words\n", 12);
    start();
    rounds(3);
    assert_string_equal(folder_text("guest-early.log"), "first words\n");
    assert_true(fake_domains[5].notified > 0);
}

static void test_a_guest_that_waits_for_room_goes_on(void **state)
{
    char full[2048];

    (void)state;
    memset(full, '.', sizeof(full));
    fake_domain_make(5, "full");
    assert_int_equal(fake_guest_write(5, full, sizeof(full)), sizeof(full));
    assert_int_equal(fake_guest_write(5, "x", 1), 0);
    start();
    rounds(3);
    assert_true(fake_domains[5].notified > 0);
    assert_int_equal(fake_guest_write(5, full, sizeof(full)), sizeof(full));
}

static void test_the_store_has_the_tty_and_the_guest_may_only_read_it(void **state)
{
    (void)state;
    start();
    fake_domain_make(7, "new");
    rounds(3);
    assert_memory_equal(tty_of(7), "/dev/pts/", 9);
    assert_string_equal(fake_store_perms("/local/domain/7/console/tty"), "d0n d7r");
}

static void test_a_page_that_was_not_granted_is_mapped_as_foreign(void **state)
{
    (void)state;
    start();
    fake_domains[3].no_grant = true;
    fake_domain_make(3, "old");
    rounds(3);
    guest_says(3, "hello\n");
    rounds(2);
    assert_string_equal(folder_text("guest-old.log"), "hello\n");
}

static void test_other_types_of_consoles_are_left_alone(void **state)
{
    (void)state;
    start();
    fake_store_set("/local/domain/3/console/type", "ioemu");
    fake_domain_make(3, "hvm");
    rounds(3);
    assert_null(tty_of(3));
    assert_int_equal(fake_domains[3].maps, 0);
}

/* --- readers --- */

static void test_a_reader_gets_history_then_what_comes(void **state)
{
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    guest_says(5, "before\n");
    rounds(2);
    fd = open_reader(5);
    assert_string_equal(read_text(fd), "before\n");
    guest_says(5, "after\n");
    assert_string_equal(read_text(fd), "after\n");
    close(fd);
    rounds(3);
    guest_says(5, "alone\n");
    rounds(3);
    fd = open_reader(5);
    assert_string_equal(read_text(fd), "before\nafter\nalone\n");
    close(fd);
    rounds(3);
}

static void test_what_is_typed_reaches_the_guest(void **state)
{
    char text[16] = "";
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    fd = open_reader(5);
    rounds(2);
    assert_int_equal(write(fd, "ls\r", 3), 3);
    for (unsigned int i = 0; i < 100 && strlen(text) < 3; i++) {
        serve_round(&served, 10);
        fake_guest_read(5, text + strlen(text), 3);
    }
    assert_string_equal(text, "ls\r");
    assert_string_equal(read_text(fd), "");
    close(fd);
}

/* More than the ring takes, from one who does not stay: "printf ... > tty". */
static void test_a_writer_may_leave_before_the_guest_has_read_all(void **state)
{
    char sent[3000], got[4096];
    size_t used = 0;
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    for (size_t i = 0; i < sizeof(sent); i++)
        sent[i] = (char)('a' + i % 26);
    fd = open_reader(5);
    assert_int_equal(write(fd, sent, sizeof(sent)), sizeof(sent));
    close(fd);
    for (unsigned int i = 0; i < 100 && used < sizeof(sent); i++) {
        serve_round(&served, 10);
        used += fake_guest_read(5, got + used, sizeof(got) - used);
        fake_guest_notify(5);
    }
    assert_int_equal(used, sizeof(sent));
    assert_memory_equal(sent, got, used);
}

/* Nobody spins when a reader has left and the guest reads nothing. */
static void test_a_reader_that_left_costs_nothing(void **state)
{
    char many[3000];
    uint64_t before;
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    memset(many, 'x', sizeof(many));
    fd = open_reader(5);
    assert_int_equal(write(fd, many, sizeof(many)), sizeof(many));
    close(fd);
    for (unsigned int i = 0; i < 10; i++)
        serve_round(&served, 10);
    before = loop_now_ms();
    serve_round(&served, 60);
    assert_true(loop_now_ms() - before >= 50);
}

static void test_a_reader_that_does_not_read_stops_nobody(void **state)
{
    char line[1000];
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    fd = open_reader(5);
    memset(line, 'y', sizeof(line));
    for (unsigned int i = 0; i < 25; i++) {
        assert_int_equal(fake_guest_write(5, line, sizeof(line)), sizeof(line));
        fake_guest_notify(5);
        rounds(1);
    }
    assert_int_equal(strlen(folder_text("guest-a.log")), 25 * sizeof(line));
    assert_int_equal(strlen(read_text(fd)), 25 * sizeof(line));
    close(fd);
}

static void test_keep_makes_the_guest_wait_for_its_reader(void **state)
{
    char line[2048];
    size_t taken = 0;
    int fd;

    (void)state;
    keep_output = true;
    fake_store_set("/local/domain/5/console/limit", "16384");
    start();
    fake_domain_make(5, "a");
    rounds(3);
    memset(line, 'z', sizeof(line));
    for (unsigned int i = 0; i < 25; i++) {
        taken += fake_guest_write(5, line, sizeof(line));
        fake_guest_notify(5);
        rounds(1);
    }
    assert_true(taken <= 16384 + sizeof(line));
    fd = open_reader(5);
    assert_int_equal(strlen(read_text(fd)), taken);
    assert_true(fake_guest_write(5, "more\n", 5) == 5);
    fake_guest_notify(5);
    assert_string_equal(read_text(fd), "more\n");
    close(fd);
}

/* --- the end of a guest --- */

static void test_the_last_words_reach_log_and_reader(void **state)
{
    int fd;

    (void)state;
    start();
    fake_domain_make(5, "dies");
    rounds(3);
    fd = open_reader(5);
    rounds(2);
    fake_guest_write(5, "panic!\n", 7);
    fake_domain_kill(5);
    rounds(3);
    assert_int_equal(fake_domains[5].maps, 0);
    assert_string_equal(folder_text("guest-dies.log"), "panic!\n");
    assert_string_equal(read_text(fd), "panic!\n");
    /* Then it ends: a hang-up. */
    for (unsigned int i = 0; i < 100 && served.first; i++)
        serve_round(&served, 10);
    assert_null(served.first);
    close(fd);
}

static void test_a_dead_guests_console_goes_at_once_without_a_reader(void **state)
{
    (void)state;
    start();
    fake_domain_make(5, "dies");
    rounds(3);
    fake_domain_kill(5);
    rounds(2);
    assert_null(served.first);
}

static void test_an_id_that_is_used_again_is_another_guest(void **state)
{
    (void)state;
    start();
    fake_domain_make(5, "one");
    rounds(3);
    guest_says(5, "one\n");
    rounds(2);
    fake_domains[5].port = -1;
    fake_domain_make(5, "two");
    fake_domains[5].uuid[0] = 99;
    rounds(4);
    guest_says(5, "two\n");
    rounds(2);
    assert_string_equal(folder_text("guest-one.log"), "one\n");
    assert_string_equal(folder_text("guest-two.log"), "two\n");
}

/* --- hostile and busy guests --- */

static void test_wild_indices_harm_nobody(void **state)
{
    uint64_t random = unit_seed("consoles");
    struct xencons_interface *ring;

    (void)state;
    start();
    fake_domain_make(5, "wild");
    fake_domain_make(6, "tame");
    rounds(3);
    ring = fake_domains[5].ring;
    for (unsigned int i = 0; i < 500; i++) {
        ring->out_cons = (uint32_t)unit_random(&random);
        ring->out_prod = (uint32_t)unit_random(&random);
        ring->in_cons = (uint32_t)unit_random(&random);
        ring->in_prod = (uint32_t)unit_random(&random);
        fake_guest_notify(5);
        rounds(1);
    }
    guest_says(6, "fine\n");
    rounds(2);
    assert_string_equal(folder_text("guest-tame.log"), "fine\n");
}

static void test_a_flood_is_slowed_and_others_are_served(void **state)
{
    char line[1024];
    size_t flooded = 0;
    uint64_t begin, end, periods;

    (void)state;
    start();
    fake_domain_make(5, "flood");
    fake_domain_make(6, "other");
    rounds(3);
    begin = loop_now_ms();
    end = begin + 500;
    memset(line, 'f', sizeof(line));
    while (loop_now_ms() < end) {
        flooded += fake_guest_write(5, line, sizeof(line));
        fake_guest_notify(5);
        rounds(1);
    }
    periods = (loop_now_ms() - begin) / PERIOD_MS + 1;
    /* And what the ring holds. */
    assert_true(flooded <= (periods * EVENTS_A_PERIOD + 1) * 2048);
    guest_says(6, "served\n");
    rounds(2);
    assert_string_equal(folder_text("guest-other.log"), "served\n");
    /* It is not forgotten. */
    end = loop_now_ms() + 2 * PERIOD_MS;
    while (loop_now_ms() < end)
        serve_round(&served, 10);
    assert_int_equal(fake_domains[5].ring->out_cons, fake_domains[5].ring->out_prod);
}

static void test_five_hundred_guests(void **state)
{
    struct rlimit files;
    char name[32], file[48];

    (void)state;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 1100)
        unit_skip("not enough files may be open");
    start();
    for (uint32_t i = 1; i <= 500; i++) {
        snprintf(name, sizeof(name), "many-%u", i);
        fake_domain_make(i, name);
        rounds(2);
    }
    fake_batches = 0;
    fake_domain_make(501, "many-501");
    rounds(3);
    /* Reading where it is, and writing the tty: whatever others there are. */
    assert_int_equal(fake_batches, 2);
    for (uint32_t i = 1; i <= 500; i++)
        guest_says(i, "here\n");
    rounds(20);
    for (uint32_t i = 1; i <= 500; i++) {
        snprintf(file, sizeof(file), "guest-many-%u.log", i);
        assert_string_equal(folder_text(file), "here\n");
    }
    for (uint32_t i = 1; i <= 500; i++)
        fake_domain_kill(i);
    rounds(100);
    assert_int_equal(served.first->domid, 501);
    assert_null(served.first->next);
}

static void test_names_stay_in_the_folder(void **state)
{
    (void)state;
    start();
    fake_domain_make(5, "../../etc/x");
    rounds(3);
    guest_says(5, "x\n");
    rounds(2);
    assert_string_equal(folder_text("guest-.._.._etc_x.log"), "x\n");
}

/* --- restarts --- */

static void test_after_a_restart_all_guests_are_served_again(void **state)
{
    (void)state;
    fake_domain_make(5, "a");
    fake_domain_make(6, "b");
    start();
    rounds(3);
    guest_says(5, "one\n");
    rounds(2);
    stop();
    fake_guest_write(5, "two\n", 4);
    fake_guest_notify(5);
    start();
    rounds(3);
    assert_string_equal(folder_text("guest-a.log"), "one\ntwo\n");
    close(open_reader(6));
}

static void test_new_domains_may_have_any_id(void **state)
{
    (void)state;
    start();
    fake_domain_make(7, "a");
    rounds(3);
    fake_domain_make(9, "b");
    rounds(3);
    fake_domain_make(5, "c");
    rounds(3);
    assert_non_null(tty_of(7));
    assert_non_null(tty_of(9));
    assert_non_null(tty_of(5));
    fake_domain_make(6, "d");
    fake_domain_make(11, "e");
    fake_domain_make(8, "f");
    rounds(4);
    assert_non_null(tty_of(6));
    assert_non_null(tty_of(11));
    assert_non_null(tty_of(8));
}

static void test_without_a_store_the_consoles_go_on(void **state)
{
    uint64_t end;

    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    fake_store_down = true;
    fake_store_fire("@introduceDomain");
    rounds(2);
    guest_says(5, "still\n");
    rounds(2);
    assert_string_equal(folder_text("guest-a.log"), "still\n");
    fake_store_down = false;
    end = loop_now_ms() + 3000;
    while (!served.store && loop_now_ms() < end)
        serve_round(&served, 50);
    assert_non_null(served.store);
    fake_domain_make(6, "b");
    rounds(4);
    assert_non_null(tty_of(6));
}

static void test_a_console_that_moved_is_followed(void **state)
{
    (void)state;
    start();
    fake_domain_make(5, "a");
    rounds(3);
    fake_store_set("/local/domain/5/console/port", "9");
    rounds(2);
    guest_says(5, "there\n");
    rounds(2);
    assert_string_equal(folder_text("guest-a.log"), "there\n");
    fake_store_set("/local/domain/5/console/port", "not a number");
    fake_store_set("/local/domain/5/console/ring-ref", "-1");
    rounds(2);
    guest_says(5, "still\n");
    rounds(2);
    assert_string_equal(folder_text("guest-a.log"), "there\nstill\n");
}

static void test_the_hypervisors_messages_are_logged(void **state)
{
    (void)state;
    strcpy(fake_messages, "(XEN) one\n");
    start();
    strcat(fake_messages, "(XEN) two\n");
    fake_hypervisor_notify();
    rounds(2);
    assert_string_equal(folder_text("hypervisor.log"), "(XEN) one\n(XEN) two\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_written_before_we_came_are_logged),
        TEST(a_guest_that_waits_for_room_goes_on),
        TEST(the_store_has_the_tty_and_the_guest_may_only_read_it),
        TEST(a_page_that_was_not_granted_is_mapped_as_foreign),
        TEST(other_types_of_consoles_are_left_alone),
        TEST(a_reader_gets_history_then_what_comes),
        TEST(what_is_typed_reaches_the_guest),
        TEST(a_writer_may_leave_before_the_guest_has_read_all),
        TEST(a_reader_that_left_costs_nothing),
        TEST(a_reader_that_does_not_read_stops_nobody),
        TEST(keep_makes_the_guest_wait_for_its_reader),
        TEST(the_last_words_reach_log_and_reader),
        TEST(a_dead_guests_console_goes_at_once_without_a_reader),
        TEST(an_id_that_is_used_again_is_another_guest),
        TEST(wild_indices_harm_nobody),
        TEST(a_flood_is_slowed_and_others_are_served),
        TEST(five_hundred_guests),
        TEST(names_stay_in_the_folder),
        TEST(after_a_restart_all_guests_are_served_again),
        TEST(new_domains_may_have_any_id),
        TEST(without_a_store_the_consoles_go_on),
        TEST(a_console_that_moved_is_followed),
        TEST(the_hypervisors_messages_are_logged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
