# SPDX-License-Identifier: BSD-2-Clause
# Host tests of the console daemon, under ASan and UBSan: its sources over a stand-in for libctrl.
# The top-level Makefile includes this file. Results: $(O)/results/xenconsoled.txt.

CONSOLED_TESTS := ring history logfile consoles
consoled_ring_SRCS     := tools/xenconsoled/ring.c
consoled_history_SRCS  := tools/xenconsoled/history.c
consoled_logfile_SRCS  := tools/xenconsoled/logfile.c
consoled_consoles_SRCS := $(filter-out tools/xenconsoled/main.c tools/xenconsoled/options.c, \
                            $(wildcard tools/xenconsoled/*.c)) \
                          tests/xenconsoled/fake_ctrl.c tests/xenconsoled/fake_store.c

CONSOLED_TEST_DIR  := $(O)/tests/xenconsoled
CONSOLED_TEST_BINS := $(CONSOLED_TESTS:%=$(CONSOLED_TEST_DIR)/test_%)

.PHONY: check-xenconsoled
check-xenconsoled: $(CONSOLED_TEST_BINS) ## test the console daemon on this machine
	@mkdir -p $(O)/results $(O)/log/xenconsoled
	@tests/unit/run.sh $(O)/results/xenconsoled.txt $(O)/log/xenconsoled $(CONSOLED_TEST_BINS)

define consoled_test_rule
$(CONSOLED_TEST_DIR)/test_$(1): tests/xenconsoled/test_$(1).c $$(consoled_$(1)_SRCS) \
                                tests/xenconsoled/build.mk | $$(DEPS)
	@mkdir -p $$(@D)
	@$$(TOOLS_CC) $$(TOOLS_TEST_CFLAGS) $$(CONSOLED_CPPFLAGS) -Itests/unit -o $$@ \
	    tests/xenconsoled/test_$(1).c $$(consoled_$(1)_SRCS) -MMD -MP -MF $$@.d -MT $$@ -lcmocka
endef
$(foreach test,$(CONSOLED_TESTS),$(eval $(call consoled_test_rule,$(test))))

-include $(CONSOLED_TEST_BINS:%=%.d)
