"""What a process and all below it take of the machine, read from Linux's ``/proc``.

Must not start or end a process. One that ends while it is looked at counts as nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GONE = (FileNotFoundError, ProcessLookupError)


def descendants(pid: int) -> Iterator[int]:
    """Children of a process, their children, and so on."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(*_GONE):
            for child in map(int, path.read_text().split()):
                yield child
                yield from descendants(child)


def processor_seconds(pid: int) -> float:
    """User and system time of a process and all below it so far, with that of children that have ended."""
    ticks = 0
    for one in (pid, *descendants(pid)):
        with suppress(*_GONE):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory that one process holds, pages that it shares with others included."""
    with suppress(*_GONE):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def proportional_bytes(pid: int) -> int:
    """Memory of one process, each shared page divided among those that share it."""
    with suppress(*_GONE):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return 0


def command_line(pid: int) -> bytes:
    """The arguments that a process was started with, each ended by a zero byte."""
    with suppress(*_GONE):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
