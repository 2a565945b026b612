# SPDX-License-Identifier: BSD-2-Clause
# Tests of xenstored. On the host: the store's modules under the sanitizers, each step done twice;
# the protocol over sockets and rings that are files, on ours and on Debian's packaged xenstored;
# kill -9 and planned restarts under load; fuzzing; what requests cost. In an emulated machine: under
# Debian's tools.

XENSTORED_TESTS := tests/xenstored
XENSTORED_TEST_OUT := $(O)/tests/xenstored
XENSTORED_RESULTS := $(O)/results/xenstored.txt
XENSTORED_FUZZ_SECONDS ?= 15
XENSTORED_FAKE := $(XENSTORED_TESTS)/door_fake.c
XENSTORED_MODULES := $(filter-out tools/xenstored/main.c,$(XENSTORED_CORE))
XENSTORED_TEST_CPPFLAGS := -Ixen/include -Itools/xenstored -I$(XENSTORED_TESTS)
XENSTORED_WRAP := -Wl,--wrap=arena_run -Wl,--wrap=arena_run_relief
XENSTORED_TEST_DEPS := $(wildcard tools/xenstored/*.h $(XENSTORED_TESTS)/*.h) \
                       $(XENSTORED_TESTS)/build.mk

$(XENSTORED_TEST_OUT)/xenstored: $(XENSTORED_CORE) $(XENSTORED_FAKE) $(XENSTORED_TEST_DEPS) | $(DEPS)
	@mkdir -p $(@D)
	@$(UNIT_CC) $(TOOLS_TEST_CFLAGS) $(XENSTORED_TEST_CPPFLAGS) -o $@ $(filter %.c,$^)

$(XENSTORED_TEST_OUT)/test_store: $(XENSTORED_MODULES) $(XENSTORED_FAKE) \
                                  $(XENSTORED_TESTS)/steps.c $(XENSTORED_TESTS)/test_store.c \
                                  $(XENSTORED_TEST_DEPS) | $(DEPS)
	@mkdir -p $(@D)
	@$(UNIT_CC) $(TOOLS_TEST_CFLAGS) $(XENSTORED_TEST_CPPFLAGS) $(XENSTORED_WRAP) \
	    -Wl,--wrap=arena_undo -o $@ $(filter %.c,$^) -lcmocka

$(XENSTORED_TEST_OUT)/fuzz_wire: $(XENSTORED_MODULES) $(XENSTORED_FAKE) $(XENSTORED_TESTS)/steps.c \
                                 $(XENSTORED_TESTS)/fuzz_wire.c $(XENSTORED_TEST_DEPS) | $(DEPS)
	@mkdir -p $(@D)
	@clang $(TOOLS_TEST_CFLAGS) -fsanitize=fuzzer $(XENSTORED_TEST_CPPFLAGS) $(XENSTORED_WRAP) \
	    -o $@ $(filter %.c,$^)

$(XENSTORED_TEST_OUT)/bench: $(XENSTORED_MODULES) $(XENSTORED_FAKE) $(XENSTORED_TESTS)/steps.c \
                             $(XENSTORED_TESTS)/bench.c $(XENSTORED_TEST_DEPS) | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(XENSTORED_TEST_CPPFLAGS) $(XENSTORED_WRAP) -o $@ $(filter %.c,$^)

# Debian's xenstored is among the packages of dom0's disk.
XENSTORED_PACKAGED := $(TOOLS_PACKAGES)/usr/lib/xen-4.17/bin/xenstored

$(XENSTORED_PACKAGED): $(TOOLS_PACKAGES)/versions ;

$(XENSTORED_TEST_OUT)/reference_shim.so: $(XENSTORED_TESTS)/reference_shim.c | $(DEPS)
	@mkdir -p $(@D)
	@$(UNIT_CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o $@ $< -ldl

.PHONY: check-xenstored check-xenstored-system bench-xenstored fuzz-xenstored

check-xenstored: $(addprefix $(XENSTORED_TEST_OUT)/,xenstored test_store fuzz_wire bench) \
                 $(XENSTORED_TEST_OUT)/reference_shim.so $(XENSTORED_PACKAGED) ## test the store daemon
	@sh $(XENSTORED_TESTS)/check.sh $(XENSTORED_TESTS) $(XENSTORED_TEST_OUT) $(XENSTORED_RESULTS) \
	    $(XENSTORED_FUZZ_SECONDS) $(XENSTORED_PACKAGED)

fuzz-xenstored: $(XENSTORED_TEST_OUT)/fuzz_wire ## fuzz the store's wire until stopped
	@python3 $(XENSTORED_TESTS)/fuzz_seeds.py $(XENSTORED_TEST_OUT)/corpus
	@$< -close_fd_mask=2 -rss_limit_mb=0 $(XENSTORED_TEST_OUT)/corpus

bench-xenstored: $(XENSTORED_TEST_OUT)/bench ## what requests cost, in instructions
	@python3 $(XENSTORED_TESTS)/bench.py $< /dev/null $(XENSTORED_TEST_OUT)/bench.out

check-xenstored-system: $(XENSTORED) $(tools_files) ## our xenstored under Debian's tools in dom0
	@python3 $(XENSTORED_TESTS)/system.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
	    --image $(TOOLS_IMAGE) --output $(O) --xenstored $(XENSTORED) \
	    $(if $(filter reference,$(HYPERVISOR)),--reference)
