"""Applies a judgement to many pairs, on several processors where that pays.

Must not change the answer: the verdicts come in the order of the pairs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor

    from newsdedup.render.progress import OnProgress

Pair = TypeVar("Pair")
Verdict = TypeVar("Verdict")
_WORTH_A_POOL = 2_000
_CHUNK = 100


class JudgingMap:
    """``map`` over pairs with progress; a pool of processes once there were many pairs.

    Use it in a ``with`` block, which ends the pool.
    """

    def __init__(self, worker_count: int, on_progress: OnProgress = lambda _done, _total: None) -> None:
        self.worker_count = worker_count
        self.on_progress = on_progress
        self._pair_count = 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, judge: Callable[[Pair], Verdict], pairs: Sequence[Pair], /) -> Iterable[Verdict]:
        """The verdicts in the order of the pairs."""
        self._pair_count += len(pairs)
        if self._pool is None and self.worker_count > 1 and self._pair_count >= _WORTH_A_POOL:
            self._pool = _pool_of(self.worker_count)
        if self._pool is None:
            return self._told(map(judge, pairs), len(pairs))
        return self._told(self._pool.map(judge, pairs, chunksize=_CHUNK), len(pairs))

    def _told(self, verdicts: Iterable[Verdict], total: int) -> Iterator[Verdict]:
        for done, verdict in enumerate(verdicts, start=1):
            yield verdict
            if done % _CHUNK == 0 or done == total:
                self.on_progress(done, total)


def _pool_of(worker_count: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  every command loads this module
    from multiprocessing import get_context  # noqa: PLC0415

    return ProcessPoolExecutor(worker_count, mp_context=get_context("spawn"))


def processor_count() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
