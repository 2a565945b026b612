/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin of QEMU that counts the instructions of an emulated processor by who executes them:
 * the hypervisor, a kernel, a program; the halves of the address space tell. A line with the three
 * counts goes to the file of the argument 'out' each time a program executes MARK_ADDRESS (see
 * mark.S). With the argument 'profile' the addresses inside the hypervisor that were executed since
 * the mark before follow, a line "ADDRESS COUNT" each.
 *
 * One processor only: the counters are plain. An iteration of a repeated string instruction counts
 * as one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's side of the interface, version 1; Debian ships no header with it. */
typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { QEMU_PLUGIN_CB_NO_REGS };
enum { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void (*translated_fn)(plugin_id id, struct qemu_plugin_tb *tb);
typedef void (*executed_fn)(unsigned int vcpu, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, translated_fn fn);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op,
                                                       void *counter, uint64_t add);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, executed_fn fn,
                                                   int flags, void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv);

#define MARK_ADDRESS 0x5a5a000000UL
#define HYPERVISOR_START 0xffff800000000000UL
#define HYPERVISOR_END 0xffff880000000000UL
#define SLOTS (1u << 18) /* of a table by address: four times the instructions of a hypervisor */

static uint64_t in_hypervisor, in_kernel, in_program;
static struct slot {
    uint64_t address, count;
} slots[SLOTS];
static bool profiling;
static FILE *out;

static struct slot *find_slot(uint64_t address)
{
    size_t i = (address * 0x9e3779b97f4a7c15UL) >> 46;

    while (slots[i].address && slots[i].address != address)
        i = (i + 1) % SLOTS;
    slots[i].address = address;
    return &slots[i];
}

static void write_mark(unsigned int vcpu, void *data)
{
    (void)vcpu;
    (void)data;
    fprintf(out, "mark %lu %lu %lu\n", in_hypervisor, in_kernel, in_program);
    for (size_t i = 0; profiling && i < SLOTS; i++) {
        if (slots[i].count)
            fprintf(out, "%lx %lu\n", slots[i].address, slots[i].count);
        slots[i].count = 0;
    }
    fflush(out);
}

static void count_insn(struct qemu_plugin_insn *insn)
{
    uint64_t address = qemu_plugin_insn_vaddr(insn);
    uint64_t *counter = &in_program;

    if (address >= HYPERVISOR_START && address < HYPERVISOR_END)
        counter = &in_hypervisor;
    else if (address >= HYPERVISOR_END)
        counter = &in_kernel;
    qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, counter, 1);
    if (profiling && counter == &in_hypervisor)
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                   &find_slot(address)->count, 1);
    if (address == MARK_ADDRESS)
        qemu_plugin_register_vcpu_insn_exec_cb(insn, write_mark, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void count_block(plugin_id id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        count_insn(qemu_plugin_tb_get_insn(tb, i));
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out = fopen(argv[i] + 4, "w");
        if (strcmp(argv[i], "profile=on") == 0)
            profiling = true;
    }
    if (!out) {
        fprintf(stderr, "The counting plugin can't write its file. Give it out=FILE.\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
    return 0;
}
