# SPDX-License-Identifier: BSD-2-Clause
# Debian's own tools (xl, xenstored, xenconsoled) in dom0, making paravirtual guests.

TOOLS := tests/tools
TOOLS_OUT := $(O)/tools
# Fetched once, whatever O is.
TOOLS_PACKAGES := build/packages/tools

$(TOOLS_PACKAGES)/versions: $(TOOLS)/packages $(TOOLS)/packages.py | $(DEPS)
	@mkdir -p $(dir $(@D))
	@python3 $(TOOLS)/packages.py --list $< $(@D)

# --- guests ---

TINY_OBJ := $(TOOLS_OUT)/tiny/main.c.o $(TOOLS_OUT)/tiny/head.S.o

$(TINY_OBJ): $(TOOLS_OUT)/%.o: $(TOOLS)/% | $(DEPS)
	@mkdir -p $(@D)
	@$(GUEST_CC) $(GUEST_CFLAGS) -c -o $@ $<
-include $(TINY_OBJ:.o=.d)

# Stripped: it is loaded more than a thousand times.
$(TOOLS_OUT)/tiny.elf: $(TINY_OBJ) $(GUEST_OUT)/kit/print.c.o $(GUEST_OUT)/kit/string.c.o $(TOOLS)/tiny/link.ld
	@$(GUEST_CC) -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	    -Wl,--no-warn-rwx-segments -T $(TOOLS)/tiny/link.ld -s -o $@ $(filter %.o,$^)

# --- dom0's disk ---

TOOLS_IMAGE := $(TOOLS_OUT)/dom0.img

$(TOOLS_IMAGE): $(TOOLS)/image.py $(TOOLS)/guest/init $(SYSTEM)/initrd.py $(TOOLS_OUT)/tiny.elf \
                $(O)/dom0/seed_random $(TOOLS_PACKAGES)/versions $(KERNELS:%=$(KERNEL_DIR)/%/version)
	@python3 $(TOOLS)/image.py --packages $(TOOLS_PACKAGES) --tiny $(TOOLS_OUT)/tiny.elf \
	    --guest-init $(TOOLS)/guest/init --program $(O)/dom0/seed_random \
	    $(KERNELS:%=--kernel $(KERNEL_DIR)/%) $@

# --- tests ---

tools_files := $(XEN_ELF) $(TOOLS_IMAGE) $(foreach kernel,$(KERNELS),$(call initrd_file,$(kernel)))
tools_suite = python3 $(TOOLS)/run.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
    --image $(TOOLS_IMAGE) --output $(O) \
    $(if $(filter reference,$(HYPERVISOR)),--reference) $(ONLY)

.PHONY: check-tools check-tools-long
check-tools: $(tools_files) ## Debian's xl and its daemons make guests; HYPERVISOR=reference: on Xen
	@$(tools_suite)

check-tools-long: $(tools_files) ## the same with every kernel and xenstored, and in numbers
	@$(tools_suite) --long --results tools-long
