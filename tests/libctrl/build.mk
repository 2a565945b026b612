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
