# SPDX-License-Identifier: BSD-2-Clause
# The memory that was promised is there and keeps what is written. A kernel keeps a part for itself.
total=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
[ "$total" -le "$MEMORY" ] || fail "$total MiB is more than the $MEMORY given"
[ "$total" -ge $((MEMORY * 92 / 100 - 110)) ] || fail "only $total MiB of $MEMORY"
size=$((total / 4))
[ $size -le 256 ] || size=256
mkdir -p /tmp/ram && mount -t tmpfs -o size=$((size + 8))m ram /tmp/ram || fail "no tmpfs"
dd if=/dev/urandom of=/tmp/ram/seed bs=1M count=4 2>/dev/null
i=0
while [ $i -lt $((size / 4 - 2)) ]; do
    cat /tmp/ram/seed || exit 1
    i=$((i + 1))
done > /tmp/ram/big
seed=$(sha256sum < /tmp/ram/seed)
block=0
while [ $block -lt $i ]; do
    [ "$(dd if=/tmp/ram/big bs=4M skip=$block count=1 2>/dev/null | sha256sum)" = "$seed" ] ||
        fail "memory changed in block $block of $i"
    block=$((block + 8))
done
umount /tmp/ram
echo "$total MiB of $MEMORY"
