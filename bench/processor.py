"""Runs a program and writes what it and all its descendants took of the processor, also those that outlived it.

python -m bench.processor RESULT.json PROGRAM ARGUMENT ...

Must be a process of its own: it becomes the parent of whatever the program leaves behind (Linux).
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """The program's exit code; the result holds seconds on the clock and of processor."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "descendants cannot be adopted")
    started = time.monotonic()
    process = subprocess.Popen(sys.argv[2:])
    code = process.wait()
    seconds = time.monotonic() - started
    _wait_for_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    values = {"seconds": seconds, "processor_seconds": used.ru_utime + used.ru_stime}
    Path(sys.argv[1]).write_text(json.dumps(values), encoding="utf-8")
    return code


def _wait_for_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    raise SystemExit(main())
