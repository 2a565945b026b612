#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetch a Debian package through apt and unpack it, without installing it on this machine.
#   fetch.sh kernel SERIES FOLDER   SERIES is 6.1 or 6.12: FOLDER gets vmlinuz, version, lib/modules
#   fetch.sh reference FOLDER       Debian's packaged Xen 4.17: FOLDER gets xen (ELF) and xen.gz
# Packages are kept in ~/.cache/xenios, so that a second clone on this machine fetches nothing.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/xenios
mkdir -p "$cache"

# Debian's first series has the plain metapackage name.
metapackage() {
    case $1 in
    6.1) echo linux-image-amd64 ;;
    *) echo "linux-image-$1-amd64" ;;
    esac
}

# The package that a metapackage depends on today.
resolve() {
    apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-.*\)$/\1/p' | head -n 1
}

refresh_lists() {
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq
    elif sudo -n true 2>/dev/null; then
        sudo apt-get update -qq
    else
        echo "apt does not know $1. Type as root: apt-get update" >&2
        return 1
    fi
}

# Print the path of PACKAGE's .deb for the version that apt offers; PATTERN finds an older one
# in the cache for when nothing can be fetched.
fetch() {
    local package=$1 pattern=$2 version file
    version=$(apt-cache show --no-all-versions "$package" 2>/dev/null |
              sed -n 's/^Version: //p' | head -n 1)
    file=$cache/${package}_${version//:/%3a}_amd64.deb
    if [ ! -f "$file" ]; then
        echo "Fetching $package $version" >&2
        local part
        part=$(mktemp -d "$cache/part.XXXXXX")
        if (cd "$part" && apt-get -qq -o APT::Sandbox::User=root download "$package") >&2; then
            mv "$part"/*.deb "$file"
        fi
        rm -rf "$part"
    fi
    if [ ! -f "$file" ]; then
        # shellcheck disable=SC2012,SC2086 # the names are Debian's, the pattern is ours
        file=$(ls -t "$cache"/$pattern 2>/dev/null | head -n 1)
        [ -n "$file" ] || { echo "apt-get could not fetch $package." >&2; return 1; }
        echo "apt-get could not fetch $package; using $file, fetched earlier." >&2
    fi
    echo "$file"
}

fetch_kernel() {
    local series=$1 folder=$2 meta package deb part
    meta=$(metapackage "$series")
    package=$(resolve "$meta")
    if [ -z "$package" ]; then
        refresh_lists "$meta" || true
        package=$(resolve "$meta")
    fi
    deb=$(fetch "${package:-$meta}" "linux-image-$series.[0-9]*.deb")
    part=$(mktemp -d "$folder.XXXXXX")
    dpkg-deb -x "$deb" "$part"
    [ -d "$part/lib" ] || ln -s usr/lib "$part/lib"
    mv "$part"/boot/vmlinuz-* "$part/vmlinuz"
    basename "$part"/lib/modules/* > "$part/version"
    rm -rf "$part/boot" "$part/usr/share"
    chmod 755 "$part"
    rm -rf "$folder"
    mv "$part" "$folder"
}

fetch_reference() {
    local folder=$1 deb part package=xen-hypervisor-4.17-amd64
    apt-cache show "$package" >/dev/null 2>&1 || refresh_lists "$package" || true
    deb=$(fetch "$package" "$package"_*.deb)
    part=$(mktemp -d "$folder.XXXXXX")
    dpkg-deb -x "$deb" "$part/package"
    cp "$part"/package/boot/xen-*-amd64.gz "$part/xen.gz"
    gunzip -c "$part/xen.gz" > "$part/xen"
    rm -rf "$part/package"
    chmod 755 "$part"
    rm -rf "$folder"
    mv "$part" "$folder"
}

command=$1
shift
folder=${!#}
mkdir -p "$(dirname "$folder")"
exec 9> "$(dirname "$folder")/.fetch.lock"
flock 9
case $command in
kernel) [ -f "$folder/version" ] || fetch_kernel "$@" ;;
reference) [ -f "$folder/xen" ] || fetch_reference "$@" ;;
esac
