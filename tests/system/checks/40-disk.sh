# SPDX-License-Identifier: BSD-2-Clause
# Reads what the host wrote, writes what the host will read (the second half, a copy of the first).
[ -b "$DISK" ] || fail "$DISK is missing"
before=$(interrupts "$DISK_DRIVER")
half=$(($(cat "/sys/block/${DISK#/dev/}/size") / 2 / 2048))
[ "$(dd if="$DISK" bs=1M count=$half 2>/dev/null | sha256sum)" = "$DISK_SHA  -" ] ||
    fail "what was read is not what the host wrote"
dd if="$DISK" of="$DISK" bs=1M count=$half seek=$half 2>/dev/null || fail "writing failed"
sync
echo 3 > /proc/sys/vm/drop_caches
[ "$(dd if="$DISK" bs=1M skip=$half 2>/dev/null | sha256sum)" = "$DISK_SHA  -" ] ||
    fail "what was read back is not what was written"
count=$(($(interrupts "$DISK_DRIVER") - before))
[ $count -gt 0 ] || fail "the disk works without an interrupt"
kind=$(interrupt_kind "$DISK_DRIVER")
[ "$kind" = "$INTERRUPTS" ] || fail "the disk's interrupt is $kind, not $INTERRUPTS"
echo "$half MiB each way, $count interrupts ($kind)"
