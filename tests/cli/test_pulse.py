from __future__ import annotations

import os
import subprocess
import sys

from tests.support.program import read_terminal

WAITS = """
import sys
from newsdedup.render.progress import pulse
with pulse("weighing", patience_seconds=0.2):
    sys.stdin.readline()
with pulse("quick", patience_seconds=600.0):
    pass
"""
TAKES_LONG = """
import time
from newsdedup.render.progress import pulse
with pulse("weighing", patience_seconds=0.2):
    time.sleep(1.0)
"""


def test_long_work_of_one_piece_moves_on_a_terminal_and_short_work_does_not_show() -> None:
    master, slave = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    command = [sys.executable, "-c", WAITS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=slave, env=environment) as process:
        os.close(slave)
        said = b""
        while b"weighing" not in said and (more := read_terminal(master)):
            said += more
        process.communicate(b"the work is done\n")
        assert process.returncode == 0
    said += b"".join(iter(lambda: read_terminal(master), b""))
    os.close(master)
    assert b"weighing" in said
    assert b"quick" not in said


def test_on_a_pipe_it_is_silent() -> None:
    done = subprocess.run([sys.executable, "-c", TAKES_LONG], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
