# SPDX-License-Identifier: BSD-2-Clause
# Installation below a folder, and its undoing. Results: $(O)/results/install.txt.

.PHONY: check-install
check-install: $(INSTALL_PRODUCTS) ## 'make install' and 'make uninstall' below a folder
	@python3 tests/install/tree.py $(MAKE) --no-print-directory O=$(O)
