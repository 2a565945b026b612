/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Privileged instructions of a PV guest kernel, and CPUID for anybody. The list and each effect:
 * docs/interface/emulation.md.
 *
 * A function here returns true when the instruction is settled: carried out and retired, or
 * replaced by another fault, or to be executed again. False leaves the guest its own fault.
 */
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/debugreg.h>
#include <asm/decode.h>
#include <asm/emulate.h>
#include <asm/extable.h>
#include <asm/fpu.h>
#include <asm/msr.h>
#include <asm/pv.h>
#include <asm/pv_mm.h>
#include <asm/trap.h>
#include <asm/uaccess.h>
#include <asm/vtsc.h>
#include <xen/domain.h>
#include <xen/errno.h>
#include <xen/iocaps.h>
#include <xen/usercopy.h>

/* UD2, "xen", CPUID: 0F 0B 78 65 6E 0F A2. */
#define FORCED_CPUID  0x00a20f6e65780b0fUL
#define FORCED_MASK   0x00ffffffffffffffUL
#define FORCED_LENGTH 7

#define DR6_SINGLE_STEP (1UL << 14)
/* CR4 as every guest has it, and the bits that are the guest's own. */
#define CR4_GUEST_FIXED (CR4_PAE | CR4_MCE | CR4_OSFXSR | CR4_OSXMMEXCPT)
#define CR4_GUEST_OWN   (CR4_TSD | CR4_DE | CR4_FSGSBASE | CR4_OSXSAVE)

/* 16 bytes of guest memory that lie in one page. */
static always_inline bool read_16(uint64_t *out, uint64_t va)
{
    uint64_t low, high;
    uint32_t failed = 1;

    guest_access_begin();
    __asm__ __volatile__("1: mov (%[va]), %[low]\n"
                         "2: mov 8(%[va]), %[high]\n"
                         "   xor %[failed], %[failed]\n"
                         "3:\n"
                         EXTABLE(1b, 3b)
                         EXTABLE(2b, 3b)
                         : [low] "=&r"(low), [high] "=&r"(high), [failed] "+&r"(failed)
                         : [va] "r"(va)
                         : "memory");
    guest_access_end();
    if (unlikely(failed)) {
        return false;
    }
    out[0] = low;
    out[1] = high;
    return true;
}

unsigned int pv_fetch_code(struct guest_code *code, uint64_t rip)
{
    unsigned int in_page = (unsigned int)(PAGE_SIZE - (rip & (PAGE_SIZE - 1)));
    unsigned int max = sizeof(code->bytes), got;

    if (likely(in_page >= max)) {
        return guest_range_ok(rip, max) && read_16(code->words, rip) ? max : 0;
    }
    got = in_page - (unsigned int)copy_from_guest(code->bytes, (const void *)rip, in_page);
    if (got == in_page) {
        got = max - (unsigned int)copy_from_guest(code->bytes + got, (const void *)(rip + got),
                                                  max - got);
    }
    return got;
}

void pv_retire(struct vcpu *v, struct cpu_regs *r, unsigned int length)
{
    r->rip += length;
    r->rflags &= ~RFLAGS_RF;
    if (unlikely(r->rflags & RFLAGS_TF)) {
        v->arch.dr[6] |= DR6_SINGLE_STEP;
        pv_inject(v, r, TRAP_DB, 0);
    }
}

uint64_t pv_segment_base(const struct vcpu *v, const struct insn *i)
{
    switch (i->segment) {
    case INSN_SEG_FS:
        return fs_base_read(v);
    case INSN_SEG_GS:
        return gs_base_read(v);
    default:
        return 0;
    }
}

bool pv_code_is_64bit(const struct cpu_regs *r)
{
    uint32_t rights = 0;

    if (likely(r->cs == GUEST_CS)) {
        return true;
    }
    /* A descriptor in an LDT page that has gone since: the fault leaves no rights. */
    __asm__ __volatile__("1: lar %1, %0\n"
                         "2:\n"
                         EXTABLE(1b, 2b)
                         : "+r"(rights) : "r"((uint32_t)r->cs) : "cc");
    return (rights >> 21) & 1;
}

static void do_cpuid(struct vcpu *v, struct cpu_regs *r)
{
    struct cpuid_regs c;

    cpuid_guest(v, (uint32_t)r->rax, (uint32_t)r->rcx, &c);
    r->rax = c.a;
    r->rbx = c.b;
    r->rcx = c.c;
    r->rdx = c.d;
}

bool pv_emulate_forced(struct vcpu *v, struct cpu_regs *r)
{
    struct guest_code code;

    if (pv_fetch_code(&code, r->rip) < FORCED_LENGTH ||
        (code.words[0] & FORCED_MASK) != FORCED_CPUID) {
        return false;
    }
    do_cpuid(v, r);
    pv_retire(v, r, FORCED_LENGTH);
    return true;
}

static bool read_msr(struct vcpu *v, struct cpu_regs *r)
{
    uint64_t value;

    if (unlikely(!msr_guest_read(v, (uint32_t)r->rcx, &value))) {
        /* So early the guest could not take the #GP: what the machine has reads as 0. */
        if (v->arch.traps[TRAP_GP].address != 0 || !rdmsr_safe((uint32_t)r->rcx, &value)) {
            return false;
        }
        value = 0;
    }
    r->rax = (uint32_t)value;
    r->rdx = value >> 32;
    pv_retire(v, r, 2);
    return true;
}

static bool write_msr(struct vcpu *v, struct cpu_regs *r)
{
    if (unlikely(!msr_guest_write(v, (uint32_t)r->rcx, r->rdx << 32 | (uint32_t)r->rax))) {
        return false;
    }
    pv_retire(v, r, 2);
    return true;
}

static bool read_cr(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    uint64_t value;

    switch (i->reg) {
    case 0:
        value = read_cr0(); /* TS is the guest's */
        break;
    case 2:
        value = v->info->arch.cr2;
        break;
    case 3:
        value = mfn_to_maddr(v->arch.guest_table).a;
        break;
    case 4:
        value = CR4_GUEST_FIXED | v->arch.cr4;
        break;
    default:
        return false;
    }
    *insn_register(r, i->rm) = value;
    pv_retire(v, r, i->length);
    return true;
}

uint64_t pv_guest_cr4(const struct vcpu *v, uint64_t value)
{
    uint64_t allowed = CR4_TSD | CR4_DE;

    if (policy_find(v->domain->arch.cpuid, 7, 0)->b & 1) {
        allowed |= CR4_FSGSBASE;
    }
    if (policy_xcr0(v->domain->arch.cpuid) != 0) {
        allowed |= CR4_OSXSAVE;
    }
    return value & allowed & CR4_GUEST_OWN;
}

static void write_guest_cr4(struct vcpu *v, uint64_t value)
{
    v->arch.cr4 = pv_guest_cr4(v, value);
    write_cr4(pv_hw_cr4(v));
}

static bool write_cr(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    uint64_t value = *insn_register(r, i->rm);
    int rc;

    switch (i->reg) {
    case 0:
        if ((value ^ read_cr0()) & ~CR0_TS) {
            return false;
        }
        fpu_set_task_switched(v, (value & CR0_TS) != 0);
        break;
    case 2:
        v->info->arch.cr2 = value;
        break;
    case 3:
        rc = pv_set_baseptr(v, mfn(value >> PAGE_SHIFT));
        if (rc == -ERESTART) {
            return true;
        }
        if (rc != 0) {
            return false;
        }
        break;
    case 4:
        write_guest_cr4(v, value);
        break;
    default:
        return false;
    }
    pv_retire(v, r, i->length);
    return true;
}

static bool move_dr(struct vcpu *v, struct cpu_regs *r, const struct insn *i, bool write)
{
    uint64_t *reg = insn_register(r, i->rm), value;
    int rc;

    if (write) {
        rc = debugreg_set(v, i->reg, *reg);
    } else {
        rc = debugreg_get(v, i->reg, &value);
    }
    if (rc == -ENODEV) {
        pv_inject(v, r, TRAP_UD, 0);
        return true;
    }
    if (rc != 0) {
        return false;
    }
    if (!write) {
        *reg = value;
    }
    pv_retire(v, r, i->length);
    return true;
}

static bool is_rdtscp(const struct insn *i)
{
    return i->opcode == INSN_0F(0x01) && i->mod == 3 && i->reg == 7 && (i->rm & 7) == 1;
}

/* RDTSC and RDTSCP trap if the TSC is emulated, or if the guest wants it so for its user mode. */
static bool read_tsc(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    uint64_t t;

    if (!v->arch.kernel_mode && (v->arch.cr4 & CR4_TSD)) {
        return false;
    }
    t = vtsc_read(v->domain);
    r->rax = (uint32_t)t;
    r->rdx = t >> 32;
    if (is_rdtscp(i)) {
        r->rcx = v->arch.tsc_aux;
    }
    pv_retire(v, r, i->length);
    return true;
}

/* 0F 01: XSETBV is the one that is carried out. */
static bool group7(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    if (i->mod != 3) {
        return false;
    }
    if (i->reg == 2 && (i->rm & 7) == 1) {
        if (!fpu_set_xcr0(v, (uint32_t)r->rcx, r->rdx << 32 | (uint32_t)r->rax)) {
            return false;
        }
        pv_retire(v, r, i->length);
        return true;
    }
    return false;
}

/* In kernel mode. */
static bool emulate_kernel(struct vcpu *v, struct cpu_regs *r, const struct insn *i)
{
    switch (i->opcode) {
    case 0xfa:
    case 0xfb:
        if (v->arch.iopl == 0) {
            return false;
        }
        break; /* the event mask is a byte in memory; IF is not the guest's */
    case INSN_0F(0x01):
        return group7(v, r, i);
    case INSN_0F(0x06):
        fpu_set_task_switched(v, false);
        break;
    case INSN_0F(0x09):
        if (iocaps_has_devices(v->domain)) {
            wbinvd();
        }
        break;
    case INSN_0F(0x20):
        return read_cr(v, r, i);
    case INSN_0F(0x22):
        return write_cr(v, r, i);
    case INSN_0F(0x21):
        return move_dr(v, r, i, false);
    case INSN_0F(0x23):
        return move_dr(v, r, i, true);
    case INSN_0F(0x30):
        return i->length == 2 && write_msr(v, r);
    case INSN_0F(0x32):
        return i->length == 2 && read_msr(v, r);
    default:
        return false;
    }
    pv_retire(v, r, i->length);
    return true;
}

static bool is_port_access(unsigned int opcode)
{
    return (opcode >= 0x6c && opcode <= 0x6f) || (opcode & ~0xbU) == 0xe4;
}

bool pv_emulate_privileged(struct vcpu *v, struct cpu_regs *r)
{
    struct guest_code code;
    unsigned int size = pv_fetch_code(&code, r->rip);
    struct insn i;

    /* The commonest, without a prefix: RDMSR, WRMSR. */
    if (v->arch.kernel_mode && size >= 2 && code.bytes[0] == 0x0f) {
        if (code.bytes[1] == 0x32) {
            return read_msr(v, r);
        }
        if (code.bytes[1] == 0x30) {
            return write_msr(v, r);
        }
    }
    if (insn_decode(&i, code.bytes, size, pv_code_is_64bit(r)) != 0 || (i.prefixes & INSN_LOCK)) {
        return false;
    }
    if (is_port_access(i.opcode)) {
        return pv_emulate_io(v, r, &i);
    }
    if (i.opcode == INSN_0F(0xa2)) {
        do_cpuid(v, r);
        pv_retire(v, r, i.length);
        return true;
    }
    if (i.opcode == INSN_0F(0x31) || is_rdtscp(&i)) {
        return read_tsc(v, r, &i);
    }
    return v->arch.kernel_mode && emulate_kernel(v, r, &i);
}
