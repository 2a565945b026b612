#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""'make install' and 'make uninstall' below a folder that holds files of others before.

    tree.py MAKE_WORDS... (how to call make, without the target)

Writes one line a test to results/install.txt below the output folder (O=).
"""

import os
import shutil
import subprocess
import sys
import tempfile

import documents

OTHERS = {
    "/usr/sbin/xl": "another xl\n",
    "/etc/xen/xl.conf": "# of the administrator\n",
    "/usr/share/man/man1/other.1": "other\n",
}
EXPECTED = """/boot/xenios.gz /etc/grub.d/21_xenios /usr/sbin/xl /usr/sbin/xenstored /usr/sbin/xenconsoled
    /usr/lib/x86_64-linux-gnu/libctrl.so /usr/lib/x86_64-linux-gnu/libctrl.so.1
    /usr/lib/x86_64-linux-gnu/libctrl.a /usr/lib/x86_64-linux-gnu/pkgconfig/libctrl.pc
    /usr/lib/xenios/json.so /usr/lib/xenios/xl /usr/include/libctrl/ctrl.h
    /usr/lib/systemd/system/xenstored.service /usr/lib/systemd/system/proc-xen.mount
    /usr/share/man/man1/xl.1 /usr/share/man/man5/xl.cfg.5
    /usr/share/bash-completion/completions/xl /etc/default/xenios /etc/xen/auto
    /var/log/xen/console""".split()


def tree(root):
    """Everything below a folder: {path: content, text of a link, or None for a folder}."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            key = path[len(root):]
            if os.path.islink(path):
                found[key] = "-> " + os.readlink(path)
            elif os.path.isdir(path):
                found[key] = None
            else:
                with open(path, "rb") as file:
                    found[key] = (file.read(), os.stat(path).st_mode)
    return found


class Check:
    def __init__(self, make):
        self.make = make
        self.folder = tempfile.TemporaryDirectory()
        self.root = os.path.join(self.folder.name, "root")

    def run(self, target):
        done = subprocess.run([*self.make, target, f"DESTDIR={self.root}"], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"make {target}: {done.stdout[-500:]}{done.stderr[-500:]}")

    def with_others(self):
        for name, text in OTHERS.items():
            path = self.root + name
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def test_uninstall_takes_exactly_that_back(check):
    check.with_others()
    before = tree(check.root)
    check.run("install")
    check.run("uninstall")
    after = tree(check.root)
    assert after == before, f"differs: {sorted(set(before) ^ set(after)) or 'contents'}"


def test_twice_is_as_once(check):
    check.with_others()
    before = tree(check.root)
    check.run("install")
    once = tree(check.root)
    check.run("install")
    twice = tree(check.root)
    assert once == twice, f"differs: {sorted(set(once) ^ set(twice)) or 'contents'}"
    check.run("uninstall")
    assert tree(check.root) == before


def test_all_is_there(check):
    check.run("install")
    found = tree(check.root)
    missing = [name for name in EXPECTED if name not in found]
    assert not missing, f"missing: {missing}"
    links = [name for name, what in found.items() if isinstance(what, str)
             and not os.path.exists(os.path.realpath(check.root + name))]
    assert not links, f"links that lead nowhere: {links}"


def test_what_the_administrator_has_stays(check):
    check.with_others()
    check.run("install")
    found = tree(check.root)
    assert found["/etc/xen/xl.conf"][0] == b"# of the administrator\n"
    assert found["/usr/sbin/xl.before-xenios"][0] == b"another xl\n"


def test_programs_run_from_there(check):
    """xl finds its modules by the path that they are installed at, so only its help is asked."""
    check.run("install")
    for words in (["xl", "help"], ["xenstored", "--help"], ["xenconsoled", "--help"]):
        path = os.path.join(check.root, "usr/sbin", words[0])
        done = subprocess.run([path, *words[1:]], capture_output=True, check=False)
        assert done.returncode == 0, f"{words}: status {done.returncode}"


def test_a_program_can_be_built_with_the_library(check):
    check.run("install")
    source = os.path.join(check.folder.name, "a.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write("#include <libctrl/ctrl.h>\nint main(void) { struct ctrl *c; "
                   "return ctrl_open(&c) == 0 ? (ctrl_close(c), 0) : 1; }\n")
    for kind in ([], ["-static"]):
        folder = check.root + "/usr/lib/x86_64-linux-gnu"
        subprocess.run(["gcc", "-o", source[:-2], source, "-I" + check.root + "/usr/include",
                        "-L" + folder, *kind, "-lctrl"], check=True)
        done = subprocess.run([source[:-2]], check=False, env={"LD_LIBRARY_PATH": folder})
        assert done.returncode == 0, f"linked {kind}: status {done.returncode}"


def test_grub_has_an_entry_for_each_kernel(check):
    """The generator, called as update-grub does, with this /boot in place of the machine's."""
    check.run("install")
    for version in ("6.1.0-9-amd64", "6.1.0-10-amd64"):
        for name in ("vmlinuz-", "initrd.img-")[:1 if "-9-" in version else 2]:
            with open(f"{check.root}/boot/{name}{version}", "wb"):
                pass
    env = {**os.environ, "GRUB_DEVICE": "/dev/vda1", "GRUB_DEVICE_UUID": "12-34",
           "GRUB_DEVICE_BOOT": "/dev/vda1"}
    script = ("mount --bind $0/boot /boot; prepare_grub_to_access_device() { :; }; "
              "make_system_path_relative_to_its_root() { echo \"$1\"; }; "
              "grub_add_tab() { cat; }; pkgdatadir=$0; . $0/etc/grub.d/21_xenios")
    with open(check.root + "/grub-mkconfig_lib", "w", encoding="utf-8"):
        pass
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script, check.root], env=env, check=True,
                          capture_output=True, text=True)
    entries = done.stdout.split("menuentry ")[1:]
    assert [entry.split("'")[1] for entry in entries] == [
        "Xenios, with Linux 6.1.0-10-amd64", "Xenios, with Linux 6.1.0-9-amd64"], done.stdout
    assert "multiboot2 /boot/xenios.gz com1=" in entries[0]
    assert "module2 /boot/vmlinuz-6.1.0-10-amd64 root=UUID=12-34 ro" in entries[0]
    assert "initrd.img-6.1.0-10-amd64" in entries[0] and "initrd" not in entries[1]


def test_packages_hold_the_same(check):
    """What the packages lay out is what 'make install' does, and lintian has nothing to say."""
    output = next((word[2:] for word in check.make if word.startswith("O=")), "build")
    subprocess.run([*check.make, "deb"], check=True, capture_output=True)
    packages = [os.path.join(output, "deb", name) for name in sorted(os.listdir(output + "/deb"))]
    other = os.path.join(check.folder.name, "deb")
    for package in packages:
        subprocess.run(["dpkg-deb", "-x", package, other], check=True)
    check.run("install")
    ours, theirs = set(tree(check.root)), set(tree(other))
    extra = ("/usr/share/doc", "/usr/share/lintian", "/usr/share/xenios", "/usr/share/man")
    differ = [name for name in ours ^ theirs if not name.startswith(extra)]
    assert not differ, f"differs: {sorted(differ)}"
    if shutil.which("lintian"):
        done = subprocess.run(["lintian", "--allow-root", *packages], capture_output=True,
                              text=True, check=False)
        assert not done.stdout, done.stdout


def main():
    make = sys.argv[1:]
    output = next((word[2:] for word in make if word.startswith("O=")), "build")
    os.makedirs(output + "/results", exist_ok=True)
    failed = 0
    with open(output + "/results/install.txt", "w", encoding="utf-8") as results:
        for name, function in sorted({**globals(), **vars(documents)}.items()):
            if not name.startswith("test_"):
                continue
            line = f"pass install/{name[5:]}"
            try:
                function(Check(make))
            except (AssertionError, OSError, subprocess.SubprocessError) as failure:
                line = f"fail install/{name[5:]}: {' '.join(str(failure).split())}"
                failed += 1
            print(line, flush=True)
            results.write(line + "\n")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
