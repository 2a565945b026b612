# SPDX-License-Identifier: BSD-2-Clause
# Lint. ONLY='spdx gcc' runs these checks only.

lint_sources = $(XEN_C)
lint_flags = $(XEN_CPPFLAGS) $(XEN_CFLAGS)
# What every tool is compiled with, and each one's folders.
lint_tool_sources = $(wildcard tools/*/*.c tools/xl/front/*.c)
lint_tool_flags = -std=gnu11 -O2 -Wall -Wextra -Werror -Wmissing-prototypes -D_GNU_SOURCE -fPIC \
                  -Itools/libctrl/include -Itools/libctrl -Itools/xl -Itools/xenstored \
                  -Itools/xenconsoled -Ixen/include -I/usr/include/libxml2 \
                  -DXL_LIBEXEC='"/usr/lib/xenios"'

lint: | $(DEPS) ## both compilers, clang-tidy, cppcheck, headers alone, include order, house rules
	@python3 tests/lint/lint.py --output $(O) --flags='$(lint_flags)' \
	    --sources='$(lint_sources)' \
	    --tool-flags='$(subst ','"'"',$(lint_tool_flags))' --tool-sources='$(lint_tool_sources)' $(ONLY)
