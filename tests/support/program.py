"""Runs the program as a user does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run of the program left behind."""

    exit_code: int
    stdout: str
    stderr: str


def run(*arguments: str) -> Ended:
    """`newsdedup ARGUMENTS ...`, to its end."""
    command = [sys.executable, "-m", "newsdedup", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    return Ended(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """This process's environment, in which another finds the project."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def read_terminal(master: int) -> bytes:
    """What came over a pseudo-terminal; nothing once its other side has closed."""
    try:
        return os.read(master, 65536)
    except OSError:  # how Linux says so
        return b""
