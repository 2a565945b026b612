/* SPDX-License-Identifier: BSD-2-Clause */
/* A sample of "xl top" as one JSON object. */
#include "cpus.h"
#include "json.h"
#include "top.h"

#define KIB_PER_PAGE (CTRL_PAGE_SIZE / 1024)

static void vcpus_json(struct json *json, const struct top_domain *domain)
{
    json_array(json, "vcpus");
    for (unsigned i = 0; i < domain->nr_vcpus; i++) {
        const struct top_vcpu *vcpu = &domain->vcpus[i];

        json_map(json, NULL);
        json_uint(json, "vcpu", vcpu->number);
        json_bool(json, "online", vcpu->online);
        json_uint(json, "cpu", vcpu->cpu);
        json_uint(json, "cpu_time_ns", vcpu->cpu_ns);
        json_fixed(json, "cpu_percent", vcpu->percent, 1);
        if (vcpu->steal_percent < 0)
            json_null(json, "steal_percent");
        else
            json_fixed(json, "steal_percent", vcpu->steal_percent, 1);
        json_end(json);
    }
    json_end(json);
}

static void nics_json(struct json *json, const struct top_domain *domain)
{
    json_array(json, "networks");
    for (unsigned i = 0; i < domain->nr_nics; i++) {
        const struct top_nic *nic = &domain->nics[i];

        json_map(json, NULL);
        json_uint(json, "devid", nic->number);
        json_uint(json, "rx_bytes", nic->rx_bytes);
        json_uint(json, "rx_packets", nic->rx_packets);
        json_uint(json, "rx_errors", nic->rx_errors);
        json_uint(json, "rx_drops", nic->rx_drops);
        json_uint(json, "tx_bytes", nic->tx_bytes);
        json_uint(json, "tx_packets", nic->tx_packets);
        json_uint(json, "tx_errors", nic->tx_errors);
        json_uint(json, "tx_drops", nic->tx_drops);
        json_end(json);
    }
    json_end(json);
}

static void vbds_json(struct json *json, const struct top_domain *domain)
{
    json_array(json, "disks");
    for (unsigned i = 0; i < domain->nr_vbds; i++) {
        const struct top_vbd *vbd = &domain->vbds[i];

        json_map(json, NULL);
        json_uint(json, "devid", vbd->number);
        json_uint(json, "out_of_requests", vbd->out_of_requests);
        json_uint(json, "read_requests", vbd->reads);
        json_uint(json, "write_requests", vbd->writes);
        json_uint(json, "read_sectors", vbd->read_sectors);
        json_uint(json, "written_sectors", vbd->written_sectors);
        json_end(json);
    }
    json_end(json);
}

static void domain_json(struct json *json, const struct top_domain *domain)
{
    const struct ctrl_domain_info *info = &domain->info;
    char uuid[UUID_TEXT_SIZE];

    json_map(json, NULL);
    json_uint(json, "domid", info->domid);
    json_string(json, "name", domain->name);
    json_string(json, "uuid", uuid_text(info->uuid, uuid));
    json_uint(json, "cpu_time_ns", info->cpu_time_ns);
    json_fixed(json, "cpu_percent", domain->percent, 1);
    json_uint(json, "memory_kib", info->nr_pages * KIB_PER_PAGE);
    json_uint(json, "vcpus_online", info->nr_online_vcpus);
    vcpus_json(json, domain);
    nics_json(json, domain);
    vbds_json(json, domain);
    json_end(json);
}

void top_json_print(FILE *out, const struct top_sample *sample)
{
    struct json *json = json_begin(out);

    json_map(json, NULL);
    json_map(json, "host");
    json_uint(json, "cpus", sample->host.nr_cpus);
    json_uint(json, "memory_kib", sample->host.total_pages * KIB_PER_PAGE);
    json_uint(json, "free_kib", sample->host.free_pages * KIB_PER_PAGE);
    if (sample->busy_percent < 0)
        json_null(json, "busy_percent");
    else
        json_fixed(json, "busy_percent", sample->busy_percent, 1);
    json_end(json);
    json_array(json, "domains");
    for (unsigned i = 0; i < sample->nr; i++)
        domain_json(json, &sample->domains[i]);
    json_finish(json);
}
