#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our xenstored under Debian's tools: dom0's start, the parts of Debian's transcript that are
named, whose lines must be the same as with Debian's xenstored, and our own (dom0/part-store)."""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "tools"), os.path.join(HERE, "..", "system")]
import initrd  # pylint: disable=wrong-import-position
import run  # pylint: disable=wrong-import-position
import transcript  # pylint: disable=wrong-import-position


class Suite(run.Suite):
    """Runs begin with our start in the place of Debian's."""

    def __init__(self, args, results):
        super().__init__(args, results)
        self.own = os.path.join(HERE, "transcript.expected")
        if not args.record:
            self.expected.update(transcript.read_expected(self.own))

    def config(self, run_, parts):
        """The machine of a run, with what is ours in its overlay."""
        config = super().config(run_, parts)
        folder = os.path.join(HERE, "..", "tools", "dom0")
        files = {"tools/" + name: initrd.read(os.path.join(folder, name))
                 for name in os.listdir(folder)}
        for name in ("part-start", "part-store"):
            files["tools/" + name] = initrd.read(os.path.join(HERE, "dom0", name))
        files["tools/xenstored"] = initrd.read(self.args.xenstored)
        files["tools/settings"] = f"KERNEL={run_.guest}\nSTORE={run_.store}\nCOUNT=0\n"
        files["command"] = f"exec sh /xenios/tools/start {' '.join(parts)}\n"
        config.overlay = initrd.build_overlay(files)
        return config


def main():
    """Runs the suite; the status is 0 if nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("xen-elf", "kernels", "image", "output", "xenstored"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--reference", action="store_true", help="this is Debian's packaged Xen")
    parser.add_argument("--record", action="store_true", help="write what came as what is expected")
    parser.add_argument("--parts", default="tiny", help="parts of Debian's transcript")
    args = parser.parse_args()
    args.results, args.part = "xenstored-system", None
    results = run.Results(os.path.join(args.output, "results", args.results + ".txt"))
    suite = Suite(args, results)
    suite.run(run.Run("6.1", "6.1", "6.1", "xenstored", args.parts + " store"))
    if args.record:
        transcript.write_expected(suite.own, {step: lines for step, lines in suite.recorded.items()
                                              if step.startswith("store-")})
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
