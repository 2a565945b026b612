# SPDX-License-Identifier: BSD-2-Clause
# Tests of which commands the static xl does itself.

.PHONY: check-xl-front
check-xl-front: $(XL_FRONT)
	@mkdir -p $(O)/results
	@python3 tests/xl/front.py $(XL_FRONT) $(O)/results/xl-front.txt
