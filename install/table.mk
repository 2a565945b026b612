# SPDX-License-Identifier: BSD-2-Clause
# What 'make install' and 'make deb' lay out, one line each:
#   PACKAGE KIND SOURCE DESTINATION
# KIND: program (755, without debugging data), library (the same, 644), script (755), data (644),
# config (644; one that is there already stays), link (SOURCE is its text), folder (SOURCE is -).

define install_table
xenios data $(O)/xen/xenios.gz /boot/xenios.gz
xenios script install/21_xenios /etc/grub.d/21_xenios
xenios program $(XL_FRONT) $(PREFIX)/sbin/xl
xenios program $(XL) $(TOOLS_MODULES)/xl
xenios program $(XENSTORED) $(PREFIX)/sbin/xenstored
xenios program $(CONSOLED) $(PREFIX)/sbin/xenconsoled
xenios script install/guests $(PREFIX)/lib/xenios/guests
xenios library $(LIBCTRL_SO) $(TOOLS_LIBDIR)/libctrl.so.1
$(foreach file,$(XL_MODULES) $(LIBCTRL_MODULES),xenios library $(file) $(TOOLS_MODULES)/$(notdir $(file))
)
$(foreach unit,$(INSTALL_UNITS),xenios data $(unit) $(PREFIX)/lib/systemd/system/$(notdir $(unit))
)
xenios data install/modules-load.conf $(PREFIX)/lib/modules-load.d/xenios.conf
xenios config install/default /etc/default/xenios
xenios config install/xl.conf /etc/xen/xl.conf
xenios config install/guest.cfg /etc/xen/guest.cfg.example
xenios folder - /etc/xen/auto
xenios folder - /var/log/xen/console
xenios folder - /var/lib/xen/dump
$(foreach page,$(XL_MAN),xenios data $(page) $(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))
)
$(foreach file,$(XL_COMPLETION),xenios data $(file) $(PREFIX)/share/bash-completion/completions/xl
)
libctrl-dev data $(LIBCTRL_A) $(TOOLS_LIBDIR)/libctrl.a
libctrl-dev link libctrl.so.1 $(TOOLS_LIBDIR)/libctrl.so
libctrl-dev data $(LIBCTRL_PC) $(TOOLS_LIBDIR)/pkgconfig/libctrl.pc
$(foreach header,$(LIBCTRL_HEADERS),libctrl-dev data $(header) $(PREFIX)/include/libctrl/$(notdir $(header))
)
endef
export install_table
