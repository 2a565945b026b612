# SPDX-License-Identifier: BSD-2-Clause
# Tests of the reader of configurations; tests/xl/conf/README.md.

CONF_SRCS  := $(addprefix tools/xl/,config.c xl_conf.c $(addprefix conf_,$(addsuffix .c,arena check cpu disk \
                finish json keys keys_host keys_hvm lex near parse print print_xml report sxp take \
                value vdev vfb vif)))
CONF_HEADS := $(wildcard tools/xl/conf*.h) tools/xl/xl_conf.h tools/xl/xl.h
CONF_TOOL  := $(XL_TEST_OUT)/conf_tool
CONF_UNIT  := $(XL_TEST_OUT)/test_conf
CONF_XML   := $(XL_TEST_OUT)/modules/xml.so
CONF_FUZZ  := $(XL_TEST_OUT)/fuzz_conf $(XL_TEST_OUT)/fuzz_xml
CONF_FLAGS := $(TOOLS_TEST_CFLAGS) -Itools/xl

$(CONF_TOOL): tests/xl/conf_tool.c $(CONF_SRCS) $(CONF_HEADS) | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CONF_FLAGS) -o $@ tests/xl/conf_tool.c $(CONF_SRCS) -ldl

$(CONF_UNIT): tests/xl/test_conf.c $(CONF_SRCS) $(CONF_HEADS) | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CONF_FLAGS) -o $@ tests/xl/test_conf.c $(CONF_SRCS) -lcmocka

$(CONF_XML): tools/xl/mod_xml.c tools/xl/conf_xml.h | $(DEPS)
	@mkdir -p $(@D)
	@$(TOOLS_CC) $(CONF_FLAGS) $(xl_mod_xml_CFLAGS) -fPIC -shared -o $@ $< -lxml2

# libFuzzer is clang's. The XML reader is linked in, and so seen by it.
$(CONF_FUZZ): $(XL_TEST_OUT)/%: tests/xl/%.c tests/xl/fuzz.h tools/xl/mod_xml.c $(CONF_SRCS) \
              $(CONF_HEADS) | $(DEPS)
	@mkdir -p $(@D)
	@clang -std=gnu11 -O1 -g $(TOOLS_WARN) -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -Itools/xl $(xl_mod_xml_CFLAGS) -o $@ $< tools/xl/mod_xml.c \
	    $(CONF_SRCS) -lxml2

CONF_RUN = python3 tests/xl/conf.py --tool $(CONF_TOOL) --doc $(XL_DOC) --xl $(XL) \
    --modules $(dir $(CONF_XML)) --unit $(CONF_UNIT) --fuzz $(XL_TEST_OUT) \
    --results $(O)/results/xl-conf.txt

CONF_NEEDS := $(CONF_TOOL) $(CONF_UNIT) $(CONF_XML) $(CONF_FUZZ) $(XL_DOC) $(XL) $(XL_MODULES)

.PHONY: check-xl-conf check-xl-conf-long record-xl-conf
check-xl-conf: $(CONF_NEEDS)
	@$(CONF_RUN)

check-xl-conf-long: $(CONF_NEEDS)
	@$(CONF_RUN) --fuzz-seconds 120

record-xl-conf: $(CONF_NEEDS) ## record what xl's configurations become
	@$(CONF_RUN) --record
