# SPDX-License-Identifier: BSD-2-Clause
# Hardware-assisted guests on VT-x, in Bochs.

BOCHS := tests/bochs
bochs_run = python3 $(BOCHS)/run.py --output $(O)

# make check-bochs ONLY=hello: some.
.PHONY: check-bochs check-bochs-linux
check-bochs: guests debug ## tiny hardware-assisted guests on VT-x, which Bochs emulates
	@$(bochs_run) --hypervisor $(DEBUG_ELF) $(ONLY)

check-bochs-linux: $(O)/xen/xenios $(TOOLS_PACKAGES)/versions $(call initrd_file,6.1) ## Linux in dom0 and in a PVH guest on VT-x, in Bochs
	@$(bochs_run) --hypervisor $(O)/xen/xenios --kernel $(KERNEL_DIR)/6.1 \
	    --packages $(TOOLS_PACKAGES) --results bochs-linux linux
