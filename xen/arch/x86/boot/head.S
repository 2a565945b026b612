/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions: from a multiboot loader's 32-bit protected mode, wherever the image
 * was loaded, to C in 64-bit mode at the link address. Boot page tables map the first 4 GiB twice
 * (identity and direct map) and 16 MiB of image.
 *
 * Registers through the 32-bit part: EBP load offset from the link address, ESI multiboot
 * information, EDI loader's magic.
 */
#include <asm/boot_layout.h>

#define PHYS(sym) ((sym) - IMAGE_VA)

        .section .text.head, "ax", @progbits
        .code32

/* Multiboot 1 (3.1), with the address fields, since the file is a 64-bit ELF. */
        .balign 8
mb1_header:
        .long   MB1_HEADER_MAGIC, MB1_FLAGS, -(MB1_HEADER_MAGIC + MB1_FLAGS)
        .long   PHYS(mb1_header), PHYS(image_start), PHYS(load_end), PHYS(bss_end), PHYS(boot_entry)

/* Multiboot 2 (3.1): memory map wanted, may be loaded at any 2 MiB boundary below 4 GiB. */
        .balign 8
mb2_header:
        .long   MB2_HEADER_MAGIC, 0, mb2_header_end - mb2_header
        .long   -(MB2_HEADER_MAGIC + (mb2_header_end - mb2_header))
        .short  2, 0            /* address tag */
        .long   24, PHYS(mb2_header), PHYS(image_start), PHYS(load_end), PHYS(bss_end)
        .short  3, 0            /* entry address */
        .long   12, PHYS(boot_entry), 0
        .short  6, 1            /* modules page aligned */
        .long   8
        .short  10, 1           /* relocatable: lowest, highest, alignment, prefer low */
        .long   24, 0x200000, 0xfffff000, 0x200000, 1
        .short  0, 0
        .long   8
mb2_header_end:

        .globl  boot_entry
boot_entry:
        cli
        cld
        mov     %eax, %edi
        mov     %ebx, %esi
        /* There's no stack yet: borrow the first word of the multiboot information. */
        mov     (%ebx), %edx
        lea     4(%ebx), %esp
        call    1f
1:      pop     %ebp
        mov     %edx, (%ebx)
        sub     $PHYS(1b), %ebp
        lea     PHYS(boot_stack_end)(%ebp), %esp

        /* The area behind the file's data is ours to clear, this stack with it. */
        mov     %edi, %ebx
        lea     PHYS(bss_start)(%ebp), %edi
        mov     $PHYS(bss_end), %ecx
        sub     $PHYS(bss_start), %ecx
        shr     $2, %ecx
        xor     %eax, %eax
        rep stosl
        mov     %ebx, %edi

        call    check_cpu
        call    boot_tables

        /* Long mode (Intel SDM vol. 3, 9.8.5). */
        mov     $0x20, %eax     /* PAE */
        mov     %eax, %cr4
        lea     PHYS(hv_l4_template)(%ebp), %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx
        rdmsr
        or      $0x101, %eax    /* LME, SCE */
        test    $1 << 20, %ebx  /* extended features of check_cpu: NX */
        jz      2f
        or      $0x800, %eax
2:      wrmsr
        mov     $0x80050033, %eax /* PG AM WP NE ET MP PE */
        mov     %eax, %cr0
        lea     PHYS(boot_gdt)(%ebp), %eax
        mov     %eax, PHYS(boot_gdt_ptr) + 2(%ebp)
        lgdtl   PHYS(boot_gdt_ptr)(%ebp)
        lea     PHYS(long_mode)(%ebp), %eax
        push    $BOOT_CS
        push    %eax
        lret

/* Stops with a sentence unless the CPU has 64-bit mode. EBX: CPUID 0x80000001 EDX. */
check_cpu:
        mov     $0x80000000, %eax
        cpuid
        cmp     $0x80000001, %eax
        jb      1f
        mov     $0x80000001, %eax
        cpuid
        mov     %edx, %ebx
        test    $1 << 29, %edx
        jz      1f
        ret
1:      lea     PHYS(no_long_mode)(%ebp), %esi
        mov     $0xb8000, %edi  /* the text screen's first line */
2:      lodsb
        test    %al, %al
        jz      4f
        mov     $0x4f, %ah      /* white on red */
        cmp     $' ', %al
        jb      5f
        stosw
5:      mov     %al, %ah
        mov     $0x3fd, %dx
3:      in      %dx, %al        /* COM1: transmitter empty */
        test    $0x20, %al
        jz      3b
        mov     %ah, %al
        mov     $0x3f8, %dx
        out     %al, %dx
        jmp     2b
4:      hlt
        jmp     4b

/* EBP-relative boot page tables; clobbers EAX, ECX, EDX. */
boot_tables:
        lea     PHYS(boot_l2_ident)(%ebp), %edx
        mov     $0x83, %eax     /* P RW PS */
        xor     %ecx, %ecx
1:      mov     %eax, (%edx, %ecx, 8)
        add     $0x200000, %eax
        inc     %ecx
        cmp     $2048, %ecx
        jne     1b

        lea     PHYS(boot_l3_ident)(%ebp), %eax
        lea     0x3(%edx), %ecx
        mov     %ecx, (%eax)
        add     $0x1000, %ecx
        mov     %ecx, 8(%eax)
        add     $0x1000, %ecx
        mov     %ecx, 16(%eax)
        add     $0x1000, %ecx
        mov     %ecx, 24(%eax)
        lea     PHYS(hv_l4_template)(%ebp), %edx
        add     $3, %eax
        mov     %eax, (%edx)
        mov     %eax, DIRECT_MAP_SLOT * 8(%edx)

        lea     PHYS(image_l3)(%ebp), %eax
        lea     3(%eax), %ecx
        mov     %ecx, IMAGE_SLOT * 8(%edx)
        lea     PHYS(image_l2)(%ebp), %ecx
        lea     3(%ecx), %edx
        mov     %edx, (%eax)
        lea     0x200083(%ebp), %eax
        mov     $1, %edx        /* link address 2 MiB: entry 1 on */
2:      mov     %eax, (%ecx, %edx, 8)
        add     $0x200000, %eax
        inc     %edx
        cmp     $9, %edx
        jne     2b
        ret

        .code64
long_mode:
        mov     $0x10, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        movabs  $boot_high, %rax
        jmp     *%rax
boot_high:
        lea     boot_stack_end - BOOT_INFO_SIZE(%rip), %rsp
        movslq  %ebp, %rdx      /* load offset */
        mov     %esi, %esi
        mov     %edi, %edi
        xor     %ebp, %ebp
        call    boot_start
        ud2

        .section .init.rodata, "a", @progbits
no_long_mode:
        .asciz  "Xenios: this CPU has no 64-bit mode (long mode). Xenios needs one that has.\r\n"

        .section .data
        .balign 8
boot_gdt:
        .quad   0
        .quad   0x00af9b000000ffff      /* 64-bit code */
        .quad   0x00cf93000000ffff      /* data */
boot_gdt_end:
        .short  0
boot_gdt_ptr:
        .short  boot_gdt_end - boot_gdt - 1
        .long   0

        .section .bss.page_aligned, "aw", @nobits
        .balign BOOT_STACK_SIZE
        .globl  boot_stack, boot_stack_end
boot_stack:
        .skip   BOOT_STACK_SIZE
boot_stack_end:
        .balign 4096
        .globl  hv_l4_template, image_l3, image_l2
hv_l4_template:
        .skip   4096
image_l3:
        .skip   4096
image_l2:
        .skip   4096
boot_l3_ident:
        .skip   4096
boot_l2_ident:
        .skip   4 * 4096

        .section .note.GNU-stack, "", @progbits
