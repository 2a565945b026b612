# SPDX-License-Identifier: BSD-2-Clause
# The hypervisor: every source below xen/ (but the host stand-ins) into one image, linked twice, since
# the second link carries the symbol table that backtraces are printed with.

XEN_O    := $(O)/xen
XEN_DIRS := lib base alloc domain mm sched event grant control hypercall boot \
            arch/x86/boot arch/x86/trap arch/x86/pv arch/x86/cpu arch/x86/mm arch/x86/irq \
            arch/x86/time arch/x86/pci arch/x86/dev arch/x86/hvm arch/x86/hvm/svm \
            arch/x86/hvm/vmx
XEN_C    := $(sort $(foreach d,$(XEN_DIRS),$(wildcard xen/$(d)/*.c)))
XEN_S    := $(sort $(foreach d,$(XEN_DIRS),$(wildcard xen/$(d)/*.S)))
XEN_OBJ  := $(XEN_C:xen/%.c=$(XEN_O)/%.o) $(XEN_S:xen/%.S=$(XEN_O)/%.S.o)

OBJCOPY ?= objcopy
Q ?= @
XEN_DEFS-1 := -DXENIOS_DEBUG
XEN_CPPFLAGS := -Ixen/include -Ixen/arch/x86/include -I$(XEN_O)/include $(XEN_DEFS-$(DEBUG))
# PIE code model: the image lies outside the top 2 GiB, where absolute 32-bit addresses can't reach.
XEN_CFLAGS := -include xen/hidden.h -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wno-unused-function \
              -Wvla -Wmissing-prototypes -Wstrict-prototypes -ffreestanding -fpie \
              -fvisibility=hidden -fno-plt -fno-stack-protector -fno-common -fno-strict-aliasing \
              -fno-delete-null-pointer-checks -fcf-protection=none \
              -fno-asynchronous-unwind-tables -fno-jump-tables -mno-red-zone -mno-mmx -mno-sse \
              -mno-80387 -mcmodel=small

-include xen/boot/unpack.mk

all-xen: $(XEN_O)/xenios $(XEN_O)/xenios.gz
.PHONY: all-xen

# The same with assertions and the lock order checked: what the test guests run on.
DEBUG_ELF := $(O)/debug/xen/xenios
.PHONY: debug
debug: ## build the hypervisor with its checks: build/debug/xen/xenios
	@$(MAKE) --no-print-directory DEBUG=1 O=$(O)/debug $(O)/debug/xen/xenios

$(XEN_O)/include/asm/offsets.h: xen/arch/x86/offsets.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(XEN_CPPFLAGS) $(XEN_CFLAGS) -MMD -MP -MT $@ -MF $(XEN_O)/offsets.d -S -o $@.s $<
	$(Q)sed -n 's/^[[:space:]]*#->\([A-Za-z0-9_]*\) \$$\{0,1\}\([0-9]*\)$$/#define \1 \2/p' $@.s > $@.tmp
	$(Q)mv $@.tmp $@

$(XEN_O)/%.o: xen/%.c xen/build.mk
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(XEN_CPPFLAGS) $(XEN_CFLAGS) -MMD -MP -c -o $@ $<

$(XEN_O)/%.S.o: xen/%.S $(XEN_O)/include/asm/offsets.h xen/build.mk
	@mkdir -p $(@D)
	@echo "  AS   $<"
	$(Q)$(CC) $(XEN_CPPFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

$(XEN_O)/xen.lds: xen/arch/x86/xen.lds.S
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c $< -o $@

XEN_LINK = $(LD) -nostdlib -static -no-pie -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
           --build-id=sha1 -T $(XEN_O)/xen.lds

$(XEN_O)/xenios: $(XEN_OBJ) $(UNPACK_OBJ) $(XEN_O)/xen.lds xen/symbols.awk
	@echo "  LD   $@"
	$(Q)awk -f xen/symbols.awk </dev/null > $(XEN_O)/symbols0.S
	$(Q)$(CC) -c -o $(XEN_O)/symbols0.o $(XEN_O)/symbols0.S
	$(Q)$(XEN_LINK) -o $@.1 $(XEN_OBJ) $(UNPACK_OBJ) $(XEN_O)/symbols0.o
	$(Q)nm -n $@.1 | awk -f xen/symbols.awk > $(XEN_O)/symbols.S
	$(Q)$(CC) -c -o $(XEN_O)/symbols.o $(XEN_O)/symbols.S
	$(Q)$(XEN_LINK) -o $@.2 $(XEN_OBJ) $(UNPACK_OBJ) $(XEN_O)/symbols.o
	$(Q)nm $@.1 | grep -i ' t ' | sort > $(XEN_O)/text.1; nm $@.2 | grep -i ' t ' | sort > $(XEN_O)/text.2; \
	    cmp $(XEN_O)/text.1 $(XEN_O)/text.2
	$(Q)cp $@.2 $@.syms
	$(Q)$(OBJCOPY) --strip-debug $@.2 $@
	$(Q)rm -f $@.1 $@.2

$(XEN_O)/xenios.gz: $(XEN_O)/xenios
	$(Q)gzip -9nc $< > $@

-include $(XEN_OBJ:.o=.d) $(XEN_O)/offsets.d
