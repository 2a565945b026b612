/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the line: says what went wrong, where, and stops or restarts the machine. */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/trap.h>
#include <xen/arch.h>
#include <xen/bug.h>
#include <xen/console.h>
#include <xen/param.h>
#include <xen/printf.h>

static bool opt_noreboot;
PARAM_BOOL("noreboot", opt_noreboot);

static void noreturn stop_or_reboot(void)
{
    if (opt_noreboot) {
        printk("The machine is stopped (noreboot was given): reset it by hand.\n");
        for (;;) {
            arch_stop_cpu();
        }
    }
    printk("Rebooting in 5 seconds. (To read this in peace, boot with noreboot.)\n");
    arch_panic_delay(5);
    machine_restart();
}

void panic(const char *fmt, ...)
{
    char text[320];
    va_list ap;

    irq_disable();
    console_force_unlock();
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    printk("\n****************************************\n"
           "Panic on CPU %u: %s\n"
           "****************************************\n",
           smp_processor_id(), text);
    arch_stop_other_cpus();
    stop_or_reboot();
}

void bug_at(const char *file, int line, const char *what)
{
    irq_disable();
    console_force_unlock();
    trap_dump_here();
    panic("%s at %s:%d", what, file, line);
}
