/* SPDX-License-Identifier: BSD-2-Clause */
/* What is printed when the hypervisor itself fails: registers and a backtrace with names. */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/extable.h>
#include <asm/trap.h>
#include <xen/console.h>
#include <xen/domain.h>

extern const char image_start[], text_start[], text_end[], init_start[], init_text_end[];
extern const uint32_t symbols_count;
extern const uint32_t symbols_offsets[], symbols_names[];
extern const char symbols_text[];

static bool is_text(uint64_t a)
{
    return (a >= (uint64_t)text_start && a < (uint64_t)text_end) ||
           (a >= (uint64_t)init_start && a < (uint64_t)init_text_end);
}

const char *symbol_find(uint64_t addr, uint64_t *offset)
{
    /* Offsets are the low 32 bits of the addresses; the image is far smaller than 4 GiB. */
    uint32_t a = (uint32_t)addr;
    uint32_t lo = 0, hi = symbols_count;

    if (!is_text(addr) || hi == 0) {
        return NULL;
    }
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (symbols_offsets[mid] <= a) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    *offset = a - symbols_offsets[lo];
    return &symbols_text[symbols_names[lo]];
}

void symbol_print(uint64_t addr)
{
    uint64_t off;
    const char *name = symbol_find(addr, &off);

    if (name != NULL) {
        printk("  [%016lx] %s+0x%lx\n", addr, name, off);
    } else {
        printk("  [%016lx]\n", addr);
    }
}

/* The word at @addr; false if nothing is mapped there, such as a stack's guard page. */
static bool read_word(uint64_t addr, uint64_t *word)
{
    bool is_read = false;
    uint64_t value = 0;

    __asm__ __volatile__("1: mov (%2), %1\n\t"
                         "movb $1, %0\n"
                         "2:\n"
                         EXTABLE(1b, 2b)
                         : "+q"(is_read), "+r"(value) : "r"(addr) : "memory");
    *word = value;
    return is_read;
}

/* Every word of the stack that could be a return address. */
static void print_backtrace(uint64_t sp)
{
    uint64_t end = (sp | (STACK_SIZE - 1)) + 1 - sizeof(struct cpu_info);
    unsigned int n = 0;
    uint64_t word;

    printk("Backtrace (every text address on the stack):\n");
    for (sp &= ~7UL; sp < end && n < 32; sp += 8) {
        if (!read_word(sp, &word)) {
            sp |= PAGE_SIZE - 8; /* goes on in the next page */
        } else if (is_text(word)) {
            symbol_print(word);
            n++;
        }
    }
}

static void print_regs(const struct cpu_regs *r)
{
    printk("RIP %016lx RSP %016lx RFLAGS %016lx CS %04lx SS %04lx\n", r->rip, r->rsp, r->rflags,
           r->cs, r->ss);
    printk("RAX %016lx RBX %016lx RCX %016lx RDX %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
    printk("RSI %016lx RDI %016lx RBP %016lx R8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
    printk("R9  %016lx R10 %016lx R11 %016lx R12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
    printk("R13 %016lx R14 %016lx R15 %016lx\n", r->r13, r->r14, r->r15);
    printk("CR0 %016lx CR2 %016lx CR3 %016lx CR4 %016lx\n", read_cr0(), read_cr2(), read_cr3(),
           read_cr4());
}

void trap_dump(const struct cpu_regs *r)
{
    const struct vcpu *v = current;

    printk("Xenios " XENIOS_VERSION ", CPU %u", smp_processor_id());
    if (v != NULL && !v->is_idle) {
        printk(", domain %u vCPU %u", v->domain->id, v->id);
    }
    printk("\nVector %u, error code 0x%x\n", r->entry_vector, r->error_code);
    print_regs(r);
    if (!regs_from_guest(r)) {
        symbol_print(r->rip);
        print_backtrace(r->rsp);
    }
}

void trap_dump_here(void)
{
    uint64_t sp;

    __asm__ __volatile__("mov %%rsp, %0" : "=r"(sp));
    printk("Xenios " XENIOS_VERSION ", CPU %u\n", smp_processor_id());
    print_backtrace(sp);
}
