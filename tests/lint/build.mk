# SPDX-License-Identifier: BSD-2-Clause
# Lint. ONLY='spdx gcc' runs these checks only.

lint_sources = $(XEN_C)
lint_flags = $(XEN_CPPFLAGS) $(XEN_CFLAGS)

lint: | $(DEPS) ## both compilers, clang-tidy, cppcheck, headers alone, include order, house rules
	@python3 tests/lint/lint.py --output $(O) --flags='$(lint_flags)' \
	    --sources='$(lint_sources)' $(ONLY)
