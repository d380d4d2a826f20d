"""What each worker does with its share of a table: the functions of ``dedup`` over Arrow batches.

Must not know where tables lie or how rows were brought together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from dedup import choose_canonical, judge_pair, sign_documents
from dedup.boilerplate import OwnLines, SourceArticle, count_shared_lines, read_article
from dedup.candidates import may_be_duplicates
from dedup.signatures import as_signed
from newsdedup.spark.buckets import walk_buckets
from newsdedup.spark.rows import (
    BOILERPLATE,
    CLUSTERS,
    EDGES,
    LINES,
    SIGNATURES,
    VERDICTS,
    document_of,
    in_batches,
    signature_of,
    signature_row,
    verdict_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup import DedupConfig
    from newsdedup.spark.rows import Row

    Batches = Iterable[pa.RecordBatch]


def list_lines(batches: Batches) -> Iterator[pa.RecordBatch]:
    """The lines of each text (``number``, ``source``, ``text``) under ``LINES``."""
    rows = (
        {
            "number": row["number"],
            "source": row["source"],
            "line": line,
            "word_count": words,
            "is_cut": article.is_cut,
        }
        for row in _rows(batches)
        for article in [read_article(row["text"])]
        for line, words in article.words_by_line.items()
    )
    return in_batches(rows, LINES)


def learn_source(articles: pa.Table) -> pa.Table:
    """The boilerplate of one source, from the lines that its articles share and sums of the others."""
    rows = articles.to_pylist()
    counts = count_shared_lines(
        SourceArticle(
            {one["line"]: one["word_count"] for one in row["shared"]},
            OwnLines(row["own_word_count"], row["longest_own_word_count"]),
            row["is_cut"],
            row["text"],
        )
        for row in rows
    )
    found = sorted(line for line, count in counts.items() if count.is_boilerplate)
    return pa.Table.from_pylist(
        [{"source": rows[0]["source"], "line": line} for line in found], schema=BOILERPLATE
    )


def sign(batches: Batches, config: DedupConfig) -> Iterator[pa.RecordBatch]:
    """Documents with their ``boilerplate`` to ``SIGNATURES``."""
    for batch in batches:
        rows = batch.to_pylist()
        documents = [document_of(row, boilerplate=row["boilerplate"]) for row in rows]
        signatures = sign_documents(documents, config)
        yield from in_batches(
            (
                signature_row(row["number"], signature, document.boilerplate)
                for row, document, signature in zip(rows, documents, signatures, strict=True)
            ),
            SIGNATURES,
        )


def collapse_exact(group: pa.Table) -> pa.Table:
    """Documents with one text to the edges of a star: ``low`` is the one kept, whatever its number, ``high`` another."""
    rows = group.to_pylist()
    kept_id, _ = choose_canonical([document_of(row) for row in rows])
    kept = next(row["number"] for row in rows if row["id"] == kept_id)
    others = sorted(row["number"] for row in rows if row["number"] != kept)
    return pa.Table.from_pydict({"low": [kept] * len(others), "high": others}, schema=EDGES)


def pair_buckets(batches: Batches, config: DedupConfig) -> Iterator[pa.RecordBatch]:
    """Whole buckets, sorted by ``bucket`` and ``number``, to the pairs of numbers in them."""
    columns = ((batch.column("bucket").to_numpy(), batch.column("number").to_numpy()) for batch in batches)
    for lows, highs in walk_buckets(columns, config.bucket_cap):
        yield pa.RecordBatch.from_arrays([pa.array(lows), pa.array(highs)], schema=EDGES)


def estimate(batches: Batches, config: DedupConfig) -> Iterator[pa.RecordBatch]:
    """Of pairs with both signatures (``a``, ``b``) those that are worth aligning."""
    for batch in batches:
        rows = batch.to_pylist()
        if rows:
            signed = as_signed([signature_of(row[side], "") for side in ("a", "b") for row in rows])
            lows = np.arange(len(rows))
            is_likely = may_be_duplicates(signed, lows, lows + len(rows), config)
            yield batch.select(["low", "high"]).filter(pa.array(is_likely))


def judge(batches: Batches, config: DedupConfig) -> Iterator[pa.RecordBatch]:
    """Pairs with both documents (``a``, ``b``) to ``VERDICTS``."""
    rows = (
        verdict_row(
            row["low"],
            row["high"],
            judge_pair(
                document_of(row["a"], boilerplate=row["a"]["boilerplate"]),
                document_of(row["b"], boilerplate=row["b"]["boilerplate"]),
                config,
            ),
        )
        for row in _rows(batches)
    )
    return in_batches(rows, VERDICTS)


def describe_cluster(members: pa.Table) -> pa.Table:
    """The members of one component, each with its ``root``, to a row of ``CLUSTERS``."""
    rows = sorted(members.to_pylist(), key=lambda row: row["number"])
    canonical_id, reason = choose_canonical([document_of(row) for row in rows])
    cluster = {
        "root": rows[0]["root"],
        "cluster_id": rows[0]["id"],
        "canonical_id": canonical_id,
        "canonical_reason": reason,
        "member_ids": [row["id"] for row in rows],
    }
    return pa.Table.from_pylist([cluster], schema=CLUSTERS)


def _rows(batches: Batches) -> Iterator[Row]:
    return (row for batch in batches for row in batch.to_pylist())
