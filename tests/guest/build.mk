# SPDX-License-Identifier: BSD-2-Clause
# Builds the test guests (O/guest/NAME.elf, one for each folder with a main.c) and runs them.
# Included by the top-level Makefile; alone: make -f tests/guest/build.mk guests

O ?= build
GUEST_CC ?= $(CC)
GUEST_DIR := tests/guest
GUEST_OUT := $(O)/guest

GUEST_NAMES := $(sort $(patsubst $(GUEST_DIR)/%/main.c,%,$(wildcard $(GUEST_DIR)/*/main.c)))
GUEST_ELFS := $(GUEST_NAMES:%=$(GUEST_OUT)/%.elf)
GUEST_KIT_C := $(filter-out %/notes.S,$(wildcard $(GUEST_DIR)/kit/*.c $(GUEST_DIR)/kit/*.S))
GUEST_KIT_OBJ := $(patsubst $(GUEST_DIR)/%,$(GUEST_OUT)/%.o,$(GUEST_KIT_C))

# Tests of the control interface, ctl_NAME, build domains themselves.
GUEST_BUILDER_OBJ := $(patsubst $(GUEST_DIR)/%,$(GUEST_OUT)/%.o,$(wildcard $(GUEST_DIR)/builder/*.c))

# No SSE or x87 in compiled code: the FPU belongs to the tests. No red zone: exception frames
# of a PV kernel land just below RSP.
GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-pic \
    -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none \
    -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fno-strict-aliasing \
    -I$(GUEST_DIR)/kit -I$(GUEST_DIR)/builder -I$(GUEST_DIR)/pvh -Ixen/include -MMD -MP
GUEST_LDFLAGS := -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
    -Wl,--no-warn-rwx-segments -T $(GUEST_DIR)/kit/link.ld

.PHONY: guests
guests: $(GUEST_ELFS)

$(GUEST_OUT)/%.c.o: $(GUEST_DIR)/%.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(GUEST_CC) $(GUEST_CFLAGS) -c -o $@ $<

$(GUEST_OUT)/%.S.o: $(GUEST_DIR)/%.S
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(GUEST_CC) $(GUEST_CFLAGS) -c -o $@ $<

# A folder's own notes.S replaces the kit's.
guest_notes = $(if $(wildcard $(GUEST_DIR)/$(1)/notes.S),$(1),kit)

define guest_rule
$(GUEST_OUT)/$(1).elf: $(patsubst $(GUEST_DIR)/%,$(GUEST_OUT)/%.o,\
        $(filter-out %/notes.S,$(wildcard $(GUEST_DIR)/$(1)/*.c $(GUEST_DIR)/$(1)/*.S))) \
        $(GUEST_OUT)/$(call guest_notes,$(1))/notes.S.o $(GUEST_KIT_OBJ) \
        $(if $(filter ctl_%,$(1)),$(GUEST_BUILDER_OBJ)) \
        $(GUEST_DIR)/kit/link.ld
	@echo "  LD   $$@"
	@$$(GUEST_CC) $$(GUEST_LDFLAGS) -o $$@ $$(filter %.o,$$^)
endef
$(foreach name,$(GUEST_NAMES),$(eval $(call guest_rule,$(name))))

# Hardware-assisted guests, one file each: pvh/test_NAME.c is O/guest/pvh_NAME.elf. ctl_pvh builds
# domains of them.
GUEST_PVH := $(patsubst $(GUEST_DIR)/pvh/test_%.c,%,$(wildcard $(GUEST_DIR)/pvh/test_*.c))
GUEST_PVH_OBJ := $(addprefix $(GUEST_OUT)/,pvh/head.S.o pvh/kit.c.o kit/print.c.o kit/string.c.o \
                   kit/check.c.o)
GUEST_PVH_ELFS := $(GUEST_PVH:%=$(GUEST_OUT)/pvh_%.elf)
guests: $(GUEST_PVH_ELFS)

$(GUEST_PVH_ELFS): $(GUEST_OUT)/pvh_%.elf: $(GUEST_OUT)/pvh/test_%.c.o $(GUEST_PVH_OBJ) \
                   $(GUEST_DIR)/pvh/link.ld
	@echo "  LD   $@"
	@$(GUEST_CC) $(filter-out -T $(GUEST_DIR)/kit/link.ld,$(GUEST_LDFLAGS)) \
	    -T $(GUEST_DIR)/pvh/link.ld -o $@ $(filter %.o,$^)

-include $(GUEST_KIT_OBJ:.o=.d) $(wildcard $(GUEST_OUT)/*/*.d)

# make check-guest GUESTS="entry mmu_pin" runs only these.
.PHONY: check-guest check-reference
check-guest: guests debug ## boot the tiny test guests on the debug build; GUESTS=names: some
	@python3 $(GUEST_DIR)/run.py --hypervisor $(DEBUG_ELF) --output $(O) $(GUESTS)

check-reference: guests debug $(REFERENCE) ## compare the test guests with Xen 4.17
	@python3 $(GUEST_DIR)/run.py --hypervisor $(DEBUG_ELF) --reference $(REFERENCE) \
	    --output $(O) $(GUESTS)

.PHONY: bench figures
bench_files := guests $(O)/xen/xenios $(REFERENCE) $(O)/dom0/initrd-6.1
bench_run = python3 tests/bench.py --hypervisor $(O)/xen/xenios --reference $(REFERENCE) \
    --kernel build/kernels/6.1/vmlinuz --initrd $(O)/dom0/initrd-6.1 --output $(O)
bench: $(bench_files) ## instructions of boot and each small operation, beside Xen 4.17
	@$(bench_run)
figures: $(bench_files) ## the same, written to docs/figures.md
	@$(bench_run) --publish docs/figures.md
