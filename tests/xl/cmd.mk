# SPDX-License-Identifier: BSD-2-Clause
# Tests of xl's commands over a host that is not there; tests/xl/cmd/README.md.

CMD_XL      := $(XL_TEST_OUT)/xl
CMD_OBJS    := $(XL_SRCS:tools/xl/%.c=$(XL_TEST_OUT)/cmd/%.o) $(XL_TEST_OUT)/cmd/cmd_world.o
CMD_MODULES := $(XL_TEST_OUT)/modules/json.so $(XL_TEST_OUT)/modules/top.so
CMD_UNIT    := $(XL_TEST_OUT)/test_cmd
CMD_FLAGS    = $(TOOLS_TEST_CFLAGS) $(XL_CPPFLAGS) $(LIBCTRL_TEST_CPPFLAGS)

$(XL_TEST_OUT)/cmd/main.o: CMD_MAIN := -Dmain=xl_main -Wno-missing-prototypes

$(XL_TEST_OUT)/cmd/%.o: tools/xl/%.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CMD_FLAGS) $(CMD_MAIN) -MMD -MP -c -o $@ $<

$(XL_TEST_OUT)/cmd/cmd_world.o: tests/xl/cmd_world.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CMD_FLAGS) -MMD -MP -c -o $@ $<

$(CMD_XL): $(CMD_OBJS) $(LIBCTRL_TEST_A)
	@$(TOOLS_CC) $(TOOLS_TEST_CFLAGS) -rdynamic -o $@ $^ $(CMD_LDFLAGS)

$(CMD_MODULES): $(XL_TEST_OUT)/modules/%.so: tools/xl/mod_%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CMD_FLAGS) -fPIC -shared -o $@ $< $(xl_mod_$*_LIBS)

$(CMD_UNIT): tests/xl/test_cmd.c $(filter-out %/cmd_world.o,$(CMD_OBJS)) $(LIBCTRL_TEST_A)
	@$(TOOLS_CC) $(CMD_FLAGS) -rdynamic -o $@ $^ $(CMD_LDFLAGS) -lcmocka

CMD_RUN = python3 tests/xl/cmd.py --xl $(CMD_XL) --unit $(CMD_UNIT) \
    --results $(O)/results/xl-cmd.txt

.PHONY: check-xl-cmd record-xl-cmd
check-xl-cmd: $(CMD_XL) $(CMD_MODULES) $(CMD_UNIT)
	@$(CMD_RUN) $(ONLY)

record-xl-cmd: $(CMD_XL) $(CMD_MODULES) $(CMD_UNIT) ## record what xl's commands print
	@$(CMD_RUN) --record $(ONLY)

-include $(CMD_OBJS:.o=.d)

# --- in dom0, beside Debian's tools ---

.PHONY: check-xl-live
xl_live_files := $(XEN_ELF) $(XL) $(XL_MODULES) $(TOOLS_IMAGE) $(call initrd_file,6.1)
check-xl-live: $(xl_live_files) ## xl beside Debian's in dom0; HYPERVISOR=reference: on Xen
	@python3 tests/xl/live.py --xen-elf $(XEN_ELF) --kernels $(KERNEL_DIR) --image $(TOOLS_IMAGE) \
	    --output $(O) --xl $(XL) $(if $(filter reference,$(HYPERVISOR)),--reference)
