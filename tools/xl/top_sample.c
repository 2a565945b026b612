/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples for "xl top": domains, vCPUs, the host, and what changed since the sample before. */
#include "top.h"

#include "domains.h"
#include "output.h"

#include <inttypes.h>
#include <libctrl/vcpu.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC  1000000000ull
#define SECTOR_SIZE 512

static void *need(void *memory)
{
    if (!memory)
        xl_die("Out of memory.");
    return memory;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static void host_read(struct xl *xl, struct top_sample *sample)
{
    unsigned nr;
    uint64_t *idle;
    int got;

    if (ctrl_physinfo(xl_ctrl(xl), &sample->host) < 0)
        xl_die("Cannot read what the host has: %s.", ctrl_error(xl->ctrl));
    nr = sample->host.max_cpu_id + 1;
    idle = need(calloc(nr, sizeof(*idle)));
    got = ctrl_cpu_idle_times(xl->ctrl, nr, idle);
    for (int cpu = 0; cpu < got; cpu++)
        sample->idle_ns += idle[cpu];
    free(idle);
}

static void vcpus_read(struct xl *xl, struct top_domain *domain)
{
    unsigned nr = domain->info.max_vcpu_id + 1;

    domain->vcpus = need(calloc(nr, sizeof(*domain->vcpus)));
    for (unsigned number = 0; number < nr; number++) {
        struct top_vcpu *vcpu = &domain->vcpus[domain->nr_vcpus];
        struct ctrl_vcpu_info info;

        if (ctrl_vcpu_info(xl_ctrl(xl), domain->info.domid, number, &info) < 0)
            return; /* the domain has just gone */
        *vcpu = (struct top_vcpu){ .number = number, .cpu = info.cpu, .online = info.online,
                                   .running = info.running, .blocked = info.blocked,
                                   .cpu_ns = info.cpu_time_ns, .steal_percent = -1 };
        domain->nr_vcpus++;
    }
}

/* Time that the vCPUs of this very domain could not run: its kernel counts it in /proc/stat. */
static void own_steal_read(struct top_domain *domain)
{
    FILE *file = fopen("/proc/stat", "re");
    uint64_t ns_per_tick = NS_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
    char line[512];

    while (file && fgets(line, sizeof(line), file)) {
        uint64_t steal;
        unsigned cpu;

        if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &cpu, &steal) != 2)
            continue;
        for (unsigned i = 0; i < domain->nr_vcpus; i++)
            if (domain->vcpus[i].number == cpu) {
                domain->vcpus[i].steal_ns = steal * ns_per_tick;
                domain->vcpus[i].steal_percent = 0;
            }
    }
    if (file)
        fclose(file);
}

static void domains_read(struct xl *xl, struct top_sample *sample, bool vcpus)
{
    struct xl_domains domains;

    xl_domains_read(xl, &domains);
    sample->domains = need(calloc(domains.nr + 1, sizeof(*sample->domains)));
    sample->nr = domains.nr;
    for (unsigned i = 0; i < domains.nr; i++) {
        struct top_domain *domain = &sample->domains[i];

        domain->info = domains.info[i];
        domain->name = need(strdup(xl_domains_name(&domains, i)));
        domain->steal_percent = -1;
        if (vcpus || domain->info.domid == CTRL_DOM0)
            vcpus_read(xl, domain);
        if (domain->info.domid == CTRL_DOM0)
            own_steal_read(domain);
    }
    xl_domains_free(&domains);
}

struct top_nic top_nics_sum(const struct top_domain *domain)
{
    struct top_nic sum = { 0 };

    for (unsigned i = 0; i < domain->nr_nics; i++) {
        sum.rx_bytes += domain->nics[i].rx_bytes;
        sum.tx_bytes += domain->nics[i].tx_bytes;
    }
    return sum;
}

struct top_vbd top_vbds_sum(const struct top_domain *domain)
{
    struct top_vbd sum = { 0 };

    for (unsigned i = 0; i < domain->nr_vbds; i++) {
        sum.out_of_requests += domain->vbds[i].out_of_requests;
        sum.reads += domain->vbds[i].reads;
        sum.writes += domain->vbds[i].writes;
        sum.read_sectors += domain->vbds[i].read_sectors;
        sum.written_sectors += domain->vbds[i].written_sectors;
    }
    return sum;
}

/* --- rates --- */

/* Counters start anew when a device does. */
static double grown(uint64_t now, uint64_t before)
{
    return now > before ? (double)(now - before) : 0;
}

static void vcpu_rates(struct top_domain *domain, const struct top_domain *before, double ns)
{
    double steal = 0;
    bool known = false;

    for (unsigned i = 0; i < domain->nr_vcpus && i < before->nr_vcpus; i++) {
        struct top_vcpu *vcpu = &domain->vcpus[i];

        vcpu->percent = 100 * grown(vcpu->cpu_ns, before->vcpus[i].cpu_ns) / ns;
        if (vcpu->steal_percent < 0)
            continue;
        vcpu->steal_percent = 100 * grown(vcpu->steal_ns, before->vcpus[i].steal_ns) / ns;
        steal += vcpu->steal_percent;
        known = true;
    }
    if (known)
        domain->steal_percent = steal;
}

static void domain_rates(struct top_domain *domain, const struct top_domain *before, double ns)
{
    struct top_nic nic = top_nics_sum(domain), old_nic = top_nics_sum(before);
    struct top_vbd vbd = top_vbds_sum(domain), old_vbd = top_vbds_sum(before);
    double seconds = ns / NS_PER_SEC;

    domain->percent = 100 * grown(domain->info.cpu_time_ns, before->info.cpu_time_ns) / ns;
    domain->rx_rate = grown(nic.rx_bytes, old_nic.rx_bytes) / seconds;
    domain->tx_rate = grown(nic.tx_bytes, old_nic.tx_bytes) / seconds;
    domain->read_rate = SECTOR_SIZE * grown(vbd.read_sectors, old_vbd.read_sectors) / seconds;
    domain->write_rate =
        SECTOR_SIZE * grown(vbd.written_sectors, old_vbd.written_sectors) / seconds;
    domain->request_rate =
        grown(vbd.reads + vbd.writes, old_vbd.reads + old_vbd.writes) / seconds;
    vcpu_rates(domain, before, ns);
}

static const struct top_domain *domain_before(const struct top_sample *previous,
                                              const struct top_domain *domain)
{
    for (unsigned i = 0; i < previous->nr; i++)
        if (previous->domains[i].info.domid == domain->info.domid &&
            memcmp(previous->domains[i].info.uuid, domain->info.uuid, 16) == 0)
            return &previous->domains[i];
    return NULL;
}

static void rates_compute(struct top_sample *sample, const struct top_sample *previous)
{
    double ns = grown(sample->time_ns, previous->time_ns);
    double all = ns * sample->host.nr_cpus;

    if (ns <= 0)
        return;
    if (sample->idle_ns && all > 0) {
        sample->busy_percent = 100 - 100 * grown(sample->idle_ns, previous->idle_ns) / all;
        if (sample->busy_percent < 0)
            sample->busy_percent = 0;
    }
    for (unsigned i = 0; i < sample->nr; i++) {
        const struct top_domain *before = domain_before(previous, &sample->domains[i]);

        if (before)
            domain_rates(&sample->domains[i], before, ns);
    }
}

struct top_sample *top_sample_take(struct xl *xl, const struct top_sample *previous, bool vcpus)
{
    struct top_sample *sample = need(calloc(1, sizeof(*sample)));

    sample->busy_percent = -1;
    host_read(xl, sample);
    sample->time_ns = now_ns();
    domains_read(xl, sample, vcpus);
    top_devices_read(sample);
    if (previous)
        rates_compute(sample, previous);
    return sample;
}

void top_sample_free(struct top_sample *sample)
{
    if (!sample)
        return;
    for (unsigned i = 0; i < sample->nr; i++) {
        free(sample->domains[i].name);
        free(sample->domains[i].vcpus);
        free(sample->domains[i].nics);
        free(sample->domains[i].vbds);
    }
    free(sample->domains);
    free(sample);
}
