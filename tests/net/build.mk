# SPDX-License-Identifier: BSD-2-Clause
# 'xl net' in network namespaces of its own. Results: $(O)/results/net.txt.

NET_TEST_DIR  := $(abspath $(O))/tests/net
NET_TEST_TOOL := $(NET_TEST_DIR)/net_tool
NET_TEST_SRCS := tests/net/net_tool.c $(wildcard tools/xl/net_*.c)

$(NET_TEST_TOOL): $(NET_TEST_SRCS) $(wildcard tools/xl/net*.h) tests/net/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_TEST_CFLAGS) -Itools/xl -DNET_ETC='"$(NET_TEST_DIR)/etc"' \
	    -DNET_RUN='"$(NET_TEST_DIR)/etc"' -o $@ $(NET_TEST_SRCS)

.PHONY: check-net
check-net: $(NET_TEST_TOOL) ## 'xl net': bridge, translation and addresses, in namespaces
	@python3 tests/net/net.py $(NET_TEST_TOOL) $(NET_TEST_DIR)/etc $(O)/results/net.txt
