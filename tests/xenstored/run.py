#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the host tests of xenstored. Results: one line a test, as every suite writes them."""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import protocol  # pylint: disable=wrong-import-position
import survival  # pylint: disable=wrong-import-position
import world  # pylint: disable=wrong-import-position

WORKERS = 4


def why(error):
    """One line that says what went wrong, and where in the test."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if os.path.basename(frame.filename) in ("protocol.py", "survival.py")]
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


class Runner:
    def __init__(self, args):
        self.args = args
        self.failed = 0
        self.lock = threading.Lock()
        os.makedirs(os.path.dirname(args.results), exist_ok=True)
        self.file = open(args.results, "w", encoding="utf-8")

    def say(self, verdict, name, text=""):
        line = f"{verdict} {name}" + (f": {' '.join(text.split())}" if text else "")
        with self.lock:
            self.failed += verdict == "fail"
            self.file.write(line + "\n")
            self.file.flush()
            print(line, flush=True)

    def one(self, name, test, program, shim):
        """A test on a store of its own."""
        folder = tempfile.mkdtemp(prefix="xenstored-", dir="/dev/shm")
        store = world.Store(folder, program, shim)
        try:
            store.start()
            test(store)
            if store.process.poll() is not None:
                raise AssertionError(f"the store ended with status {store.process.returncode}")
            self.say("pass", name)
        except Exception as error:  # pylint: disable=broad-except
            text = why(error)
            with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
                text += "; the end of its log: " + log.read()[-600:]
            self.say("fail", name, text)
        finally:
            store.stop()
            shutil.rmtree(folder)

    def suite(self, module, prefix, program, shim=None):
        """All tests of a module; several at once, for most of the time they wait."""
        todo = []
        for key, test in list(vars(module).items()):
            if not key.startswith("test_") or not callable(test):
                continue
            name = f"{prefix}/{key[5:]}"
            if self.args.only and not any(word in name for word in self.args.only):
                continue
            if shim and getattr(test, "ours", False):
                self.say("skip", name, "asks more: " + " ".join((test.__doc__ or "").split()))
                continue
            todo.append((name, test, program, shim))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda arguments: self.one(*arguments), todo))


def test_example(program, packaged):
    """The example in the documentation does what it says, with Debian's utilities."""
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/interface/xenstore.md")
    with open(page, encoding="utf-8") as file:
        example = file.read().split("Example: a store for trying things out")[1].split("\n\n")[1]
    root = os.path.abspath(packaged)[:os.path.abspath(packaged).index("/usr/lib/")]
    folder = tempfile.mkdtemp(prefix="xenstored-", dir="/dev/shm")
    os.rmdir(folder)
    try:
        path = ":".join((os.path.dirname(os.path.abspath(program)), root + "/usr/bin",
                         os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "-c", example.replace("/tmp/try", folder)], capture_output=True, timeout=60,
            check=False, env=dict(os.environ, PATH=path,
                                  LD_LIBRARY_PATH=root + "/usr/lib/x86_64-linux-gnu"))
        assert done.stdout == b"hello\n", f"it printed {done.stdout} {done.stderr}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    """The status is 0 if nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="our xenstored, with the door to files")
    parser.add_argument("--packaged", help="Debian's xenstored: the protocol's tests for it, too")
    parser.add_argument("--shim", help="the library that stands in for its hypervisor")
    parser.add_argument("--results", required=True)
    parser.add_argument("only", nargs="*", help="tests with one of these in the name")
    args = parser.parse_args()
    runner = Runner(args)
    runner.suite(protocol, "xenstored/protocol", args.program)
    runner.suite(survival, "xenstored/survival", args.program)
    if args.packaged:
        try:
            test_example(args.program, args.packaged)
            runner.say("pass", "xenstored/documented-example")
        except Exception as error:  # pylint: disable=broad-except
            runner.say("fail", "xenstored/documented-example", why(error))
        runner.suite(protocol, "xenstored/packaged", args.packaged, os.path.abspath(args.shim))
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
