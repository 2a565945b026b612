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

-include $(libctrl_fake_obj:.o=.d)

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

.PHONY: check-libctrl-live
check-libctrl-live: $(XEN_ELF) $(LIBCTRL_LIVE) $(TOOLS_OUT)/tiny.elf $(call initrd_file,$(KERNEL)) ## libctrl in dom0; HYPERVISOR=reference: on Xen
	@python3 $(LIBCTRL_TESTS)/live.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) \
	    --dom0 $(KERNEL) --output $(O) --program $(LIBCTRL_LIVE) --kernel $(TOOLS_OUT)/tiny.elf \
	    $(if $(filter reference,$(HYPERVISOR)),--reference) $(LIVE_ARGS)
