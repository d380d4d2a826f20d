from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import time
from newsdedup.render.progress import pulse
with pulse("weighing", patience_seconds=0.2):
    time.sleep(1.0)
with pulse("quick", patience_seconds=60.0):
    pass
"""


def test_long_work_of_one_piece_moves_on_a_terminal_and_short_work_does_not_show() -> None:
    master, slave = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stderr=slave, env=environment) as process:
        os.close(slave)
        assert process.wait() == 0
    said = os.read(master, 65536).decode()
    os.close(master)
    assert "weighing" in said
    assert "quick" not in said


def test_on_a_pipe_it_is_silent() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
