"""The processes of a soak: schedulers that are started, killed and asked to stop, and what they take of the machine."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.process_tree import command_line, descendants, resident_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 120.0


def build_false_clock(folder: Path) -> Path | None:
    """A library that tells a process another time than the machine's; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "false_clock.so"
    source = Path(__file__).with_name("false_clock.c")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return library


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory (bytes) and open files of a scheduler, and of its whole process tree."""

    at: float
    own_bytes: int
    own_files: int
    tree_bytes: int


@dataclass(slots=True)
class Scheduler:
    """One scheduler that is kept running under a name."""

    name: str
    order: Mapping[str, object]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    samples: list[Sample] = field(default_factory=list)
    false_clock: Path | None = None

    def set_clock(self, seconds: int) -> bool:
        """Let the clock of all its processes jump to so many seconds before or after the true time; whether it can."""
        if self.false_clock is None:
            return False
        with self._clock.open("r+b" if self._clock.exists() else "wb") as file:  # in place: it is mapped
            file.write(struct.pack("=q", seconds))
        return True

    @property
    def _clock(self) -> Path:
        return self.folder / f"{self.name}.clock"

    def _environment(self) -> dict[str, str]:
        if not self._clock.exists() and not self.set_clock(0):
            return dict(os.environ)
        return os.environ | {"LD_PRELOAD": str(self.false_clock), "FALSE_CLOCK": str(self._clock)}

    def start(self) -> None:
        """Start it in a process group of its own; its words go to a file."""
        path = self.folder / f"{self.name}.json"
        path.write_text(json.dumps(self.order))
        self._ready.unlink(missing_ok=True)
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bench.soak.scheduler", str(path)],
                cwd=_ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def _ready(self) -> Path:
        return self.folder / f"{self.name}.ready"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill_all(self) -> None:
        """End the scheduler and its crawl as a power cut would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def kill_crawl(self) -> bool:
        """End the crawl that is under way without warning; whether there was one."""
        crawls = [pid for pid in self._children() if b"spawn_main" in command_line(pid)]
        for pid in crawls:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(crawls)

    def stop(self) -> tuple[int, float]:
        """Ask it to stop, once it has begun; exit code and seconds until it was gone."""
        if self.process is None:
            return 0, 0.0
        while self.is_running and not self._ready.exists():
            time.sleep(0.1)
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_all()
            code = -signal.SIGKILL
        return code, time.monotonic() - began

    def sample(self, at: float) -> None:
        """Note what it takes of the machine now."""
        if self.process is None or not self.is_running:
            return
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            own = resident_bytes(self.process.pid)
            files = sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())
            tree = own + sum(resident_bytes(pid) for pid in self._children())
            self.samples.append(Sample(at, own, files, tree))

    def _children(self) -> list[int]:
        return list(descendants(self.process.pid)) if self.process is not None else []
