# SPDX-License-Identifier: BSD-2-Clause
# The kernel must know that it is the control domain of a Xen 4.17.
[ "$(cat /sys/hypervisor/type)" = xen ] || fail "/sys/hypervisor/type is not xen"
version=/sys/hypervisor/version
[ "$(cat $version/major).$(cat $version/minor)" = 4.17 ] || fail "the version is not 4.17"
grep -q control_d /proc/xen/capabilities || fail "/proc/xen/capabilities lacks control_d"
for device in evtchn gntdev privcmd; do
    [ -c /dev/xen/$device ] || fail "/dev/xen/$device is missing"
done
echo "4.17$(cat $version/extra)"
