# SPDX-License-Identifier: BSD-2-Clause
# Tests of xl on the host. Each part is a target check-xl-PART that writes results/xl-PART.txt;
# check-xl runs all parts in XL_PARTS and puts their lines together.

XL_TEST_OUT := $(O)/tests/xl
XL_PARTS    := conf cmd life front

.PHONY: check-xl check-xl-long
check-xl: ## run the tests of xl that need no hypervisor
	@mkdir -p $(O)/results; status=0; \
	for part in $(XL_PARTS); do \
	    $(MAKE) --no-print-directory check-xl-$$part || status=1; \
	done; \
	cat $(XL_PARTS:%=$(O)/results/xl-%.txt) > $(O)/results/xl.txt; exit $$status

check-xl-long: check-xl-conf-long

include tests/xl/conf.mk tests/xl/cmd.mk tests/xl/life.mk tests/xl/front.mk
