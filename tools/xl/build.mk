# SPDX-License-Identifier: BSD-2-Clause
# xl, and its modules: mod_NAME.c becomes the shared object NAME.so, which brings a library that
# few commands need. Everything else here is linked into xl, with libctrl and no library but libc.
# The top-level Makefile includes this file.

O ?= build
XL_CC      ?= $(or $(TOOLS_CC),gcc)
XL_DIR     := $(O)/xl
XL         := $(XL_DIR)/xl
# Where the modules are looked for when they do not lie in 'modules' beside xl.
XL_LIBEXEC ?= /usr/lib/xenios

XL_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes -D_GNU_SOURCE \
             -Itools/xl -Itools/libctrl/include -Ixen/include -DXL_LIBEXEC='"$(XL_LIBEXEC)"'

XL_MOD_SRCS := $(wildcard tools/xl/mod_*.c)
XL_SRCS     := $(filter-out $(XL_MOD_SRCS),$(wildcard tools/xl/*.c))
XL_OBJS     := $(XL_SRCS:tools/xl/%.c=$(XL_DIR)/%.o)
XL_MODULES  := $(XL_MOD_SRCS:tools/xl/mod_%.c=$(XL_DIR)/modules/%.so)

# Per module: its libraries, flags for their headers, and further objects of xl's to put into it.
xl_mod_json_LIBS  := -lyajl
xl_mod_top_LIBS   := -lncursesw -ltinfo
xl_mod_xml_LIBS   := -lxml2
xl_mod_xml_CFLAGS := -I/usr/include/libxml2

.PHONY: xl
xl: $(XL) $(XL_MODULES) ## build xl and its modules: build/xl/xl, build/xl/modules

$(XL_DIR)/%.o: tools/xl/%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	$(XL_CC) $(XL_CFLAGS) -MMD -MP -c $< -o $@

# The modules use functions of xl's (output.h): hence -rdynamic.
$(XL): $(XL_OBJS) $(LIBCTRL_A)
	$(XL_CC) -Wl,-O1,--hash-style=gnu,--as-needed -rdynamic -o $@ $(XL_OBJS) $(LIBCTRL_A)

$(XL_DIR)/modules/%.so: tools/xl/mod_%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	$(XL_CC) $(XL_CFLAGS) $(xl_mod_$*_CFLAGS) -fPIC -shared -MMD -MP -MF $@.d -MT $@ -o $@ $< \
	    $(xl_mod_$*_SRCS) $(xl_mod_$*_LIBS)

-include $(XL_OBJS:.o=.d) $(XL_MODULES:%=%.d)
