/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of "xl top -b", in the columns of xentop -b, which scripts parse. There, networks are seen
 * from domain 0: NETTX and TX are what the back-end sent, so what the guest received.
 */
#include "top.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KIB_PER_PAGE   (CTRL_PAGE_SIZE / 1024)
#define VCPUS_PER_LINE 5

static void header_print(FILE *out)
{
    fputs("      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS "
          "NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID\n", out);
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static void memory_print(FILE *out, const struct top_sample *sample,
                         const struct ctrl_domain_info *info)
{
    uint64_t total = sample->host.total_pages;

    fprintf(out, " %10" PRIu64 " %6.1f", info->nr_pages * KIB_PER_PAGE,
            share(info->nr_pages, total));
    if (info->max_pages >= UINT32_MAX)
        fprintf(out, " %10s %9s", "no limit", "n/a");
    else
        fprintf(out, " %10" PRIu64 " %9.1f", info->max_pages * KIB_PER_PAGE,
                share(info->max_pages, total));
}

static void domain_print(FILE *out, const struct top_sample *sample,
                         const struct top_domain *domain, bool full_name)
{
    const struct ctrl_domain_info *info = &domain->info;
    struct top_nic nic = top_nics_sum(domain);
    struct top_vbd vbd = top_vbds_sum(domain);
    bool crashed = info->shutdown && info->shutdown_reason == CTRL_SHUTDOWN_CRASH;

    fprintf(out, full_name ? "%10s" : "%10.10s", domain->name);
    fprintf(out, " %c%c%c%c%c%c %10" PRIu64 " %6.1f", info->dying ? 'd' : '-',
            info->shutdown && !crashed ? 's' : '-', info->blocked ? 'b' : '-',
            crashed ? 'c' : '-', info->paused ? 'p' : '-', info->running ? 'r' : '-',
            info->cpu_time_ns / 1000000000u, domain->percent);
    memory_print(out, sample, info);
    fprintf(out, " %5u %4u %8" PRIu64 " %8" PRIu64, info->max_vcpu_id + 1, domain->nr_nics,
            nic.rx_bytes / 1024, nic.tx_bytes / 1024);
    fprintf(out, " %4u %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %10" PRIu64 " %10" PRIu64 " %4u\n",
            domain->nr_vbds, vbd.out_of_requests, vbd.reads, vbd.writes, vbd.read_sectors,
            vbd.written_sectors, info->ssidref);
}

static void vcpus_print(FILE *out, const struct top_domain *domain)
{
    unsigned printed = 0;

    fputs("VCPUs(sec): ", out);
    for (unsigned i = 0; i < domain->nr_vcpus; i++) {
        if (!domain->vcpus[i].online)
            continue;
        if (printed && printed % VCPUS_PER_LINE == 0)
            fputs("\n          ", out);
        printed++;
        fprintf(out, " %2u: %10" PRIu64 "s", domain->vcpus[i].number,
                domain->vcpus[i].cpu_ns / 1000000000u);
    }
    fputc('\n', out);
}

static void nics_print(FILE *out, const struct top_domain *domain)
{
    for (unsigned i = 0; i < domain->nr_nics; i++) {
        const struct top_nic *nic = &domain->nics[i];

        fprintf(out, "Net%u RX: %8" PRIu64 "bytes %8" PRIu64 "pkts %8" PRIu64 "err %8" PRIu64
                "drop  TX: %8" PRIu64 "bytes %8" PRIu64 "pkts %8" PRIu64 "err %8" PRIu64 "drop\n",
                nic->number, nic->tx_bytes, nic->tx_packets, nic->tx_errors, nic->tx_drops,
                nic->rx_bytes, nic->rx_packets, nic->rx_errors, nic->rx_drops);
    }
}

static void vbds_print(FILE *out, const struct top_domain *domain)
{
    for (unsigned i = 0; i < domain->nr_vbds; i++) {
        const struct top_vbd *vbd = &domain->vbds[i];

        fprintf(out, "VBD BlkBack %u [%2x:%2x]  OO: %8" PRIu64 "   RD: %8" PRIu64 "   WR: %8" PRIu64
                "   RSECT: %10" PRIu64 "   WSECT: %10" PRIu64 "\n", vbd->number,
                vbd->number >> 8 & 0xff, vbd->number & 0xff, vbd->out_of_requests, vbd->reads,
                vbd->writes, vbd->read_sectors, vbd->written_sectors);
    }
}

static int name_compare(const void *left, const void *right)
{
    const struct top_domain *const *a = left, *const *b = right;

    return strcasecmp((*a)->name, (*b)->name);
}

void top_batch_print(FILE *out, const struct top_sample *sample,
                     const struct top_options *options)
{
    const struct top_domain **rows = calloc(sample->nr + 1, sizeof(*rows));

    if (!rows)
        return;
    for (unsigned i = 0; i < sample->nr; i++)
        rows[i] = &sample->domains[i];
    qsort(rows, sample->nr, sizeof(*rows), name_compare);
    for (unsigned i = 0; i < sample->nr; i++) {
        if (!i || options->repeat_header)
            header_print(out);
        domain_print(out, sample, rows[i], options->full_names);
        if (options->vcpus)
            vcpus_print(out, rows[i]);
        if (options->networks)
            nics_print(out, rows[i]);
        if (options->vbds)
            vbds_print(out, rows[i]);
    }
    free(rows);
}
