#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fetch Debian packages and all they need, and unpack them into a folder: nothing is installed.

apt-get downloads, dpkg-deb unpacks. Packages are kept in ~/.cache/xenios, so that a second
clone on this machine fetches nothing. No maintainer script runs.
"""

import argparse
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "xenios")


def facts(packages):
    """Return {package: fields} of the versions that apt would install; unknown ones are left out."""
    done = subprocess.run(["apt-cache", "show", "--no-all-versions", *sorted(packages)],
                          capture_output=True, text=True, check=False)
    found = [dict(re.findall(r"^([\w-]+): (.*)$", part, re.MULTILINE))
             for part in done.stdout.split("\n\n")]
    return {fields["Package"]: fields for fields in found if "Package" in fields}


def needs(fields):
    """What a package needs, of alternatives the first."""
    text = fields.get("Pre-Depends", "") + "," + fields.get("Depends", "")
    first = (re.match(r"\s*([\w.+-]+)", part) for part in text.split(","))
    return [match[1] for match in first if match]


def closure(roots, without):
    """Return {package: fields} of the roots and all they need, leaving out 'without'."""
    found, asked, todo = {}, set(), set(roots)
    while todo:
        asked |= todo
        # What is not found is a virtual package: somebody provides it, or it is not needed to run.
        new = facts(todo)
        found.update(new)
        todo = {need for fields in new.values() for need in needs(fields)} - asked
        todo = {need for need in todo if not any(re.fullmatch(word, need) for word in without)}
    unknown = [package for package in roots if package not in found]
    if unknown:
        sys.exit(f"apt does not know {', '.join(unknown)}. Type as root: apt-get update")
    return found


def kept(package, version):
    """The path of the package's file in the cache, or None."""
    pattern = os.path.join(CACHE, f"{package}_{version.replace(':', '%3a')}_*.deb")
    return next(iter(glob.glob(pattern)), None)


def fetch(packages):
    """Download those packages that are not kept already."""
    wanted = [f"{name}={fields['Version']}" for name, fields in sorted(packages.items())
              if not kept(name, fields["Version"])]
    if not wanted:
        return
    part = os.path.join(CACHE, "part-packages")
    os.makedirs(part, exist_ok=True)
    print(f"Fetching {len(wanted)} packages for dom0", file=sys.stderr)
    done = subprocess.run(["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *wanted],
                          cwd=part, check=False)
    for path in glob.glob(part + "/*.deb"):
        os.rename(path, os.path.join(CACHE, os.path.basename(path)))
    shutil.rmtree(part)
    if done.returncode != 0:
        sys.exit(f"apt-get could not fetch all of: {' '.join(wanted)}")


def unpack(packages, folder):
    """Unpack into a new folder, which appears only when it is whole."""
    part = folder + ".part"
    shutil.rmtree(part, ignore_errors=True)
    # Merged /usr, as on an installed Debian, so that /lib and /usr/lib are the same.
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(part, "usr", name))
        os.symlink("usr/" + name, os.path.join(part, name))
    for package in sorted(packages):
        path = kept(package, packages[package]["Version"])
        archive = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-C", part, "-x", "--keep-directory-symlink", "--no-same-owner",
                        "--exclude=./usr/share/doc", "--exclude=./usr/share/man",
                        "--exclude=./usr/share/locale", "--exclude=./usr/share/info"],
                       stdin=archive.stdout, check=True)
        if archive.wait() != 0:
            sys.exit(f"{path} can't be unpacked; remove it and try again.")
    with open(os.path.join(part, "versions"), "w", encoding="utf-8") as file:
        for package in sorted(packages):
            file.write(f"{package} {packages[package]['Version']}\n")
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(part, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", required=True, action="append",
                        help="file: a package a line, '-' leaves one out")
    parser.add_argument("folder")
    args = parser.parse_args()
    words = []
    for path in args.list:
        with open(path, encoding="utf-8") as file:
            words += [line.split("#")[0].strip() for line in file]
    roots = [word for word in words if word and word[0] != "-"]
    without = [word[1:] for word in words if word.startswith("-")]
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, ".packages.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages = closure(roots, without)
        fetch(packages)
        unpack(packages, args.folder)


if __name__ == "__main__":
    main()
