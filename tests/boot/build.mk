# SPDX-License-Identifier: BSD-2-Clause
# Boots that go wrong, odd ways to boot, and the hypervisor's own end.

.PHONY: check-boot
# make check-boot BOOT="note/ fatal/" runs only the cases whose names begin so.
check-boot: guests all | $(DEPS) ## boots that go wrong, GRUB, crashes
	@python3 tests/boot/run.py --hypervisor $(O)/xen/xenios --compressed $(O)/xen/xenios.gz \
	    --output $(O) $(BOOT)
