# SPDX-License-Identifier: BSD-2-Clause
# Runs whole systems: 'make run', the bootable CD, and the tests with Debian kernels as dom0.

SYSTEM := tests/system

# What 'make run' can be told: make run KERNEL=6.12 CPUS=4 MEM=2048 FIRMWARE=uefi DISK=ahci ...
KERNEL ?= 6.1
KERNELS := 6.1 6.12
CPUS ?= 2
MEM ?= 1024
FIRMWARE ?= kernel
DISK ?= virtio
NET ?= virtio
INTERRUPTS ?= msi
DOM0 ?= small
ACCEL ?=
XEN_ARGS ?=
LINUX_ARGS ?= $(if $(RUN),,quiet)
QEMU_ARGS ?=
# Seconds that a command has.
TIMEOUT ?= 600

# Fetched once, whatever O is.
KERNEL_DIR := build/kernels
kernel_files = $(KERNEL_DIR)/$(1)/version
initrd_file = $(O)/dom0/initrd-$(1)

$(KERNEL_DIR)/%/version: | $(DEPS)
	@$(SYSTEM)/fetch.sh kernel $* $(KERNEL_DIR)/$*

.PRECIOUS: $(KERNEL_DIR)/%/version $(O)/dom0/%

$(O)/reference/xen $(O)/reference/xen.gz &: | $(DEPS)
	@$(SYSTEM)/fetch.sh reference $(O)/reference

# --- the small dom0 ---

DOM0_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -static -pthread
DOM0_PROGRAMS := $(patsubst %.c,$(O)/dom0/%,$(notdir $(wildcard $(SYSTEM)/dom0/*.c $(SYSTEM)/load/*.c)))
DOM0_FILES := $(addprefix $(SYSTEM)/dom0/,init inittab welcome)

$(O)/dom0/%: $(SYSTEM)/dom0/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) $(DOM0_CFLAGS) -o $@ $<

$(O)/dom0/%: $(SYSTEM)/load/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) $(DOM0_CFLAGS) -o $@ $<

$(O)/dom0/initrd-%: $(KERNEL_DIR)/%/version $(DOM0_PROGRAMS) $(DOM0_FILES) $(SYSTEM)/initrd.py
	@python3 $(SYSTEM)/initrd.py --kernel $(KERNEL_DIR)/$* $(DOM0_PROGRAMS:%=--program %) \
	    $(DOM0_FILES:%=--file %) $@

# What makes it a dom0 that has guests: our tools, a guest with the same kernel. 'make run' has it.
TOOLSTACK_FILES := $(wildcard $(SYSTEM)/demo/*)
toolstack_file = $(O)/dom0/toolstack-$(1)

$(O)/dom0/toolstack-%: $(KERNEL_DIR)/%/version $(XL) $(XL_MODULES) $(XENSTORED) $(CONSOLED) \
                       $(LIBCTRL_MODULES) $(TOOLSTACK_FILES) $(O)/dom0/seed_random \
                       $(SYSTEM)/toolstack.py $(SYSTEM)/initrd.py
	@python3 $(SYSTEM)/toolstack.py --kernel $(KERNEL_DIR)/$* --demo $(SYSTEM)/demo \
	    --program $(XL) --program $(XENSTORED) --program $(CONSOLED) \
	    $(XL_MODULES:%=--module %) $(LIBCTRL_MODULES:%=--module %) \
	    --module-folder $(TOOLS_MODULES) --guest-program $(O)/dom0/seed_random $@

# --- a real Debian for dom0: make run DOM0=debian ---

# Cached beside the kernels, as it takes a minute and 200 MB from Debian's servers.
DEBIAN_IMAGE := $(O)/dom0/debian.img

$(DEBIAN_IMAGE): $(wildcard $(SYSTEM)/debian/* $(SYSTEM)/debian/etc/systemd/*/*) $(O)/dom0/report \
                 $(KERNELS:%=$(KERNEL_DIR)/%/version) | $(DEPS)
	@echo "Building a Debian for dom0 (about two minutes)"
	@$(SYSTEM)/debian/build.sh $@ $(O)/dom0/report $(KERNELS:%=$(KERNEL_DIR)/%)

# --- make run, make iso ---

ifeq ($(DOM0),debian)
root_image := $(DEBIAN_IMAGE)
else ifneq ($(DOM0),small)
$(error DOM0=$(DOM0) is not known: use small or debian)
endif

export RUN
run_files := $(XEN_ELF) $(XEN_GZ) $(call initrd_file,$(KERNEL))
run_toolstack := $(if $(filter small,$(DOM0)),$(call toolstack_file,$(KERNEL)))

.PHONY: run demo run-files iso
run-files: $(run_files) $(run_toolstack) $(root_image)

# Building speaks on standard error: standard output belongs to the command in dom0.
run: ## boot to dom0's shell; RUN='command' runs one command there
	@$(MAKE) -j$(shell nproc) --no-print-directory run-files >&2
	@python3 $(SYSTEM)/run.py --xen-elf $(XEN_ELF) --xen-gz $(XEN_GZ) \
	    --vmlinuz $(KERNEL_DIR)/$(KERNEL)/vmlinuz --initrd $(call initrd_file,$(KERNEL)) \
	    --command "$$RUN" --toolstack='$(run_toolstack)' --root-image='$(root_image)' --cpus $(CPUS) --memory $(MEM) --firmware $(FIRMWARE) --disk $(DISK) \
	    --net $(NET) --interrupts $(INTERRUPTS) --xen-args='$(XEN_ARGS)' \
	    --linux-args='$(LINUX_ARGS)' --timeout $(TIMEOUT) --accel='$(ACCEL)' --qemu-args='$(QEMU_ARGS)' \
	    --log $(O)/log/run.log

demo: ## create a guest, show its console, disk and network, shut it down
	@$(MAKE) --no-print-directory run RUN=demo TIMEOUT=3600 ACCEL="$(or $(ACCEL),tcg,thread=single)"

iso_file := $(O)/$(HYPERVISOR).iso

iso: $(run_files) ## write a CD that starts it all under BIOS and UEFI: build/xenios.iso
	@python3 $(SYSTEM)/iso.py --xen-gz $(XEN_GZ) --vmlinuz $(KERNEL_DIR)/$(KERNEL)/vmlinuz \
	    --xen-line 'com1=115200,8n1 console=com1,vga $(XEN_ARGS)' \
	    --linux-line 'console=hvc0 $(LINUX_ARGS)' \
	    --initrd $(call initrd_file,$(KERNEL)) --output $(iso_file)
	@echo "$(iso_file) is written. Try: qemu-system-x86_64 -m 1024 -nographic -cdrom $(iso_file)"

# --- tests ---

# ONLY='words' runs the tests that have one of them in the name; SEED chooses other rows.
ONLY ?=
SEED ?=
JOBS ?= 2
system_files := $(XEN_ELF) $(XEN_GZ) $(foreach kernel,$(KERNELS),$(call initrd_file,$(kernel))) \
                $(DEBIAN_IMAGE)
system_suite = python3 $(SYSTEM)/suite.py --xen-elf $(XEN_ELF) --xen-gz $(XEN_GZ) \
    --kernels $(KERNEL_DIR) --debian $(DEBIAN_IMAGE) --output $(O) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(ONLY)

check-system: $(system_files) ## whole-system tests: a slice of the table, and the single ones
	@$(system_suite)

check-long: $(system_files) ## whole tables, and what takes long; writes tests/results-long.txt
	@status=0; $(system_suite) --long --results system-long || status=1; \
	    $(tools_suite) --long --results tools-long || status=1; \
	    $(toolstack_suite) --long --results toolstack-long || status=1; \
	    python3 $(SYSTEM)/publish.py $(O)/results/system-long.txt $(O)/results/tools-long.txt \
	    $(O)/results/toolstack-long.txt tests/results-long.txt; exit $$status
