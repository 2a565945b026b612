/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's console devices: serial ports (dev/uart.c) and the text screen (dev/vga.c). */
#ifndef ASM_CONSOLE_DEVICES_H
#define ASM_CONSOLE_DEVICES_H

#include <xen/types.h>

/* Starts the serial ports that com1=, com2= and console= ask for; output works from here on. */
void uart_init(void);
/* Interrupt-driven input, or a timer that polls. After the interrupt controllers and timers. */
void uart_init_input(void);
/* The text screen, if console= names vga and the boot loader left one. Until dom0 takes it. */
void vga_text_init(void);
/* dom0 owns the screen from here on (option vga=keep: both write to it). */
void vga_text_release(void);

#endif
