# SPDX-License-Identifier: BSD-2-Clause
# Processes, memory mappings and signals under load, twice as many workers as CPUs.
storm "$LOAD" $((CPUS * 2)) > /tmp/storm 2>&1 || fail "$(tail -n 1 /tmp/storm)"
awk '{ rounds += $5 } END { print rounds " rounds" }' /tmp/storm
