# SPDX-License-Identifier: BSD-2-Clause
# Debian's own tools (xl, xenstored, xenconsoled) in dom0, making paravirtual guests.

TOOLS := tests/tools
TOOLS_OUT := $(O)/tools
# Fetched once, whatever O is.
TOOLS_PACKAGES := build/packages/tools

$(TOOLS_PACKAGES)/versions: $(TOOLS)/packages $(TOOLS)/packages.py | $(DEPS)
	@mkdir -p $(dir $(@D))
	@python3 $(TOOLS)/packages.py --list $< $(@D)

TOOLS_LIBVIRT := build/packages/libvirt

$(TOOLS_LIBVIRT)/versions: $(TOOLS)/packages $(TOOLS)/packages-libvirt $(TOOLS)/packages.py | $(DEPS)
	@mkdir -p $(dir $(@D))
	@python3 $(TOOLS)/packages.py --list $(TOOLS)/packages --list $(TOOLS)/packages-libvirt $(@D)

# --- guests ---

TINY_OBJ := $(TOOLS_OUT)/tiny/main.c.o $(TOOLS_OUT)/tiny/head.S.o

# Small: what is loaded of it fits into a page.
$(TINY_OBJ): $(TOOLS_OUT)/%.o: $(TOOLS)/% | $(DEPS)
	@mkdir -p $(@D)
	@$(GUEST_CC) $(GUEST_CFLAGS) -Os -c -o $@ $<
-include $(TINY_OBJ:.o=.d)

# Stripped: it is loaded more than a thousand times.
$(TOOLS_OUT)/tiny.elf: $(TINY_OBJ) $(GUEST_OUT)/kit/print.c.o $(GUEST_OUT)/kit/string.c.o $(TOOLS)/tiny/link.ld
	@$(GUEST_CC) -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
	    -Wl,--no-warn-rwx-segments -T $(TOOLS)/tiny/link.ld -s -o $@ $(filter %.o,$^)

# --- dom0's disk ---

$(TOOLS_OUT)/held: $(TOOLS)/programs/held.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) $(DOM0_CFLAGS) -Ixen/include -o $@ $<

TOOLS_IMAGE := $(TOOLS_OUT)/dom0.img

TOOLS_LIBVIRT_IMAGE := $(TOOLS_OUT)/libvirt.img

$(TOOLS_IMAGE): $(TOOLS_PACKAGES)/versions
$(TOOLS_LIBVIRT_IMAGE): $(TOOLS_LIBVIRT)/versions
$(TOOLS_IMAGE) $(TOOLS_LIBVIRT_IMAGE): $(TOOLS)/image.py $(TOOLS)/guest/init $(SYSTEM)/initrd.py \
                $(TOOLS_OUT)/tiny.elf $(TOOLS_OUT)/held $(O)/dom0/seed_random \
                $(KERNELS:%=$(KERNEL_DIR)/%/version)
	@python3 $(TOOLS)/image.py --packages $(dir $(filter build/packages/%,$^)) \
	    --tiny $(TOOLS_OUT)/tiny.elf --guest-init $(TOOLS)/guest/init \
	    --program $(O)/dom0/seed_random --dom0-program $(TOOLS_OUT)/held \
	    $(KERNELS:%=--kernel $(KERNEL_DIR)/%) $@

# --- counting instructions, for make bench ---

$(TOOLS_OUT)/count.so: $(TOOLS)/count/plugin.c | $(DEPS)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -o $@ $<

$(TOOLS_OUT)/mark: $(TOOLS)/count/mark.S | $(DEPS)
	@mkdir -p $(@D)
	$(CC) -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x5a5a000000 -o $@ $<

bench figures: $(TOOLS_IMAGE) $(TOOLS_OUT)/count.so $(TOOLS_OUT)/mark
bench figures: $(XL_FRONT) $(XL_MODULES) $(XENSTORED) $(CONSOLED) $(LIBCTRL_MODULES)
bench_run += --image $(TOOLS_IMAGE) --plugin $(TOOLS_OUT)/count.so --mark $(TOOLS_OUT)/mark \
    $(patsubst %,--program %,$(XL_FRONT) $(XL_OUT)/modules $(XENSTORED) $(CONSOLED) $(LIBCTRL_MODULES))

# --- tests ---

TOOLS_ARGS ?=
tools_files := $(XEN_ELF) $(TOOLS_IMAGE) $(foreach kernel,$(KERNELS),$(call initrd_file,$(kernel)))
tools_suite = python3 $(TOOLS)/run.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
    --image $(TOOLS_IMAGE) --output $(O) \
    $(if $(filter reference,$(HYPERVISOR)),--reference) --jobs $(JOBS) $(TOOLS_ARGS) $(ONLY)

.PHONY: check-tools check-tools-long
check-tools: $(tools_files) ## Debian's xl and its daemons make guests; HYPERVISOR=reference: on Xen
	@$(tools_suite)

check-tools-long: $(tools_files) $(TOOLS_LIBVIRT_IMAGE) ## the same with every kernel and xenstored, and in numbers
	@$(tools_suite) --long --results tools-long

# Its recipe, in tests/system, runs them too.
check-long: $(tools_files) $(TOOLS_LIBVIRT_IMAGE)
