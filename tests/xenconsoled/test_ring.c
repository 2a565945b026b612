/* SPDX-License-Identifier: BSD-2-Clause */
/* The console ring, with guests that write what they like into it. */
#include "unit.h"

#include <public/io/console.h>

#include "../../tools/xenconsoled/ring.h"

/* A page of its exact size, so that ASan sees a step beyond. */
static struct xencons_interface *make_ring(uint32_t start)
{
    struct xencons_interface *ring = calloc(1, sizeof(*ring));

    assert_non_null(ring);
    ring->out_cons = ring->out_prod = ring->in_cons = ring->in_prod = start;
    return ring;
}

static void test_bytes_come_in_order_across_the_wrap(void **state)
{
    struct xencons_interface *ring = make_ring(UINT32_MAX - 5);
    char buffer[RING_OUT_SIZE];

    (void)state;
    for (uint32_t i = 0; i < RING_OUT_SIZE; i++)
        ring->out[MASK_XENCONS_IDX(ring->out_prod++, ring->out)] = (char)(i * 7);
    assert_int_equal(ring_take(ring, buffer), RING_OUT_SIZE);
    for (uint32_t i = 0; i < RING_OUT_SIZE; i++)
        assert_int_equal(buffer[i], (char)(i * 7));
    assert_int_equal(ring->out_cons, ring->out_prod);
    assert_int_equal(ring_take(ring, buffer), 0);
    free(ring);
}

static void test_an_impossible_distance_is_nothing(void **state)
{
    static const uint32_t distances[] = { RING_OUT_SIZE + 1, 0x80000000u, UINT32_MAX };
    struct xencons_interface *ring = make_ring(77);
    char buffer[RING_OUT_SIZE];

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        ring->out_prod = ring->out_cons + distances[i];
        assert_int_equal(ring_take(ring, buffer), 0);
        assert_int_equal(ring->out_cons, 77);
        ring->in_prod = ring->in_cons + distances[i];
        assert_int_equal(ring_space(ring), 0);
        assert_int_equal(ring_put(ring, "x", 1), 0);
    }
    free(ring);
}

static void test_put_stops_at_what_the_guest_has_not_read(void **state)
{
    struct xencons_interface *ring = make_ring(UINT32_MAX - 100);
    char data[RING_IN_SIZE + 1];

    (void)state;
    memset(data, 'a', sizeof(data));
    assert_int_equal(ring_put(ring, data, 1000), 1000);
    assert_int_equal(ring_space(ring), RING_IN_SIZE - 1000);
    assert_int_equal(ring_put(ring, data, sizeof(data)), RING_IN_SIZE - 1000);
    assert_int_equal(ring_space(ring), 0);
    ring->in_cons += 3;
    assert_int_equal(ring_put(ring, "xyz!", 4), 3);
    assert_int_equal(ring->in[MASK_XENCONS_IDX(ring->in_prod - 1, ring->in)], 'z');
    free(ring);
}

/* Any indices at all: no access beyond, and never more than the ring's size. */
static void test_random_indices(void **state)
{
    uint64_t random = unit_seed("ring");
    struct xencons_interface *ring = make_ring(0);
    char buffer[RING_OUT_SIZE] = { 0 };

    (void)state;
    for (unsigned int i = 0; i < 200000; i++) {
        uint32_t near = unit_random(&random) % 4 ? 4096u : UINT32_MAX;

        ring->out_cons = (uint32_t)unit_random(&random);
        ring->out_prod = ring->out_cons + (uint32_t)(unit_random(&random) % near);
        ring->in_cons = (uint32_t)unit_random(&random);
        ring->in_prod = ring->in_cons + (uint32_t)(unit_random(&random) % near);
        assert_true(ring_take(ring, buffer) <= RING_OUT_SIZE);
        assert_true(ring_space(ring) <= RING_IN_SIZE);
        assert_true(ring_put(ring, buffer, unit_random(&random) % RING_OUT_SIZE) <= RING_IN_SIZE);
    }
    free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_come_in_order_across_the_wrap),
        cmocka_unit_test(test_an_impossible_distance_is_nothing),
        cmocka_unit_test(test_put_stops_at_what_the_guest_has_not_read),
        cmocka_unit_test(test_random_indices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
