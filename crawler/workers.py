"""Worker processes for what would hold up the reactor: reading pages and feeds.

A page that hangs its worker costs that worker, which is replaced, and is refused; must not fail for one page.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import warnings
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pebble import ProcessExpired, ProcessPool

from crawler.garbage import collect_seldom, give_back_memory
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from crawler.page.extracted import Extracted, ExtractionConfig

_Result = TypeVar("_Result")
_Key = TypeVar("_Key")
_Read: TypeAlias = "tuple[_Key, Extracted | Skipped]"

_TASKS_BETWEEN_TRIMS = 100
_TASKS_A_WORKER = 4_000
_AHEAD = 8
_MAPPED_AT_ONCE = 50
_PIPE_BYTES = 1 << 20
_worked = 0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page to be read: the arguments of ``extract_article``."""

    body: bytes
    url: str
    now: datetime
    content_type: str | None
    config: ExtractionConfig


class WorkerPool:
    """Runs pure functions in other processes; they start at first use, or before, and end with the crawl."""

    def __init__(self, *, workers: int, timeout_seconds: float) -> None:
        self._workers = workers if workers > 0 else os.cpu_count() or 1
        self._timeout_seconds = timeout_seconds
        self._pool: ProcessPool | None = None

    async def extract(
        self, body: bytes, url: str, *, now: datetime, content_type: str | None, config: ExtractionConfig
    ) -> Extracted | Skipped:
        """``extract_article`` in a worker; a hang, crash or error of it comes back as a refusal."""
        outcome: Extracted | Skipped = await self._run(_extract, body, url, now, content_type, config)
        return outcome

    async def run(self, function: Callable[..., _Result], *arguments: object) -> _Result | Skipped:
        """Any pure module-level function in a worker."""
        outcome: _Result | Skipped = await self._run(_call, function, *arguments)
        return outcome

    def call(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Any pure module-level function in a worker, waited for in this thread; done here where the worker fails."""
        try:
            outcome: _Result = self._schedule(_call, function, *arguments).result()
        except (OSError, RuntimeError) as error:  # too slow, ended, none there: pebble's are of these kinds
            logger.debug("a worker failed", exc_info=error)
            return function(*arguments)
        return outcome

    def map(self, function: Callable[[_Key], _Result], values: Sequence[_Key]) -> Iterator[_Result]:
        """``call`` for each value, some at a time; the results in the values' order."""
        for start in range(0, len(values), _MAPPED_AT_ONCE):
            yield from self.call(_each, function, values[start : start + _MAPPED_AT_ONCE])

    def extract_each(self, pages: Iterable[tuple[_Key, PageTask | Skipped]]) -> Iterator[_Read[_Key]]:
        """``extract_article`` for many pages at once, without an event loop; the answers in the pages' order.

        A refused page passes through. Holds at most ``_AHEAD`` pages a worker in memory.
        """
        waiting: deque[tuple[_Key, Future[Any] | Skipped]] = deque()
        for key, page in pages:
            if isinstance(page, Skipped):
                waiting.append((key, page))
            else:
                arguments = page.body, page.url, page.now, page.content_type, page.config
                waiting.append((key, self._schedule(_extract, *arguments)))
            if len(waiting) >= _AHEAD * self._workers:
                yield self._answer(*waiting.popleft())
        while waiting:
            yield self._answer(*waiting.popleft())

    def _answer(self, key: _Key, answer: Future[Any] | Skipped) -> _Read[_Key]:
        if isinstance(answer, Skipped):
            return key, answer
        try:
            return key, answer.result()
        except Exception as error:  # noqa: BLE001  # the one per-page boundary, as in _run
            return key, self._refusal(error)

    def warm(self) -> None:
        """Let the workers come up while the first lists are on their way."""
        self._schedule(_call, int)

    def close(self) -> None:
        """Stop the workers, whatever they are doing."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble types only part of its methods
            self._pool.join()
            self._pool = None

    async def _run(self, function: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # the function's own
        try:
            return await asyncio.wrap_future(self._schedule(function, *arguments))
        except Exception as error:  # noqa: BLE001  # the one per-page boundary
            return self._refusal(error)

    def _schedule(self, function: Callable[..., Any], *arguments: object) -> Future[Any]:
        pool = self._pool or self._start()
        future: Future[Any] = pool.schedule(function, args=arguments, timeout=self._timeout_seconds)
        return future

    def _refusal(self, error: Exception) -> Skipped:
        if isinstance(error, TimeoutError):
            detail = f"not read within {self._timeout_seconds:g} s"
            return Skipped(SkipReason.EXTRACTION_TIMEOUT, detail)
        if isinstance(error, ProcessExpired):
            return Skipped(SkipReason.EXTRACTION_FAILED, f"worker ended with code {error.exitcode}")
        logger.debug("extraction failed", exc_info=error)
        return Skipped(SkipReason.EXTRACTION_FAILED, f"{type(error).__name__}: {error}"[:300])

    def _start(self) -> ProcessPool:
        start_fork_server()
        context = _WidePipes()
        self._pool = ProcessPool(
            max_workers=self._workers, max_tasks=_TASKS_A_WORKER, initializer=_prepare_worker, context=context
        )
        return self._pool


class _WidePipes(ForkServerContext):
    """Pipes that hold a page: through one of 64 kB it goes in pieces, and two processes wake each other for each."""

    def Pipe(self, duplex: bool = True) -> Any:  # noqa: ANN401, N802  # the base class's
        ends = super().Pipe(duplex)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # more than the system allows
                fcntl.fcntl(ends[0].fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        return ends


def start_fork_server() -> None:
    """Begin loading what workers need, in a process of its own that they are forked from; a second time nothing happens.

    A fork of the crawl's own process would copy its reactor's threads and sockets.
    """
    forkserver.set_forkserver_preload(["crawler.workers", "crawler.page.extraction"])
    forkserver.ensure_running()


def _prepare_worker() -> None:
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawl's to answer
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def _extract(
    body: bytes, url: str, now: datetime, content_type: str | None, config: ExtractionConfig
) -> Extracted | Skipped:
    from crawler.page.extraction import extract_article  # noqa: PLC0415  # half a second, and for workers alone

    result = extract_article(body, url, now=now, content_type=content_type, config=config)
    _count_task()
    return result


def _call(function: Callable[..., _Result], *arguments: object) -> _Result:
    result = function(*arguments)
    _count_task()
    return result


def _each(function: Callable[[_Key], _Result], values: Sequence[_Key]) -> list[_Result]:
    return [function(value) for value in values]


def _count_task() -> None:
    global _worked  # noqa: PLW0603  # one counter a worker process
    _worked += 1
    if _worked % _TASKS_BETWEEN_TRIMS == 0:
        give_back_memory()
