# SPDX-License-Identifier: BSD-2-Clause
# Reaches the host, fetches a file from it and sends it back.
driver=$(basename "$(readlink /sys/class/net/eth0/device/driver)")
[ "$driver" = "$NET_DRIVER" ] || fail "eth0's driver is $driver, not $NET_DRIVER"
tries=0
until ping -c 1 -W 1 10.0.2.2 > /dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 10 ] || fail "no answer to ping"
done
ping -c 5 -i 0.2 -W 2 10.0.2.2 | grep -q ' 0% packet loss' || fail "ping lost packets"
nc 10.0.2.2 "$NET_DOWN" < /dev/null > /tmp/net || fail "could not fetch from the host"
[ "$(sha256sum < /tmp/net)" = "$NET_SHA  -" ] || fail "$(wc -c < /tmp/net) bytes arrived, wrongly"
nc 10.0.2.2 "$NET_UP" < /tmp/net > /dev/null || fail "could not send to the host"
kind=$(interrupt_kind "$NET_INTERRUPT")
[ "$kind" = "$NET_KIND" ] || fail "the card's interrupt is $kind, not $NET_KIND"
echo "$(wc -c < /tmp/net) bytes each way ($kind)"
rm /tmp/net
