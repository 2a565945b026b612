/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which locks nest: a CPU may take a lock only if its number is greater than
 * that of every lock it holds (two of one class: by the class's helper, lowest domain id first).
 * Debug builds check this at each acquire.
 */
#ifndef XEN_LOCK_ORDER_H
#define XEN_LOCK_ORDER_H

enum lock_class {
    LOCK_DOMCTL = 1,
    LOCK_DOMAIN_LIST,
    LOCK_PAGE,
    LOCK_GRANT_TABLE,
    LOCK_GRANT_ENTRY,
    LOCK_MAPTRACK,
    LOCK_EVENT_TABLE,
    LOCK_PORT,
    LOCK_PIRQ,            /* pirq bindings of a domain */
    LOCK_PCI,             /* PCI device list and the devices' MSI state */
    LOCK_VCPU_STATE,      /* up, down, initialise; pause bookkeeping */
    LOCK_IRQ,             /* one irq descriptor; taken in interrupt context */
    LOCK_IRQ_TABLE,       /* allocation of irqs and vectors */
    LOCK_IOAPIC,
    LOCK_PCI_CYCLE,       /* the address and data ports of config space */
    LOCK_P2M,             /* a hardware-assisted domain's guest-physical map */
    LOCK_DOMAIN_MEMORY,   /* page lists and totals of a domain; never with interrupts off */
    LOCK_RANGESET,        /* permissions for devices */
    LOCK_OWN_PT,          /* the hypervisor's own page tables */
    LOCK_BUDDY,
    LOCK_HEAP,
    LOCK_VMCS,            /* a vCPU's VMCS while it doesn't run */
    LOCK_SMP_CALL,
    LOCK_TLB,
    LOCK_VIRQ_HANDLER,    /* who gets a global VIRQ; taken in interrupt context */
    LOCK_EVENT_QUEUE,     /* FIFO event queues of a vCPU; taken in interrupt context */
    LOCK_RUN_QUEUE,
    LOCK_TIMER,
    LOCK_TIME,            /* platform clock */
    LOCK_UART,
    LOCK_CONSOLE,
    NR_LOCK_CLASSES
};

#endif
