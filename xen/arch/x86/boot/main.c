/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot, from the first C to the control domain's first instruction: the order of things.
 * What each step does is in the module it names.
 */
#include <asm/acpi.h>
#include <asm/boot_dom0.h>
#include <asm/boot_info.h>
#include <asm/boot_layout.h>
#include <asm/console_devices.h>
#include <asm/cpu_init.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/cpuid.h>
#include <asm/efi.h>
#include <asm/hvm.h>
#include <asm/irq.h>
#include <asm/keys.h>
#include <asm/lapic.h>
#include <asm/m2p.h>
#include <asm/microcode.h>
#include <asm/nmi.h>
#include <asm/pci.h>
#include <asm/power.h>
#include <asm/smp.h>
#include <asm/trap.h>
#include <asm/uaccess.h>
#include <xen/alloc.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/cpumask.h>
#include <xen/e820.h>
#include <xen/hwirq.h>
#include <xen/init.h>
#include <xen/param.h>
#include <xen/sched.h>
#include <xen/time.h>
#include <xen/timer.h>
#include <xen/tlb.h>

extern const char image_start[], image_end[];

_Static_assert(BOOT_STACK_SIZE == STACK_SIZE && BOOT_INFO_SIZE == sizeof(struct cpu_info),
               "asm/boot_layout.h");

void boot_start(uint32_t magic, uint64_t info, uint64_t load_offset) noreturn;

static void __init reserve_loaded(void)
{
    early_reserve(image_to_maddr(image_start), (uint64_t)(image_end - image_start));
    early_reserve(boot_info.info_start, boot_info.info_size);
    for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
        early_reserve(boot_info.module[i].start, boot_info.module[i].size);
    }
}

static void __init banner(void)
{
    printk("Xenios " XENIOS_VERSION ", compatible with Xen %u.%u (x86-64)\n", ABI_VERSION_MAJOR,
           ABI_VERSION_MINOR);
    log_info("Loaded by %s at %#lx; command line: %s\n",
             boot_info.loader[0] != '\0' ? boot_info.loader : "multiboot",
             image_to_maddr(image_start).a, boot_cmdline);
    log_info("Memory: %lu MiB of RAM\n", e820_ram_bytes(&host_e820) >> 20);
}

/* Interrupt controllers, clocks, the other CPUs. */
static void __init init_platform(void)
{
    microcode_init();
    acpi_init(boot_info.rsdp);
    efi_init(boot_info.efi_system_table);
    lapic_init();
    power_init();
    irq_init();
    mmcfg_init();
    tlb_init();
    smp_init();
    timer_init_cpu(0);
    if (sched_init_cpu(0) != 0) {
        panic("Not enough memory for the scheduler.");
    }
    cpu_info()->running = idle_vcpu[0];
    time_init();
    irq_enable();
    uart_init_input();
    keys_init();
    mce_init_cpu();
    watchdog_init();
    hvm_init();
    smp_boot_others();
    log_info("%u CPU%s online\n", nr_cpus_online, nr_cpus_online == 1 ? "" : "s");
    log_info("No IOMMU support: the control domain's devices can reach all memory, and it is "
             "trusted with that.\n");
}

/* On the boot CPU's permanent stack. */
static void noreturn boot_on_own_stack(void)
{
    init_platform();
    mitigations_report();
    cpuid_init();
    m2p_init_owners();
    dom0_boot();
    own_pt_finish();
    vga_text_release();
    dom0_start();
    reset_stack_and_jump(idle_loop);
}

void noreturn boot_start(uint32_t magic, uint64_t info, uint64_t load_offset)
{
    const char *why;

    trap_init_early();
    image_load_offset = load_offset;
    cpumask_set(&cpu_online_map, 0);
    nr_cpus_online = 1;
    why = multiboot_read(magic, maddr(info));
    params_parse(boot_info.cmdline);
    uart_init();
    vga_text_init();
    banner();
    if (why != NULL) {
        panic("%s", why);
    }
    cpu_identify();
    if (!cpu_has(HAS_NX)) {
        log_warn("This CPU has no NX, or the firmware's setup hides it: data can be executed.\n");
    }
    if (cpu_has(HAS_SMAP)) {
        smap_patch_sites();
    }
    cpu_init();
    reserve_loaded();
    own_pt_init();
    dom0_reserve_unpack_buffer();
    early_mem_finish();
    own_pt_use_buddy();
    trap_prepare_cpu(0);
    trap_init_cpu(0);
    __asm__ __volatile__("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tjmp *%1"
                         :: "r"((struct cpu_info *)cpu_stack_top(0) - 1), "r"(boot_on_own_stack)
                         : "memory");
    __builtin_unreachable();
}
