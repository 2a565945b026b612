/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: their records, introduction, release and death. */
#include "domain.h"

#include <errno.h>
#include <string.h>

#include <public/io/xs_wire.h>

#include "conn.h"
#include "door.h"
#include "log.h"
#include "peer.h"
#include "txn.h"
#include "watch.h"

/* --- records --- */

static struct domain **slot_of(uint32_t domid)
{
    struct domain **block = store->domains[domid / DOMID_BLOCK];

    return block ? &block[domid % DOMID_BLOCK] : NULL;
}

struct domain *domain_find(uint32_t domid)
{
    struct domain **slot = domid < DOMID_LIMIT ? slot_of(domid) : NULL;

    return slot ? *slot : NULL;
}

struct domain *domain_make(uint32_t domid, bool privileged)
{
    struct domain *d = arena_alloc(sizeof(*d));

    if (!slot_of(domid)) {
        SET(store->domains[domid / DOMID_BLOCK],
            arena_alloc(DOMID_BLOCK * sizeof(**store->domains)));
    }
    SET(*slot_of(domid), d);
    SET(store->nr_domains, store->nr_domains + 1);
    SET(store->generation, store->generation + 1);
    d->domid = domid;
    d->born = store->generation;
    d->target = DOMID_LIMIT;
    d->privileged = privileged;
    list_init(&d->nodes);
    return d;
}

struct domain *domain_find_living(uint32_t domid)
{
    struct domain *d = domain_find(domid);
    struct door_domain info;

    if (d || domid >= DOMID_LIMIT) {
        return d;
    }
    if (door_list_domains(domid, 1, &info) != 1 || info.domid != domid || info.dying) {
        return NULL;
    }
    return domain_make(domid, false);
}

void domain_note_use(struct domain *d)
{
    uint32_t txns = d->conn ? d->conn->nr_txns : 0, replies = d->conn ? d->conn->out_replies : 0;

    if (d->nr_nodes > d->max_nodes) {
        SET(d->max_nodes, d->nr_nodes);
    }
    if (d->nr_watches > d->max_watches) {
        SET(d->max_watches, d->nr_watches);
    }
    if (txns > d->max_txns) {
        SET(d->max_txns, txns);
    }
    if (replies > d->max_outstanding) {
        SET(d->max_outstanding, replies);
    }
    if (d->memory > d->max_memory) {
        SET(d->max_memory, d->memory);
    }
}

void domain_add_nodes(struct domain *d, int count)
{
    SET(d->nr_nodes, d->nr_nodes + (uint32_t)count);
    domain_note_use(d);
}

void domain_add_memory(struct domain *d, int64_t bytes)
{
    SET(d->memory, d->memory + (uint64_t)bytes);
}

/* --- introduction --- */

static void note_ring(struct domain *d, uint64_t mfn, uint32_t port)
{
    const struct xenstore_domain_interface *page = d->conn->peer->ring.page;

    SET(d->conn->in_pos, page->req_cons);
    SET(d->conn->out_pos, page->rsp_prod);
    SET(d->mfn, mfn);
    SET(d->remote_port, port);
    SET(d->shutdown, false);
}

static int introduce_again(struct domain *d, uint64_t mfn, uint32_t port)
{
    int rc;

    if (d->privileged || d->mfn != mfn || !d->conn->peer) {
        return -EINVAL;
    }
    conn_reset(d->conn);
    rc = peer_reconnect_ring(d->conn, mfn, port);
    if (!rc) {
        note_ring(d, mfn, port);
    }
    return rc;
}

int domain_introduce(uint32_t domid, uint64_t mfn, uint32_t port)
{
    struct domain *d = domain_find_living(domid);
    int rc;

    if (!d) {
        return -ENOENT;
    }
    if (d->conn) {
        return introduce_again(d, mfn, port);
    }
    SET(d->conn, conn_make(CONN_RING, d));
    rc = peer_connect_ring(d->conn, mfn, port);
    if (!rc) {
        note_ring(d, mfn, port);
        watch_fire_special("@introduceDomain");
    }
    return rc;
}

struct local {
    uint64_t mfn;
    uint32_t port;
};

static int introduce_local(void *arg)
{
    struct local *local = arg;

    return domain_introduce(0, local->mfn, local->port);
}

int domain_introduce_local(void)
{
    struct local local;
    int rc = door_find_local(&local.mfn, &local.port);

    return rc ? rc : peers_run(introduce_local, &local);
}

static void disconnect(struct domain *d)
{
    conn_drop(d->conn);
    SET(d->conn, NULL);
    SET(d->target, DOMID_LIMIT);
}

int domain_release(uint32_t domid)
{
    struct domain *d = domain_find(domid);

    if (!d || !d->conn) {
        return -ENOENT;
    }
    if (d->privileged) {
        return -EINVAL;
    }
    return domain_lose(d);
}

int domain_lose(struct domain *d)
{
    disconnect(d);
    watch_fire_special("@releaseDomain");
    return 0;
}

int domain_resume(uint32_t domid)
{
    struct domain *d = domain_find(domid);

    if (!d || !d->conn) {
        return -ENOENT;
    }
    SET(d->shutdown, false);
    return 0;
}

int domain_set_target(uint32_t domid, uint32_t target)
{
    struct domain *d = domain_find(domid), *other = domain_find(target);

    if (!d || !d->conn || !other || !other->conn) {
        return -ENOENT;
    }
    SET(d->target, target);
    return 0;
}

/* --- death --- */

/* Nodes of a dead domain that go in one step: all of them may be more than can be undone. */
#define NODES_A_STEP 64

enum life {
    LIFE_GONE,
    LIFE_RUNS,
    LIFE_ENDED,
};

struct review {
    struct domain *d;
    enum life life;
};

/*
 * The nodes that it owns go with it: another domain will have its id one day. The last ones first,
 * for they lie below the others. 1: there are more.
 */
static int forget(struct domain *d)
{
    for (int i = 0; !list_is_empty(&d->nodes); i++) {
        if (i == NODES_A_STEP) {
            return 1;
        }
        txn_remove(NULL, NULL, CONTAINER(d->nodes.prev, struct node, owned), FIRE);
    }
    SET(*slot_of(d->domid), NULL);
    SET(store->nr_domains, store->nr_domains - 1);
    arena_free(d, sizeof(*d));
    return 0;
}

static int review_step(void *arg)
{
    struct domain *d = ((struct review *)arg)->d;

    if (((struct review *)arg)->life == LIFE_GONE) {
        return d->conn ? domain_lose(d), 1 : forget(d);
    }
    if (d->conn && !d->shutdown) {
        SET(d->shutdown, true);
        watch_fire_special("@releaseDomain");
    }
    return 0;
}

static void review_domain(struct domain *d, enum life life)
{
    struct review review = { .d = d, .life = life };
    int rc;

    do {
        rc = peers_run_relief(review_step, &review);
    } while (rc > 0);
    if (rc) {
        log_say("No memory to clean up after domain %u; it is tried again with the next one.",
                d->domid);
    }
}

/* What the hypervisor says of all domains. Negative errno: nothing is known. */
static int ask_all(uint8_t lives[DOMID_LIMIT])
{
    struct door_domain infos[DOOR_LIST_MAX];
    uint32_t first = 0;
    int nr, i;

    memset(lives, LIFE_GONE, DOMID_LIMIT);
    do {
        nr = door_list_domains(first, DOOR_LIST_MAX, infos);
        for (i = 0; i < nr; i++) {
            if (infos[i].domid < DOMID_LIMIT && !infos[i].dying) {
                lives[infos[i].domid] = infos[i].shutdown ? LIFE_ENDED : LIFE_RUNS;
            }
            first = infos[i].domid + 1;
        }
    } while (nr == (int)DOOR_LIST_MAX);
    return nr < 0 ? nr : 0;
}

void domains_review(void)
{
    static uint8_t lives[DOMID_LIMIT];
    struct domain *d;
    int rc = ask_all(lives);

    if (rc) {
        log_say("Cannot ask the hypervisor for its domains (%s); dead ones stay for now.",
                strerror(-rc));
        return;
    }
    for (uint32_t domid = 0; domid < DOMID_LIMIT; domid++) {
        d = domain_find(domid);
        if (!d) {
            /* Blocks of ids that were never used are the most of them. */
            if (!store->domains[domid / DOMID_BLOCK]) {
                domid |= DOMID_BLOCK - 1;
            }
        } else if (!d->privileged && lives[domid] != LIFE_RUNS) {
            review_domain(d, lives[domid]);
        }
    }
}
