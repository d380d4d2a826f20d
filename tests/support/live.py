"""Runs `newsdedup serve` as people do, in a process of its own."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator
    from pathlib import Path

_STOP_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(slots=True)
class LiveServer:
    """A running server."""

    process: subprocess.Popen[str]
    address: str

    def ask(self, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
        """One request; ``host`` replaces the Host header."""
        where = self.address.removeprefix("http://").rstrip("/")
        connection = HTTPConnection(where, timeout=300)
        try:
            connection.request(method, path, headers={} if host is None else {"Host": host})
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read().decode())
        finally:
            connection.close()

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """Exit code, and what it said on standard error after it told its address."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=_STOP_SECONDS)
        return self.process.returncode, said


@contextlib.contextmanager
def live_server(database: Path | str, *options: str) -> Iterator[LiveServer]:
    """The server on a free port.

    Raises:
        RuntimeError: it does not start; with what it said.
    """
    command = [
        sys.executable,
        "-m",
        "newsdedup",
        "serve",
        "--database",
        str(database),
        "--port",
        "0",
        *options,
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        first = process.stderr.readline() if process.stderr else ""
        told = re.match(r"serving (http://\S+/);", first)
        if told is None:
            raise RuntimeError(f"{first}{process.communicate(timeout=_STOP_SECONDS)[1]}")
        yield LiveServer(process, told[1])
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=_STOP_SECONDS)
