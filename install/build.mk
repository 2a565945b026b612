# SPDX-License-Identifier: BSD-2-Clause
# Installation: 'make install DESTDIR=... prefix=/usr', 'make uninstall', 'make deb'.

INSTALL_UNITS := $(wildcard install/systemd/*)
# Built before the table of what is installed is read.
INSTALL_PRODUCTS := $(O)/xen/xenios.gz $(XL) $(XL_FRONT) $(XL_MODULES) $(XENSTORED) $(CONSOLED) $(LIBCTRL_SO) \
                    $(LIBCTRL_A) $(LIBCTRL_PC) $(LIBCTRL_MODULES) $(XL_MAN) $(XL_COMPLETION)
# What was installed, so that exactly that can be taken back.
INSTALL_RECORD := $(PREFIX)/share/xenios/installed

include install/table.mk

.PHONY: install uninstall deb
install: $(INSTALL_PRODUCTS) ## install all below DESTDIR (/) and prefix (/usr)
	@echo "$$install_table" | python3 install/install.py install '$(DESTDIR)' $(INSTALL_RECORD)
	@[ -n '$(DESTDIR)' ] || cat install/next-steps

uninstall: ## take back exactly what 'make install' laid out
	@python3 install/install.py uninstall '$(DESTDIR)' $(INSTALL_RECORD)

DEB := $(O)/deb
# Another version than the changelog's, for tests.
DEB_VERSION ?=

deb: $(INSTALL_PRODUCTS) ## build Debian packages: build/deb/*.deb
	@rm -rf $(DEB) && mkdir -p $(DEB)
	@echo "$$install_table" | python3 install/deb.py $(DEB) $(DEB_VERSION)
