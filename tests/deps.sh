#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Install the Debian packages that building and testing need and that are missing.
# As root or with sudo; otherwise print the one line to type, and fail.

packages="
    gcc libc6-dev binutils make git
    liblzma-dev libzstd-dev zlib1g-dev libxml2-dev libyajl-dev libncurses-dev
    clang libclang-rt-14-dev clang-tidy cppcheck libcmocka-dev libxen-dev
    python3 valgrind xz-utils zstd busybox-static e2fsprogs genext2fs mmdebstrap uidmap
    qemu-system-x86 ovmf bochs bochsbios vgabios dnsmasq-base nftables acpica-tools
    grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools
"

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    "install ok installed") ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    sudo=
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo=sudo
else
    echo "Debian packages are missing. Type this as root, then run make again:" >&2
    echo "    apt-get update && $install" >&2
    exit 1
fi
echo "Installing Debian packages:$missing" >&2
lock="-o DPkg::Lock::Timeout=300"
# The package lists may be too old or absent: refresh them once when the first try fails.
# shellcheck disable=SC2086 # each word is an argument
DEBIAN_FRONTEND=noninteractive $sudo $install $lock >&2 ||
    { $sudo apt-get update >&2 && DEBIAN_FRONTEND=noninteractive $sudo $install $lock >&2; } ||
    { echo "apt-get could not install:$missing" >&2; exit 1; }
