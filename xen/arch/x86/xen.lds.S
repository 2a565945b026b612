/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's layout. Virtual address = IMAGE_START + load address; linked for a load at 2 MiB,
 * movable in steps of 2 MiB. Each permission starts on a page of its own. The symbol table stands
 * behind everything that it names, so that filling it in moves no function.
 */
#define IMAGE_START 0xffff810000000000
#define LOAD_BASE   0x200000

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(boot_entry)

PHDRS
{
    image PT_LOAD FLAGS(7);
    bss PT_LOAD FLAGS(6); /* apart, for its alignment must not move the headers in the file */
    stack PT_GNU_STACK FLAGS(6);
}

SECTIONS
{
    . = IMAGE_START + LOAD_BASE;
    image_start = .;
    .text : AT(ADDR(.text) - IMAGE_START) {
        text_start = .;
        *(.text.head)
        *(.text.hot)
        *(.text .text.*)
        . = ALIGN(4096);
        stub_page = .;
        *(.stub)
        . = ALIGN(4096);
        text_end = .;
    } :image

    . = ALIGN(4096);
    init_start = .;
    .init.text : AT(ADDR(.init.text) - IMAGE_START) {
        *(.init.text .init.text.*)
        . = ALIGN(4096);
    } :image
    init_text_end = .;
    .init.rodata : AT(ADDR(.init.rodata) - IMAGE_START) {
        *(.init.rodata .init.rodata.*)
        . = ALIGN(8);
        params_start = .;
        KEEP(*(.init.params))
        params_end = .;
    } :image
    .init.data : AT(ADDR(.init.data) - IMAGE_START) {
        *(.init.data .init.data.*)
        *(.init.bss .init.bss.*)
        . = ALIGN(4096);
    } :image
    init_end = .;

    .data : AT(ADDR(.data) - IMAGE_START) {
        data_start = .;
        *(.data .data.rel .data.rel.local)
        *(.got .got.plt)
        . = ALIGN(4096);
    } :image
    data_end = .;

    .rodata : AT(ADDR(.rodata) - IMAGE_START) {
        rodata_start = .;
        *(.rodata .rodata.* .data.rel.ro .data.rel.ro.*)
        . = ALIGN(4);
        build_id_start = .;
        *(.note.gnu.build-id)
        build_id_end = .;
        . = ALIGN(8);
        extable_start = .;
        KEEP(*(.extable))
        extable_end = .;
        . = ALIGN(8);
        smap_sites_start = .;
        KEEP(*(.smap_sites))
        smap_sites_end = .;
        . = ALIGN(8);
        KEEP(*(.symbols))
        . = ALIGN(4096);
        rodata_end = .;
    } :image
    load_end = .;

    .bss (NOLOAD) : AT(ADDR(.bss) - IMAGE_START) {
        bss_start = .;
        *(.bss.page_aligned)
        . = ALIGN(64);
        percpu_start = .;
        *(.percpu)
        . = ALIGN(64);
        percpu_end = .;
        *(.bss .bss.* COMMON)
        . = ALIGN(4096);
        bss_end = .;
    } :bss
    image_end = .;

    /* Nothing may be left to relocate at run time. */
    .rela.dyn : { *(.rela.*) }
    .iplt : { *(.plt .iplt .igot.plt) }
    ASSERT(SIZEOF(.rela.dyn) == 0 && SIZEOF(.iplt) == 0, "run-time relocations")

    /DISCARD/ : {
        *(.eh_frame .eh_frame_hdr .comment .interp .dynamic)
        *(.note .note.gnu.property .note.GNU-stack)
    }
}

ASSERT(image_end - image_start < 0x1000000, "the image must fit the 16 MiB that boot code maps")
