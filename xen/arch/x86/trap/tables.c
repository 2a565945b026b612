/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GDT, TSS, IDT and stacks of each CPU, in its area of virtual memory (asm/cpu_area.h), and the
 * registers that make the CPU use them (Intel SDM vol. 3, 3.4, 6.10, 7.7).
 */
#include <asm/boot_info.h>
#include <asm/boot_layout.h>
#include <asm/cpu_area.h>
#include <asm/cpufeature.h>
#include <asm/domain.h>
#include <asm/own_pt.h>
#include <asm/trap.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/domain.h>
#include <xen/init.h>
#include <xen/percpu.h>
#include <xen/string.h>

_Static_assert(STACK_REGS_END == STACK_OFFSET + STACK_SIZE -
               (sizeof(struct cpu_info) - sizeof(struct cpu_regs)), "asm/cpu_area.h");

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_bitmap;
} packed;

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} packed;

struct gate {
    uint64_t low, high;
};

enum { IST_NONE, IST_DF, IST_NMI, IST_MCE, IST_DB };

extern const char vector_stubs[], stub_page[], stub_syscall[], stub_syscall32[];
void sysenter_entry(void);

static struct gate idt[256] aligned(4096);
static mfn_t gdt_mfn[NR_CPUS];

static uint64_t cpu_area(unsigned int cpu)
{
    return CPU_AREA_START + ((uint64_t)cpu << CPU_AREA_SHIFT);
}

void *cpu_stack_top(unsigned int cpu)
{
    return (void *)(cpu_area(cpu) + STACK_OFFSET + STACK_SIZE);
}

mfn_t cpu_gdt_mfn(unsigned int cpu)
{
    return gdt_mfn[cpu];
}

static void set_gate(unsigned int vector, unsigned int cs, unsigned int dpl, unsigned int ist)
{
    uint64_t addr = (uint64_t)vector_stubs + vector * 16;

    idt[vector].low = (addr & 0xffff) | ((uint64_t)cs << 16) | ((uint64_t)ist << 32) |
                      (0x8e00UL << 32) | ((uint64_t)dpl << 45) | ((addr >> 16 & 0xffff) << 48);
    idt[vector].high = addr >> 32;
}

/*
 * Software interrupts that guests use directly are open to them; all others end in #GP, which is
 * emulated.
 */
static void build_idt(void)
{
    for (unsigned int v = 0; v < 256; v++) {
        set_gate(v, HV_CS, 0, IST_NONE);
    }
    set_gate(TRAP_BP, HV_CS, 3, IST_NONE);
    set_gate(TRAP_OF, HV_CS, 3, IST_NONE);
    set_gate(0x80, HV_CS, 3, IST_NONE);
    set_gate(TRAP_DF, HV_CS, 0, IST_DF);
    set_gate(TRAP_NMI, HV_CS, 0, IST_NMI);
    set_gate(TRAP_MC, HV_CS, 0, IST_MCE);
    set_gate(TRAP_DB, HV_CS, 0, IST_DB);
}

static void load_idt(void)
{
    struct table_pointer p = { sizeof(idt) - 1, (uint64_t)idt };

    __asm__ __volatile__("lidt %0" :: "m"(p));
}

void __init trap_init_early(void)
{
    for (unsigned int v = 0; v < 32; v++) {
        set_gate(v, BOOT_CS, 0, IST_NONE);
    }
    load_idt();
}

static void set_system_descriptor(uint64_t *gdt, unsigned int selector, uint64_t base,
                                  uint32_t limit, unsigned int type)
{
    uint64_t *d = &gdt[(selector - HV_GDT_FIRST) / 8];

    d[0] = (limit & 0xffff) | ((base & 0xffffff) << 16) | ((uint64_t)(0x80 | type) << 40) |
           ((uint64_t)(limit >> 16 & 0xf) << 48) | ((base >> 24 & 0xff) << 56);
    d[1] = base >> 32;
}

static void build_gdt(uint64_t *gdt, uint64_t area)
{
    gdt[1] = 0x00af9b000000ffff; /* HV_CS */
    gdt[2] = 0x00cf93000000ffff; /* HV_DS */
    gdt[4] = 0x00cffb000000ffff; /* GUEST_CS32 */
    gdt[5] = 0x00cff3000000ffff; /* GUEST_SS */
    gdt[6] = 0x00affb000000ffff; /* GUEST_CS */
    set_system_descriptor(gdt, HV_TSS, area + TSS_OFFSET, sizeof(struct tss) - 1, 9);
}

static void build_tss(struct tss *tss, uint64_t area)
{
    static const uint8_t page[] = { [IST_DF] = IST_DF_PAGE, [IST_NMI] = IST_NMI_PAGE,
                                    [IST_MCE] = IST_MCE_PAGE, [IST_DB] = IST_DB_PAGE };

    tss->rsp[0] = area + STACK_REGS_END;
    for (unsigned int i = IST_DF; i <= IST_DB; i++) {
        tss->ist[i - 1] = area + STACK_OFFSET + (page[i] + 1) * PAGE_SIZE;
    }
    tss->io_bitmap = sizeof(*tss); /* beyond the limit: every port access from a guest traps */
}

static void *area_page(uint64_t va)
{
    void *p = hv_page_alloc();

    if (p == NULL) {
        panic("Not enough memory for a CPU's stack.");
    }
    own_pt_map(va, virt_to_maddr(p), PAGE_SIZE,
               PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G | (cpu_has(HAS_NX) ? PTE_NX : 0));
    return p;
}

void trap_prepare_cpu(unsigned int cpu)
{
    uint64_t area = cpu_area(cpu);
    uint64_t stack = area + STACK_OFFSET;
    uint64_t *gdt = area_page(area + GDT_OFFSET);
    struct cpu_info *info;

    gdt_mfn[cpu] = virt_to_mfn(gdt);
    build_gdt(gdt, area);
    build_tss(area_page(area + TSS_OFFSET), area);
    own_pt_map(area + STUB_OFFSET, image_to_maddr(stub_page), PAGE_SIZE, PTE_P | PTE_A | PTE_G);

    area_page(stack + IST_DF_PAGE * PAGE_SIZE);
    area_page(stack + IST_NMI_PAGE * PAGE_SIZE);
    area_page(stack + IST_MCE_PAGE * PAGE_SIZE);
    area_page(stack + IST_DB_PAGE * PAGE_SIZE);
    for (unsigned int i = MAIN_STACK_PAGE; i < STACK_PAGES; i++) {
        area_page(stack + i * PAGE_SIZE);
    }
    info = (struct cpu_info *)cpu_stack_top(cpu) - 1;
    info->cpu = cpu;
    info->percpu_offset = percpu_offset[cpu];
}

static void load_gdt(uint64_t base)
{
    struct table_pointer p = { HV_GDT_LIMIT, base };

    __asm__ __volatile__("lgdt %0" :: "m"(p));
}

void gdt_load_own(void)
{
    load_gdt(cpu_area(smp_processor_id()) + GDT_OFFSET - HV_GDT_FIRST);
}

void gdt_load_vcpu(const struct vcpu *v)
{
    load_gdt(VCPU_WINDOW_START + ((uint64_t)v->id << VCPU_WINDOW_SHIFT));
}

void ldt_load(uint64_t base, unsigned int entries)
{
    uint16_t selector = 0;

    if (entries > 0) {
        set_system_descriptor((uint64_t *)(cpu_area(smp_processor_id()) + GDT_OFFSET), HV_LDT, base,
                              entries * 8 - 1, 2);
        selector = HV_LDT;
    }
    __asm__ __volatile__("lldt %w0" :: "r"(selector));
}

/* CS, SS, TR and the segments that guests may change later. */
static void load_selectors(void)
{
    __asm__ __volatile__("pushq %0\n\t"
                         "lea 1f(%%rip), %%rax\n\t"
                         "push %%rax\n\t"
                         "lretq\n"
                         "1: mov %1, %%ss\n\t"
                         "mov %2, %%ds\n\t"
                         "mov %2, %%es\n\t"
                         "mov %2, %%fs\n\t"
                         "mov %2, %%gs\n\t"
                         "ltr %w3"
                         :: "i"(HV_CS), "r"(HV_DS), "r"(0), "r"(HV_TSS) : "rax", "memory");
}

static void set_syscall_msrs(uint64_t area)
{
    uint64_t stub = area + STUB_OFFSET - (uint64_t)stub_page;

    wrmsr(MSR_STAR, ((uint64_t)GUEST_CS32 << 48) | ((uint64_t)HV_CS << 32));
    wrmsr(MSR_LSTAR, (uint64_t)stub_syscall + stub);
    wrmsr(MSR_CSTAR, (uint64_t)stub_syscall32 + stub);
    wrmsr(MSR_SYSCALL_MASK, RFLAGS_AC | RFLAGS_VM | RFLAGS_RF | RFLAGS_NT | RFLAGS_DF | RFLAGS_IF |
          RFLAGS_TF | RFLAGS_IOPL);
    if (boot_cpu.vendor == VENDOR_INTEL) {
        wrmsr(MSR_SYSENTER_CS, HV_CS);
        wrmsr(MSR_SYSENTER_ESP, area + STACK_REGS_END);
        wrmsr(MSR_SYSENTER_EIP, (uint64_t)sysenter_entry);
    }
}

void trap_init_cpu(unsigned int cpu)
{
    uint64_t *gdt = (uint64_t *)(cpu_area(cpu) + GDT_OFFSET);

    if (cpu == 0) {
        build_idt();
    }
    gdt[(HV_TSS - HV_GDT_FIRST) / 8] &= ~(2UL << 40); /* not busy */
    load_gdt(cpu_area(cpu) + GDT_OFFSET - HV_GDT_FIRST);
    load_selectors();
    ldt_load(0, 0);
    load_idt();
    set_syscall_msrs(cpu_area(cpu));
}
