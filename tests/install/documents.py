# SPDX-License-Identifier: BSD-2-Clause
"""The commands in README.md and docs/install.md: those of make are there, and check-deb runs the others."""

import os
import re
import shlex
import subprocess

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PAGES = ["README.md", "docs/install.md", "tests/README.md"]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def commands(page):
    """Indented lines that begin with a command, without what is said about them."""
    for line in re.findall(r"^    ((?:make|sudo) .*)$", read(page), re.MULTILINE):
        words = shlex.split(line, comments=True)
        while "&&" in words:
            yield words[:words.index("&&")]
            words = words[words.index("&&") + 1:]
        yield words


def test_documented_targets_are_there(check):
    found = [words for page in PAGES for words in commands(page) if words[0] == "make"]
    assert len(found) > 12, f"only {len(found)} commands were found"
    for words in found:
        done = subprocess.run([*check.make, "-n", *words[1:]], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr[-300:]}"


def test_documented_installation_is_tested(_check):
    """docs/install.md, command by command, is what tests/install/debian does.

    There dpkg stands for apt; what update-grub calls is tested in tree.py.
    """
    folder = "tests/install/debian"
    done = "".join(read(os.path.join(folder, name)) for name in os.listdir(os.path.join(ROOT, folder)))
    missing = [shlex.join(words[1:]) for page in PAGES for words in commands(page)
               if words[0] == "sudo" and words[1] not in ("apt", "update-grub") and shlex.join(words[1:]) not in done]
    assert not missing, f"not in {folder}: {missing}"
