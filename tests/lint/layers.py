# SPDX-License-Identifier: BSD-2-Clause
"""Check the include order inside xen/ against the table 'layers'."""

import glob
import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


class Table:
    """The layers, lowest first: which folders and which headers are in which."""

    def __init__(self, path):
        self.names, self.folders, self.headers, self.allowed = [], {}, {}, set()
        with open(path, encoding="utf-8") as file:
            text = file.read().replace("\\\n", " ")
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if line.startswith("allow "):
                file_name, *headers = line[6:].split(":")[0].split()
                self.allowed |= {(file_name, header) for header in headers}
            elif line:
                self._add_layer(line)

    def _add_layer(self, line):
        name, rest = line.split(":", 1)
        folders, headers = rest.split("|")
        rank = len(self.names)
        self.names.append(name)
        self.folders.update({folder: rank for folder in folders.split()})
        self.headers.update({header: rank for header in headers.split()})

    def rank_of_file(self, path):
        """path is relative to xen/."""
        header = re.sub(r"^(include/xen|arch/[a-z0-9]+/include)/|\.h$", "", path)
        if path.endswith(".h") and header in self.headers:
            return self.headers[header]
        fitting = [place for place in self.folders if path.startswith(place)]
        return self.folders[max(fitting, key=len)] if fitting else None

    def problems_of_file(self, path, text):
        rank = self.rank_of_file(path)
        if rank is None:
            return [f"xen/{path}: no layer; name it in tests/lint/layers"]
        problems = []
        for _, header in INCLUDE.findall(text):
            match = re.fullmatch(r"(?:xen/|(asm/))(\w+)\.h", header)
            if not match:
                continue
            name = (match[1] or "") + match[2]
            if name not in self.headers:
                problems.append(f"xen/{path}: <{header}> has no layer; name it in tests/lint/layers")
            elif self.headers[name] > rank and (path, name) not in self.allowed:
                problems.append(f"xen/{path}: layer '{self.names[rank]}' may not include <{header}>"
                                f" of '{self.names[self.headers[name]]}'")
        return problems


def problems(root):
    """Return one line for each include that goes up, below root/xen."""
    table = Table(os.path.join(root, "tests/lint/layers"))
    found = []
    for path in sorted(glob.glob(os.path.join(root, "xen/**/*.[chS]"), recursive=True)):
        name = os.path.relpath(path, os.path.join(root, "xen"))
        if name.startswith(("arch/fake/", "include/public/")):
            continue
        with open(path, encoding="utf-8") as file:
            found += table.problems_of_file(name, file.read())
    return found
