# SPDX-License-Identifier: BSD-2-Clause
# Unit tests: modules of the hypervisor, built natively under ASan and UBSan.
# The top-level Makefile includes this file. tests/unit/README.md says how to
# add a test. Results: $(O)/results/unit.txt.

O ?= build

include xen/boot/unpack.mk

# The table: one word a test here, one line of sources below it.
# tests/unit/test_NAME.c is always part of test NAME.
UNIT_TESTS :=

UNIT_TESTS += elf
unit_elf_SRCS := xen/lib/elf.c

UNIT_TESTS += kernel_image
unit_kernel_image_SRCS := xen/boot/kernel_payload.c xen/boot/kernel_image.c xen/lib/elf.c

# Links the very object that goes into the hypervisor; the compressors only make test data.
UNIT_TESTS += unpack
unit_unpack_SRCS := xen/boot/unpack.c xen/boot/kernel_payload.c xen/boot/kernel_image.c \
                    xen/lib/elf.c xen/arch/fake/unpack_env.c
unit_unpack_DEPS := $(UNPACK_OBJ)
unit_unpack_LIBS := $(UNPACK_OBJ) -llzma -lzstd -lz
unit_unpack_CFLAGS := -DKERNELS_DIR='"$(O)/kernels"'

UNIT_TESTS += dom0_layout
unit_dom0_layout_SRCS   := xen/arch/x86/pv/dom0_layout.c
unit_dom0_layout_CFLAGS := -Ixen/arch/x86/include

# Modules over the stand-in machine; the parts of asm/ that need no CPU are the real ones.
unit_machine_SRCS   := xen/arch/fake/machine.c xen/lib/bitmap.c
unit_machine_CFLAGS := -DXENIOS_DEBUG -Ixen/arch/x86/include

UNIT_TESTS += dom0_build
unit_dom0_build_SRCS   := xen/arch/x86/pv/dom0_build.c xen/arch/x86/pv/dom0_frames.c \
                          xen/arch/x86/pv/dom0_tables.c xen/arch/x86/pv/dom0_layout.c \
                          xen/arch/x86/pv/hypercall_page.c xen/boot/kernel_image.c \
                          xen/lib/elf.c $(unit_machine_SRCS)
unit_dom0_build_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += buddy
unit_buddy_SRCS   := xen/alloc/buddy.c xen/alloc/frame_table.c $(unit_machine_SRCS)
unit_buddy_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += heap
unit_heap_SRCS   := xen/alloc/heap.c $(unit_buddy_SRCS)
unit_heap_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += rangeset
unit_rangeset_SRCS   := xen/alloc/rangeset.c $(unit_heap_SRCS)
unit_rangeset_CFLAGS := $(unit_machine_CFLAGS)

# Modules above domains and pages, over stand-ins of those.
unit_guests_SRCS := xen/arch/fake/guests.c xen/arch/fake/physmap.c xen/domain/target.c $(unit_heap_SRCS)

UNIT_TESTS += event
unit_event_SRCS   := tests/unit/event_guest.c $(wildcard xen/event/*.c) $(unit_guests_SRCS)
unit_event_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += fifo
unit_fifo_SRCS   := $(unit_event_SRCS)
unit_fifo_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += grant
unit_grant_SRCS   := $(wildcard xen/grant/*.c) $(unit_guests_SRCS)
unit_grant_CFLAGS := $(unit_machine_CFLAGS)

# The scheduler on a simulated machine of several CPUs.
unit_sched_SIM := xen/sched/balance.c xen/sched/cap.c xen/sched/core.c xen/sched/fair.c \
                  xen/sched/pause.c xen/sched/runstate.c xen/sched/shutdown.c \
                  xen/sched/timer.c xen/sched/vcpu.c xen/sched/vcpu_timer.c \
                  tests/unit/sched_sim.c $(unit_machine_SRCS)

UNIT_TESTS += timer
unit_timer_SRCS   := $(unit_sched_SIM)
unit_timer_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += sched
unit_sched_SRCS   := $(unit_sched_SIM)
unit_sched_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += sched_race
unit_sched_race_SRCS   := $(unit_sched_SIM)
unit_sched_race_CFLAGS := $(unit_machine_CFLAGS)

# Its per-CPU variables lie elsewhere than their symbols say.
UNIT_TESTS += irq
unit_irq_SRCS   := xen/arch/x86/irq/irq.c xen/arch/x86/irq/vector.c xen/arch/x86/irq/pirq.c \
                   xen/alloc/frame_table.c $(unit_machine_SRCS)
unit_irq_CFLAGS := $(unit_machine_CFLAGS) -fno-sanitize=object-size

UNIT_TESTS += console
unit_console_DEPS   := xen/base/console.c
unit_console_CFLAGS := -Ixen/arch/x86/include

UNIT_TESTS += pci_filter
unit_pci_filter_SRCS   := xen/arch/x86/pci/filter.c
unit_pci_filter_CFLAGS := -Ixen/arch/x86/include

UNIT_TESTS += microcode
unit_microcode_SRCS   := xen/arch/x86/dev/microcode_file.c
unit_microcode_CFLAGS := -Ixen/arch/x86/include

UNIT_TESTS += acpi
unit_acpi_SRCS   := xen/arch/x86/boot/acpi.c
unit_acpi_CFLAGS := -Ixen/arch/x86/include

# Page types and the paravirtual MMU, with a small guest around them.
unit_pv_guest_SRCS := xen/arch/fake/physmap.c xen/mm/page_ref.c xen/mm/page_type.c xen/mm/domain_memory.c xen/mm/claim.c \
                      xen/arch/x86/pv/pt_validate.c xen/arch/x86/pv/pt_update.c \
                      xen/arch/x86/pv/va_mapping.c xen/arch/x86/pv/mmuext.c \
                      xen/arch/x86/pv/descriptor.c xen/arch/x86/pv/iocaps.c \
                      xen/alloc/rangeset.c \
                      xen/domain/target.c tests/unit/pv_guest.c $(unit_heap_SRCS)

UNIT_TESTS += page_type
unit_page_type_SRCS   := $(unit_pv_guest_SRCS)
unit_page_type_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += memory_op
unit_memory_op_SRCS   := xen/control/memory_op.c xen/control/physmap_op.c xen/control/memory_tools.c xen/control/vnuma.c \
                         xen/mm/reserve.c xen/mm/exchange.c \
                         $(unit_pv_guest_SRCS)
unit_memory_op_CFLAGS := $(unit_machine_CFLAGS)

UNIT_TESTS += decode
unit_decode_SRCS   := xen/arch/x86/pv/decode.c
unit_decode_CFLAGS := -Ixen/arch/x86/include

UNIT_TESTS += rmw
unit_rmw_SRCS   := xen/arch/x86/pv/rmw.c xen/arch/x86/pv/decode.c
unit_rmw_CFLAGS := -Ixen/arch/x86/include

UNIT_TESTS += cpu_policy
unit_cpu_policy_SRCS   := xen/arch/x86/cpu/cpuid_policy.c xen/arch/x86/cpu/msr_table.c
unit_cpu_policy_CFLAGS := -Ixen/arch/x86/include

# The bits of control registers are those of the real asm/cpu.h, whose place the stand-in takes else.
UNIT_TESTS += vmx
unit_vmx_SRCS   := xen/arch/x86/hvm/vmx/controls.c
unit_vmx_CFLAGS := -Ixen/arch/x86/include -include tests/unit/unit.h \
                   -include xen/arch/x86/include/asm/cpu.h

UNIT_TESTS += clock
unit_clock_SRCS   := $(addprefix xen/arch/x86/time/,scale.c clocksource.c tsc.c vtsc.c pvclock.c \
                       cmos_date.c) $(unit_machine_SRCS)
unit_clock_CFLAGS := $(unit_machine_CFLAGS)

# Scripts that report as the programs do: UNIT_SCRIPTS += NAME is tests/unit/check_NAME.sh.
UNIT_SCRIPTS := abi_layout

# ---------------------------------------------------------------------------

UNIT_CC      ?= gcc
UNIT_TIMEOUT ?= 120
UNIT_CFLAGS  := -std=gnu11 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer \
                -fsanitize=address,undefined -fno-sanitize-recover=all \
                -Ixen/include -Ixen/arch/fake/include -Itests/unit $(UNIT_EXTRA_CFLAGS)
UNIT_LIBS    := -lcmocka
UNIT_DIR     := $(O)/tests/unit
UNIT_BINS    := $(patsubst %,$(UNIT_DIR)/test_%,$(UNIT_TESTS) $(UNIT_SCRIPTS))

# "make check-unit UNIT_TESTS=elf UNIT_SCRIPTS=" runs one of them.
.PHONY: unit check-unit
check-unit: unit
unit: $(UNIT_BINS) ## run the unit tests
	@mkdir -p $(O)/results $(O)/log/unit
	@UNIT_TIMEOUT=$(UNIT_TIMEOUT) tests/unit/run.sh $(O)/results/unit.txt $(O)/log/unit $(UNIT_BINS)

# Each program is compiled in one step from its few sources: no object is
# shared, so a test may give flags of its own.
define unit_rule
$(UNIT_DIR)/test_$(1): tests/unit/test_$(1).c $$(unit_$(1)_SRCS) $$(unit_$(1)_DEPS) \
                       tests/unit/build.mk | $$(DEPS)
	@mkdir -p $$(@D)
	$$(UNIT_CC) $$(UNIT_CFLAGS) $$(unit_$(1)_CFLAGS) -o $$@ tests/unit/test_$(1).c \
	    $$(unit_$(1)_SRCS) -MMD -MP -MF $$@.d -MT $$@ $$(unit_$(1)_LIBS) $$(UNIT_LIBS)
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit_rule,$(test))))

$(UNIT_SCRIPTS:%=$(UNIT_DIR)/test_%): $(UNIT_DIR)/test_%: tests/unit/check_%.sh | $(DEPS)
	@mkdir -p $(@D)
	@printf '#!/bin/sh\nexec sh %s\n' $(abspath $<) > $@
	@chmod +x $@

-include $(UNIT_BINS:%=%.d)
