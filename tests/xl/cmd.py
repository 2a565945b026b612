#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of xl's commands over a host that is not there: tests/xl/cmd/README.md says how.

One line a test goes to --results and to the terminal. With --record, what came is written as what
is expected: read the difference before it is committed.
"""

import argparse
import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "cmd")
SCHEMA = os.path.join(HERE, "..", "..", "docs", "interface", "xl-json.md")

# What is another on each machine, and at each time.
CHANGING = [
    (re.compile(r"^(?:(?:[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d +\d+\n)+|"
                r"No device topology data available\n)", re.M), "(this machine's devices)\n"),
    (re.compile(r"^(host|release|version|machine)( *): .*$", re.M), r"\1\2: *"),
    (re.compile(r'^( *"(?:host|release|version|machine)": )".*"', re.M), r'\1"*"'),
    (re.compile(r"\b\d+:\d\d:\d\d\b|\b\d\d:\d\d:\d\d\b"), "H:MM:SS"),
    (re.compile(r'("uptime_s": )\d+'), r"\1*"),
    (re.compile(r'("steal_percent": )[\d.]+'), r"\1*"),
    (re.compile(r"\b\d+ days?, +H:MM:SS"), "H:MM:SS"),
    (re.compile(r"up +\d+( days?, +\d+)?:\d\d, "), "up *, "),
]


class Results:
    def __init__(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.file = open(path, "w", encoding="utf-8")
        self.failed = 0
        self.seen = {}

    def add(self, name, why=""):
        self.failed += bool(why)
        self.seen[name] = self.seen.get(name, 0) + 1
        name += f"_again_{self.seen[name]}" if self.seen[name] > 1 else ""
        line = f"{'fail' if why else 'pass'} xl/cmd/{name}"
        line += ": " + " ".join(why.split()) if why else ""
        self.file.write(line + "\n")
        self.file.flush()
        print(line, flush=True)


def run(args, words, host, folder):
    """One command: (status, stdout, stderr, effects)."""
    effects = os.path.join(folder, "effects")
    if os.path.exists(effects):
        os.unlink(effects)
    env = dict(os.environ, CTRL_FAKE_HOST=host, XL_TEST_EFFECTS=effects, TZ="UTC", LC_ALL="C.UTF-8",
               XL_TEST_STATE=os.path.join(folder, "state"),
               ASAN_OPTIONS="detect_leaks=0")
    done = subprocess.run([args.xl, *words], env=env, cwd=FILES, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False)
    text = ""
    if os.path.exists(effects):
        with open(effects, encoding="utf-8") as file:
            text = file.read()
    return done.returncode, done.stdout.decode(), done.stderr.decode(), text


def transcript(args, line, host, folder):
    """What a command did, as the files of expectations say it."""
    status, out, err, effects = run(args, shlex.split(line[4:]), host, folder)
    lines = [line]
    lines += out.split("\n")[:-1] if out.endswith("\n") else out.split("\n") if out else []
    lines += ["! " + line for line in err.rstrip("\n").split("\n")] if err else []
    changes = [line for line in effects.split("\n") if line[:2] in ("- ", "+ ")]
    lines += ["> " + line for line in changes]
    if status:
        lines.append(f"[status {status}]")
    text = "\n".join(lines) + "\n"
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    return text


def read_expected(path):
    """The host, and [(command line, text)]."""
    host, steps = None, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("# host: "):
                host = os.path.join(FILES, line[8:].strip())
            elif line.startswith("$ xl"):
                steps.append([line.rstrip("\n"), line])
            elif steps:
                steps[-1][1] += line
    return host, steps


def difference(got, want):
    got, want = got.split("\n"), want.split("\n")
    for number, (one, other) in enumerate(zip(got + [""], want + [""]), 1):
        if one != other:
            return f"line {number} is '{one}', not '{other}'"
    return "" if got == want else f"{len(got)} lines, not {len(want)}"


def golden(args, results, folder):
    for name in sorted(os.listdir(FILES)):
        if not name.endswith(".expected") or (args.only and name[:-9] not in args.only):
            continue
        path = os.path.join(FILES, name)
        host, steps = read_expected(path)
        if args.record:
            with open(path, encoding="utf-8") as file:
                head = "".join(line for line in file if line.startswith("#"))
            with open(path, "w", encoding="utf-8") as file:
                file.write(head + "".join(transcript(args, line, host, folder)
                                          for line, _ in steps))
            continue
        for line, want in steps:
            got = transcript(args, line, host, folder)
            words = "_".join(line[5:].split()) or "nothing"
            results.add(f"{name[:-9]}/{words}"[:90], difference(got, want))


# --- JSON: each output has the shape that the documentation gives ---

def read_schemas():
    with open(SCHEMA, encoding="utf-8") as file:
        text = file.read()
    return {name: json.loads(body) for name, body in
            re.findall(r"^```json ([\w-]+)\n(.*?)^```", text, re.M | re.S)}


def is_type(value, name):
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name.startswith("'"):
        return value == name.strip("'")
    return isinstance(value, kinds[name]) and (name == "boolean" or not isinstance(value, bool))


def mismatch(value, shape, where="the object"):
    """Why a value has not this shape; empty if it has."""
    if isinstance(shape, str):
        if not any(is_type(value, name) for name in shape.split("|")):
            return f"{where} is {value!r}, not {shape}"
        return ""
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is no array"
        return next(filter(None, (mismatch(item, shape[0], f"{where}[{number}]")
                                  for number, item in enumerate(value))), "")
    if not isinstance(value, dict):
        return f"{where} is no object"
    names = {name.rstrip("?"): name for name in shape}
    for name in value:
        if name not in names:
            return f"{where}.{name} is not documented"
    for name, written in names.items():
        if name not in value:
            if not written.endswith("?"):
                return f"{where}.{name} is missing"
        elif why := mismatch(value[name], shape[written], f"{where}.{name}"):
            return why
    return ""


JSON_COMMANDS = [
    ("list", ["list"]), ("list", ["list", "-v", "web"]), ("list", ["claims"]),
    ("list", ["sharing"]), ("vm-list", ["vm-list"]), ("vcpu-list", ["vcpu-list"]),
    ("uptime", ["uptime"]), ("domid", ["domid", "web"]), ("domid", ["domname", "1"]),
    ("info", ["info"]), ("info", ["info", "-n"]), ("dmesg", ["dmesg"]),
    ("sched", ["sched-credit2"]), ("sched-domain", ["sched-credit2", "-d", "web"]),
    ("sched", ["sched-credit2", "-s"]), ("sched", ["sched-credit"]),
    ("cpupool-list", ["cpupool-list"]), ("getenforce", ["getenforce"]),
    ("top", ["top", "-b", "-i", "1"]), ("help", ["help"]),
    ("network-list", ["network-list", "web"]), ("block-list", ["block-list", "web"]),
    ("channel-list", ["channel-list", "web"]), ("sched-rtds", ["sched-rtds"]),
]


def schemas(args, results, folder):
    shapes = read_schemas()
    host = os.path.join(FILES, "many.host")
    for shape, words in JSON_COMMANDS:
        words = words[:1] + ["--json"] + words[1:]
        status, out, err, _ = run(args, words, host, folder)
        try:
            why = err if status else mismatch(json.loads(out), shapes[shape])
        except (ValueError, KeyError) as error:
            why = f"{type(error).__name__}: {error}"
        results.add(f"json/{'_'.join(words)}", why)
    told = json.loads(run(args, ["help", "--json"], host, folder)[1])["commands"]
    named = {words[0] for _, words in JSON_COMMANDS}
    missing = [command["name"] for command in told if command["json"] and
               command["name"] not in named]
    results.add("json/all-commands", missing and f"no schema is tested for {missing}" or "")


# --- what Ganeti does with the output (its documented rules) ---

class GanetiError(Exception):
    pass


def ganeti_list(text):
    """Every line but the first has six fields; 'p' counts as '-', a crashed domain is left out."""
    running = re.compile(r"^(r--|rb-|-b-|---)(---|ss-|sr-)$|^-----d$")
    shutdown = re.compile(r"^---s-[d-]$")
    found = {}
    for line in text.split("\n")[1:]:
        if not line:
            continue
        fields = line.split()
        if len(fields) != 6:
            raise GanetiError(f"{len(fields)} fields: {line}")
        name, state = fields[0], fields[4].replace("p", "-")
        found_ints = [int(field) for field in fields[1:4]]
        if "c" in state:
            continue
        if running.match(state):
            up = True
        elif shutdown.match(state):
            up = False
        else:
            raise GanetiError(f"unhandled state '{state}'")
        found[name] = (*found_ints, up, float(fields[5]))
    return found


def ganeti(args, results, folder):
    host = os.path.join(FILES, "ganeti.host")
    text = run(args, ["list"], host, folder)[1]
    line = f"{'(null)':40} 28441   789     1     --psc-       1.2\n"
    results.add("ganeti/nameless", "" if line in text else text)
    try:
        found = ganeti_list(text)
        want = {"Domain-0": (0, 512, 2, True, 5.6), "up.example.com": (1, 128, 1, True, 12.3),
                "busy.example.com": (2, 256, 2, True, 1.0),
                "held.example.com": (3, 64, 1, True, 0.0),
                "down.example.com": (4, 64, 1, False, 3.5)}
        results.add("ganeti/list", "" if found == want else f"{found} is not {want}")
    except (GanetiError, ValueError) as error:
        results.add("ganeti/list", str(error))
    info = dict(map(str.strip, line.split(":", 1)) for line in
                run(args, ["info"], host, folder)[1].split("\n") if line)
    try:
        sockets = int(info["nr_cpus"]) // (int(info["cores_per_socket"]) *
                                           int(info["threads_per_core"]))
        numbers = [int(info[key]) for key in ("total_memory", "free_memory", "nr_nodes",
                                              "xen_major", "xen_minor")]
        why = "" if sockets == 1 and numbers[0] == 2048 and numbers[3:] == [4, 17] else \
            f"sockets {sockets}, {numbers}"
    except (KeyError, ValueError) as error:
        why = f"{type(error).__name__}: {error}"
    results.add("ganeti/info", why)
    for words in (["help"], ["debug", "R"], ["list", "up.example.com"], ["domname", "1"]):
        status = run(args, words, host, folder)[0]
        results.add("ganeti/" + "_".join(words), f"status {status}" if status else "")
    lines = run(args, ["list", "held.example.com"], host, folder)[1].rstrip("\n").split("\n")
    results.add("ganeti/paused", "" if lines[-1].split()[4][2] == "p" else lines[-1])


def xendomains(args, results, folder):
    """What /usr/lib/xen-4.17/bin/xendomains greps in 'xl list -l'."""
    out = run(args, ["list", "-l"], os.path.join(FILES, "many.host"), folder)[1]
    lines = out.split("\n")
    starts = sum(line == "    {" for line in lines)
    ids = [line for line in lines if re.match('^        "domid":', line)]
    names = [re.sub('^.*"name": "(.*)",?$', r"\1", line) for line in lines if '"name":' in line]
    why = "" if starts == len(ids) == len(names) == len(json.loads(out)) else \
        f"{starts} domains, {len(ids)} ids, {len(names)} names"
    results.add("scripts/xendomains", why)


def hypercalls(args, results, folder):
    """A listing costs one hypercall, however many domains there are."""
    for name in ("small.host", "many.host"):
        effects = run(args, ["list"], os.path.join(FILES, name), folder)[3]
        count = int(re.search(r"^hypercalls (\d+)$", effects, re.M)[1])
        results.add(f"cost/list-{name[:-5]}", "" if count == 1 else f"{count} hypercalls")


def screen(args, keys, host):
    """What 'xl top' writes to a terminal of 100 columns, and its status, when keys are typed."""
    env = dict(os.environ, CTRL_FAKE_HOST=host, TERM="xterm", ASAN_OPTIONS="detect_leaks=0",
               COLUMNS="100", LINES="24")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(args.xl, [args.xl, "top", "-d", "1", "-i", "3"], env)
    out = b""
    try:
        while select.select([terminal], [], [], 20)[0]:
            data = os.read(terminal, 65536)
            if not data:
                break
            out += data
            if keys and b"q quit" in out:
                os.write(terminal, keys[:1])
                keys = keys[1:]
    except OSError:
        pass # the other end is closed
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), out.decode(errors="replace")


def top_screen(args, results, _folder):
    host = os.path.join(FILES, "many.host")
    for name, keys, words in (
            ("shows", b"", ["domains: 11", "NAME", "STEAL%", "Domain-0", "web", "q quit"]),
            ("vcpus", b"vq", ["vCPU 2", "offline"]),
            ("sorts", b"<q", ["ID", "Domain-0"]), ("scrolls", b"vnxfr+->\x1b[B\x1b[Aq", [])):
        status, out = screen(args, keys, host)
        missing = [word for word in words if word not in out]
        why = f"no {missing} on the screen" if missing else ""
        results.add(f"top-screen/{name}", f"status {status}" if status else why)


def unit(args, results):
    done = subprocess.run([args.unit], env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"),
                          capture_output=True, text=True, timeout=120, check=False)
    for verdict, name in re.findall(r"\[ +(OK|FAILED) +\] (\w+)$", done.stdout + done.stderr, re.M):
        results.add("unit/" + name, "" if verdict == "OK" else done.stdout + done.stderr)
    if done.returncode:
        results.add("unit/end", f"status {done.returncode}: {done.stderr[-500:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("xl", "unit", "results"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("only", nargs="*", help="do these files of expectations only")
    args = parser.parse_args()
    args.xl = os.path.abspath(args.xl)
    results = Results(args.results)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(FILES, "state"), os.path.join(folder, "state"))
        golden(args, results, folder)
        if not args.only and not args.record:
            for part in (schemas, ganeti, xendomains, hypercalls, top_screen):
                part(args, results, folder)
            unit(args, results)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
