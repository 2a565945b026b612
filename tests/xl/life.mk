# SPDX-License-Identifier: BSD-2-Clause
# Tests of making and ending guests, over a host that is not there (life_host.h).

LIFE_TEST := $(XL_TEST_OUT)/test_life
# All of xl but its main program and what it asks of dom0's kernel.
LIFE_OBJS := $(filter-out %/cmd_world.o %/host_disk.o %/host_net.o %/host_driver.o \
                          %/host_script.o %/main.o,$(CMD_OBJS)) $(XL_TEST_OUT)/cmd/main.o
LIFE_WRAP := ctrl_batch_commit ctrl_batch_introduce ctrl_domain_create ctrl_build_pv \
             ctrl_domain_unpause

$(LIFE_TEST): tests/xl/test_life.c tests/xl/life_host.c tests/xl/life_host.h $(LIFE_OBJS) \
              $(LIBCTRL_TEST_A)
	@$(TOOLS_CC) $(CMD_FLAGS) -Itests/libctrl -Itests/unit -rdynamic -o $@ $(filter %.c %.o %.a,$^) \
	    $(LIFE_WRAP:%=-Wl,--wrap=%) $(CMD_LDFLAGS) -lcmocka

# A process that dies frees nothing: leaks are no faults here.
.PHONY: check-xl-life
check-xl-life: $(LIFE_TEST)
	@mkdir -p $(O)/results
	@ASAN_OPTIONS=detect_leaks=0 CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 $(LIFE_TEST) 2>&1 | \
	    python3 tests/xl/life.py $(O)/results/xl-life.txt
