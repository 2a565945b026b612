/* SPDX-License-Identifier: BSD-2-Clause */
/* Network interfaces of guests: what is checked, claimed and written for one. */
#include "devices.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_BRIDGE "xenbr0"

/* An address of Xen's range that follows from the guest's UUID, so it outlives a restart. */
static void mac_choose(const uint8_t uuid[16], uint32_t number, uint8_t mac[6])
{
    uint64_t hash = 0xcbf29ce484222325u ^ number;

    for (unsigned i = 0; i < 16; i++)
        hash = (hash ^ uuid[i]) * 0x100000001b3u;
    hash ^= hash >> 29;
    mac[0] = 0x00;
    mac[1] = 0x16;
    mac[2] = 0x3e;
    mac[3] = (uint8_t)(hash >> 16) & 0x7f;
    mac[4] = (uint8_t)(hash >> 8);
    mac[5] = (uint8_t)hash;
}

void vif_mac(const uint8_t uuid[16], const struct xl_vif *vif, uint8_t mac[6])
{
    if (vif->has_mac)
        memmove(mac, vif->mac, sizeof(vif->mac));
    else
        mac_choose(uuid, (uint32_t)vif->devid, mac);
}

void device_of_vif(struct life *life, struct device *device, const struct xl_vif *vif)
{
    *device = (struct device){
        .type = DEVICE_VIF, .vif = vif, .number = (uint32_t)vif->devid, .target.fd = -1,
        .bridge = vif->bridge ? vif->bridge : DEFAULT_BRIDGE,
    };
    vif_mac(life->uuid, vif, device->mac);
}

int vif_check(const struct life *life, const struct device *device)
{
    const struct xl_vif *vif = device->vif;
    int rc;

    (void)life;
    if (!backend_is_here(vif->backend)) {
        xl_where_complain(vif->where, &life_report, "vif",
                          "backend=%s: networks are served by Domain-0 only; leave it out",
                          vif->backend);
        return -EINVAL;
    }
    if (vif->script)
        return 0;
    rc = host_bridge_check(device->bridge);
    if (rc < 0) {
        xl_where_complain(vif->where, &life_report, "vif", rc == -ENODEV ?
                          "%s; make one with \"xl net init\", or name another with bridge=" :
                          "%s; name another with bridge=", host_error());
        return -EINVAL;
    }
    if (vif->ifname && if_nametoindex(vif->ifname)) {
        xl_where_complain(vif->where, &life_report, "vif", "vifname=%s: there is an interface of "
                          "that name already; choose another", vif->ifname);
        return -EINVAL;
    }
    return 0;
}

unsigned vif_claims(const struct device *device, struct claim *claims)
{
    claim_of_mac(&claims[0], device->mac);
    return 1;
}

static void mac_write(struct node_writer *nodes, const uint8_t mac[6])
{
    node_write(nodes, "mac", "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
               mac[4], mac[5]);
}

void vif_write(const struct device *device, struct node_writer *front, struct node_writer *back)
{
    const struct xl_vif *vif = device->vif;

    node_write(front, "handle", "%u", device->number);
    node_write(front, "trusted", "%d", vif->trusted != XL_NO);
    mac_write(front, device->mac);
    if (vif->mtu)
        node_write(front, "mtu", "%d", vif->mtu);
    node_write(back, "handle", "%u", device->number);
    node_write(back, "type", "vif");
    mac_write(back, device->mac);
    node_write(back, "bridge", "%s", device->bridge);
    if (vif->ip)
        node_write(back, "ip", "%s", vif->ip);
    if (vif->ifname)
        node_write(back, "vifname", "%s", vif->ifname);
    if (vif->gatewaydev)
        node_write(back, "gatewaydev", "%s", vif->gatewaydev);
    if (vif->rate_bytes)
        node_write(back, "rate", "%" PRIu64 ",%u", vif->rate_bytes, vif->rate_interval_us);
    /* Linux' back-end wants this node, though it only passes it on. */
    node_write(back, "script", "%s", vif->script ? vif->script : "");
    if (!vif->script)
        node_write(back, "hotplug-status", "connected");
}

int vif_attach(const struct life *life, const struct device *device, int net)
{
    const struct xl_vif *vif = device->vif;
    char name[IFNAMSIZ];
    struct host_vif attach = {
        .name = name, .rename = vif->ifname, .bridge = device->bridge, .mtu = vif->mtu,
    };

    snprintf(name, sizeof(name), "vif%u.%u", life->domid, device->number);
    if (host_vif_attach(net, &attach, BACKEND_SECONDS * 1000) < 0) {
        xl_where_complain(vif->where, &life_report, "vif", "%s", host_error());
        return -EIO;
    }
    return 0;
}
