#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Lint: what can be said about the sources without running them.

Each check is one test of the suite 'lint' (tests/README.md). What a compiler or clang-tidy said
about a file is kept by the hash of the preprocessed text, so only what changed is looked at again.
"""

import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import shlex
import subprocess
import sys
import time

import layers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MAX_COLUMNS = 100
MAX_LINES = 1000


def run(command, timeout=300):
    """Return (status, output) of a command."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=timeout, check=False, cwd=ROOT)
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]} took more than {timeout} s"
    except FileNotFoundError:
        return 127, f"{command[0]} is not installed: run make deps"
    return done.returncode, done.stdout


class Cache:
    """Remembers commands that found nothing, by the hash of all they depend on."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def run(self, command, facts):
        digest = hashlib.sha256("\0".join([*command, *facts]).encode(errors="replace")).hexdigest()
        path = os.path.join(self.folder, digest)
        if os.path.exists(path):
            return ""
        status, output = run(command)
        if status == 0:
            with open(path, "w", encoding="utf-8"):
                pass
            return ""
        return output or f"{command[0]} ended with {status}"


def accepted_findings():
    """The set of (file, check) that clang-tidy is known to be wrong about."""
    with open(os.path.join(HERE, "clang-tidy-accepted"), encoding="utf-8") as file:
        return {tuple(line.split(":")[0].split()) for line in file if not line.startswith("#")}


def real_findings(said, accepted):
    """clang-tidy's findings without accepted ones, and without its analyzer's long explanations."""
    kept, keep = [], False
    for line in said.splitlines():
        match = re.match(r"(.+?):\d+:\d+: (note|error|warning): .*?(?:\[([\w.-]+).*\])?$", line)
        if match:
            place = (os.path.relpath(os.path.join(ROOT, match[1]), ROOT), match[3])
            keep = match[2] != "note" and place not in accepted
        if keep:
            kept.append(line)
    return "\n".join(kept)


class Linter:
    def __init__(self, args):
        self.args = args
        # Hypervisor and tools: [(flags, sources)].
        self.flags = args.flags.split()
        self.tool_flags = shlex.split(args.tool_flags)
        self.groups = [(self.flags, args.sources.split()),
                       (self.tool_flags, args.tool_sources.split())]
        self.cache = Cache(os.path.join(args.output, "lint"))
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2)
        status, listing = run(["git", "ls-files"])
        self.files = [name for name in listing.splitlines()
                      if status == 0 and os.path.isfile(os.path.join(ROOT, name))]

    def text(self, name):
        with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def preprocessed(self, source, flags):
        return run(["gcc", "-E", *flags, source])[1]

    def over_sources(self, command, extra_facts=()):
        """Run command(source, flags) for each source, cached; return all that was said."""
        def one(job):
            flags, source = job
            return self.cache.run(command(source, flags),
                                  [self.preprocessed(source, flags), *extra_facts])

        jobs = [(flags, source) for flags, sources in self.groups for source in sources]
        return [said for said in self.pool.map(one, jobs) if said]

    def gcc(self):
        return self.over_sources(lambda source, flags: [
            "gcc", *flags, "-c", "-o", "/dev/null", source])

    def clang(self):
        return self.over_sources(lambda source, flags: [
            "clang", *flags, "-c", "-o", "/dev/null", source])

    def clang_tidy(self):
        config = os.path.join(HERE, "clang-tidy.yaml")
        said = self.over_sources(lambda source, flags: [
            "clang-tidy", "--quiet", f"--config-file={config}", source, "--",
            *(flag for flag in flags if not flag.startswith(("-W", "-fno-jump")))],
            [self.text("tests/lint/clang-tidy.yaml")])
        accepted = accepted_findings()
        return [found for found in (real_findings(one, accepted) for one in said) if found]

    def cppcheck(self):
        return [said for flags, sources in self.groups if sources
                for said in self.cppcheck_group(flags, sources)]

    def cppcheck_group(self, flags, sources):
        folder = os.path.join(self.args.output, "lint",
                              "cppcheck" if flags is self.flags else "cppcheck-tools")
        os.makedirs(folder, exist_ok=True)
        includes = [flag for flag in flags if flag.startswith(("-I", "-D"))]
        status, output = run([
            "cppcheck", "--quiet", "--std=c11", "--enable=warning,portability,performance",
            "--inline-suppr", "--error-exitcode=1", "--max-configs=1", "-j", str(os.cpu_count() or 2),
            f"--cppcheck-build-dir={folder}", "--template={file}:{line}: {id}: {message}",
            f"--suppressions-list={os.path.join(HERE, 'cppcheck-suppressions')}",
            *includes, *sources])
        return [output] if status != 0 else []

    def headers(self):
        """Every header compiles alone, in C as its part is built."""
        host_tests = re.compile(r"tests/(unit|libctrl|xenstored|xenconsoled|xl)/")

        def one(header):
            flags = list(self.tool_flags if header.startswith("tools/") else self.flags)
            if header.startswith("xen/arch/fake/"):
                flags = ["-Ixen/arch/fake/include", *flags]
            elif header.startswith("tests/guest/"):
                flags = ["-Itests/guest/kit", "-Itests/guest/builder", *flags]
            elif host_tests.match(header):
                return ""
            flags += ["-Wno-unused-const-variable", "-x", "c", "-fsyntax-only"]
            said = self.cache.run(["gcc", *flags, header], [self.preprocessed(header, flags[:-1])])
            return said.replace("#pragma once in main file", "")

        # The second group is for the assembler.
        skip = re.compile(r"xen/boot/unpack/|tests/system/|tests/guest/kit/notes\.h")
        headers = [name for name in self.files if name.endswith(".h") and not skip.match(name)]
        return [said for said in self.pool.map(one, headers) if said]

    def include_order(self):
        return layers.problems(ROOT)

    def spdx(self):
        """The first line of every source (the second behind #!) names the licence."""
        ours = re.compile(r"(\.(c|h|S|lds|py|sh|mk|awk|yaml)|Makefile|matrix|layers)$")
        found = []
        for name in self.files:
            if not ours.search(name):
                continue
            lines = self.text(name).splitlines()
            if lines and lines[0].startswith("#!"):
                lines = lines[1:]
            if not lines or "SPDX-License-Identifier: BSD-2-Clause" not in lines[0]:
                found.append(f"{name}:1: the licence line is missing")
        return found

    def style(self):
        """What the code guide fixes by numbers, and no work put off in a comment."""
        found = []
        for name in self.files:
            if not re.search(r"\.(c|h|S)$", name):
                continue
            lines = self.text(name).split("\n")
            if len(lines) - 1 > MAX_LINES:
                found.append(f"{name}: {len(lines) - 1} lines are more than {MAX_LINES}")
            for number, line in enumerate(lines, 1):
                if len(line) > MAX_COLUMNS:
                    found.append(f"{name}:{number}: {len(line)} columns are more than {MAX_COLUMNS}")
                if "\t" in line:
                    found.append(f"{name}:{number}: a tab")
                if line != line.rstrip():
                    found.append(f"{name}:{number}: blanks at the end of the line")
                if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                    found.append(f"{name}:{number}: work put off in a comment")
        return found

    def scripts(self):
        """Python and shell files can be read by their interpreters."""
        found = []
        for name in self.files:
            first = self.text(name).split("\n", 1)[0] if "." not in os.path.basename(name) else ""
            if name.endswith(".py"):
                try:
                    compile(self.text(name), name, "exec")
                except SyntaxError as error:
                    found.append(f"{name}:{error.lineno}: {error.msg}")
            elif name.endswith(".sh") or first.startswith(("#!/bin/sh", "#!/bin/bash")):
                shell = "bash" if "bash" in self.text(name).split("\n", 1)[0] else "sh"
                status, output = run([shell, "-n", name])
                if status != 0:
                    found.append(output)
        return found


CHECKS = ["spdx", "style", "scripts", "include_order", "headers", "gcc", "clang", "clang_tidy",
          "cppcheck"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    parser.add_argument("--flags", default="", help="how the hypervisor's sources are compiled")
    parser.add_argument("--sources", default="", help="the hypervisor's sources")
    parser.add_argument("--tool-flags", default="", help="how the tools' sources are compiled")
    parser.add_argument("--tool-sources", default="", help="the tools' sources")
    parser.add_argument("only", nargs="*", help="run these checks only")
    args = parser.parse_args()

    linter = Linter(args)
    failed = 0
    path = os.path.join(args.output, "results", "lint.txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as results:
        for check in args.only or CHECKS:
            start = time.monotonic()
            found = getattr(linter, check)()
            name = check.replace("_", "-")
            first = " ".join("\n".join(found).strip().split("\n")[0].split())
            line = f"fail {name}: {first}" if found else f"pass {name}"
            if found:
                failed += 1
                print("\n".join(found))
            results.write(line + "\n")
            results.flush()
            print(f"{line.split(':')[0]} ({time.monotonic() - start:.0f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
