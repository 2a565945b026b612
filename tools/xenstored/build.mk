# SPDX-License-Identifier: BSD-2-Clause
# xenstored. Only door_xen.c needs libctrl; tests link the rest with a door of their own.

XENSTORED_SRCS := $(wildcard tools/xenstored/*.c)
XENSTORED_CORE := $(filter-out tools/xenstored/door_xen.c,$(XENSTORED_SRCS))
XENSTORED_OBJ := $(XENSTORED_SRCS:tools/xenstored/%.c=$(O)/xenstored/obj/%.o)
XENSTORED := $(O)/xenstored/xenstored

.PHONY: xenstored
xenstored: $(XENSTORED) ## build the store daemon: build/xenstored/xenstored

$(XENSTORED_OBJ): $(O)/xenstored/obj/%.o: tools/xenstored/%.c tools/xenstored/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -fPIE -Ixen/include -Itools/libctrl/include -MMD -MP -c -o $@ $<
-include $(XENSTORED_OBJ:.o=.d)

# The library is part of the program: a store must not depend on what an upgrade replaces.
$(XENSTORED): $(XENSTORED_OBJ) $(O)/libctrl/libctrl.a
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(TOOLS_LDFLAGS) -pie -o $@ $^
