# SPDX-License-Identifier: BSD-2-Clause
# Xenios. 'make help' lists what can be made; each folder's build.mk holds its own rules.

O ?= build
HYPERVISOR ?= xenios

ifeq ($(HYPERVISOR),xenios)
XEN_ELF := $(O)/xen/xenios
else ifeq ($(HYPERVISOR),reference)
XEN_ELF := $(O)/reference/xen
else
$(error HYPERVISOR=$(HYPERVISOR) is not known: use xenios or reference)
endif
XEN_GZ := $(XEN_ELF).gz
REFERENCE := $(O)/reference/xen
DEPS := $(O)/deps.stamp

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

.PHONY: help deps all run iso check check-long check-lint check-unit check-guest check-system \
        check-reference bench lint unit clean distclean

all: $(O)/xen/xenios $(O)/xen/xenios.gz ## build the hypervisor: build/xen/xenios and xenios.gz

help: ## list every target
	@echo "Targets (default: all). Output goes to O=$(O)."
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | sort -u | \
	    awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

# Debian packages that something here needs. Nothing else is fetched from anywhere.
$(DEPS): tests/deps.sh
	@tests/deps.sh
	@mkdir -p $(@D) && touch $@

# Included, so that make sees to it before anything else: a fresh machine has not even a compiler.
ifneq ($(filter-out help clean distclean deps,$(or $(MAKECMDGOALS),all)),)
include $(DEPS)
endif

deps: ## install the Debian packages that are missing (root or sudo)
	@tests/deps.sh
	@mkdir -p $(O) && touch $(DEPS)

# What more than one suite needs is made first: suites run beside each other.
check: | $(DEPS) ## run every test; the last line adds up
	@$(MAKE) -j$(shell nproc) --no-print-directory check-files
	@python3 tests/summary.py --output $(O) lint unit libctrl xenstored xenconsoled xl net install \
	    bochs + guest boot system toolstack tools

check-lint: lint
check-unit: unit

clean: ## remove what was built; fetched packages stay
	rm -rf $(filter-out $(O)/kernels $(O)/reference $(O)/packages $(O)/deps.stamp,$(wildcard $(O)/*))

distclean: ## remove the whole output folder
	rm -rf $(O)

-include xen/build.mk
-include tools/common.mk
-include tools/libctrl/build.mk tools/xenstored/build.mk tools/xenconsoled/build.mk tools/xl/build.mk
-include tests/unit/build.mk
-include tests/guest/build.mk
include tests/boot/build.mk
include tests/system/build.mk
include tests/tools/build.mk
include tests/toolstack/build.mk
include tests/bochs/build.mk
include tests/lint/build.mk
-include tests/bench/build.mk
include install/build.mk
-include tests/libctrl/build.mk tests/xenstored/build.mk tests/xenconsoled/build.mk tests/xl/build.mk \
         tests/net/build.mk tests/install/build.mk

.PHONY: check-files
check-files: all debug guests libctrl xl xenstored xenconsoled run-files \
             $(TOOLS_OUT)/tiny.elf $(system_files) $(tools_files) $(toolstack_files)
