#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the Debian packages of a table (standard input; install/table.mk describes it) into FOLDER.

    deb.py FOLDER [VERSION] < TABLE

install/debian holds what the packages say about themselves: control, changelog, copyright,
maintainer scripts (PACKAGE.postinst ...), lintian overrides.
"""

import getpass
import gzip
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import install

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIAN = os.path.join(HERE, "debian")
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path, mode)


def paragraphs():
    """{package: its paragraph of debian/control}."""
    found = {}
    for text in read(os.path.join(DEBIAN, "control")).split("\n\n"):
        match = re.search(r"^Package: (\S+)$", text, re.MULTILINE)
        found[match[1]] = text.strip()
    return found


def version():
    if len(sys.argv) > 2:
        return sys.argv[2]
    return re.search(r"\(([^)]+)\)", read(os.path.join(DEBIAN, "changelog")))[1]


def maintainer():
    """Who answers for the package: as Debian's tools know it, or whoever changed the sources last."""
    name, address = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    if name and address:
        return f"{name} <{address}>"
    done = subprocess.run(["git", "log", "-1", "--format=%an <%ae>"], capture_output=True,
                          text=True, check=False, cwd=HERE)
    return done.stdout.strip() or f"{getpass.getuser()} <{getpass.getuser()}@{socket.getfqdn()}>"


def filled(text):
    """With what only the building of the package knows."""
    return text.replace("${version}", version()).replace("${maintainer}", maintainer())


def lay_out(root, rows):
    tree = install.Tree(root, "/")
    os.makedirs(root)
    for _, kind, source, name in rows:
        if name.startswith("/usr/share/man/"):
            tree.folder(os.path.dirname(name))
            with open(source, "rb") as file:
                write(root + name + ".gz", gzip.compress(file.read(), mtime=0))
        else:
            tree.put(kind, source, name)


def add_documents(root, package):
    folder = f"{root}/usr/share/doc/{package}"
    write(folder + "/copyright", read(os.path.join(DEBIAN, "copyright")))
    changelog = filled(read(os.path.join(DEBIAN, "changelog"))).encode()
    write(folder + "/changelog.Debian.gz", gzip.compress(changelog, mtime=0))
    overrides = os.path.join(DEBIAN, package + ".lintian-overrides")
    if os.path.exists(overrides):
        write(f"{root}/usr/share/lintian/overrides/{package}", read(overrides))


def files(root):
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                yield path, path[len(root) + 1:]


def add_control(root, package, text):
    size = sum(os.path.getsize(path) for path, _ in files(root))
    sums = ""
    for path, name in sorted(files(root)):
        with open(path, "rb") as file:
            digest = hashlib.md5(file.read()).hexdigest()
        if not name.startswith("etc/"):
            sums += f"{digest}  {name}\n"
    config = "".join(f"/{name}\n" for _, name in sorted(files(root)) if name.startswith("etc/"))
    head, rest = text.split("\n", 1)
    write(root + "/DEBIAN/control", f"{head}\nVersion: {version()}\nInstalled-Size: "
          f"{(size + 1023) // 1024}\n{filled(rest)}\n")
    write(root + "/DEBIAN/md5sums", sums)
    if config:
        write(root + "/DEBIAN/conffiles", config)
    for name in SCRIPTS + ("triggers", "shlibs"):
        path = os.path.join(DEBIAN, f"{package}.{name}")
        if os.path.exists(path):
            write(f"{root}/DEBIAN/{name}", read(path), 0o755 if name in SCRIPTS else 0o644)


def build(folder, package, text, rows):
    with tempfile.TemporaryDirectory() as work:
        root = os.path.join(work, package)
        lay_out(root, rows)
        add_documents(root, package)
        add_control(root, package, text)
        output = os.path.join(folder, f"{package}_{version()}_amd64.deb")
        # A format that every dpkg since Debian 7 reads.
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, output + ".part"],
                       check=True, stdout=subprocess.DEVNULL)
        shutil.move(output + ".part", output)
        print(output)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    os.umask(0o022)
    rows = install.read_table(sys.stdin)
    for package, text in paragraphs().items():
        build(sys.argv[1], package, text, [row for row in rows if row[0] == package])


if __name__ == "__main__":
    main()
