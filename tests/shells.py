"""A shell as every POSIX system has one, whatever is on the path: for lines that a README prints."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

CURL = '''\
"""What the README's lines use of curl, where there is none: -s, -X, -H, -d and an address."""
import sys
from getopt import gnu_getopt
from urllib.error import HTTPError
from urllib.request import Request, urlopen

options, (address,) = gnu_getopt(sys.argv[1:], "sX:H:d:")
given = dict(options)
headers = dict(header.split(": ", 1) for option, header in options if option == "-H")
body = given["-d"].encode() if "-d" in given else None
try:
    answer = urlopen(Request(address, body, headers, method=given.get("-X")))
except HTTPError as error:
    answer = error
sys.stdout.buffer.write(answer.read())
'''


def path_with(folder: Path) -> str:
    """Make a folder with `tracker`, `python3` and, where there is none, `curl`; return a path that begins there."""
    folder.mkdir()
    path = f"{os.environ['PATH']}:{os.defpath}"  # where POSIX has its own programs, on the path or not
    python = shlex.quote(sys.executable)
    lines = {"tracker": f"{python} -m tracker.cli", "python3": python}
    if shutil.which("curl", path=path) is None:
        (folder / "curl.py").write_text(CURL, "utf-8")
        lines["curl"] = f"{python} {shlex.quote(str(folder / 'curl.py'))}"
    for name, line in lines.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {line} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}:{path}"


def shell(path: str) -> list[str]:
    """Return what runs a script on a path and stops at the first line that fails: bash, else sh."""
    bash = shutil.which("bash", path=path)
    return [bash, "-euo", "pipefail", "-c"] if bash else ["/bin/sh", "-eu", "-c"]
