/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads a microcode update into each CPU, early. Option ucode=scan looks into the cpio archive at
 * the start of a module (as Debian's initrd has it), ucode=N takes module N (0: the kernel;
 * negative: from the end) as the container itself.
 */
#include <asm/boot_info.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/microcode.h>
#include <asm/page.h>
#include <xen/alloc.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/init.h>
#include <xen/param.h>
#include <xen/string.h>

#define MSR_PLATFORM_ID  0x17
#define MSR_REVISION     0x8b
#define MSR_INTEL_UPDATE 0x79
#define MSR_AMD_UPDATE   0xc0010020

static void *update;       /* our copy of the patch; NULL: none */
static uint32_t update_revision;
static bool scan_modules;
static bool take_module;
static long module_number;

static int parse_ucode(const char *value)
{
    bool negative = value[0] == '-';
    const char *end;

    if (strncmp(value, "scan", 4) == 0) {
        value += 4;
        scan_modules = strcmp(value, "=no") != 0 && strcmp(value, "=0") != 0;
        return !*value || *value == '=' ? 0 : -EINVAL;
    }
    value += negative;
    module_number = (long)string_to_ulong(value, &end);
    if (end == value || *end) {
        return -EINVAL;
    }
    module_number = negative ? -module_number : module_number;
    take_module = true;
    return 0;
}
PARAM_CUSTOM("ucode", parse_ucode);

static bool is_intel(void)
{
    return boot_cpu.vendor == VENDOR_INTEL;
}

static uint32_t read_revision(void)
{
    if (!is_intel()) {
        return (uint32_t)rdmsr(MSR_REVISION);
    }
    wrmsr(MSR_REVISION, 0);
    (void)cpuid(1, 0); /* has the CPU put its revision there */
    return (uint32_t)(rdmsr(MSR_REVISION) >> 32);
}

static bool find_patch(const uint8_t *file, size_t size, struct microcode_patch *out)
{
    uint32_t signature = cpuid(1, 0).a, platform;

    if (!is_intel()) {
        return microcode_find_amd(file, size, signature, read_revision(), out);
    }
    platform = 1U << (rdmsr(MSR_PLATFORM_ID) >> 50 & 7);
    return microcode_find_intel(file, size, signature, platform, read_revision(), out);
}

static bool __init search_module(const struct boot_module *m, struct microcode_patch *out)
{
    const char *name = is_intel() ? "kernel/x86/microcode/GenuineIntel.bin"
                                  : "kernel/x86/microcode/AuthenticAMD.bin";
    const uint8_t *file = maddr_to_virt(m->start);
    size_t size = m->size;

    if (scan_modules) {
        file = microcode_find_in_cpio(file, size, name, &size);
    }
    return file && find_patch(file, size, out);
}

static bool __init search_modules(struct microcode_patch *out)
{
    long n = (long)boot_info.nr_modules;
    long wanted = module_number < 0 ? n + module_number : module_number;

    if (take_module && (wanted < 0 || wanted >= n)) {
        log_warn("Option ucode=%ld: there are only %ld modules\n", module_number, n);
        return false;
    }
    for (long i = 0; i < n; i++) {
        if ((scan_modules || i == wanted) && search_module(&boot_info.module[i], out)) {
            return true;
        }
    }
    return false;
}

void microcode_load_cpu(void)
{
    uint32_t before, after;

    if (!update) {
        return;
    }
    before = read_revision();
    if (before >= update_revision) {
        return; /* its sibling thread loaded it */
    }
    if (is_intel()) {
        /* The address of the code, behind the header. */
        wrmsr(MSR_INTEL_UPDATE, (uint64_t)update + 48);
    } else {
        wrmsr(MSR_AMD_UPDATE, (uint64_t)update);
    }
    after = read_revision();
    if (after == update_revision) {
        log_info("CPU%u: microcode %#x -> %#x\n", smp_processor_id(), before, after);
    } else {
        log_warn("CPU%u: the microcode update %#x was refused, %#x stays\n", smp_processor_id(),
                 update_revision, after);
    }
}

void __init microcode_init(void)
{
    struct microcode_patch patch;

    if (!scan_modules && !take_module) {
        return;
    }
    if (boot_cpu.vendor == VENDOR_OTHER || !search_modules(&patch)) {
        log_info("Microcode: no newer update for this CPU was found\n");
        return;
    }
    update = heap_alloc(patch.size);
    if (!update) {
        log_warn("Microcode: not enough memory for %u bytes\n", patch.size);
        return;
    }
    memcpy(update, patch.data, patch.size);
    update_revision = patch.revision;
    microcode_load_cpu();
    cpu_identify(); /* an update may bring features */
}
