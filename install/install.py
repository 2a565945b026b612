#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Lay out files as a table says (standard input; install/table.mk describes it), and take exactly
that back.

    install.py install DESTDIR RECORD < TABLE
    install.py uninstall DESTDIR RECORD

RECORD, a path below DESTDIR, lists what was made. A file that was there before and is not ours is
kept as FILE.before-xenios, and comes back; a configuration file that is there stays.
"""

import os
import shutil
import subprocess
import sys

KEPT = ".before-xenios"


def read_table(file):
    """Return [(package, kind, source, destination)]."""
    rows = [tuple(line.split()) for line in file if line.strip()]
    for row in rows:
        if len(row) != 4:
            sys.exit(f"install: not a row of the table: {' '.join(row)}")
    return rows


def copy(kind, source, target):
    if kind == "link":
        os.symlink(source, target)
        return
    shutil.copyfile(source, target)
    os.chmod(target, 0o755 if kind in ("program", "script") else 0o644)
    if kind in ("program", "library"):
        subprocess.run(["strip", "--strip-unneeded", target], check=True)


class Tree:
    """Files below DESTDIR, and the record of what was made there."""

    def __init__(self, root, record):
        self.root, self.record = root.rstrip("/"), record
        self.made = []
        if os.path.exists(self.path(record)):
            with open(self.path(record), encoding="utf-8") as file:
                self.made = [tuple(line.rstrip("\n").split(" ", 1)) for line in file]
        self.ours = {path for what, path in self.made if what in ("file", "config")}

    def path(self, name):
        return self.root + name

    def folder(self, name):
        if name in ("", "/") or os.path.isdir(self.path(name)):
            return
        self.folder(os.path.dirname(name))
        os.mkdir(self.path(name), 0o755)
        self.made.append(("folder", name))

    def put(self, kind, source, name):
        target = self.path(name)
        if kind == "folder":
            self.folder(name)
            return
        self.folder(os.path.dirname(name))
        if os.path.lexists(target):
            if kind == "config":
                return
            if name in self.ours:
                os.unlink(target)
            else:
                os.rename(target, target + KEPT)
                self.made.append(("kept", name))
        # In one step: the file may be a program that runs.
        part = target + ".part"
        copy(kind, source, part)
        os.rename(part, target)
        if name not in self.ours:
            self.made.append(("config" if kind == "config" else "file", name))
            self.ours.add(name)

    def write_record(self):
        self.folder(os.path.dirname(self.record))
        with open(self.path(self.record), "w", encoding="utf-8") as file:
            file.writelines(f"{what} {name}\n" for what, name in self.made)

    def take_back(self):
        os.unlink(self.path(self.record))
        for what, name in reversed(self.made):
            path = self.path(name)
            if what == "folder":
                if os.path.isdir(path) and not os.listdir(path):
                    os.rmdir(path)
                elif os.path.isdir(path):
                    print(f"{path} stays: it holds files that came later.")
            elif what == "kept":
                os.rename(path + KEPT, path)
            elif os.path.lexists(path):
                os.unlink(path)


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("install", "uninstall"):
        sys.exit(__doc__)
    tree = Tree(sys.argv[2], sys.argv[3])
    try:
        if sys.argv[1] == "install":
            os.makedirs(tree.path("/"), exist_ok=True)
            for _, kind, source, name in read_table(sys.stdin):
                tree.put(kind, source, name)
            tree.write_record()
        elif os.path.exists(tree.path(tree.record)):
            tree.take_back()
        else:
            sys.exit(f"uninstall: {tree.path(tree.record)} is not there: nothing was installed.")
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
