# SPDX-License-Identifier: BSD-2-Clause
# Time never goes back, on no CPU and between none; a second of sleep lasts a second.
clocks check 3 > /tmp/clocks || fail "$(cat /tmp/clocks)"
before=$(cut -d' ' -f1 /proc/uptime | tr -d .)
sleep 1
after=$(cut -d' ' -f1 /proc/uptime | tr -d .)
slept=$((after - before))
[ $slept -ge 99 ] && [ $slept -le 500 ] || fail "a second's sleep took $slept hundredths"
cat /tmp/clocks
