/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU policies derived from one another: raw (what CPUID gives) -> host (what the hypervisor
 * leaves usable) -> PV -> dom0's and other domains'. One table says which feature bits a PV guest
 * is shown (docs/interface/emulation.md). Pure.
 */
#include <asm/cpuid.h>
#include <asm/fpu.h>
#include <public/arch-x86_64.h>
#include <xen/string.h>

#define BITS_1_ECX_XSAVE (1U << 26)
#define BITS_1_EDX_SEP   (1U << 11)
#define BITS_1_EDX_MTRR  (1U << 12)
#define BITS_1_EDX_HTT   (1U << 28)
#define BITS_1_ECX_EIST  (1U << 7)
#define BITS_E7_EDX_ITSC (1U << 8)

#define MAX_BASIC_LEAF   (POLICY_BASIC_LEAVES - 1U)
#define MAX_EXT_LEAF     (0x80000000U + POLICY_EXT_LEAVES - 1U)
#define INTEL_EXT_LEAVES 0x80000008U

#define B(n) (1U << (n))

/*
 * Feature bits that PV guests may see. What isn't here is hidden: it needs ring 0 or an MSR that is
 * not offered, or belongs to the hypervisor (paging, interrupts, power, performance counters).
 */
static const struct {
    uint32_t ecx1, edx1, ebx7, ecx7, edx7, eax71, eaxd1, ecxe1, edxe1, ebxe8, eaxe21;
} shown = {
    /*
     * SSE3 PCLMULQDQ SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE AVX F16C RDRAND
     * HYPERVISOR
     */
    .ecx1 = B(0) | B(1) | B(9) | B(12) | B(13) | B(19) | B(20) | B(22) | B(23) |
            B(25) | B(26) | B(28) | B(29) | B(30) | B(31),
    /* FPU DE TSC MSR PAE MCE CX8 APIC SEP MCA CMOV PAT CLFLUSH ACPI MMX FXSR SSE SSE2 SS */
    .edx1 = B(0) | B(2) | B(4) | B(5) | B(6) | B(7) | B(8) | B(9) | B(11) |
            B(14) | B(15) | B(16) | B(19) | B(22) | B(23) | B(24) | B(25) |
            B(26) | B(27),
    /*
     * FSGSBASE BMI1 AVX2 FDP_EXCPTN_ONLY BMI2 ERMS NO_FPU_SEL AVX512F DQ RDSEED ADX IFMA
     * CLFLUSHOPT CLWB AVX512PF ER CD SHA AVX512BW VL
     */
    .ebx7 = B(0) | B(3) | B(5) | B(6) | B(8) | B(9) | B(13) | B(16) | B(17) |
            B(18) | B(19) | B(21) | B(23) | B(24) | B(26) | B(27) | B(28) |
            B(29) | B(30) | B(31),
    /*
     * PREFETCHWT1 AVX512_VBMI VBMI2 GFNI VAES VPCLMULQDQ VNNI BITALG VPOPCNTDQ RDPID CLDEMOTE
     * MOVDIRI MOVDIR64B
     */
    .ecx7 = B(0) | B(1) | B(6) | B(8) | B(9) | B(10) | B(11) | B(12) | B(14) |
            B(22) | B(25) | B(27) | B(28),
    /* AVX512_4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE AVX512_FP16 */
    .edx7 = B(2) | B(3) | B(4) | B(8) | B(10) | B(14) | B(23),
    /* AVX_VNNI AVX512_BF16 FZRM FSRS FSRCS */
    .eax71 = B(4) | B(5) | B(10) | B(11) | B(12),
    /* XSAVEOPT XSAVEC XGETBV1 */
    .eaxd1 = B(0) | B(1) | B(2),
    /* LAHF CMP_LEGACY ABM SSE4A MISALIGNSSE 3DNOWPREFETCH XOP FMA4 TBM */
    .ecxe1 = B(0) | B(1) | B(5) | B(6) | B(7) | B(8) | B(11) | B(16) | B(21),
    /* Those that AMD repeats from leaf 1; SYSCALL NX MMXEXT RDTSCP LM 3DNOWEXT 3DNOW */
    .edxe1 = B(0) | B(2) | B(4) | B(5) | B(6) | B(7) | B(8) | B(9) | B(11) |
             B(14) | B(15) | B(16) | B(20) | B(22) | B(23) | B(24) | B(27) |
             B(29) | B(30) | B(31),
    /* CLZERO RSTR_FP_ERR_PTRS WBNOINVD */
    .ebxe8 = B(0) | B(2) | B(9),
    /* LFENCE_SERIALIZING NULL_SELECTOR_CLEARS_BASE */
    .eaxe21 = B(2) | B(6),
};

/* AVX and what builds on it, by leaf: hidden when XCR0 can't have its registers. */
#define AVX_1_ECX    (B(12) | B(28) | B(29))
#define AVX_7_EBX    B(5)
#define AVX_7_ECX    (B(9) | B(10))
#define AVX_71_EAX   B(4)
#define AVX_E1_ECX   (B(11) | B(16))
#define AVX512_7_EBX (B(16) | B(17) | B(21) | B(26) | B(27) | B(28) | B(30) | B(31))
#define AVX512_7_ECX (B(1) | B(6) | B(11) | B(12) | B(14))
#define AVX512_7_EDX (B(2) | B(3) | B(8) | B(23))
#define AVX512_71_EAX B(5)

static bool is_amd(const struct cpu_policy *p)
{
    const struct cpuid_regs *r = &p->basic[0];

    return (r->b == 0x68747541 && r->d == 0x69746e65) || /* "Auth" "enti" */
           (r->b == 0x6f677948 && r->d == 0x6e65476e);   /* "Hygo" "nGen" */
}

static struct cpuid_regs *ext(struct cpu_policy *p, uint32_t leaf)
{
    return &p->ext[leaf - 0x80000000U];
}

uint64_t policy_xcr0(const struct cpu_policy *p)
{
    return (uint64_t)p->xstate[0].d << 32 | p->xstate[0].a;
}

void policy_derive_host(struct cpu_policy *host, const struct cpu_policy *raw)
{
    *host = *raw;
    host->basic[0].a = MIN(raw->basic[0].a, MAX_BASIC_LEAF);
    if (ext(host, 0x80000000)->a >> 16 != 0x8000) {
        ext(host, 0x80000000)->a = 0x80000000;
    }
    ext(host, 0x80000000)->a = MIN(ext(host, 0x80000000)->a, MAX_EXT_LEAF);
    host->xstate[0].a &= (uint32_t)XCR0_OFFERED;
    host->xstate[0].d &= (uint32_t)(XCR0_OFFERED >> 32);
}

/* Sizes and XCR0's bits; features whose registers have no place go. */
static void derive_xstate(struct cpu_policy *p)
{
    uint64_t xcr0 = p->basic[1].c & BITS_1_ECX_XSAVE ? policy_xcr0(p) & XCR0_OFFERED : 0;
    uint32_t size = 576;

    if (!(xcr0 & XCR0_AVX)) {
        xcr0 &= ~XCR0_AVX512;
        p->basic[1].c &= ~AVX_1_ECX;
        p->feat[0].b &= ~AVX_7_EBX;
        p->feat[0].c &= ~AVX_7_ECX;
        p->feat[1].a &= ~AVX_71_EAX;
        ext(p, 0x80000001)->c &= ~AVX_E1_ECX;
    }
    if ((xcr0 & XCR0_AVX512) != XCR0_AVX512) {
        xcr0 &= ~XCR0_AVX512;
        p->feat[0].b &= ~AVX512_7_EBX;
        p->feat[0].c &= ~AVX512_7_ECX;
        p->feat[0].d &= ~AVX512_7_EDX;
        p->feat[1].a &= ~AVX512_71_EAX;
    }
    for (unsigned int n = 2; n < POLICY_XSTATE_LEAVES; n++) {
        if (!(xcr0 >> n & 1)) {
            p->xstate[n] = (struct cpuid_regs){ 0 };
        }
        size = MAX(size, p->xstate[n].a + p->xstate[n].b);
        p->xstate[n].c &= 2; /* alignment, in the compact format */
        p->xstate[n].d = 0;
    }
    p->xstate[1] = (struct cpuid_regs){ .a = xcr0 != 0 ? p->xstate[1].a & shown.eaxd1 : 0 };
    p->xstate[0] = (struct cpuid_regs){ .a = (uint32_t)xcr0, .c = xcr0 != 0 ? size : 0,
                                        .d = (uint32_t)(xcr0 >> 32) };
}

static void derive_basic(struct cpu_policy *p)
{
    struct cpuid_regs *b = p->basic;

    b[1].b &= 0xffff;                /* no APIC id, one logical CPU */
    b[1].c &= shown.ecx1;
    b[1].c |= 1U << 31;
    b[1].d &= shown.edx1;
    if (is_amd(p)) {
        b[1].d &= ~BITS_1_EDX_SEP;   /* SYSENTER is undefined in long mode there */
    }
    /* 3: serial number; 5: MONITOR; 6: power; 9: DCA; 0xa: counters; 0xb: topology */
    for (unsigned int n = 3; n < POLICY_BASIC_LEAVES; n++) {
        b[n] = (struct cpuid_regs){ 0 };
    }
    for (unsigned int n = 0; n < POLICY_CACHE_LEAVES; n++) {
        p->cache[n].a &= 0x3fff;     /* without the sharing of caches and cores */
    }
    p->feat[0].a = MIN(p->feat[0].a, POLICY_FEAT_LEAVES - 1U);
    p->feat[0].b &= shown.ebx7;
    p->feat[0].c &= shown.ecx7;
    p->feat[0].d &= shown.edx7;
    p->feat[1] = (struct cpuid_regs){ .a = p->feat[0].a >= 1 ? p->feat[1].a & shown.eax71 : 0 };
}

static void derive_extended(struct cpu_policy *p)
{
    uint32_t max = ext(p, 0x80000000)->a;
    bool amd = is_amd(p);

    if (!amd) {
        max = MIN(max, INTEL_EXT_LEAVES);
    }
    ext(p, 0x80000000)->a = max;
    ext(p, 0x80000001)->c &= shown.ecxe1;
    ext(p, 0x80000001)->d &= shown.edxe1;
    *ext(p, 0x80000007) = (struct cpuid_regs){ 0 };
    *ext(p, 0x80000008) = (struct cpuid_regs){ .a = ext(p, 0x80000008)->a & 0xffff,
                                               .b = ext(p, 0x80000008)->b & shown.ebxe8 };
    for (uint32_t leaf = 0x80000009; leaf <= MAX_EXT_LEAF; leaf++) {
        uint32_t a = ext(p, leaf)->a;

        *ext(p, leaf) = (struct cpuid_regs){ 0 };
        if (amd && leaf == 0x8000001a) {
            ext(p, leaf)->a = a; /* speed hints */
        } else if (amd && leaf == 0x80000021) {
            ext(p, leaf)->a = a & shown.eaxe21;
        }
    }
}

void policy_derive_pv(struct cpu_policy *pv, const struct cpu_policy *host)
{
    *pv = *host;
    derive_basic(pv);
    derive_extended(pv);
    derive_xstate(pv);
}

/*
 * A hardware-assisted guest has its own paging, so what belongs to that is shown as well; its local
 * APIC is the hypervisor's, and always has x2APIC.
 */
void policy_derive_hvm(struct cpu_policy *hvm, const struct cpu_policy *host)
{
    /* PCID; VME PSE PGE MTRR PSE36; SMEP INVPCID SMAP; UMIP; PSE PGE MTRR PSE36 PAGE1GB */
    static const uint32_t ecx1 = B(17), edx1 = B(1) | B(3) | B(12) | B(13) | B(17);
    static const uint32_t ebx7 = B(7) | B(10) | B(20), ecx7 = B(2);
    static const uint32_t edxe1 = B(3) | B(12) | B(13) | B(17) | B(26);
    static const uint32_t x2apic = B(21), cr8_legacy = B(4);

    policy_derive_pv(hvm, host);
    hvm->basic[1].c |= (host->basic[1].c & ecx1) | x2apic;
    hvm->basic[1].d |= host->basic[1].d & (edx1 | BITS_1_EDX_SEP);
    hvm->feat[0].b |= host->feat[0].b & ebx7;
    hvm->feat[0].c |= host->feat[0].c & ecx7;
    hvm->ext[1].d |= host->ext[1].d & edxe1;
    hvm->ext[1].c |= host->ext[1].c & cr8_legacy;
}

void policy_adjust_dom0(struct cpu_policy *p, const struct cpu_policy *host)
{
    p->basic[1].d |= host->basic[1].d & BITS_1_EDX_MTRR;
    p->basic[1].c |= host->basic[1].c & BITS_1_ECX_EIST;
    if (is_amd(p)) {
        ext(p, 0x80000001)->d |= ext((struct cpu_policy *)host, 0x80000001)->d & BITS_1_EDX_MTRR;
    }
    if (ext(p, 0x80000000)->a >= 0x80000007) {
        ext(p, 0x80000007)->d = ext((struct cpu_policy *)host, 0x80000007)->d & BITS_E7_EDX_ITSC;
    }
}

void policy_adjust_domu(struct cpu_policy *p, unsigned int vcpus)
{
    if (vcpus > 1) {
        p->basic[1].d |= BITS_1_EDX_HTT;
        p->basic[1].b |= MIN(vcpus, 255U) << 16;
    }
}

const struct cpuid_regs *policy_find(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
    static const struct cpuid_regs none;

    if (leaf <= p->basic[0].a && leaf < POLICY_BASIC_LEAVES) {
        switch (leaf) {
        case 4:
            return subleaf < POLICY_CACHE_LEAVES ? &p->cache[subleaf] : &none;
        case 7:
            return subleaf < POLICY_FEAT_LEAVES ? &p->feat[subleaf] : &none;
        case 0xd:
            return subleaf < POLICY_XSTATE_LEAVES ? &p->xstate[subleaf] : &none;
        default:
            return &p->basic[leaf];
        }
    }
    if (leaf >= 0x80000000 && leaf <= p->ext[0].a && leaf <= MAX_EXT_LEAF) {
        return &p->ext[leaf - 0x80000000];
    }
    return &none;
}

/* How many subleaves the leaf has; 0: it has none, and CPUID ignores ECX. */
static unsigned int subleaves(uint32_t leaf)
{
    return leaf == 4 ? POLICY_CACHE_LEAVES : leaf == 7 ? POLICY_FEAT_LEAVES :
           leaf == 0xd ? POLICY_XSTATE_LEAVES : leaf == 0xb ? 1 : 0;
}

bool policy_next_leaf(const struct cpu_policy *p, unsigned int *iterator,
                      struct xen_cpuid_leaf *out)
{
    uint32_t leaf = *iterator >> 8, subleaf = *iterator & 0xff;
    bool extended = leaf >= POLICY_BASIC_LEAVES;
    const struct cpuid_regs *r;

    if (!extended && leaf > p->basic[0].a) {
        leaf = POLICY_BASIC_LEAVES;
        extended = true;
    }
    if (extended) {
        subleaf = 0;
        leaf = leaf - POLICY_BASIC_LEAVES + 0x80000000U;
        if (leaf > p->ext[0].a || leaf > MAX_EXT_LEAF) {
            return false;
        }
    }
    r = policy_find(p, leaf, subleaf);
    *out = (struct xen_cpuid_leaf){ .leaf = leaf, .a = r->a, .b = r->b, .c = r->c, .d = r->d };
    out->subleaf = !extended && subleaves(leaf) != 0 ? subleaf : XEN_CPUID_NO_SUBLEAF;
    if (!extended && subleaf + 1 < subleaves(leaf)) {
        *iterator = leaf << 8 | (subleaf + 1);
    } else {
        leaf = extended ? leaf - 0x80000000U + POLICY_BASIC_LEAVES : leaf;
        *iterator = (leaf + 1) << 8;
    }
    return true;
}

/* Where the leaf is kept; NULL: it is none of a policy's, or lies beyond what is kept. */
static struct cpuid_regs *place_of(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
    if (leaf == 4) {
        return subleaf < POLICY_CACHE_LEAVES ? &p->cache[subleaf] : NULL;
    }
    if (leaf == 7) {
        return subleaf < POLICY_FEAT_LEAVES ? &p->feat[subleaf] : NULL;
    }
    if (leaf == 0xd) {
        return subleaf < POLICY_XSTATE_LEAVES ? &p->xstate[subleaf] : NULL;
    }
    if (leaf < POLICY_BASIC_LEAVES) {
        return &p->basic[leaf];
    }
    return leaf >= 0x80000000 && leaf <= MAX_EXT_LEAF ? ext(p, leaf) : NULL;
}

/* Leaves that the tools may name, though nothing is kept of them. */
static bool is_known(uint32_t leaf)
{
    return leaf < POLICY_BASIC_LEAVES || leaf - 0x40000000U < 0x10000 || leaf - 0x80000000U < 0x100;
}

bool policy_set_leaf(struct cpu_policy *p, const struct xen_cpuid_leaf *leaf)
{
    struct cpuid_regs *r = place_of(p, leaf->leaf, leaf->subleaf);

    if (!is_known(leaf->leaf) ||
        (leaf->leaf < POLICY_BASIC_LEAVES && leaf->subleaf != XEN_CPUID_NO_SUBLEAF &&
         (subleaves(leaf->leaf) == 0 || leaf->subleaf >= 64))) {
        return false;
    }
    if (r != NULL) {
        *r = (struct cpuid_regs){ leaf->a, leaf->b, leaf->c, leaf->d };
    }
    return true;
}

/* Of @p those bits of one leaf that @max has as well. */
static void leaf_and(struct cpuid_regs *p, const struct cpuid_regs *max)
{
    p->a &= max->a;
    p->b &= max->b;
    p->c &= max->c;
    p->d &= max->d;
}

static void clamp_xstate(struct cpu_policy *p, const struct cpu_policy *max)
{
    struct cpuid_regs wanted[2] = { p->xstate[0], p->xstate[1] };

    memcpy(p->xstate, max->xstate, sizeof(p->xstate));
    p->xstate[0].a &= wanted[0].a;
    p->xstate[0].d &= wanted[0].d;
    p->xstate[1].a &= wanted[1].a;
    derive_xstate(p);
}

void policy_clamp(struct cpu_policy *p, const struct cpu_policy *max, unsigned int vcpus)
{
    struct cpuid_regs *b = p->basic;
    const struct cpuid_regs *m = max->basic;

    /* The vendor decides which instructions there are: it is the machine's. */
    b[0] = (struct cpuid_regs){ MIN(b[0].a, m[0].a), m[0].b, m[0].c, m[0].d };
    b[1].b &= 0xffff;
    b[1].c &= m[1].c;
    b[1].d &= m[1].d;
    for (unsigned int n = 3; n < POLICY_BASIC_LEAVES; n++) {
        b[n] = m[n];
    }
    p->feat[0].a = MIN(p->feat[0].a, max->feat[0].a);
    p->feat[0].b &= max->feat[0].b;
    p->feat[0].c &= max->feat[0].c;
    p->feat[0].d &= max->feat[0].d;
    leaf_and(&p->feat[1], &max->feat[1]);

    p->ext[0] = (struct cpuid_regs){ MIN(p->ext[0].a, max->ext[0].a), max->ext[0].b, max->ext[0].c,
                                     max->ext[0].d };
    leaf_and(&p->ext[1], &max->ext[1]);
    for (unsigned int n = 7; n < POLICY_EXT_LEAVES; n++) {
        leaf_and(&p->ext[n], &max->ext[n]);
    }
    clamp_xstate(p, max);
    policy_adjust_domu(p, vcpus);
}

unsigned int policy_featureset(const struct cpu_policy *p, uint32_t *words, unsigned int room)
{
    const uint32_t all[] = {
        p->basic[1].d, p->basic[1].c, p->ext[1].d, p->ext[1].c, p->xstate[1].a, p->feat[0].b,
        p->feat[0].c, p->ext[7].d, p->ext[8].b, p->feat[0].d, p->feat[1].a, p->ext[0x21].a,
        p->feat[1].b, 0, p->feat[1].c, p->feat[1].d, 0, 0, p->ext[0x21].c,
    };

    for (unsigned int i = 0; i < MIN(room, (unsigned int)ARRAY_SIZE(all)); i++) {
        words[i] = all[i];
    }
    return ARRAY_SIZE(all);
}
