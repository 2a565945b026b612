#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the reader of configurations, by files: tests/xl/conf/README.md says which.

One line a test goes to --results and to the terminal. With --record, what came is written as what
is expected: read the difference before it is committed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "conf")
XL = "/usr/lib/xen-4.17/bin/xl"
FIRST_LINE = "name = 'g'; kernel = '/k'; memory = 32\n"


def first_line(text, kernel):
    """What every configuration needs and this one does not give."""
    given = {"name": "'g'", "kernel": f"'{kernel}'", "memory": "32"}
    return "; ".join(f"{key} = {value}" for key, value in given.items()
                     if not re.search(f"^{key} =", text, re.MULTILINE)) + "\n"


class Results:
    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.failed = 0

    def add(self, name, why="", skip=False):
        verdict = "skip" if skip else "fail" if why else "pass"
        self.failed += verdict == "fail"
        line = f"{verdict} xl/conf/{name}" + (": " + " ".join(why.split()) if why else "")
        self.file.write(line + "\n")
        self.file.flush()
        print(line, flush=True)


def difference(got, want):
    """The first line in which two texts differ, in words; empty if they do not."""
    got, want = got.split("\n"), want.split("\n")
    for number, (one, other) in enumerate(zip(got + [""], want + [""]), 1):
        if one != other:
            return f"line {number} is '{one}', not '{other}'"
    return "" if got == want else f"{len(got)} lines, not {len(want)}"


def blocks(path):
    """[(header, text, expected text or None)] of a file of '===' blocks; lines before are kept."""
    head, found = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("=== "):
                found.append([line[4:].rstrip("\n"), "", None])
            elif not found:
                head.append(line)
            elif line.rstrip("\n") == "---":
                found[-1][2] = ""
            elif found[-1][2] is None:
                found[-1][1] += line
            else:
                found[-1][2] += line
    return "".join(head), found


class Suite:
    def __init__(self, args, results, folder):
        self.args, self.results, self.folder = args, results, folder
        self.env = dict(os.environ, XL_TEST_MODULES=args.modules, LC_ALL="C.UTF-8")

    def run(self, how, path, *more, conf=None):
        env = dict(self.env, XL_TEST_CONF=conf) if conf else self.env
        done = subprocess.run([self.args.tool, how, path, *more], env=env, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    # --- mistakes ---

    def make_files(self):
        for name, size in (("kernel", 4096), ("ramdisk", 4096), ("disk.img", 1 << 20),
                           ("odd.img", 1000), ("tiny.img", 10), ("empty", 0), ("script", 4),
                           ("note", 4)):
            os.chmod(self.write(name, b"x" * size), 0o755 if name == "script" else 0o644)
        os.makedirs(os.path.join(self.folder, "folder"), exist_ok=True)

    def mistake(self, words, text, arguments):
        """What is said about one file, with the folder's name taken out."""
        how = "check" if "check" in words else "conf" if "conf" in words else "cfg"
        if "raw" not in words and "xml" not in words and "conf" not in words:
            text = first_line(text, "@D@/kernel" if "check" in words else "/k") + text
        text = text.replace("@D@", self.folder)
        if "!crlf\n" in text:
            text = text.replace("!crlf\n", "").replace("\n", "\r\n")
        if text == "!binary\n":
            text = "\x7fELF\x02\x01\x01\0\0\0\n\0\0"
        name = "guest.xml" if "xml" in words else "xl.conf" if "conf" in words else "guest.cfg"
        self.write(name, text)
        if "nofile" in words:
            name = "not-there.cfg"
        if "dir" in words:
            name = "folder"
        status, _, said = self.run(how, name, *arguments)
        if status not in (0, 1):
            return f"status {status}\n{said}"
        if (status == 1) != ("error: " in said):
            return f"status {status} does not fit\n{said}"
        return said.replace(self.folder, "@D@")

    def mistakes(self):
        path = os.path.join(FILES, "mistakes")
        head, found = blocks(path)
        self.make_files()
        for block in found:
            first, _, arguments = block[0].partition(" : ")
            name, *words = first.split()
            got = self.mistake(words, block[1], arguments.split())
            if self.args.record:
                block[2] = got
            self.results.add("mistake/" + name, difference(got, block[2] or ""))
        if self.args.record:
            with open(path, "w", encoding="utf-8") as file:
                file.write(head)
                for header, text, said in found:
                    file.write(f"=== {header}\n{text}---\n{said}")

    # --- configurations that xl takes as well ---

    def cases(self):
        """Every case as JSON is what the packaged xl prints, and survives being printed as cfg."""
        _, found = blocks(os.path.join(FILES, "cases"))
        for name, text, want in found:
            path = self.write("case.cfg", text)
            _, got, said = self.run("json", path)
            self.results.add("json/" + name, difference(got, want or "") and
                             difference(got, want or "") + " " + said)
            _, cfg, _ = self.run("cfg", path)
            _, again, said = self.run("json", self.write("again.cfg", cfg))
            why = difference(again, got)
            self.results.add("cfg/" + name, why and why + " " + said)

    def forms(self):
        """Living guests, and the older form."""
        for name, how in (("running", "running"), ("lists", "sxp")):
            for case, text, want in blocks(os.path.join(FILES, name))[1]:
                _, got, said = self.run(how, self.write("case.cfg", text))
                self.results.add(f"{name}/{case}", said or difference(got, want))

    def record_cases(self, shim):
        path = os.path.join(FILES, "cases")
        head, found = blocks(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(head)
            for name, text, _ in found:
                file.write(f"=== {name}\n{text}---\n{self.ask_xl(shim, text)[1]}")

    def ask_xl(self, shim, text):
        done = subprocess.run([XL, "-N", "create", "-n", self.write("ask.cfg", text)],
                              env=dict(self.env, LD_PRELOAD=shim), capture_output=True,
                              timeout=60, check=False)
        return done.returncode, done.stdout.decode()

    def build_shim(self):
        """The packaged xl on a machine that is not there; None where it cannot be had."""
        shim = os.path.join(self.folder, "shim.so")
        if not os.path.exists(XL) or not os.path.exists("/usr/include/xenctrl.h"):
            return None
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", shim,
                        os.path.join(HERE, "reference_shim.c")], check=True)
        return shim

    def beside_xl(self):
        """The packaged xl, where it is installed, says today what was recorded."""
        shim = self.build_shim()
        if not shim:
            self.results.add("beside-xl", f"{XL} or libxen-dev is not installed", skip=True)
            return
        if self.args.record:
            self.record_cases(shim)
        wrong = []
        for name, text, want in blocks(os.path.join(FILES, "cases"))[1]:
            status, got = self.ask_xl(shim, text)
            if status or got != want:
                wrong.append(name)
        self.results.add("beside-xl", "differs from the recording: " + ", ".join(wrong)
                         if wrong else "")

    # --- files with what they become ---

    def file_case(self, name, how, source, expected):
        status, got, said = self.run(how, source)
        got = got + "".join("# " + line + "\n" for line in said.splitlines())
        got = got.replace(FILES + "/", "")
        if status:
            self.results.add(name, f"status {status}: {said}")
            return
        if self.args.record:
            with open(expected, "w", encoding="utf-8") as file:
                file.write(got)
        with open(expected, encoding="utf-8") as file:
            self.results.add(name, difference(got, file.read()))

    def files(self):
        for name in sorted(os.listdir(FILES)):
            base, kind = os.path.splitext(name)
            source = os.path.join(FILES, name)
            if kind in (".cfg", ".xml"):
                for how in ("json", "xml" if kind == ".cfg" else "cfg"):
                    self.file_case(f"file/{name}-{how}", how, source,
                                   os.path.join(FILES, f"{base}.{how}-expected"))
                self.round_trip(name, source, kind)
            elif kind == ".conf":
                self.file_case("file/" + name, "conf", source,
                               os.path.join(FILES, base + ".conf-expected"))

    def round_trip(self, name, source, kind):
        """Converted to the other form and back: the same guest, but for what has no place there."""
        other = "xml" if kind == ".cfg" else "cfg"
        _, want, _ = self.run("json", source)
        _, middle, lost = self.run(other, source)
        middle_path = self.write("middle." + other, middle)
        status, got, said = self.run("json", middle_path)
        why = said if status else "" if "no place" in lost else difference(got, want)
        # What one conversion has kept, a second one keeps too.
        _, again, _ = self.run("cfg", middle_path)
        _, again, _ = self.run("xml", self.write("again.cfg", again))
        _, once, _ = self.run("xml", middle_path)
        self.results.add("round-trip/" + name, why or difference(again, once))

    def defaults(self):
        """xl.conf's defaults are in the JSON, as the packaged xl has them."""
        folder = os.path.join(FILES, "defaults")
        _, got, said = self.run("json", os.path.join(folder, "guest.cfg"),
                                conf=os.path.join(folder, "xl.conf"))
        with open(os.path.join(folder, "json"), encoding="utf-8") as file:
            self.results.add("defaults-of-xl.conf", said or difference(got, file.read()))

    def types(self):
        """An unset type is pv, or what xl.conf says; a given one wins."""
        conf = self.write("type.conf", "default_type = 'pvh'\n")
        plain = self.write("plain.cfg", FIRST_LINE)
        given = self.write("given.cfg", FIRST_LINE + "type = 'pv'\n")
        for name, path, use, want in (("type-unset", plain, None, "pv"),
                                      ("type-from-conf", plain, conf, "pvh"),
                                      ("type-given", given, conf, "pv")):
            _, got, _ = self.run("json", path, conf=use)
            found = re.search(r'"type": "(\w+)"', got)
            self.results.add(name, "" if found and found[1] == want else f"it is not {want}: {got}")

    def program(self):
        """xl itself: config converts, create -n prints and names what is wrong, in its streams."""
        def xl(*words):
            done = subprocess.run([self.args.xl, *words], cwd=self.folder, env=self.env,
                                  capture_output=True, timeout=60, check=False)
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        for name, option, want in (("debian.cfg", "--xml", "debian.xml-expected"),
                                   ("libvirt.xml", "--cfg", "libvirt.cfg-expected")):
            status, got, said = xl("config", option, os.path.join(FILES, name))
            with open(os.path.join(FILES, want), encoding="utf-8") as file:
                text = "".join(line for line in file if not line.startswith("# "))
            self.results.add("xl/config" + option, f"status {status}: {said}" if status
                             else difference(got, text))
        self.write("wrong.cfg", "name = 'a'\nkernel = '/nowhere'\nmemory = 4\n")
        status, got, said = xl("create", "-n", "wrong.cfg")
        want = "wrong.cfg:2: kernel: '/nowhere': No such file or directory; give the kernel's file"
        self.results.add("xl/create-n-wrong", "" if status == 1 and not got and want in said
                         else f"status {status}, stdout '{got}', stderr '{said}'")
        self.write("right.cfg", "name = 'a'\nkernel = 'kernel'\nmemory = 4\nvcpu = 2\n")
        status, got, said = xl("create", "--quiet", "--dryrun", "--defconfig", "right.cfg")
        found = re.search(r'^.*"name": "(.*)",$', got, re.MULTILINE)
        self.results.add("xl/create-n-name", "" if status == 0 and found and found[1] == "a" and
                         "did you mean 'vcpus'?" in said else f"status {status}: {got} {said}")

    # --- what is made from the tables ---

    def made(self):
        """Every key of the table is in the manual and the documentation."""
        keys = [line.split("\t") for line in self.say("keys").splitlines()]
        for what, of, least in (("xl.cfg.5", "xl.cfg", 156), ("xl.conf.5", "xl.conf", 20),
                                ("xl-cfg.md", "xl.cfg", 156)):
            text = self.say(what)
            rows = [f"| `{key}` | {support} |" if what == "xl-cfg.md" else f"\\fB{key}\\fR"
                    for file, key, support in keys if file == of]
            missing = [row for row in rows if row not in text]
            self.results.add("made/" + what, "not there: " + " ".join(missing) if missing else ""
                             if len(rows) >= least else f"{len(rows)} keys only")
            self.example(what, text)
        with open(os.path.join(HERE, "../../docs/interface/xl-cfg.md"), encoding="utf-8") as file:
            self.results.add("made/is-current", difference(file.read(), text) and
                             "docs/interface/xl-cfg.md is not what the table says: run "
                             "'make docs-xl' and commit it")


    def say(self, what):
        done = subprocess.run([self.args.doc, what], capture_output=True, check=True)
        return done.stdout.decode()

    def commands(self):
        """Every command is in the manual, and each that runs can be completed."""
        manual, completion = self.say("xl.1"), self.say("completion")
        rows = [line.split("\t") for line in self.say("commands").splitlines()]
        missing = [name for name, fate in rows if fate == "runs" and
                   (f"\\fB{name}\\fR " not in manual or f"    {name}) words=" not in completion)]
        missing += [name for name, fate in rows if fate == "refused" and
                    ".B " + name.replace("-", "\\-") + "\n" not in manual]
        self.results.add("made/commands", "not there: " + " ".join(missing) if missing else ""
                         if len(rows) > 80 else f"{len(rows)} commands only")
        path = self.write("completion", completion)
        for typed, want in (("xl dest", "destroy"), ("xl create --dry", "--dryrun"), ("xl create a.cfg maxm", "maxmem="),
                            
                            ("xl -v cpupool-cpu-a", "cpupool-cpu-add"), ("xl pause --js", "")):
            words = typed.split(" ")
            script = f"source {path}; COMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _xl; " \
                     "echo \"${COMPREPLY[*]}\""
            done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=self.folder,
                                  check=False)
            self.results.add("made/complete-" + words[-1].lstrip("-"),
                             difference(done.stdout.decode().strip(), want))

    def example(self, what, text):
        """The example in a manual page is a configuration without a mistake."""
        found = re.search(r"^\.nf\n(.*?)^\.fi", text, re.MULTILINE | re.DOTALL)
        if found:
            path = self.write("example", found[1].replace("\\-", "-"))
            status, _, said = self.run("conf" if "conf" in what else "json", path)
            self.results.add("made/example-" + what, said or "" if not status else "failed " + said)

    def shipped(self):
        """The configurations that are installed, and all that xl.conf shows, are without a mistake."""
        root = os.path.join(HERE, "../..")
        for name in ("install/guest.cfg", "tests/system/demo/guest.cfg"):
            status, _, said = self.run("json", os.path.join(root, name))
            self.results.add("shipped/" + name, said or f"status {status}" if status or said else "")
        with open(os.path.join(root, "install/xl.conf"), encoding="utf-8") as file:
            shown = re.sub(r"^#(\S)", r"\1", file.read(), flags=re.MULTILINE)
        status, _, said = self.run("conf", self.write("shown.conf", shown))
        self.results.add("shipped/xl.conf", said or f"status {status}" if status or said else "")

    # --- programs ---

    def unit(self):
        """The cases of test_conf, as TAP."""
        done = subprocess.run([self.args.unit], env=dict(self.env, CMOCKA_MESSAGE_OUTPUT="TAP"),
                              capture_output=True, timeout=120, check=False)
        said = done.stderr.decode()
        for line in done.stdout.decode().splitlines():
            found = re.match(r"(not )?ok \d+ - test_(\w+)", line)
            if found:
                self.results.add("unit/" + found[2], said or "failed" if found[1] else "")
        self.results.add("unit/end", f"status {done.returncode}: {said}" if done.returncode else "")

    def fuzz(self):
        """A set number of runs from a set seed; with --fuzz-seconds, as long as that."""
        corpus = os.path.join(self.folder, "corpus")
        os.makedirs(corpus)
        found = blocks(os.path.join(FILES, "cases"))[1] + blocks(os.path.join(FILES, "mistakes"))[1]
        for number, block in enumerate(found):
            first = "" if "xml" in block[0].split() or " raw" in block[0] else FIRST_LINE
            self.write(f"corpus/{number}", first + block[1])
        for name in os.listdir(FILES):
            if name.endswith((".cfg", ".xml")):
                shutil.copy(os.path.join(FILES, name), corpus)
        length = [f"-max_total_time={self.args.fuzz_seconds}"] if self.args.fuzz_seconds \
            else ["-runs=4000"]
        for name in ("fuzz_conf", "fuzz_xml"):
            done = subprocess.run([os.path.join(self.args.fuzz, name), "-seed=1", "-timeout=20",
                                   "-max_len=4096", *length, corpus], cwd=self.folder,
                                  capture_output=True, check=False)
            said = done.stderr.decode(errors="replace").splitlines()
            why = [line for line in said if "ERROR" in line or "error:" in line]
            self.results.add(name, f"status {done.returncode}: {why[:1] or said[-1:]}"
                             if done.returncode else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True, help="conf_tool")
    parser.add_argument("--doc", required=True, help="xl_doc")
    parser.add_argument("--xl", required=True)
    parser.add_argument("--modules", required=True, help="folder of xml.so")
    parser.add_argument("--results", required=True)
    parser.add_argument("--unit", required=True, help="test_conf")
    parser.add_argument("--fuzz", required=True, help="folder of fuzz_conf and fuzz_xml")
    parser.add_argument("--fuzz-seconds", type=int, default=0)
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    args.tool, args.doc = os.path.abspath(args.tool), os.path.abspath(args.doc)
    args.xl = os.path.abspath(args.xl)
    args.modules = os.path.abspath(args.modules)
    args.unit, args.fuzz = os.path.abspath(args.unit), os.path.abspath(args.fuzz)

    results = Results(args.results)
    folder = tempfile.mkdtemp(prefix="xl-conf-")
    try:
        suite = Suite(args, results, folder)
        suite.beside_xl()
        suite.cases()
        suite.forms()
        suite.mistakes()
        suite.files()
        suite.defaults()
        suite.types()
        suite.program()
        suite.made()
        suite.commands()
        suite.shipped()
        suite.unit()
        suite.fuzz()
    finally:
        shutil.rmtree(folder)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
