/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario: before it goes to long mode, a hardware-assisted guest runs without paging, with 32-bit
 * paging in 4 MiB pages, and with PAE paging, and makes exits in each: CPUID, a port, a read where
 * no memory is. Each step leaves its number and what it read.
 */
#include <public/cpuid.h>

#include "check.h"
#include "pvh.h"

#define NR_MODES 3

struct seen {
    uint32_t signature, port, hole, steps;
};

struct seen modes_seen[NR_MODES];
uint32_t modes_directory[1024] __attribute__((aligned(4096)));
uint64_t modes_pdpt[4] __attribute__((aligned(32)));

/*
 * EBX: page directories of 8-byte entries that map the first 2 GiB one to one. EDI: where the mode
 * now in force leaves what it saw.
 */
__asm__(".code32\n"
        "modes_exits:\n"
        "    push %ebx\n"
        "    movl $0x40000000, %eax\n"
        "    cpuid\n"
        "    movl %ebx, (%edi)\n"
        "    xorl %eax, %eax\n"
        "    inb $0x80, %al\n"
        "    movl %eax, 4(%edi)\n"
        "    movl 0x40001000, %eax\n"
        "    movl %eax, 8(%edi)\n"
        "    movl $1, 12(%edi)\n"
        "    addl $16, %edi\n"
        "    pop %ebx\n"
        "    ret\n"
        "    .globl pvh_early\n"
        "pvh_early:\n"
        "    movl $modes_seen, %edi\n"
        "    call modes_exits\n"
        /* 32-bit paging */
        "    movl $modes_directory, %edx\n"
        "    movl $0x83, %eax\n"
        "1:  movl %eax, (%edx)\n"
        "    addl $4, %edx\n"
        "    addl $0x400000, %eax\n"
        "    jnc 1b\n"
        "    movl $0x10, %eax\n"
        "    movl %eax, %cr4\n"
        "    movl $modes_directory, %eax\n"
        "    movl %eax, %cr3\n"
        "    movl %cr0, %eax\n"
        "    orl $0x80000000, %eax\n"
        "    movl %eax, %cr0\n"
        "    call modes_exits\n"
        "    movl %cr0, %eax\n"
        "    andl $0x7fffffff, %eax\n"
        "    movl %eax, %cr0\n"
        /* PAE: the four topmost entries are the CPU's from MOV to CR0 on */
        "    movl $0x20, %eax\n"
        "    movl %eax, %cr4\n"
        "    leal 1(%ebx), %eax\n"
        "    movl %eax, modes_pdpt\n"
        "    addl $0x1000, %eax\n"
        "    movl %eax, modes_pdpt + 8\n"
        "    movl $modes_pdpt, %eax\n"
        "    movl %eax, %cr3\n"
        "    movl %cr0, %eax\n"
        "    orl $0x80000000, %eax\n"
        "    movl %eax, %cr0\n"
        "    call modes_exits\n"
        "    movl %cr0, %eax\n"
        "    andl $0x7fffffff, %eax\n"
        "    movl %eax, %cr0\n"
        "    ret\n"
        "    .code64\n");

void test_main(void)
{
    for (unsigned int i = 0; i < NR_MODES; i++) {
        CHECK_EQ(modes_seen[i].steps, 1);
        CHECK_EQ(modes_seen[i].signature, XEN_CPUID_SIGNATURE_EBX);
        CHECK_EQ(modes_seen[i].port, 0xff);
        CHECK_EQ(modes_seen[i].hole, 0xffffffff);
    }
}
