#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Build a real Debian for dom0: an ext4 disk image with systemd, udev, iproute2 and pciutils.
#   build.sh IMAGE REPORT KERNEL_FOLDER...
# REPORT is the program of dom0/report.c. Needs no privilege where user namespaces are allowed.
set -euo pipefail

image=$1
report=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is laid over Debian's own files: our units, the kernels' modules (without what no emulated
# machine has), the reporter.
tree=$work/tree
mkdir -p "$tree/usr/lib/modules" "$tree/usr/bin" "$tree/etc/systemd"
cp -r "$here/etc" "$tree/"
cp "$report" "$tree/usr/bin/report"
for kernel in "$@"; do
    tar -C "$kernel/lib/modules" -c --exclude='kernel/drivers/gpu' --exclude='kernel/drivers/media' \
        --exclude='kernel/drivers/net/wireless' --exclude='kernel/drivers/infiniband' \
        --exclude='kernel/drivers/staging' --exclude='kernel/drivers/iio' --exclude='kernel/sound' \
        --exclude='kernel/drivers/net/ethernet/mellanox' . | tar -C "$tree/usr/lib/modules" -x
done
tar -C "$tree" --owner=0 --group=0 -c . > "$work/tree.tar"

mmdebstrap --quiet --variant=minbase --format=ext2 \
    --include=systemd,systemd-sysv,udev,dbus,kmod,iproute2,pciutils,procps,iputils-ping,netcat-openbsd \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="tar-in $work/tree.tar /" \
    --customize-hook='for dir in "$1"/usr/lib/modules/*; do
        chroot "$1" depmod "$(basename "$dir")"; done' \
    --customize-hook='chroot "$1" passwd -qd root' \
    --customize-hook='chroot "$1" systemctl -q enable systemd-networkd xenios-command' \
    --customize-hook='echo dom0 > "$1/etc/hostname"; echo "127.0.1.1 dom0" >> "$1/etc/hosts"' \
    bookworm "$work/image"
resize2fs "$work/image" 1500M > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
tune2fs -j -O extents,uninit_bg,dir_index "$work/image" > "$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
e2fsck -fy "$work/image" > "$work/log" 2>&1 || [ $? = 1 ] || { cat "$work/log"; exit 1; }
mkdir -p "$(dirname "$image")"
cp --sparse=always "$work/image" "$image.part"
mv "$image.part" "$image"
