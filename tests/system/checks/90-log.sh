# SPDX-License-Identifier: BSD-2-Clause
# The kernel's log must show no fault. Runs last.
pattern='WARNING:|BUG:|BUG at|Oops|Call Trace|general protection|soft lockup|rcu.*stall|I/O error'
pattern="$pattern|segfault|nobody cared|timed out|Kernel panic|bad page|MCE|Machine check"
found=$(dmesg | grep -E "$pattern" | head -n 3)
[ -z "$found" ] || fail "$found"
echo "$(dmesg | wc -l) lines, nothing bad"
