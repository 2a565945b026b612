/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of "xl info -n". */
#include "info_numa.h"

#include "output.h"

#include <dirent.h>
#include <inttypes.h>
#include <libctrl/host.h>
#include <stdio.h>
#include <stdlib.h>

#define MIB         (1024 * 1024)
#define DEVICES_MAX 4096

static void *need(void *memory)
{
    if (!memory)
        xl_die("Out of memory.");
    return memory;
}

static void cpu_topology_print(struct xl *xl, struct json *json)
{
    struct ctrl_cpu_topology *cpus;
    int nr = ctrl_cpu_topology(xl_ctrl(xl), 0, NULL);

    cpus = need(calloc(nr > 0 ? (size_t)nr : 1, sizeof(*cpus)));
    if (nr < 0 || (nr = ctrl_cpu_topology(xl->ctrl, (unsigned)nr, cpus)) < 0)
        xl_die("libxl_get_topologyinfo failed: %s.", ctrl_error(xl->ctrl));
    if (json)
        json_array(json, "cpu_topology");
    else
        printf("cpu_topology           :\ncpu:    core    socket     node\n");
    for (int cpu = 0; cpu < nr; cpu++) {
        if (cpus[cpu].core == CTRL_TOPOLOGY_INVALID)
            continue;
        if (!json) {
            printf("%3d:    %4d     %4d     %4d\n", cpu, (int)cpus[cpu].core,
                   (int)cpus[cpu].socket, (int)cpus[cpu].node);
            continue;
        }
        json_map(json, NULL);
        json_int(json, "cpu", cpu);
        json_uint(json, "core", cpus[cpu].core);
        json_uint(json, "socket", cpus[cpu].socket);
        json_uint(json, "node", cpus[cpu].node);
        json_end(json);
    }
    if (json)
        json_end(json);
    free(cpus);
}

static int address_compare(const void *left, const void *right)
{
    const struct ctrl_pci_device *a = left, *b = right;

    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    return (a->bus << 8 | a->devfn) - (b->bus << 8 | b->devfn);
}

/* The host's PCI devices as its kernel sees them. */
static unsigned devices_read(struct ctrl_pci_device *devices)
{
    DIR *dir = opendir("/sys/bus/pci/devices");
    const struct dirent *entry;
    unsigned segment, bus, device, function, nr = 0;

    while (dir && nr < DEVICES_MAX && (entry = readdir(dir))) {
        if (sscanf(entry->d_name, "%x:%x:%x.%x", &segment, &bus, &device, &function) != 4)
            continue;
        devices[nr++] = (struct ctrl_pci_device){ (uint16_t)segment, (uint8_t)bus,
                                                  (uint8_t)(device << 3 | function) };
    }
    if (dir)
        closedir(dir);
    qsort(devices, nr, sizeof(*devices), address_compare);
    return nr;
}

static void device_print(struct json *json, const struct ctrl_pci_device *device, uint32_t node)
{
    char address[24];

    snprintf(address, sizeof(address), "%04x:%02x:%02x.%01x", device->segment, device->bus,
             device->devfn >> 3, device->devfn & 7);
    if (!json) {
        printf("%s      %u\n", address, node);
        return;
    }
    json_map(json, NULL);
    json_string(json, "device", address);
    json_uint(json, "node", node);
    json_end(json);
}

static void device_topology_print(struct xl *xl, struct json *json)
{
    struct ctrl_pci_device *devices = need(calloc(DEVICES_MAX, sizeof(*devices)));
    unsigned nr = devices_read(devices);
    uint32_t *nodes = need(calloc(nr + 1, sizeof(*nodes)));
    bool any = false;

    if (json)
        json_array(json, "device_topology");
    else
        printf("device topology        :\ndevice           node\n");
    if (nr && ctrl_pci_topology(xl_ctrl(xl), nr, devices, nodes) < 0) {
        xl_debug(1, "Cannot read the nodes of PCI devices: %s.", ctrl_error(xl->ctrl));
        nr = 0;
    }
    for (unsigned i = 0; i < nr; i++) {
        if (nodes[i] == CTRL_TOPOLOGY_INVALID)
            continue;
        device_print(json, &devices[i], nodes[i]);
        any = true;
    }
    if (json)
        json_end(json);
    else if (!any)
        printf("No device topology data available\n");
    free(nodes);
    free(devices);
}

static void node_print(struct json *json, int nr, int node, const struct ctrl_node *info,
                       const uint32_t *distances)
{
    if (json) {
        json_map(json, NULL);
        json_int(json, "node", node);
        json_uint(json, "size_mib", info->size / MIB);
        json_uint(json, "free_mib", info->free / MIB);
        json_array(json, "distances");
        for (int i = 0; i < nr; i++)
            json_uint(json, NULL, distances[i]);
        json_end(json);
        json_end(json);
        return;
    }
    printf("%4d:    %6" PRIu64 "     %6" PRIu64 "      %u", node, info->size / MIB,
           info->free / MIB, nr ? distances[0] : 0);
    for (int i = 1; i < nr; i++)
        printf(",%u", distances[i]);
    putchar('\n');
}

static void numa_print(struct xl *xl, struct json *json)
{
    struct ctrl_node *nodes;
    uint32_t *distances;
    int nr = ctrl_numa(xl_ctrl(xl), 0, NULL, NULL);

    nodes = need(calloc(nr > 0 ? (size_t)nr : 1, sizeof(*nodes)));
    distances = need(calloc(nr > 0 ? (size_t)nr * (size_t)nr : 1, sizeof(*distances)));
    if (nr < 0 || (nr = ctrl_numa(xl->ctrl, (unsigned)nr, nodes, distances)) < 0)
        xl_die("libxl_get_numainfo failed: %s.", ctrl_error(xl->ctrl));
    if (json)
        json_array(json, "numa_info");
    else
        printf("numa_info              :\nnode:    memsize    memfree    distances\n");
    for (int node = 0; node < nr; node++)
        if (nodes[node].size != UINT64_MAX)
            node_print(json, nr, node, &nodes[node], distances + (size_t)node * (size_t)nr);
    if (json)
        json_end(json);
    free(distances);
    free(nodes);
}

void info_numa_print(struct xl *xl, struct json *json)
{
    cpu_topology_print(xl, json);
    device_topology_print(xl, json);
    numa_print(xl, json);
}
