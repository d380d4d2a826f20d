"""Judges or shows many pairs, on several processors where that pays.

Must not change the answer: results come in the order of the pairs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor

    from newsdedup.render.progress import OnProgress

Pair = TypeVar("Pair")
Result = TypeVar("Result")
_WORTH_A_POOL = 2_000
_CHUNK = 100


class PairMap:
    """``map`` over pairs with progress; a pool of processes once there were many pairs.

    Use it in a ``with`` block, which ends the pool. Processes take a second to start: ``worth_a_pool`` pairs take one
    process longer than that.
    """

    def __init__(
        self,
        worker_count: int,
        on_progress: OnProgress = lambda _done, _total: None,
        *,
        worth_a_pool: int = _WORTH_A_POOL,
    ) -> None:
        self.worker_count = worker_count
        self.on_progress = on_progress
        self.worth_a_pool = worth_a_pool
        self._pair_count = 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, work: Callable[[Pair], Result], pairs: Sequence[Pair], /) -> Iterable[Result]:
        """The results in the order of the pairs."""
        self._pair_count += len(pairs)
        if self._pool is None and self.worker_count > 1 and self._pair_count >= self.worth_a_pool:
            self._pool = _pool_of(self.worker_count)
        if self._pool is None:
            return self._told(map(work, pairs), len(pairs))
        return self._told(self._pool.map(work, pairs, chunksize=self._chunk(len(pairs))), len(pairs))

    def _chunk(self, pair_count: int) -> int:
        """Pairs handed over at once: many, but every process gets some, and none waits long for the last."""
        return max(1, min(_CHUNK, pair_count // (4 * self.worker_count)))

    def _told(self, results: Iterable[Result], total: int) -> Iterator[Result]:
        for done, result in enumerate(results, start=1):
            yield result
            if done % _CHUNK == 0 or done == total:
                self.on_progress(done, total)


def _pool_of(worker_count: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  every command loads this module
    from multiprocessing import get_context  # noqa: PLC0415

    return ProcessPoolExecutor(worker_count, mp_context=get_context("spawn"))


def processor_count() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
