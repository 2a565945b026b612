/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hostile client can send. The first byte chooses: requests of several clients as records,
 * or what a guest puts into its page, byte streams and indexes. After each step the heap is
 * compared as in steps.c, at the end the store checks itself.
 */
#include <stdint.h>
#include <string.h>

#include <public/io/xs_wire.h>

#include "peer.h"
#include "ring.h"
#include "steps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* client, type, transaction, length (two bytes), body */
static void do_records(const uint8_t *data, size_t size)
{
    while (size >= 5) {
        uint32_t len = (uint32_t)(data[3] | (data[4] & 15) << 8);
        unsigned int client = data[0] % STEPS_CLIENTS;

        if (len > size - 5) {
            len = (uint32_t)size - 5;
        }
        /* CONTROL writes files and restarts programs: it is root's. */
        if (data[1] % 25 != XS_CONTROL) {
            steps_do(client, data[1] % 25, data[2] % 16, (const char *)data + 5, len);
        }
        if (data[0] & 0x80) {
            steps_take(client, (size_t)data[2] + 1);
        }
        data += 5 + len;
        size -= 5 + len;
    }
}

/* One field or the request area is written, then the ring gets a turn. */
static void do_ring(const uint8_t *data, size_t size)
{
    static struct xenstore_domain_interface page;
    struct peer peer = { .fd = -1, .conn = steps_client[2], .ring.page = &page };
    uint32_t *const fields[] = {
        &page.req_cons, &page.req_prod, &page.rsp_cons, &page.rsp_prod, &page.connection,
    };

    memset(&page, 0, sizeof(page));
    steps_client[2]->peer = &peer;
    while (size >= 3) {
        uint32_t len = data[1];

        if (len > size - 2) {
            len = (uint32_t)size - 2;
        }
        if (data[0] < 5 && len >= 4) {
            memcpy(fields[data[0]], data + 2, 4);
        } else {
            for (uint32_t i = 0; i < len; i++) {
                page.req[MASK_XENSTORE_IDX(page.req_prod + i)] = (char)data[2 + i];
            }
            page.req_prod += len;
        }
        if (data[0] & 0x80) {
            page.rsp_cons = page.rsp_prod;
        }
        ring_turn(&peer);
        peer_take_ready();
        data += 2 + len;
        size -= 2 + len;
    }
    steps_client[2]->peer = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    steps_begin();
    if (data[0] & 1) {
        do_ring(data + 1, size - 1);
    } else {
        do_records(data + 1, size - 1);
    }
    steps_check();
    steps_end();
    return 0;
}
