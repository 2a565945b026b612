# SPDX-License-Identifier: BSD-2-Clause
# Unit tests: modules of the hypervisor, built natively under ASan and UBSan.
# The top-level Makefile includes this file. tests/unit/README.md says how to
# add a test. Results: $(O)/results/unit.txt.

O ?= build

# The table: one word a test here, one line of sources below it.
# tests/unit/test_NAME.c is always part of test NAME.
UNIT_TESTS :=

UNIT_TESTS += elf
unit_elf_SRCS := xen/lib/elf.c

# ---------------------------------------------------------------------------

UNIT_CC      ?= gcc
UNIT_TIMEOUT ?= 120
UNIT_CFLAGS  := -std=gnu11 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer \
                -fsanitize=address,undefined -fno-sanitize-recover=all \
                -Ixen/include -Ixen/arch/fake/include -Itests/unit $(UNIT_EXTRA_CFLAGS)
UNIT_LIBS    := -lcmocka
UNIT_DIR     := $(O)/tests/unit
UNIT_BINS    := $(UNIT_TESTS:%=$(UNIT_DIR)/test_%)

# "make check-unit UNIT_TESTS=elf" runs one of them.
.PHONY: check-unit
check-unit: $(UNIT_BINS) ## run the unit tests
	@mkdir -p $(O)/results $(O)/log/unit
	@UNIT_TIMEOUT=$(UNIT_TIMEOUT) tests/unit/run.sh $(O)/results/unit.txt $(O)/log/unit $(UNIT_BINS)

# Each program is compiled in one step from its few sources: no object is
# shared, so a test may give flags of its own.
define unit_rule
$(UNIT_DIR)/test_$(1): tests/unit/test_$(1).c $$(unit_$(1)_SRCS) $$(unit_$(1)_DEPS) \
                       tests/unit/build.mk | $$(DEPS)
	@mkdir -p $$(@D)
	$$(UNIT_CC) $$(UNIT_CFLAGS) $$(unit_$(1)_CFLAGS) -o $$@ tests/unit/test_$(1).c \
	    $$(unit_$(1)_SRCS) -MMD -MP -MF $$@.d -MT $$@ $$(unit_$(1)_LIBS) $$(UNIT_LIBS)
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit_rule,$(test))))

-include $(UNIT_BINS:%=%.d)
