"""Starts a private PostgreSQL server from the system's binaries; touches no other server.

`initdb` refuses to run as root, so root drops to another user for every server process.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_USERS = ("postgres", "nobody")
MISSING = "PostgreSQL's server binaries are not installed (Debian: apt-get install postgresql)"


def binaries() -> Path | None:
    """The folder with the newest `initdb` and `postgres`, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name)
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@dataclass(frozen=True, slots=True)
class Server:
    """A running private server, reached over TCP on loopback."""

    port: int
    folder: Path
    bin_folder: Path
    user: str | None

    def url(self, database: str) -> str:
        """SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """A new database's URL."""
        name = f"t{uuid.uuid4().hex[:16]}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, ending whatever still uses it."""
        self._admin(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def _admin(self, statement: str) -> None:
        with psycopg.connect(
            f"host=127.0.0.1 port={self.port} user=tester dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        options += " -c max_connections=60 -c shared_buffers=128MB -c max_wal_size=2GB"
        log = self.folder / "log"
        self._run("pg_ctl", "-D", self._data, "-l", str(log), "-o", options, "-w", "-t", "300", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is what a power cut does."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def crash(self) -> None:
        """Kill the server and all its processes, as the kernel does when memory runs out."""
        postmaster = self._postmaster
        for pid in (postmaster, *self._children()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while _is_running(postmaster):
            time.sleep(0.05)
        # Where nobody collects the dead at once, the next start would take the zombie for a running server.
        (Path(self._data) / "postmaster.pid").unlink(missing_ok=True)

    def kill_backends(self) -> None:
        """Kill the processes that serve clients; the server then ends all others, and recovers by itself."""
        with psycopg.connect(f"host=127.0.0.1 port={self.port} user=tester dbname=postgres") as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname LIKE 't%' AND pid <> pg_backend_pid()"
            pids = [pid for (pid,) in connection.execute(query)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wait(self, seconds: float = 300) -> None:
        """Wait until it takes connections again."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._admin("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    @property
    def _postmaster(self) -> int:
        return int((Path(self._data) / "postmaster.pid").read_text().split()[0])

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self._postmaster}/task/{self._postmaster}/children").read_text()
        return [int(pid) for pid in listed.split()]

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        result = subprocess.run(
            [str(self.bin_folder / program), *arguments],
            user=self.user,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
        if result.returncode:
            log = self.folder / "log"
            raise RuntimeError(
                f"{program} failed: {result.stdout!r} {log.read_text() if log.exists() else ''}"
            )


@contextlib.contextmanager
def private_server() -> Iterator[Server]:
    """A server of its own folder and port, removed afterwards.

    Raises:
        RuntimeError: it does not start; with its log.
    """
    bin_folder = binaries()
    if bin_folder is None:
        raise RuntimeError(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="newsdedup-postgres-"))
    user = _unprivileged_user()
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    server = Server(port=_free_port(), folder=folder, bin_folder=bin_folder, user=user)
    try:
        server._run(
            "initdb",
            "-D",
            server._data,
            "-U",
            "tester",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--no-instructions",
        )
        server.start()
        yield server
    finally:
        with contextlib.suppress(RuntimeError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in known)


def _free_port() -> int:
    """A port that the system gives to nobody by itself: it stays free until the server takes it, and between starts."""
    lowest_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(max(1_025, lowest_given - 16_000), lowest_given)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
