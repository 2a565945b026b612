/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies of the per-CPU template. The boot CPU uses the template itself (offset 0). */
#include <xen/alloc.h>
#include <xen/cpumask.h>
#include <xen/errno.h>
#include <xen/percpu.h>

unsigned long percpu_offset[NR_CPUS];
cpumask_t cpu_online_map;
unsigned int nr_cpus_online;

extern char percpu_start[], percpu_end[];

int percpu_init_cpu(unsigned int cpu)
{
    size_t size = (size_t)(percpu_end - percpu_start);
    unsigned int order = 0;
    char *copy;

    while ((PAGE_SIZE << order) < size) {
        order++;
    }
    copy = hv_pages_alloc(order);
    if (copy == NULL) {
        return -ENOMEM;
    }
    percpu_offset[cpu] = (unsigned long)(copy - percpu_start);
    return 0;
}
