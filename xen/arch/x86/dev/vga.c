/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 80x25 text screen as a console device until dom0 takes it over (option vga=keep: for
 * good). Nothing but plain text: no escape sequences. Runs under the console lock.
 */
#include <asm/console_devices.h>
#include <asm/page.h>
#include <asm/cpu.h>
#include <xen/console.h>
#include <xen/errno.h>
#include <xen/param.h>
#include <xen/string.h>

#define TEXT_BASE    0xb8000
#define COLUMNS      80
#define ROWS         25
#define ATTRIBUTE    0x0700 /* grey on black */

#define GRAPHICS_INDEX 0x3ce
#define GRAPHICS_MISC  6
#define CRTC_INDEX     0x3d4
#define CRTC_CURSOR_HIGH 14
#define CRTC_CURSOR_LOW  15

static uint16_t *screen; /* NULL: not in use */
static unsigned int column, row;
static bool keep;

static int parse_vga(const char *value)
{
    if (strcmp(value, "keep") == 0 || strcmp(value, "text-80x25,keep") == 0) {
        keep = true;
        return 0;
    }
    return strcmp(value, "text-80x25") == 0 ? 0 : -EINVAL;
}
PARAM_CUSTOM("vga", parse_vga);

static void scroll(void)
{
    memmove(screen, screen + COLUMNS, (ROWS - 1) * COLUMNS * sizeof(*screen));
    for (unsigned int i = 0; i < COLUMNS; i++) {
        screen[(ROWS - 1) * COLUMNS + i] = ATTRIBUTE | ' ';
    }
}

static void put(char c)
{
    if (c == '\n' || column == COLUMNS) {
        column = 0;
        if (row == ROWS - 1) {
            scroll();
        } else {
            row++;
        }
    }
    if (c == '\r') {
        column = 0;
    } else if (c != '\n') {
        screen[row * COLUMNS + column++] = (uint16_t)(ATTRIBUTE | (uint8_t)c);
    }
}

static void move_cursor(void)
{
    unsigned int at = row * COLUMNS + MIN(column, (unsigned int)COLUMNS - 1);

    outb(CRTC_INDEX, CRTC_CURSOR_HIGH);
    outb(CRTC_INDEX + 1, (uint8_t)(at >> 8));
    outb(CRTC_INDEX, CRTC_CURSOR_LOW);
    outb(CRTC_INDEX + 1, (uint8_t)at);
}

static void vga_write(const char *s, size_t len)
{
    if (!screen) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        put(s[i]);
    }
    move_cursor();
}

static const struct console_sink vga_sink = { vga_write };

/* Whether the adapter shows colour text at 0xb8000 (graphics controller, register 6). */
static bool is_text_mode(void)
{
    uint8_t misc;

    outb(GRAPHICS_INDEX, GRAPHICS_MISC);
    misc = inb(GRAPHICS_INDEX + 1);
    return misc != 0xff && (misc & 1) == 0 && ((misc >> 2) & 3) == 3;
}

void vga_text_init(void)
{
    if (!console_is_wanted("vga") || !is_text_mode()) {
        return;
    }
    /* The direct map has it from the start on, so that the earliest messages are seen, too. */
    screen = maddr_to_virt(maddr(TEXT_BASE));
    for (unsigned int i = 0; i < ROWS * COLUMNS; i++) {
        screen[i] = ATTRIBUTE | ' ';
    }
    console_add_sink(&vga_sink);
}

void vga_text_release(void)
{
    if (!keep) {
        screen = NULL;
    }
}
