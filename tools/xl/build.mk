# SPDX-License-Identifier: BSD-2-Clause
# xl, and its modules: mod_NAME.c becomes the shared object NAME.so, which brings a library that
# few commands need. Everything else here is linked into xl, with libctrl and no library but libc
# (docs/interface/xl.md says why). Needs tools/common.mk and tools/libctrl/build.mk.

XL_OUT := $(O)/xl
XL     := $(XL_OUT)/xl
# Where xl looks for modules that do not lie in 'modules' beside it.
XL_CPPFLAGS := -Itools/xl $(LIBCTRL_CPPFLAGS) -DXL_LIBEXEC='"$(TOOLS_MODULES)"'

XL_MOD_SRCS := $(wildcard tools/xl/mod_*.c)
XL_SRCS     := $(filter-out $(XL_MOD_SRCS),$(wildcard tools/xl/*.c))
XL_OBJS     := $(XL_SRCS:tools/xl/%.c=$(XL_OUT)/%.o)
XL_MODULES  := $(XL_MOD_SRCS:tools/xl/mod_%.c=$(XL_OUT)/modules/%.so)

# Per module: its library, and flags for that one's headers.
xl_mod_json_LIBS  := -lyajl
xl_mod_top_LIBS   := -lncursesw -ltinfo
xl_mod_xml_LIBS   := -lxml2
xl_mod_xml_CFLAGS := -I/usr/include/libxml2

.PHONY: xl
xl: $(XL) $(XL_MODULES) ## xl and its modules: build/xl/xl, build/xl/modules

$(XL_OUT)/%.o: tools/xl/%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(XL_CPPFLAGS) -fPIE -MMD -MP -c -o $@ $<

# Modules call functions of xl's (output.h, top.h): hence -rdynamic. Starting is what a short command
# costs: fewer relocations, symbols looked up when they are called, and fewer mappings save 0.2 M
# instructions of it.
XL_START_FLAGS := -Wl,-z,lazy,-z,pack-relative-relocs,-z,noseparate-code

$(XL): $(XL_OBJS) $(LIBCTRL_A)
	@$(TOOLS_CC) -pie -rdynamic $(TOOLS_LDFLAGS) $(XL_START_FLAGS) -Wl,-O1,--hash-style=gnu -o $@ $^

$(XL_OUT)/modules/%.so: tools/xl/mod_%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(XL_CPPFLAGS) $(xl_mod_$*_CFLAGS) -fPIC -shared \
	    $(TOOLS_LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $< $(xl_mod_$*_LIBS)

-include $(XL_OBJS:.o=.d) $(XL_MODULES:%=%.d)

include tools/xl/doc/build.mk
