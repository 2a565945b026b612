# SPDX-License-Identifier: BSD-2-Clause
# Flags of the programs and libraries that run in the control domain. Each part adds its own -I:
# 'public' for the ABI's structures, libctrl's for the calls.

PREFIX ?= $(or $(prefix),/usr)
TOOLS_LIBDIR ?= $(PREFIX)/lib/x86_64-linux-gnu
TOOLS_MODULES := $(PREFIX)/lib/xenios

TOOLS_CC ?= $(CC)
TOOLS_WARN := -Wall -Wextra -Werror -Wmissing-prototypes
TOOLS_CFLAGS := -std=gnu11 -O2 -g $(TOOLS_WARN) -D_GNU_SOURCE -fno-strict-aliasing -fno-common \
                -fstack-protector-strong $(TOOLS_EXTRA_CFLAGS)
TOOLS_LDFLAGS := -Wl,-z,relro -Wl,-z,now -Wl,--as-needed

# For host tests: the same sources under the sanitizers.
TOOLS_TEST_CFLAGS := -std=gnu11 -O1 -g $(TOOLS_WARN) -D_GNU_SOURCE -fno-strict-aliasing \
                     -fno-omit-frame-pointer -fsanitize=address,undefined \
                     -fno-sanitize-recover=all $(TOOLS_EXTRA_CFLAGS)
