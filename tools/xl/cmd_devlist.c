/* SPDX-License-Identifier: BSD-2-Clause */
/* xl block-list, network-list, channel-list: what the store says about a guest's devices. */
#include "life.h"

#include "commands.h"
#include "json.h"
#include "output.h"

#include <libctrl/domain.h>
#include <libctrl/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A device with the nodes of its front-end that the lists show; a node that isn't there is "". */
struct shown {
    uint32_t domid, number;
    char backend[DEVICE_PATH_SIZE];
    char mac[18];
    int backend_id, state, event, ring, ring_rx;
};

struct lister {
    const char *type;               /* in the store */
    const char *header;
    void (*print)(const struct shown *shown);
    void (*json)(struct json *json, const struct shown *shown);
};

enum {
    NODE_BACKEND, NODE_BACKEND_ID, NODE_STATE, NODE_EVENT, NODE_RING, NODE_RING_TX, NODE_RING_RX,
    NODE_MAC, NR_NODES,
};

static const char *const nodes[NR_NODES] = {
    [NODE_BACKEND] = "backend", [NODE_BACKEND_ID] = "backend-id", [NODE_STATE] = "state",
    [NODE_EVENT] = "event-channel", [NODE_RING] = "ring-ref", [NODE_RING_TX] = "tx-ring-ref",
    [NODE_RING_RX] = "rx-ring-ref", [NODE_MAC] = "mac",
};

static const char *text_of(struct ctrl_batch *batch, unsigned first, unsigned node)
{
    const char *value;

    return ctrl_batch_reply(batch, first + node, &value) > 0 ? value : "";
}

static int number_of(struct ctrl_batch *batch, unsigned first, unsigned node)
{
    const char *text = text_of(batch, first, node);

    return *text ? atoi(text) : -1;
}

static void shown_fill(struct ctrl_batch *batch, unsigned first, struct shown *shown)
{
    bool net = *text_of(batch, first, NODE_MAC);

    snprintf(shown->backend, sizeof(shown->backend), "%s", text_of(batch, first, NODE_BACKEND));
    snprintf(shown->mac, sizeof(shown->mac), "%s", text_of(batch, first, NODE_MAC));
    shown->backend_id = number_of(batch, first, NODE_BACKEND_ID);
    shown->state = number_of(batch, first, NODE_STATE);
    shown->event = number_of(batch, first, NODE_EVENT);
    shown->ring = number_of(batch, first, net ? NODE_RING_TX : NODE_RING);
    shown->ring_rx = number_of(batch, first, NODE_RING_RX);
}

static void block_print(const struct shown *shown)
{
    printf("%-5d %-3d %-6d %-5d %-6d %-8d %-30s\n", (int)shown->number, shown->backend_id,
           (int)shown->domid, shown->state, shown->event, shown->ring, shown->backend);
}

static void network_print(const struct shown *shown)
{
    printf("%-3d %-2d %-17s%6d %5d %6d %5d/%-11d %-30s\n", (int)shown->number,
           shown->backend_id, shown->mac, (int)shown->number, shown->state, shown->event,
           shown->ring, shown->ring_rx, shown->backend);
}

static void channel_print(const struct shown *shown)
{
    printf("%-3d %-2d %-5d %-6d %-8d %-10s %-30s\n", (int)shown->number, shown->backend_id,
           shown->state, shown->event, shown->ring, "", shown->backend);
}

static void device_json(struct json *json, const struct shown *shown)
{
    json_map(json, NULL);
    json_uint(json, "domid", shown->domid);
    json_uint(json, "devid", shown->number);
    json_int(json, "backend_domid", shown->backend_id);
    json_int(json, "state", shown->state);
    json_int(json, "event_channel", shown->event);
}

static void block_json(struct json *json, const struct shown *shown)
{
    char name[32];

    device_json(json, shown);
    json_string(json, "vdev", xl_vdev_name(shown->number, name, sizeof(name)));
    json_int(json, "ring_ref", shown->ring);
    json_string(json, "backend_path", shown->backend);
    json_end(json);
}

static void network_json(struct json *json, const struct shown *shown)
{
    device_json(json, shown);
    json_string(json, "mac", shown->mac);
    json_int(json, "tx_ring_ref", shown->ring);
    json_int(json, "rx_ring_ref", shown->ring_rx);
    json_string(json, "backend_path", shown->backend);
    json_end(json);
}

static void channel_json(struct json *json, const struct shown *shown)
{
    device_json(json, shown);
    json_int(json, "ring_ref", shown->ring);
    json_string(json, "backend_path", shown->backend);
    json_end(json);
}

static int number_compare(const void *a, const void *b)
{
    const struct shown *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

/* All of a domain's devices of a type, by number. */
static struct shown *devices_read(struct xl *xl, uint32_t domid, const char *type, unsigned *nr)
{
    struct ctrl_store_names *names;
    struct ctrl_batch *batch;
    struct shown *list;
    char path[DEVICE_PATH_SIZE + 32];

    *nr = 0;
    snprintf(path, sizeof(path), "/local/domain/%u/device/%s", domid, type);
    if (ctrl_store_list(xl_store(xl), CTRL_STORE_NO_TX, path, &names) < 0)
        return NULL;
    list = calloc(names->nr + 1, sizeof(*list));
    if (!list || ctrl_batch_create(xl->store, &batch) < 0)
        xl_die("Out of memory.");
    for (unsigned i = 0; i < names->nr; i++) {
        for (unsigned node = 0; node < NR_NODES; node++) {
            snprintf(path, sizeof(path), "/local/domain/%u/device/%s/%.16s/%s", domid, type,
                     names->name[i], nodes[node]);
            ctrl_batch_read(batch, path);
        }
    }
    if (ctrl_batch_submit(batch) < 0)
        xl_die("Cannot read the devices of domain %u: %s.", domid, ctrl_error(xl->ctrl));
    for (unsigned i = 0; i < names->nr; i++) {
        list[i].domid = domid;
        list[i].number = (uint32_t)strtoul(names->name[i], NULL, 10);
        shown_fill(batch, i * NR_NODES, &list[i]);
    }
    *nr = names->nr;
    qsort(list, *nr, sizeof(*list), number_compare);
    ctrl_batch_destroy(batch);
    free(names);
    return list;
}

static int list(struct xl *xl, int argc, char **argv, const struct lister *lister)
{
    struct json *json = NULL;

    while (xl_option(xl, argc, argv, "", NULL) != -1)
        ;
    if (xl->json) {
        json = json_begin(stdout);
        json_array(json, NULL);
    } else {
        puts(lister->header);
    }
    for (int word = optind; word < argc; word++) {
        struct shown *found;
        uint32_t domid;
        unsigned nr;

        if (xl_domain_lookup(xl, argv[word], &domid) < 0) {
            xl_error("%s is an invalid domain identifier", argv[word]);
            continue;
        }
        found = devices_read(xl, domid, lister->type, &nr);
        for (unsigned i = 0; i < nr; i++) {
            if (json)
                lister->json(json, &found[i]);
            else
                lister->print(&found[i]);
        }
        free(found);
    }
    if (json)
        json_end(json);
    return json && json_finish(json) < 0 ? XL_EXIT_FAILED : XL_EXIT_OK;
}

int cmd_block_list(struct xl *xl, int argc, char **argv)
{
    static const struct lister lister = {
        "vbd", "Vdev  BE  handle state evt-ch ring-ref BE-path                       ",
        block_print, block_json,
    };

    return list(xl, argc, argv, &lister);
}

int cmd_network_list(struct xl *xl, int argc, char **argv)
{
    static const struct lister lister = {
        "vif", "Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref "
               "BE-path                       ",
        network_print, network_json,
    };

    return list(xl, argc, argv, &lister);
}

int cmd_channel_list(struct xl *xl, int argc, char **argv)
{
    static const struct lister lister = {
        "console", "Idx BE state evt-ch ring-ref connection                               ",
        channel_print, channel_json,
    };

    return list(xl, argc, argv, &lister);
}
