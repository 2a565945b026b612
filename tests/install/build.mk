# SPDX-License-Identifier: BSD-2-Clause
# Installation below a folder, and its undoing. Results: $(O)/results/install.txt.

.PHONY: check-install
check-install: $(INSTALL_PRODUCTS) ## 'make install' and 'make uninstall' below a folder
	@python3 tests/install/tree.py $(MAKE) --no-print-directory O=$(O)

# The packages in a real Debian, two versions of them. Results: $(O)/results/deb.txt.
.PHONY: check-deb
check-deb: $(INSTALL_PRODUCTS) $(XEN_ELF) $(XEN_GZ) $(call initrd_file,6.1) $(DEBIAN_IMAGE) ## the packages in Debian
	@$(MAKE) --no-print-directory deb DEB=$(O)/deb-old
	@$(MAKE) --no-print-directory deb DEB=$(O)/deb-new DEB_VERSION=99.0-1
	@python3 tests/install/system.py --xen-elf $(XEN_ELF) --xen-gz $(XEN_GZ) \
	    --kernel $(KERNEL_DIR)/6.1 --initrd $(call initrd_file,6.1) --debian $(DEBIAN_IMAGE) \
	    --old $(O)/deb-old --new $(O)/deb-new --demo $(SYSTEM)/demo \
	    --guest-program $(O)/dom0/seed_random --output $(O)
