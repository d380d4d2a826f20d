"""Progress on a terminal's standard error; on a pipe, silence.

Must not write to standard output, which belongs to data.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from newsdedup.safe_text import terminal_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress

OnProgress: TypeAlias = "Callable[[int, int | None], None]"
OnWorkProgress: TypeAlias = "Callable[[int, int | None, str], None]"
_PATIENCE_SECONDS = 2.0


@contextmanager
def progress_bar(description: str, *, is_wanted: bool = True) -> Iterator[OnProgress]:
    """A bar that appears once the work has lasted two seconds.

    Gives a function of (done, total); total ``None`` means unknown.
    """
    with work_progress(description, is_wanted=is_wanted) as report:
        yield lambda done, total: report(done, total, "")


@contextmanager
def work_progress(
    description: str,
    *,
    is_wanted: bool = True,
    text: str = "",
    patience_seconds: float = _PATIENCE_SECONDS,
) -> Iterator[OnWorkProgress]:
    """A bar with rate, time left where the total is known, and a text of the work's own, at first ``text``.

    Gives a function of (done, total, text).
    """
    if not (is_wanted and sys.stderr.isatty()):
        yield lambda _done, _total, _text: None
        return
    from rich.console import Console  # noqa: PLC0415  rich costs 0.1 s that pipes need not pay

    progress = bar_with_text(Console(stderr=True))
    task = progress.add_task(description, total=None, left="", text=text)
    counted_since = time.monotonic()

    def report(done: int, total: int | None, text: str) -> None:
        nonlocal counted_since
        now = time.monotonic()
        if not done:
            counted_since = now  # what comes before the first piece tells nothing of the others
        left = pace(done, total, now - counted_since)
        progress.update(task, completed=done, total=total, left=left, text=terminal_line(text))

    with _shown_after(progress, patience_seconds):
        yield report


@contextmanager
def _shown_after(progress: Progress, patience_seconds: float) -> Iterator[None]:
    """Show it once the block has lasted that long, whether the work has told anything or not."""
    timer = threading.Timer(patience_seconds, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # it may be starting the bar just now
        progress.stop()


def bar_with_text(console: Console) -> Progress:
    """A bar of one line; where the terminal is narrow, its text of the work's own gives way, and nothing else."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415  as above

    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=max(8, min(40, console.width // 6))),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        TextColumn("{task.fields[text]}", markup=False, table_column=rest),
    )
    return Progress(*columns, console=console, transient=True, expand=True)


@contextmanager
def pulse(
    description: str, *, is_wanted: bool = True, patience_seconds: float = _PATIENCE_SECONDS
) -> Iterator[None]:
    """A moving bar with the time passed, for work of one piece that says nothing of how far it is."""
    if not (is_wanted and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console  # noqa: PLC0415  rich costs 0.1 s that pipes need not pay
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    progress.add_task(description, total=None)
    with _shown_after(progress, patience_seconds):
        yield


def pace(done: int, total: int | None, elapsed_seconds: float) -> str:
    """How fast the work goes, and how long it will take at that rate where its end is known.

    >>> pace(50, 200, 10.0)
    '5.0/s, 0:30 left'
    """
    if not done or elapsed_seconds <= 0:
        return ""
    rate = done / elapsed_seconds
    said = f"{rate:.1f}/s"
    if total is None or total <= done:
        return said
    minutes, seconds = divmod(round((total - done) / rate), 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{said}, {clock} left"
