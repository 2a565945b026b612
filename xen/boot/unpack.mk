# SPDX-License-Identifier: BSD-2-Clause
# unpack_libs.o: the decoders of xen/boot/unpack/, and of Debian's static liblzma,
# libzstd and zlib the members they need. Everything in it lies in .init.* sections,
# and only unpack_gzip, unpack_xz and unpack_zstd are visible. The unit tests link
# the very same object on the host.
#
# Whoever includes this links UNPACK_OBJ into the image, beside xen/boot/unpack.c.

ifndef UNPACK_OBJ

UNPACK_DIR := $(O)/xen/boot/unpack
UNPACK_OBJ := $(O)/xen/boot/unpack_libs.o
UNPACK_CC  ?= $(CC)
UNPACK_LD  ?= $(LD)
OBJCOPY    ?= objcopy
Q          ?= @

# The libraries' headers are those of the C library, so these few files are not
# compiled with the hypervisor's own flags.
UNPACK_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fpie -fvisibility=hidden \
                 -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
                 -Ixen/include
UNPACK_PARTS  := $(patsubst %,$(UNPACK_DIR)/%.o,shim gzip xz zstd)

# Where a static library is; asked only when the object is built.
unpack_lib = $(shell $(UNPACK_CC) -print-file-name=lib$(1).a)

# libzstd also reads formats older than 1.0. No kernel has them, so the functions for
# them are not taken: each of their names stands for one that refuses.
unpack_old_zstd = $(shell nm -u $(call unpack_lib,zstd) 2>/dev/null | \
                          grep -oE '(ZSTD|ZBUFF)v0[0-9]_[A-Za-z_]+' | sort -u)

# What the object may leave to the hypervisor.
UNPACK_MAY_USE := memcpy|memmove|memset|memcmp|unpack_exit|_GLOBAL_OFFSET_TABLE_

$(UNPACK_PARTS): $(UNPACK_DIR)/%.o: xen/boot/unpack/%.c xen/boot/unpack.mk | $(DEPS)
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(UNPACK_CC) $(UNPACK_CFLAGS) -MMD -MP -c -o $@ $<

$(UNPACK_OBJ): $(UNPACK_PARTS) xen/boot/unpack/libs.lds
	@echo "  LD   $@"
	$(Q)$(UNPACK_LD) -r -o $@.all -T xen/boot/unpack/libs.lds $(UNPACK_PARTS) \
	    $(foreach symbol,$(unpack_old_zstd),--defsym=$(symbol)=unpack_missing) \
	    $(call unpack_lib,lzma) $(call unpack_lib,zstd) $(call unpack_lib,z)
	$(Q)missing=$$(nm -u $@.all | awk '{ print $$2 }' | grep -vxE '$(UNPACK_MAY_USE)'); \
	if [ -n "$$missing" ]; then \
	    echo "$@: the libraries need more of C than xen/boot/unpack/shim.c has:" $$missing; exit 1; \
	fi
	$(Q)$(OBJCOPY) --strip-debug --keep-global-symbol=unpack_gzip \
	    --keep-global-symbol=unpack_xz --keep-global-symbol=unpack_zstd $@.all $@
	@rm -f $@.all

-include $(UNPACK_PARTS:.o=.d)

endif
