"""The processes that a crawl hands work to: what they give back, and what becomes of work that one of them fails at."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crawler.workers import WorkerPool
from dedup import DedupConfig, sign_documents
from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with closing(WorkerPool(workers=1, timeout_seconds=1.0)) as pool:
        yield pool


def test_a_call_is_made_in_another_process(pool: WorkerPool) -> None:
    assert pool.call(os.getpid) != os.getpid()


def test_a_call_whose_worker_dies_is_made_here(pool: WorkerPool) -> None:
    assert pool.call(_end_unless, os.getpid()) == os.getpid()


def test_a_call_that_takes_a_worker_too_long_is_made_here(pool: WorkerPool) -> None:
    assert pool.call(_wait_unless, os.getpid()) == os.getpid()


def test_many_calls_give_their_results_in_order(pool: WorkerPool) -> None:
    numbers = list(range(-120, 0))
    assert list(pool.map(abs, numbers)) == list(range(120, 0, -1))


def test_articles_are_signed_elsewhere_as_they_would_be_here(pool: WorkerPool) -> None:
    documents = [
        Document("en", "The minister said on Monday that the bridge over the river would be closed. " * 9),
        Document(
            "fi", "Ministeri kertoi maanantaina, että joen ylittävä silta suljetaan korjauksen ajaksi. " * 9
        ),
        Document("none", ""),
    ]
    here = sign_documents(documents, DedupConfig())
    there = pool.call(sign_documents, documents, DedupConfig())
    assert [one.buckets for one in there] == [one.buckets for one in here]
    assert [one.minhash.tobytes() for one in there] == [one.minhash.tobytes() for one in here]
    assert [(one.language, one.text_hash) for one in there] == [(one.language, one.text_hash) for one in here]


def _end_unless(process_id: int) -> int:
    if os.getpid() != process_id:
        os._exit(3)
    return process_id


def _wait_unless(process_id: int) -> int:
    if os.getpid() != process_id:
        time.sleep(600)
    return process_id
