# SPDX-License-Identifier: BSD-2-Clause
# The control library: libctrl.a, libctrl.so.1, its pkg-config file, and the modules it loads.
# A program links $(LIBCTRL_A); a host test links $(LIBCTRL_TEST_A), which has the sanitizers and a
# stand-in for Linux's devices (tests/libctrl/fake.h), and no file of the real ones.

LIBCTRL := tools/libctrl
LIBCTRL_OUT := $(O)/libctrl
LIBCTRL_VERSION := 1.0
LIBCTRL_CPPFLAGS := -I$(LIBCTRL)/include
LIBCTRL_OWN_CPPFLAGS := $(LIBCTRL_CPPFLAGS) -Ixen/include -DCTRL_MODULES='"$(TOOLS_MODULES)"'

# Shared with the hypervisor: they read files that nobody trusts, and depend on nothing.
LIBCTRL_XEN_SRC := xen/boot/kernel_payload.c xen/boot/kernel_image.c xen/lib/elf.c
LIBCTRL_MODULE_SRC := $(wildcard $(LIBCTRL)/unpack_*.c)
LIBCTRL_SRC := $(filter-out $(LIBCTRL_MODULE_SRC),$(wildcard $(LIBCTRL)/*.c)) $(LIBCTRL_XEN_SRC)
LIBCTRL_HEADERS := $(wildcard $(LIBCTRL)/include/libctrl/*.h)

LIBCTRL_A := $(LIBCTRL_OUT)/libctrl.a
LIBCTRL_SO := $(LIBCTRL_OUT)/libctrl.so.1
LIBCTRL_PC := $(LIBCTRL_OUT)/libctrl.pc
LIBCTRL_MODULES := $(LIBCTRL_MODULE_SRC:$(LIBCTRL)/unpack_%.c=$(LIBCTRL_OUT)/unpack-%.so)

libctrl_obj = $(patsubst %.c,$(LIBCTRL_OUT)/$(1)/%.o,$(LIBCTRL_SRC))

$(LIBCTRL_OUT)/static/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(LIBCTRL_OWN_CPPFLAGS) -fPIE -MMD -MP -c -o $@ $<

$(LIBCTRL_OUT)/shared/%.o: %.c | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) $(LIBCTRL_OWN_CPPFLAGS) -fPIC -MMD -MP -c -o $@ $<

# A member that is gone must not stay in the archive.
$(LIBCTRL_A): $(call libctrl_obj,static)
	@rm -f $@
	@$(AR) rcs $@ $^

# Only the names of the public headers are visible.
$(LIBCTRL_SO): $(call libctrl_obj,shared) $(LIBCTRL)/libctrl.map
	@$(TOOLS_CC) -shared -Wl,-soname,libctrl.so.1 -Wl,--version-script=$(LIBCTRL)/libctrl.map \
	    -Wl,-z,defs $(TOOLS_LDFLAGS) -o $@ $(filter %.o,$^)

$(LIBCTRL_PC): $(LIBCTRL)/libctrl.pc.in
	@mkdir -p $(@D)
	@sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$(TOOLS_LIBDIR)|; s|@version@|$(LIBCTRL_VERSION)|' \
	    $< > $@

libctrl_module_lib_gzip := -lz
libctrl_module_lib_xz := -llzma
libctrl_module_lib_zstd := -lzstd
$(LIBCTRL_MODULES): $(LIBCTRL_OUT)/unpack-%.so: $(LIBCTRL)/unpack_%.c $(LIBCTRL)/unpack.h | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -fPIC -shared $(TOOLS_LDFLAGS) -o $@ $< $(libctrl_module_lib_$*)

.PHONY: libctrl
libctrl: $(LIBCTRL_A) $(LIBCTRL_SO) $(LIBCTRL_PC) $(LIBCTRL_MODULES) ## the library: build/libctrl

-include $(patsubst %.o,%.d,$(call libctrl_obj,static) $(call libctrl_obj,shared))
