/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug keys: what an operator may ask of the hypervisor by typing one character. */
#ifndef ASM_KEYS_H
#define ASM_KEYS_H

/* Registers the built-in keys and listens to the console. */
void keys_init(void);
/* @fn runs with interrupts on, before a CPU returns to its guest. */
void key_register(char key, void (*fn)(void), const char *help);
/* As if it had been typed; for XEN_SYSCTL_debug_keys. Any context. */
void key_press(char key);

#endif
