# SPDX-License-Identifier: BSD-2-Clause
# xenconsoled. The top-level Makefile includes this file.

CONSOLED_DIR      := $(O)/xenconsoled
CONSOLED          := $(CONSOLED_DIR)/xenconsoled
CONSOLED_CPPFLAGS := -Itools/libctrl/include -Ixen/include
CONSOLED_SRCS     := $(wildcard tools/xenconsoled/*.c)
CONSOLED_OBJS     := $(CONSOLED_SRCS:tools/xenconsoled/%.c=$(CONSOLED_DIR)/%.o)

.PHONY: xenconsoled
xenconsoled: $(CONSOLED) ## build the console daemon: build/xenconsoled/xenconsoled

$(CONSOLED_DIR)/%.o: tools/xenconsoled/%.c tools/xenconsoled/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(CONSOLED_CPPFLAGS) -fPIE -MMD -MP -c $< -o $@

$(CONSOLED): $(CONSOLED_OBJS) $(LIBCTRL_A)
	@$(TOOLS_CC) -pie $(TOOLS_LDFLAGS) -Wl,-O1 -o $@ $(CONSOLED_OBJS) $(LIBCTRL_A)

-include $(CONSOLED_OBJS:.o=.d)
