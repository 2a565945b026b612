/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IN, OUT and their string forms. There are no devices on ports: reads give ones. What is written
 * to port 0xe9 is text for the hypervisor's log, as early kernels use it.
 */
#include <asm/current.h>
#include <asm/decode.h>
#include <asm/hvm.h>
#include <xen/console.h>
#include <xen/domain.h>

#include "engine.h"

#define PORT_TEXT    0xe9
#define STRING_CHUNK 64 /* elements before the instruction is begun anew */
#define LINE_SIZE    100

/* By lines, as those of several guests mix. */
static void put_text(struct vcpu *v, char c)
{
    struct hvm_domain *h = v->domain->arch.hvm;

    if (c != '\n' && h->text_used < LINE_SIZE && (c == '\t' || (c >= ' ' && c < 127))) {
        h->text[h->text_used++] = c;
    }
    if (c == '\n' || h->text_used == LINE_SIZE) {
        log_guest(LOG_INFO, "Domain %u: %.*s\n", v->domain->id, (int)h->text_used, h->text);
        h->text_used = 0;
    }
}

static void write_port(struct vcpu *v, unsigned int port, uint64_t value)
{
    if (port == PORT_TEXT) {
        put_text(v, (char)value);
    }
}

/* The base of the segment of a string's elements; OUTS may have another than DS. */
static uint64_t string_base(struct vcpu *v, const struct hvm_port_access *a)
{
    struct hvm_segment s;

    if (hvm_in_long_mode(v)) {
        return 0;
    }
    hvm_engine->get_segment(v, a->in ? HVM_ES : HVM_DS, &s);
    return s.base;
}

/* One element; false: a page fault was raised. */
static bool string_element(struct vcpu *v, struct cpu_regs *r, const struct hvm_port_access *a)
{
    uint64_t *index = a->in ? &r->rdi : &r->rsi, ones = ~0UL, value = 0;
    uint64_t va = string_base(v, a) + insn_truncate(*index, a->addr_size);
    int64_t step = r->rflags & RFLAGS_DF ? -(int64_t)a->size : a->size;

    if (a->in ? hvm_copy_to_guest(va, &ones, a->size) != 0
              : hvm_copy_from_guest(&value, va, a->size) != 0) {
        hvm_inject_page_fault(v, va, a->in ? PFEC_W : 0);
        return false;
    }
    if (!a->in) {
        write_port(v, a->port, value);
    }
    *index += (uint64_t)step;
    return true;
}

static void string_access(struct vcpu *v, struct cpu_regs *r, const struct hvm_port_access *a)
{
    unsigned int left = a->rep ? STRING_CHUNK : 1;

    while (left-- > 0 && (!a->rep || insn_truncate(r->rcx, a->addr_size) != 0)) {
        if (!string_element(v, r, a)) {
            return;
        }
        r->rcx -= a->rep;
    }
    /* Else the instruction is executed again for the rest. */
    if (!a->rep || insn_truncate(r->rcx, a->addr_size) == 0) {
        r->rip = a->next_rip;
        hvm_engine->clear_shadow(v);
    }
}

void hvm_exit_port(struct vcpu *v, struct cpu_regs *r, const struct hvm_port_access *a)
{
    if (a->string) {
        string_access(v, r, a);
        return;
    }
    if (a->in) {
        r->rax = a->size == 4 ? 0xffffffffUL : r->rax | ((1UL << a->size * 8) - 1);
    } else {
        write_port(v, a->port, insn_truncate(r->rax, a->size));
    }
    r->rip = a->next_rip;
    hvm_engine->clear_shadow(v);
}
