#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compile the example of docs/interface/libctrl.md, against the shared library and over the model.

example.py PAGE KERNEL SHARED_LIBRARY MODEL_LIBRARY OUTPUT FLAGS...; runs it over the model.
"""

import os
import re
import subprocess
import sys

PROGRAM = """#include <err.h>
#include <fcntl.h>
#include <libctrl/build.h>
#include <libctrl/domain.h>

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "";
    int fd = open(path, O_RDONLY);
%s
    return 0;
}
"""


def main():
    page, kernel, shared, model, output, *flags = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        example = re.search(r"```c\n(.*?)```", file.read(), re.DOTALL)[1]
    source = output + ".c"
    with open(source, "w", encoding="utf-8") as file:
        file.write(PROGRAM % example)
    compiler = ["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Itools/libctrl/include"]
    subprocess.run([*compiler, "-o", output, source, shared], check=True)
    subprocess.run([*compiler, *flags, "-o", output, source, model], check=True)
    subprocess.run([output, kernel], check=True,
                   env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})


if __name__ == "__main__":
    main()
