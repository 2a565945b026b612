# SPDX-License-Identifier: BSD-2-Clause
# Tests of the control library: on the host over a stand-in for the hypervisor (check-libctrl), and
# in dom0 (check-libctrl-live; HYPERVISOR=reference: on Debian's Xen).

LIBCTRL_TESTS := tests/libctrl
LIBCTRL_TEST_OUT := $(O)/tests/libctrl
LIBCTRL_TEST_A := $(LIBCTRL_TEST_OUT)/libctrl-fake.a
LIBCTRL_TEST_CPPFLAGS := $(LIBCTRL_CPPFLAGS) -I$(LIBCTRL_TESTS) -Ixen/include

libctrl_fake_src := $(filter-out $(LIBCTRL)/sys_linux.c,$(LIBCTRL_SRC)) \
                    $(wildcard $(LIBCTRL_TESTS)/fake_*.c)
libctrl_fake_obj := $(libctrl_fake_src:%.c=$(LIBCTRL_TEST_OUT)/fake/%.o)

$(LIBCTRL_TEST_OUT)/fake/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_TEST_CFLAGS) $(LIBCTRL_OWN_CPPFLAGS) -I$(LIBCTRL) -MMD -MP -c -o $@ $<

$(LIBCTRL_TEST_A): $(libctrl_fake_obj)
	@rm -f $@
	@$(AR) rcs $@ $^

-include $(libctrl_fake_obj:.o=.d) $(LIBCTRL_TEST_BINS:%=%.d)

# --- on the host ---

LIBCTRL_TEST_NAMES := handle domain host store kernel build pvh
LIBCTRL_TEST_BINS := $(LIBCTRL_TEST_NAMES:%=$(LIBCTRL_TEST_OUT)/test_libctrl_%)
libctrl_test_defs := -DMODULES_DIR='"$(abspath $(LIBCTRL_OUT))"' \
                     -DKERNELS_DIR='"$(abspath $(KERNEL_DIR))"'

$(LIBCTRL_TEST_BINS): $(LIBCTRL_TEST_OUT)/test_libctrl_%: $(LIBCTRL_TESTS)/test_%.c \
                      $(LIBCTRL_TEST_A)
	@$(TOOLS_CC) $(TOOLS_TEST_CFLAGS) $(LIBCTRL_TEST_CPPFLAGS) $(LIBCTRL_OWN_CPPFLAGS) \
	    -I$(LIBCTRL) $(libctrl_test_defs) -MMD -MP -o $@ $< $(LIBCTRL_TEST_A) -lcmocka

# Kernel files: a fixed number of inputs here, time in check-libctrl-fuzz.
LIBCTRL_FUZZ := $(LIBCTRL_TEST_OUT)/fuzz_kernel
LIBCTRL_FUZZ_RUNS ?= 3000
LIBCTRL_FUZZ_SECONDS ?= 600
libctrl_fuzz_flags := -seed=1 -max_len=8192 -rss_limit_mb=4096 -timeout=20

$(LIBCTRL_FUZZ): $(LIBCTRL_TESTS)/fuzz_kernel.c $(libctrl_fake_src) | $(DEPS)
	@mkdir -p $(@D)
	@clang $(TOOLS_TEST_CFLAGS) -fsanitize=fuzzer $(LIBCTRL_TEST_CPPFLAGS) $(LIBCTRL_OWN_CPPFLAGS) \
	    -I$(LIBCTRL) $(libctrl_test_defs) -o $@ $(filter %.c,$^)

# What to start from, and where what is found on the way goes.
LIBCTRL_CORPUS := $(LIBCTRL_TEST_OUT)/corpus
LIBCTRL_FOUND := $(LIBCTRL_TEST_OUT)/found

$(LIBCTRL_CORPUS): $(TOOLS_OUT)/tiny.elf $(LIBCTRL_TESTS)/corpus.py
	@rm -rf $@
	@python3 $(LIBCTRL_TESTS)/corpus.py $< $@

.PHONY: check-libctrl check-libctrl-fuzz
libctrl_check_files := $(LIBCTRL_TEST_BINS) $(LIBCTRL_MODULES) $(LIBCTRL_FUZZ) $(LIBCTRL_CORPUS) \
                       $(LIBCTRL_SO)
check-libctrl: $(libctrl_check_files) ## libctrl over a model of the hypervisor
	@mkdir -p $(O)/results $(O)/log/libctrl
	@status=0; tests/unit/run.sh $(O)/results/libctrl.part $(O)/log/libctrl $(LIBCTRL_TEST_BINS) \
	    > /dev/null || status=1; \
	sed 's|^\([a-z]*\) libctrl_|\1 libctrl/|' $(O)/results/libctrl.part > $(O)/results/libctrl.txt; \
	rm $(O)/results/libctrl.part; \
	rm -rf $(LIBCTRL_FOUND); mkdir -p $(LIBCTRL_FOUND); \
	if $(LIBCTRL_FUZZ) $(libctrl_fuzz_flags) -runs=$(LIBCTRL_FUZZ_RUNS) $(LIBCTRL_FOUND) \
	    $(LIBCTRL_CORPUS) > $(O)/log/libctrl/fuzz.log 2>&1; then \
	    echo "pass libctrl/fuzz/kernel" >> $(O)/results/libctrl.txt; \
	else \
	    echo "fail libctrl/fuzz/kernel: see $(O)/log/libctrl/fuzz.log" >> $(O)/results/libctrl.txt; \
	    status=1; \
	fi; \
	if python3 $(LIBCTRL_TESTS)/example.py docs/interface/libctrl.md $(TOOLS_OUT)/tiny.elf \
	    $(LIBCTRL_SO) $(LIBCTRL_TEST_A) $(LIBCTRL_TEST_OUT)/example -fsanitize=address,undefined \
	    > $(O)/log/libctrl/example.log 2>&1; then \
	    echo "pass libctrl/docs/example" >> $(O)/results/libctrl.txt; \
	else \
	    echo "fail libctrl/docs/example: see $(O)/log/libctrl/example.log" >> \
	        $(O)/results/libctrl.txt; \
	    status=1; \
	fi; \
	if python3 $(LIBCTRL_TESTS)/acpi.py $(LIBCTRL_TEST_OUT)/test_libctrl_pvh \
	    > $(O)/log/libctrl/acpi.log 2>&1; then \
	    echo "pass libctrl/acpi/iasl" >> $(O)/results/libctrl.txt; \
	else \
	    echo "fail libctrl/acpi/iasl: see $(O)/log/libctrl/acpi.log" >> $(O)/results/libctrl.txt; \
	    status=1; \
	fi; cat $(O)/results/libctrl.txt; exit $$status

check-libctrl-fuzz: $(LIBCTRL_FUZZ) $(LIBCTRL_CORPUS) ## random kernel files, for ten minutes
	@mkdir -p $(LIBCTRL_FOUND)
	@$(LIBCTRL_FUZZ) $(libctrl_fuzz_flags) -seed=0 -max_total_time=$(LIBCTRL_FUZZ_SECONDS) \
	    $(LIBCTRL_FOUND) $(LIBCTRL_CORPUS)

# --- in dom0 ---

LIBCTRL_LIVE := $(LIBCTRL_TEST_OUT)/live
libctrl_live_obj := $(patsubst %.c,$(LIBCTRL_TEST_OUT)/%.o,$(wildcard $(LIBCTRL_TESTS)/live*.c))

$(libctrl_live_obj): $(LIBCTRL_TEST_OUT)/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(LIBCTRL_TEST_CPPFLAGS) -MMD -MP -c -o $@ $<

# Static: the small dom0 has no libraries. Its kernels are bare, so it loads no module.
$(LIBCTRL_LIVE): $(libctrl_live_obj) $(LIBCTRL_A)
	@$(TOOLS_CC) -static -o $@ $(libctrl_live_obj) $(LIBCTRL_A) 2>/dev/null

-include $(libctrl_live_obj:.o=.d)

# The store daemon, for the small dom0.
LIBCTRL_STORED := $(LIBCTRL_TEST_OUT)/xenstored
$(LIBCTRL_STORED): $(XENSTORED_OBJ) $(LIBCTRL_A)
	@$(TOOLS_CC) -static-pie -o $@ $^ 2>/dev/null

.PHONY: check-libctrl-live
libctrl_live_files := $(XEN_ELF) $(LIBCTRL_LIVE) $(LIBCTRL_STORED) $(TOOLS_OUT)/tiny.elf \
                      $(call initrd_file,$(KERNEL))
check-libctrl-live: $(libctrl_live_files) ## libctrl in dom0; HYPERVISOR=reference: on Xen
	@python3 $(LIBCTRL_TESTS)/live.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
	    --dom0 $(KERNEL) --output $(O) --program $(LIBCTRL_LIVE) --kernel $(TOOLS_OUT)/tiny.elf \
	    --store $(LIBCTRL_STORED) \
	    $(if $(filter reference,$(HYPERVISOR)),--reference) $(LIVE_ARGS)
