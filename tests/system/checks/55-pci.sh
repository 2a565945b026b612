# SPDX-License-Identifier: BSD-2-Clause
# Every PCI function answers, and what the kernel has a driver for is bound to it.
count=0
for function in /sys/bus/pci/devices/*; do
    vendor=$(cat "$function/vendor")
    [ "$vendor" != 0xffff ] || fail "$function does not answer"
    [ "$(dd if="$function/config" bs=64 count=1 2>/dev/null | wc -c)" = 64 ] ||
        fail "$function: its configuration cannot be read"
    count=$((count + 1))
done
[ $count -ge 4 ] || fail "only $count PCI functions"
for device in /sys/bus/virtio/devices/*; do
    [ ! -e "$device" ] || [ -e "$device/driver" ] || fail "$device has no driver"
done
echo "$count functions"
