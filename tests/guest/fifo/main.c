/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: the FIFO event channel ABI on one vCPU: setting it up and its errors, the event
 * words and queues by hand, priorities, masking, a port bound before the switch, and reset.
 */
#include <public/errno.h>
#include <public/event_channel.h>

#include "check.h"
#include "event.h"
#include "kit.h"
#include "mm.h"
#include "time.h"

#define WORD_PENDING (1u << EVTCHN_FIFO_PENDING)
#define WORD_MASKED  (1u << EVTCHN_FIFO_MASKED)
#define WORD_LINKED  (1u << EVTCHN_FIFO_LINKED)

static uint8_t control_page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile event_word_t words[1024] __attribute__((aligned(4096)));
static volatile struct evtchn_fifo_control_block *control;

static long init_control(uint64_t gfn, uint32_t offset, uint32_t vcpu)
{
    struct evtchn_init_control op = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
    long rc = event_op(EVTCHNOP_init_control, &op);

    if (!rc)
        CHECK_EQ(op.link_bits, EVTCHN_FIFO_LINK_BITS);
    return rc;
}

static long expand_array(uint64_t gfn)
{
    struct evtchn_expand_array op = { .array_gfn = gfn };

    return event_op(EVTCHNOP_expand_array, &op);
}

static long set_priority(unsigned int port, unsigned int priority)
{
    struct evtchn_set_priority op = { .port = port, .priority = priority };

    return event_op(EVTCHNOP_set_priority, &op);
}

static void test_refused(void)
{
    uint64_t mfn = virt_to_mfn(control_page);

    CHECK_EQ(init_control(mfn, 4, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(mfn, PAGE_SIZE - 64, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(mfn, PAGE_SIZE, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(0xfed00, 0, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(virt_to_mfn((void *)start_info->pt_base), 0, 0), -XEN_EINVAL);
    CHECK_EQ(init_control(mfn, 0, 20), -XEN_ENOENT);
}

/* What the guest does for each event: takes the head of a queue and follows its link. */
static unsigned int take(unsigned int queue)
{
    unsigned int port = control->head[queue];
    event_word_t word = words[port];

    control->head[queue] = word & EVTCHN_FIFO_LINK_MASK;
    __atomic_and_fetch(&words[port], ~(WORD_LINKED | WORD_PENDING | EVTCHN_FIFO_LINK_MASK),
                       __ATOMIC_SEQ_CST);
    return port;
}

static void rest(void)
{
    control->ready = 0;
    vcpu_info_self()->evtchn_upcall_pending = 0;
}

static void test_set_up(unsigned int old_port)
{
    CHECK_EQ(init_control(virt_to_mfn(control_page), 64, 0), 0);
    control = (volatile struct evtchn_fifo_control_block *)(control_page + 64);
    CHECK_EQ(init_control(virt_to_mfn(control_page), 64, 0), -XEN_EINVAL);
    CHECK_EQ(expand_array(0xfed00), -XEN_EINVAL);
    CHECK_EQ(expand_array(virt_to_mfn((void *)words)), 0);
    /* The port that was pending before the switch is pending now. */
    CHECK_EQ(words[old_port] & WORD_PENDING, WORD_PENDING);
    CHECK_EQ(event_status(old_port), EVTCHNSTAT_ipi);
    while (control->ready & 1u << EVTCHN_FIFO_PRIORITY_DEFAULT) {
        take(EVTCHN_FIFO_PRIORITY_DEFAULT);
        if (!control->head[EVTCHN_FIFO_PRIORITY_DEFAULT])
            rest();
    }
    rest();
}

static void test_queue(void)
{
    const unsigned int queue = EVTCHN_FIFO_PRIORITY_DEFAULT;
    unsigned int a = (unsigned int)event_bind_ipi(0), b = (unsigned int)event_bind_ipi(0);

    CHECK_EQ(event_send(a), 0);
    CHECK_EQ(words[a] & (WORD_PENDING | WORD_MASKED | WORD_LINKED), WORD_PENDING | WORD_LINKED);
    CHECK_EQ(control->ready, 1u << queue);
    CHECK_EQ(control->head[queue], a);
    CHECK_EQ(vcpu_info_self()->evtchn_upcall_pending, 1);
    CHECK_EQ(event_send(b), 0);
    CHECK_EQ(words[a] & EVTCHN_FIFO_LINK_MASK, b);
    CHECK_EQ(words[b] & EVTCHN_FIFO_LINK_MASK, 0);
    CHECK_EQ(take(queue), a);
    CHECK_EQ(take(queue), b);
    rest();
    /* The queue is empty: the next event writes its head again. */
    CHECK_EQ(event_send(b), 0);
    CHECK_EQ(control->head[queue], b);
    CHECK_EQ(take(queue), b);
    rest();
    CHECK_EQ(event_close(a), 0);
    CHECK_EQ(event_close(b), 0);
}

static void test_masked(void)
{
    const unsigned int queue = EVTCHN_FIFO_PRIORITY_DEFAULT;
    unsigned int port = (unsigned int)event_bind_ipi(0);

    __atomic_or_fetch(&words[port], WORD_MASKED, __ATOMIC_SEQ_CST);
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(words[port] & (WORD_PENDING | WORD_LINKED), WORD_PENDING);
    CHECK_EQ(control->ready, 0);
    CHECK_EQ(event_unmask(port), 0);
    CHECK_EQ(words[port] & (WORD_PENDING | WORD_MASKED | WORD_LINKED), WORD_PENDING | WORD_LINKED);
    CHECK_EQ(control->ready, 1u << queue);
    CHECK_EQ(take(queue), port);
    rest();
    CHECK_EQ(event_close(port), 0);
}

static void test_priority(void)
{
    unsigned int port = (unsigned int)event_bind_ipi(0);

    CHECK_EQ(set_priority(port, EVTCHN_FIFO_PRIORITY_MIN + 1), -XEN_EINVAL);
    CHECK_EQ(set_priority(900, 0), -XEN_EINVAL);
    CHECK_EQ(set_priority(port, EVTCHN_FIFO_PRIORITY_MAX), 0);
    CHECK_EQ(event_send(port), 0);
    CHECK_EQ(control->ready, 1);
    CHECK_EQ(control->head[0], port);
    CHECK_EQ(take(0), port);
    rest();
    CHECK_EQ(event_close(port), 0);
}

/* Ports beyond the first page of words work too; their events wait for the page. */
static void test_second_page(void)
{
    static volatile event_word_t more[1024] __attribute__((aligned(4096)));
    long port = 0;

    while (port >= 0 && port < 1024)
        port = event_bind_ipi(0);
    CHECK_EQ(port, 1024);
    CHECK_EQ(event_send(1024), 0);
    CHECK_EQ(control->ready, 0);
    CHECK_EQ(expand_array(virt_to_mfn((void *)more)), 0);
    CHECK_EQ(more[0] & WORD_PENDING, WORD_PENDING);
    more[0] = 0;
    rest();
    CHECK_EQ(event_send(1024), 0);
    CHECK_EQ(more[0] & (WORD_PENDING | WORD_LINKED), WORD_PENDING | WORD_LINKED);
    CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], 1024);
    rest();
}

static void test_reset(void)
{
    struct evtchn_reset op = { .dom = DOMID_SELF };
    unsigned int port;

    CHECK_EQ(event_op(EVTCHNOP_reset, &op), 0);
    CHECK_EQ(event_status(1024), EVTCHNSTAT_closed);
    port = (unsigned int)event_bind_ipi(0);
    CHECK_EQ(port, 1);
    /* Two levels again. */
    port_clear_pending(port);
    CHECK_EQ(event_send(port), 0);
    CHECK(port_is_pending(port));
}

void test_main(void)
{
    unsigned int old_port;

    kit_init();
    CHECK_EQ(timer_stop_periodic(0), 0);
    old_port = (unsigned int)event_bind_ipi(0);
    CHECK_EQ(event_send(old_port), 0);
    test_refused();
    test_set_up(old_port);
    test_queue();
    test_masked();
    test_priority();
    test_second_page();
    test_reset();
}
