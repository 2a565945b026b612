/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters of the back-ends that domain 0's kernel runs: network interfaces vifDOMID.NUMBER in
 * /proc/net/dev, block devices vbd-DOMID-NUMBER in sysfs.
 */
#include "output.h"
#include "top.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKENDS "/sys/bus/xen-backend/devices"

static struct top_domain *domain_find(struct top_sample *sample, unsigned domid)
{
    for (unsigned i = 0; i < sample->nr; i++)
        if (sample->domains[i].info.domid == domid)
            return &sample->domains[i];
    return NULL;
}

static void *array_grow(void *array, unsigned nr, size_t item)
{
    array = realloc(array, (nr + 1) * item);
    if (!array)
        xl_die("Out of memory.");
    return array;
}

/* What the interface in domain 0 receives is what the guest sent. */
static void nic_read(struct top_sample *sample, const char *line)
{
    struct top_domain *domain;
    struct top_nic nic;
    unsigned domid;

    if (sscanf(line, " vif%u.%u: %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &domid,
               &nic.number, &nic.tx_bytes, &nic.tx_packets, &nic.tx_errors, &nic.tx_drops,
               &nic.rx_bytes, &nic.rx_packets, &nic.rx_errors, &nic.rx_drops) != 10)
        return;
    domain = domain_find(sample, domid);
    if (!domain)
        return;
    domain->nics = array_grow(domain->nics, domain->nr_nics, sizeof(nic));
    domain->nics[domain->nr_nics++] = nic;
}

static void nics_read(struct top_sample *sample)
{
    FILE *file = fopen("/proc/net/dev", "re");
    char line[512];

    while (file && fgets(line, sizeof(line), file))
        nic_read(sample, line);
    if (file)
        fclose(file);
}

static uint64_t statistic_read(const char *device, const char *name)
{
    char path[320], text[32];
    ssize_t length = -1;
    int fd;

    snprintf(path, sizeof(path), BACKENDS "/%s/statistics/%s", device, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        length = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    if (length <= 0)
        return 0;
    text[length] = '\0';
    return strtoull(text, NULL, 10);
}

static int vbd_compare(const void *left, const void *right)
{
    const struct top_vbd *a = left, *b = right;

    return a->number < b->number ? -1 : a->number > b->number;
}

static void vbd_read(struct top_sample *sample, const char *device)
{
    struct top_domain *domain;
    struct top_vbd vbd;
    unsigned domid;

    if (sscanf(device, "vbd-%u-%u", &domid, &vbd.number) != 2)
        return;
    domain = domain_find(sample, domid);
    if (!domain)
        return;
    vbd.out_of_requests = statistic_read(device, "oo_req");
    vbd.reads = statistic_read(device, "rd_req");
    vbd.writes = statistic_read(device, "wr_req");
    vbd.read_sectors = statistic_read(device, "rd_sect");
    vbd.written_sectors = statistic_read(device, "wr_sect");
    domain->vbds = array_grow(domain->vbds, domain->nr_vbds, sizeof(vbd));
    domain->vbds[domain->nr_vbds++] = vbd;
    qsort(domain->vbds, domain->nr_vbds, sizeof(vbd), vbd_compare);
}

static void vbds_read(struct top_sample *sample)
{
    DIR *dir = opendir(BACKENDS);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        vbd_read(sample, entry->d_name);
    if (dir)
        closedir(dir);
}

void top_devices_read(struct top_sample *sample)
{
    nics_read(sample);
    vbds_read(sample);
}
