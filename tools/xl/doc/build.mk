# SPDX-License-Identifier: BSD-2-Clause
# Manual pages, completion and the documentation's table of keys, made from xl's own tables.

XL_DOC := $(O)/xl/xl_doc
XL_DOC_SRCS := $(wildcard tools/xl/doc/*.c) $(wildcard tools/xl/conf_keys*.c) \
               tools/xl/xl_conf.c tools/xl/cmdtable.c
XL_MAN := $(O)/xl/man/xl.1 $(O)/xl/man/xl.cfg.5 $(O)/xl/man/xl.conf.5
XL_COMPLETION := $(O)/xl/completion/xl

.PHONY: xl-doc docs-xl
xl-doc: $(XL_MAN) $(XL_COMPLETION) ## manual pages and completion: build/xl/man, build/xl/completion

# The tables name functions that are not called here, so they may be missing.
$(XL_DOC): $(XL_DOC_SRCS) $(wildcard tools/xl/*.h tools/xl/doc/*.h) tools/xl/doc/build.mk | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(TOOLS_CFLAGS) -Itools/xl -fno-pie -no-pie -Wl,--unresolved-symbols=ignore-all \
	    -o $@ $(XL_DOC_SRCS)

$(XL_MAN) $(XL_COMPLETION): $(XL_DOC)
	@mkdir -p $(@D)
	@$(XL_DOC) $(patsubst xl,completion,$(@F)) > $@

docs-xl: $(XL_DOC) ## write docs/interface/xl-cfg.md anew from the table of keys
	@$(XL_DOC) xl-cfg.md > docs/interface/xl-cfg.md
