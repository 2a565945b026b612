# SPDX-License-Identifier: BSD-2-Clause
# Our own tools (xl, xenstored, xenconsoled) in dom0, making PV and PVH guests. The disk is that of
# tests/tools, with Debian's packages and the guests; our programs come on top of it.

TOOLSTACK := tests/toolstack
toolstack_files = $(XEN_ELF) $(TOOLS_IMAGE) $(call initrd_file,6.1) $(XL_FRONT) $(XL_MODULES) \
                  $(XENSTORED) $(CONSOLED) $(LIBCTRL_MODULES)

toolstack_suite = python3 $(TOOLSTACK)/run.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
    --image $(TOOLS_IMAGE) --output $(O) --program $(XL_FRONT) --program $(XL_OUT)/modules \
    --program $(XENSTORED) --program $(CONSOLED) \
    $(LIBCTRL_MODULES:%=--program %) $(if $(filter reference,$(HYPERVISOR)),--reference) $(ONLY)

.PHONY: check-toolstack check-toolstack-long
check-toolstack: $(toolstack_files) ## our own tools make and end guests; HYPERVISOR=reference: on Xen
	@$(toolstack_suite)

check-toolstack-long: $(toolstack_files) ## the same with Debian's daemons, and with tools that die
	@$(toolstack_suite) --long --results toolstack-long

# Its recipe, in tests/system, runs them too.
check-long: $(toolstack_files)
