# SPDX-License-Identifier: BSD-2-Clause
# xenconsoled. The top-level Makefile includes this file.

CONSOLED_CC     ?= $(or $(TOOLS_CC),gcc)
CONSOLED_DIR    := $(O)/xenconsoled
CONSOLED        := $(CONSOLED_DIR)/xenconsoled
CONSOLED_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -D_GNU_SOURCE \
                   -Itools/libctrl/include -Ixen/include
CONSOLED_SRCS   := $(wildcard tools/xenconsoled/*.c)
CONSOLED_OBJS   := $(CONSOLED_SRCS:tools/xenconsoled/%.c=$(CONSOLED_DIR)/%.o)

.PHONY: xenconsoled
xenconsoled: $(CONSOLED) ## build the console daemon: build/xenconsoled/xenconsoled

$(CONSOLED_DIR)/%.o: tools/xenconsoled/%.c tools/xenconsoled/build.mk | $(DEPS)
	@mkdir -p $(@D)
	$(CONSOLED_CC) $(CONSOLED_CFLAGS) -MMD -MP -c $< -o $@

$(CONSOLED): $(CONSOLED_OBJS) $(LIBCTRL_A)
	$(CONSOLED_CC) -Wl,-O1,--as-needed -o $@ $(CONSOLED_OBJS) $(LIBCTRL_A)

-include $(CONSOLED_OBJS:.o=.d)
