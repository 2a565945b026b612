/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device interrupts on their way to guests, with a chip that only notes what it is told: masking
 * and EOI, sharing, moves between CPUs, vectors running out, and a domain's pirqs. Locks check
 * their order.
 */
#include "unit.h"

#include <sys/mman.h>

#include <asm/acpi.h>
#include <asm/ioapic.h>
#include <asm/irq.h>
#include <asm/lapic.h>
#include <asm/msi.h>
#include <public/physdev.h>
#include <xen/alloc.h>
#include <xen/arch.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/event.h>
#include <xen/hwirq.h>
#include <xen/percpu.h>

#include "../../xen/arch/fake/machine.h"

#define NR_PINS 24
#define LEVEL_GSI 18
#define EDGE_GSI  8

DEFINE_PER_CPU(char[64], probe);

uint32_t cpu_apic_id[NR_CPUS];
struct acpi_info acpi;

static unsigned int nr_eois, nr_raised, last_pirq, nr_retargets;
static const struct domain *last_domain;
static struct domain *dom[2];
static struct vcpu *vcpu[2];
static bool mask_seen_at_eoi;
static struct irq_desc *watched;

void lapic_eoi(void)
{
    nr_eois++;
    mask_seen_at_eoi = watched && watched->is_masked;
}

unsigned int ioapic_init(void)
{
    return NR_PINS;
}

bool ioapic_has_gsi(unsigned int gsi)
{
    return gsi < NR_PINS;
}

static void chip_mask(struct irq_desc *desc)
{
    desc->is_masked = true;
}

static void chip_unmask(struct irq_desc *desc)
{
    desc->is_masked = false;
}

static void chip_retarget(struct irq_desc *desc)
{
    assert_true(desc->vector != 0);
    nr_retargets++;
}

const struct irq_chip ioapic_chip = { chip_mask, chip_unmask, chip_retarget };
const struct irq_chip msi_chip = { chip_mask, chip_unmask, chip_retarget };

void ioapic_program(struct irq_desc *desc)
{
    desc->is_masked = true;
}

struct acpi_override acpi_isa_irq(unsigned int irq)
{
    return (struct acpi_override){ .irq = (uint8_t)irq, .gsi = irq, .level = irq == 11 };
}

void msi_destroy(struct msi_entry *e)
{
    irq_free_msi(e->desc);
}

void pci_lock(void)
{
}

void pci_unlock(void)
{
}

bool event_pirq(struct domain *d, unsigned int pirq)
{
    assert_int_equal(fake_locks_held, 0); /* ports come first in the order of locks */
    nr_raised++;
    last_domain = d;
    last_pirq = pirq;
    return true;
}

void *heap_alloc(size_t size)
{
    return calloc(1, size);
}

void *heap_alloc_array(size_t n, size_t size)
{
    return calloc(n, size);
}

void heap_free(void *p)
{
    free(p);
}

int page_get_and_type(struct page_info *pg, const struct domain *d, uint64_t type)
{
    (void)pg;
    (void)d;
    (void)type;
    return 0;
}

void page_put_and_type(struct page_info *pg)
{
    (void)pg;
}

/* An interrupt may come while any lock is held; here none ever does. */
unsigned int lock_order_enter_interrupt(void)
{
    return 0;
}

void lock_order_leave_interrupt(unsigned int held)
{
    (void)held;
}

void fake_cpu_relax(void)
{
    fail_msg("waits for another CPU");
}

/* CPU 1's copies of the per-CPU variables lie at a fixed distance behind the template. */
static void make_second_cpu(void)
{
    const unsigned long distance = 0x10000000;
    uintptr_t at = ((uintptr_t)&percpu_probe & ~0xffffUL) - 0x10000 + distance;
    void *p = mmap((void *)at, 0x30000, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    assert_ptr_equal(p, (void *)at);
    percpu_offset[1] = distance;
    cpumask_set(&cpu_online_map, 0);
    cpumask_set(&cpu_online_map, 1);
    cpu_apic_id[1] = 1;
}

static int setup_once(void **state)
{
    (void)state;
    fake_machine_init(1024);
    frame_table_add_ram(mfn(0), mfn(1024));
    make_second_cpu();
    irq_init();
    for (unsigned int i = 0; i < 2; i++) {
        dom[i] = calloc(1, sizeof(*dom[i]));
        vcpu[i] = calloc(1, sizeof(*vcpu[i]));
        vcpu[i]->domain = dom[i];
        dom[i]->id = (domid_t)i;
        dom[i]->is_hardware = i == 0;
    }
    return 0;
}

static int teardown_once(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        free(dom[i]);
        free(vcpu[i]);
    }
    return 0;
}

static int setup(void **state)
{
    (void)state;
    nr_eois = nr_raised = nr_retargets = 0;
    fake_cpu = 0;
    vcpu[0]->cpu = vcpu[1]->cpu = 0;
    watched = NULL;
    assert_int_equal(pirq_domain_init(dom[0]), 0);
    assert_int_equal(pirq_domain_init(dom[1]), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        pirq_domain_relinquish(dom[i]);
        pirq_domain_fini(dom[i]);
    }
    assert_int_equal(fake_locks_held, 0);
    return 0;
}

static struct irq_desc *bind(unsigned int who, unsigned int gsi, bool share)
{
    struct irq_desc *desc = irq_desc_get(gsi);

    assert_int_equal(pirq_map(dom[who], desc, (int)gsi), gsi);
    assert_int_equal(arch_pirq_bind(vcpu[who], gsi, share), 0);
    return desc;
}

static void level_until_eoi(void **state)
{
    struct irq_desc *desc;

    (void)state;
    (void)irq_setup_gsi(LEVEL_GSI, true, true);
    desc = bind(0, LEVEL_GSI, true);
    watched = desc;
    assert_false(desc->is_masked);
    irq_dispatch(desc->vector);
    assert_int_equal(nr_raised, 1);
    assert_int_equal(nr_eois, 1);
    assert_ptr_equal(last_domain, dom[0]);
    assert_int_equal(last_pirq, LEVEL_GSI);
    assert_true(mask_seen_at_eoi); /* else the line would fire again at once */
    assert_true(desc->is_masked);
    assert_int_equal(pirq_eoi(dom[0], LEVEL_GSI), 0);
    assert_false(desc->is_masked);
    assert_int_equal(pirq_eoi(dom[0], LEVEL_GSI), 0); /* once more does nothing */
    assert_false(desc->is_masked);
}

static void shared_line(void **state)
{
    struct irq_desc *desc = bind(0, LEVEL_GSI, true);

    (void)state;
    bind(1, LEVEL_GSI, true);
    irq_dispatch(desc->vector);
    assert_int_equal(nr_raised, 2);
    assert_int_equal(pirq_eoi(dom[1], LEVEL_GSI), 0);
    assert_int_equal(pirq_eoi(dom[1], LEVEL_GSI), 0);
    assert_true(desc->is_masked); /* the other one has not said it */
    arch_pirq_unbind(dom[0], LEVEL_GSI);
    assert_false(desc->is_masked); /* it never will */
    irq_dispatch(desc->vector);
    assert_int_equal(nr_raised, 3);
    arch_pirq_unbind(dom[1], LEVEL_GSI);
    assert_true(desc->is_masked);
    irq_dispatch(desc->vector); /* one that was on its way */
    assert_int_equal(nr_raised, 3);
    assert_int_equal(nr_eois, 3);
}

static void refused_bindings(void **state)
{
    struct irq_desc *desc = bind(0, LEVEL_GSI, false);

    (void)state;
    assert_int_equal(pirq_map(dom[1], desc, -1), LEVEL_GSI);
    assert_int_equal(arch_pirq_bind(vcpu[1], LEVEL_GSI, true), -EBUSY);
    assert_int_equal(arch_pirq_bind(vcpu[0], LEVEL_GSI, true), -EEXIST);
    assert_int_equal(arch_pirq_bind(vcpu[0], 20, true), -EPERM);
    assert_int_equal(arch_pirq_bind(vcpu[0], 1000000, true), -EINVAL);
    assert_int_equal(pirq_eoi(dom[1], LEVEL_GSI), -EINVAL);
    assert_int_equal(pirq_unmap(dom[1], 20), -EINVAL);
    assert_int_equal(pirq_map(dom[0], desc, 30), -EINVAL); /* has another number already */
    assert_int_equal(irq_setup_gsi(LEVEL_GSI, true, true), -EEXIST);
    assert_int_equal(irq_setup_gsi(NR_PINS, true, true), -EINVAL);
    assert_int_equal(irq_setup_gsi(0, false, false), -EEXIST);
    assert_int_equal(irq_setup_gsi(11, true, false), 0); /* ISA, but level: dom0 may say so once */
    assert_int_equal(irq_setup_gsi(11, true, false), -EEXIST);
}

static void edge_moves_when_it_arrives(void **state)
{
    struct irq_desc *desc = bind(0, EDGE_GSI, false);
    unsigned int old = desc->vector;

    (void)state;
    vcpu[0]->cpu = 1;
    arch_pirq_set_affinity(dom[0], EDGE_GSI, vcpu[0]);
    assert_int_equal(desc->cpu, 0);
    irq_dispatch(old);
    assert_int_equal(desc->cpu, 1);
    assert_int_equal(desc->old_vector, old);
    irq_dispatch(old); /* sent before the move: still ours */
    assert_int_equal(nr_raised, 2);
    fake_cpu = 1;
    irq_dispatch(desc->vector);
    assert_int_equal(nr_raised, 3);
    assert_int_equal(desc->old_vector, 0);
    fake_cpu = 0;
    assert_null(vector_to_desc(old));
    irq_dispatch(old);
    assert_int_equal(nr_raised, 3);
    assert_int_equal(nr_eois, 4);
    arch_pirq_unbind(dom[0], EDGE_GSI);
    arch_pirq_set_affinity(dom[0], EDGE_GSI, vcpu[0]);
}

static void level_moves_at_eoi(void **state)
{
    struct irq_desc *desc = bind(0, LEVEL_GSI, true);
    unsigned int to = !desc->cpu;

    (void)state;
    fake_cpu = desc->cpu;
    vcpu[0]->cpu = to;
    arch_pirq_set_affinity(dom[0], LEVEL_GSI, vcpu[0]);
    irq_dispatch(desc->vector);
    assert_int_equal(desc->cpu, !to); /* its EOI may still be needed there */
    assert_int_equal(pirq_eoi(dom[0], LEVEL_GSI), 0);
    assert_int_equal(desc->cpu, to);
    assert_false(desc->is_masked);
    fake_cpu = to;
    irq_dispatch(desc->vector);
    assert_int_equal(desc->old_vector, 0);
}

static void own_handler(void *arg)
{
    (*(unsigned int *)arg)++;
}

static void hypervisors_own(void **state)
{
    static unsigned int calls;
    struct irq_desc *desc = irq_desc_get(4);

    (void)state;
    assert_int_equal(irq_request_gsi(4, own_handler, &calls, "test"), 0);
    assert_int_equal(irq_request_gsi(4, own_handler, &calls, "test"), -EBUSY);
    assert_int_equal(irq_request_gsi(NR_PINS, own_handler, &calls, "test"), -EINVAL);
    irq_dispatch(desc->vector);
    assert_int_equal(calls, 1);
    assert_int_equal(nr_eois, 1);
    assert_int_equal(pirq_map(dom[0], desc, 4), 4);
    assert_int_equal(arch_pirq_bind(vcpu[0], 4, true), -EBUSY);
}

static void eoi_map(void **state)
{
    uint64_t *bits;

    (void)state;
    bind(0, EDGE_GSI, false);
    bind(0, LEVEL_GSI, true);
    assert_int_equal(pirq_set_eoi_map(dom[0], gfn(77)), 0);
    assert_int_equal(pirq_set_eoi_map(dom[0], gfn(78)), -EBUSY);
    assert_int_equal(pirq_set_eoi_map(dom[1], gfn(1UL << 30)), -EINVAL);
    bits = mfn_to_virt(mfn(77));
    assert_true(bits[0] == 1UL << LEVEL_GSI);
    arch_pirq_unbind(dom[0], LEVEL_GSI);
    assert_true(bits[0] == 0);
    assert_int_equal(arch_pirq_bind(vcpu[0], LEVEL_GSI, true), 0);
    assert_true(bits[0] == 1UL << LEVEL_GSI);
}

/* More MSIs than one CPU has vectors: they go to the other; past both, -ENOSPC. */
static void vectors_run_out(void **state)
{
    static struct msi_entry entries[500];
    unsigned int made = 0, on_second = 0;
    uint8_t used_vectors[2][256] = { { 0 } };

    (void)state;
    for (; made < 500; made++) {
        struct irq_desc *desc = irq_alloc_msi(&entries[made]);
        int pirq;

        assert_non_null(desc);
        entries[made].desc = desc;
        if (vector_assign(desc, 0)) {
            irq_free_msi(desc);
            break;
        }
        assert_in_range(desc->vector, VECTOR_FIRST_DYNAMIC, VECTOR_LAST_DYNAMIC);
        assert_int_not_equal(desc->vector, VECTOR_LEGACY_SYSCALL);
        assert_int_equal(used_vectors[desc->cpu][desc->vector]++, 0);
        on_second += desc->cpu;
        pirq = pirq_map(dom[0], desc, -1);
        assert_true(pirq >= NR_PINS);
    }
    assert_in_range(made, 380, 2 * 206);
    assert_in_range(on_second, 190, 206);
    for (unsigned int pirq = NR_PINS; pirq < NR_PINS + made; pirq++) {
        assert_int_equal(pirq_unmap(dom[0], pirq), 0); /* gives the MSI back, too */
    }
    for (unsigned int i = 0; i < made; i++) {
        assert_null(entries[i].desc->msi);
        assert_int_equal(entries[i].desc->vector, 0);
    }
}

static void domain_death(void **state)
{
    struct irq_desc *desc = bind(1, LEVEL_GSI, true);

    (void)state;
    irq_dispatch(desc->vector);
    pirq_domain_relinquish(dom[1]);
    assert_int_equal(desc->nr_guests, 0);
    assert_true(desc->is_masked);
    assert_int_equal(pirq_to_irq(dom[1], LEVEL_GSI), IRQ_NONE);
    bind(0, LEVEL_GSI, true); /* another can have it now, unmasked */
    assert_false(desc->is_masked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(level_until_eoi, setup, teardown),
        cmocka_unit_test_setup_teardown(shared_line, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_bindings, setup, teardown),
        cmocka_unit_test_setup_teardown(edge_moves_when_it_arrives, setup, teardown),
        cmocka_unit_test_setup_teardown(level_moves_at_eoi, setup, teardown),
        cmocka_unit_test_setup_teardown(hypervisors_own, setup, teardown),
        cmocka_unit_test_setup_teardown(eoi_map, setup, teardown),
        cmocka_unit_test_setup_teardown(vectors_run_out, setup, teardown),
        cmocka_unit_test_setup_teardown(domain_death, setup, teardown),
    };

    return cmocka_run_group_tests(tests, setup_once, teardown_once);
}
