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

# What is installed as xl: common commands without any library (front/front.c). It runs the whole
# program, modules/xl, for the others.
XL_FRONT   := $(XL_OUT)/front/xl
XL_WHOLE   := $(XL_OUT)/modules/xl
# In these the linker's functions are replaced by front/modules.c.
XL_FRONT_RENAMED := $(XL_OUT)/main.o $(XL_OUT)/module.o
XL_FRONT_LIB_RENAMED := $(LIBCTRL_OUT)/static/$(LIBCTRL)/build_unpack.o
XL_FRONT_OBJS := $(XL_OUT)/front/front.o $(XL_OUT)/front/modules.o \
                 $(XL_FRONT_RENAMED:$(XL_OUT)/%.o=$(XL_OUT)/front/%.renamed) \
                 $(XL_OUT)/front/build_unpack.renamed \
                 $(filter-out $(XL_FRONT_RENAMED),$(XL_OBJS)) \
                 $(LIBCTRL_MODULES:$(LIBCTRL_OUT)/unpack-%.so=$(XL_OUT)/front/unpack_%.o)

.PHONY: xl
xl: $(XL) $(XL_MODULES) $(XL_FRONT) ## xl and its modules: build/xl/xl, build/xl/modules, build/xl/front/xl

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

$(XL_WHOLE): $(XL)
	@mkdir -p $(@D)
	@cp $< $@

xl_front_rename = objcopy --redefine-sym main=xl_main \
    $(foreach name,dlopen dlsym dlclose dlerror,--redefine-sym $(name)=front_$(name)) $< $@

$(XL_OUT)/front/%.renamed: $(XL_OUT)/%.o tools/xl/build.mk
	@mkdir -p $(@D)
	@$(xl_front_rename)

$(XL_OUT)/front/build_unpack.renamed: $(XL_FRONT_LIB_RENAMED) tools/xl/build.mk
	@mkdir -p $(@D)
	@$(xl_front_rename)

$(XL_OUT)/front/unpack_%.o: $(LIBCTRL)/unpack_%.c tools/xl/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -Dctrl_unpack=ctrl_unpack_$* -MMD -MP -c -o $@ $<

$(XL_FRONT): $(XL_FRONT_OBJS) $(LIBCTRL_A) | $(XL_WHOLE)
	@ln -sfn ../modules $(@D)/modules
	@$(TOOLS_CC) -static $(TOOLS_LDFLAGS) -Wl,-z,noseparate-code,-O1 -o $@ $^ -lz -llzma -lzstd

-include $(XL_OUT)/front/front.d $(XL_OUT)/front/modules.d
-include $(XL_OBJS:.o=.d) $(XL_MODULES:%=%.d)

include tools/xl/doc/build.mk
