/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings. The page is the domain's to write at any time: each of its indexes is read once and
 * checked, and each request is copied once. What the store has taken and given is counted in the
 * arena, in the step that does it; the page's copies of these counts follow, and are never read.
 * So whenever this process dies, the next one knows where to go on.
 */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include <public/io/xs_wire.h>

#include "conn.h"
#include "domain.h"
#include "log.h"
#include "wire.h"

/* Replies that a domain lets wait, in bytes, before its requests must wait, too. */
#define OUT_BYTES_MAX 65536u

static uint32_t load(const uint32_t *index)
{
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void break_ring(struct peer *peer, uint32_t error, const char *why)
{
    log_say("Domain %u broke its connection to the store: %s. It is not served any more.",
            peer->conn->domain->domid, why);
    peer->is_broken = true;
    peer->ring.page->error = error;
    door_notify(&peer->ring);
}

static void copy_in(const struct xenstore_domain_interface *page, uint32_t at, char *to,
                    uint32_t len)
{
    uint32_t from = MASK_XENSTORE_IDX(at), part = XENSTORE_RING_SIZE - from;

    part = part < len ? part : len;
    memcpy(to, page->req + from, part);
    memcpy(to + part, page->req, len - part);
}

static void copy_out(struct xenstore_domain_interface *page, uint32_t at, const char *bytes,
                     uint32_t len)
{
    uint32_t to = MASK_XENSTORE_IDX(at), part = XENSTORE_RING_SIZE - to;

    part = part < len ? part : len;
    memcpy(page->rsp + to, bytes, part);
    memcpy(page->rsp, bytes + part, len - part);
}

/* --- output --- */

struct sent {
    struct conn *conn;
    uint32_t bytes;
};

static int sent_step(void *arg)
{
    struct sent *sent = arg;

    SET(sent->conn->out_pos, sent->conn->out_pos + sent->bytes);
    conn_sent(sent->conn, sent->bytes);
    return 0;
}

/* As many bytes as there is room for now. True: some went into the ring. */
static bool fill(struct peer *peer)
{
    struct xenstore_domain_interface *page = peer->ring.page;
    struct conn *conn = peer->conn;
    struct sent sent = { .conn = conn };
    char bytes[XENSTORE_RING_SIZE];
    uint32_t used = conn->out_pos - load(&page->rsp_cons);

    if (list_is_empty(&conn->out)) {
        return false;
    }
    if (used > XENSTORE_RING_SIZE) {
        break_ring(peer, XENSTORE_ERROR_RINGIDX, "it took more replies than there were");
        return false;
    }
    sent.bytes = (uint32_t)conn_peek(conn, bytes, XENSTORE_RING_SIZE - used);
    if (!sent.bytes) {
        return false;
    }
    copy_out(page, conn->out_pos, bytes, sent.bytes);
    if (arena_run_last(sent_step, &sent)) {
        return false;
    }
    __atomic_store_n(&page->rsp_prod, conn->out_pos, __ATOMIC_RELEASE);
    return true;
}

/*
 * Until nothing waits, or the ring is seen to be full after the last byte was published: only then
 * does a kernel that takes bytes from it say so. True: bytes went into the ring.
 */
static bool flush(struct peer *peer)
{
    bool filled = false;

    while (fill(peer)) {
        filled = true;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
    return filled;
}

/* --- input --- */

struct keep {
    struct conn *conn;
    const char *bytes;
    uint32_t len;
};

static int keep_step(void *arg)
{
    struct keep *keep = arg;

    conn_keep_input(keep->conn, keep->bytes, keep->len);
    SET(keep->conn->in_pos, keep->conn->in_pos + keep->len);
    return 0;
}

/*
 * A request that is not whole yet is taken in parts: Linux writes one in two steps and tells of the
 * second only if the first has been taken.
 */
static bool take_part(struct conn *conn, const char *bytes, uint32_t len)
{
    struct keep keep = { .conn = conn, .bytes = bytes, .len = len };

    return arena_run(keep_step, &keep) == 0;
}

/*
 * Looks at 'here' bytes of the ring, behind what was kept of the request before. True: something
 * was taken.
 */
static bool take_request(struct peer *peer, uint32_t here)
{
    static char bytes[CONN_IN_MAX + 1];
    struct conn *conn = peer->conn;
    struct request request = { .conn = conn, .body = bytes + sizeof(request.head) };
    uint32_t kept = conn->in_len, size, want;

    if (kept) {
        memcpy(bytes, conn->in, kept);
    }
    want = kept < sizeof(request.head) ? (uint32_t)sizeof(request.head) - kept : 0;
    if (here < want) {
        copy_in(peer->ring.page, conn->in_pos, bytes + kept, here);
        return here && take_part(conn, bytes + kept, here);
    }
    copy_in(peer->ring.page, conn->in_pos, bytes + kept, want);
    memcpy(&request.head, bytes, sizeof(request.head));
    size = wire_size(&request.head);
    if (!size) {
        break_ring(peer, XENSTORE_ERROR_PROTO, "a request said that it is longer than 4096 bytes");
        return false;
    }
    here = here < size - kept ? here : size - kept;
    copy_in(peer->ring.page, conn->in_pos + want, bytes + kept + want, here - want);
    if (kept + here < size) {
        return here && take_part(conn, bytes + kept, here);
    }
    bytes[size] = '\0';
    request.take = here;
    return wire_do(&request) == 0;
}

static bool must_wait(const struct conn *conn)
{
    if (conn->out_bytes > OUT_BYTES_MAX) {
        return true;
    }
    return !conn->domain->privileged && conn->out_replies >= store->quota[QUOTA_OUTSTANDING];
}

/* --- connection --- */

static int reset_step(void *arg)
{
    struct conn *conn = arg;

    conn_reset(conn);
    SET(conn->in_pos, 0);
    SET(conn->out_pos, 0);
    return 0;
}

/* The domain asked for a fresh ring: a kernel that follows another one in it does. */
static void start_anew(struct peer *peer)
{
    struct xenstore_domain_interface *page = peer->ring.page;

    if (arena_run_last(reset_step, peer->conn)) {
        return;
    }
    page->req_cons = page->req_prod = page->rsp_cons = page->rsp_prod = 0;
    page->error = XENSTORE_ERROR_NONE;
    peer->is_broken = false;
    __atomic_store_n(&page->connection, XENSTORE_CONNECTED, __ATOMIC_RELEASE);
    door_notify(&peer->ring);
}

bool ring_turn(struct peer *peer)
{
    struct xenstore_domain_interface *page = peer->ring.page;
    struct conn *conn = peer->conn;
    bool sent, taken = false;
    uint32_t here;

    if (!page) {
        return false;
    }
    if (load(&page->connection) == XENSTORE_RECONNECT) {
        start_anew(peer);
        return true;
    }
    if (peer->is_broken) {
        return false;
    }
    sent = flush(peer);
    here = load(&page->req_prod) - conn->in_pos;
    if (here > XENSTORE_RING_SIZE) {
        break_ring(peer, XENSTORE_ERROR_RINGIDX, "its requests overran the ring");
        return false;
    }
    if (!peer->is_broken && here && !must_wait(conn)) {
        taken = take_request(peer, here);
    }
    if (taken) {
        __atomic_store_n(&page->req_cons, conn->in_pos, __ATOMIC_RELEASE);
        /* What is written from now on is told; what was written before, the next turn sees. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        sent |= flush(peer);
    }
    if (sent || taken) {
        door_notify(&peer->ring);
    }
    return taken;
}
