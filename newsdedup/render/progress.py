"""Progress on a terminal's standard error; on a pipe, silence.

Must not write to standard output, which belongs to data.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OnProgress: TypeAlias = "Callable[[int, int | None], None]"
_PATIENCE_SECONDS = 2.0


@contextmanager
def progress_bar(description: str, *, is_wanted: bool = True) -> Iterator[OnProgress]:
    """A bar that appears once the work has lasted two seconds.

    Gives a function of (done, total); total ``None`` means unknown.
    """
    if not (is_wanted and sys.stderr.isatty()):
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415  rich costs 0.1 s that pipes need not pay
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task(description, total=None)
    begun = time.monotonic()

    def report(done: int, total: int | None) -> None:
        progress.update(task, completed=done, total=total)
        if not progress.live.is_started and time.monotonic() - begun > _PATIENCE_SECONDS:
            progress.start()

    try:
        yield report
    finally:
        progress.stop()
