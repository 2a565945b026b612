# SPDX-License-Identifier: BSD-2-Clause
# Modules load, work and unload, again and again.
i=0
while [ $i -lt 4 ]; do
    for module in dummy loop zram; do
        modprobe $module || fail "$module does not load"
        grep -q "^$module " /proc/modules || fail "$module is not there"
    done
    ip link add dummy9 type dummy && ip link del dummy9 || fail "the dummy device does not work"
    for module in dummy loop zram; do
        rmmod $module || fail "$module does not unload"
    done
    i=$((i + 1))
done
echo "$i times"
