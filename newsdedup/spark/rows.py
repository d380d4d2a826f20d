"""Documents, signatures and verdicts as rows of Arrow tables, and back.

Must not compute anything about a text; it is imported on every machine that works.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

from dedup.values import (
    Document,
    DuplicatePair,
    Label,
    PairMeasures,
    RejectedPair,
    Relation,
    Signature,
    Substitution,
    TimePrecision,
)
from storage.values import Article, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Row: TypeAlias = "Mapping[str, Any]"

_GROUP_ROWS = 1_000
_TIME = pa.timestamp("us", tz="UTC")
_ARTICLE_TIMES = ("first_seen_at", "fetched_at", "published_at", "modified_at")

# What decides which article of a story is canonical; the text counts by its length.
DATED_FIELDS = ("id", "published_at", "published_precision", "first_seen_at")
DOCUMENT_FIELDS = ("text", "title", "url", "source", "language", "declared_original_url", *DATED_FIELDS)

# ``captured_at`` tells captures of one page apart; ``article`` is JSON, for the database alone.
READ = pa.schema(
    [
        *((name, _TIME if name.endswith("_at") else pa.string()) for name in DOCUMENT_FIELDS),
        ("captured_at", _TIME),
        ("article", pa.string()),
        ("origin", pa.string()),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("is_refused", pa.bool_()),
    ]
)
LINES = pa.schema(
    [
        ("number", pa.int64()),
        ("source", pa.string()),
        ("line", pa.int64()),
        ("word_count", pa.int64()),
        ("is_cut", pa.bool_()),
    ]
)
BOILERPLATE = pa.schema([("source", pa.string()), ("line", pa.int64())])
SIGNATURES = pa.schema(
    [
        ("number", pa.int64()),
        ("text_hash", pa.string()),
        ("language", pa.string()),
        ("word_count", pa.int64()),
        ("minhash", pa.binary()),
        ("passages", pa.binary()),
        ("buckets", pa.list_(pa.int64())),
        ("boilerplate", pa.list_(pa.int64())),
    ]
)
EDGES = pa.schema([("low", pa.int64()), ("high", pa.int64())])
_RATIOS = (
    "similarity",
    "containment_a",
    "containment_b",
    "replaced_ratio",
    "synonym_ratio",
    "anchor_agreement_ratio",
)
_COUNTS = ("aligned_word_count", "word_count_a", "word_count_b")
_SUBSTITUTION = pa.struct(
    [("words_a", pa.string()), ("words_b", pa.string()), ("is_synonym", pa.bool_()), ("count", pa.int64())]
)
_ANCHOR_PAIR = pa.struct([("anchor_a", pa.string()), ("anchor_b", pa.string())])
VERDICTS = pa.schema(
    [
        *EDGES,
        ("id_a", pa.string()),
        ("id_b", pa.string()),
        ("label", pa.string()),  # null: no duplicates
        ("relation", pa.string()),
        ("joins_cluster", pa.bool_()),
        *((name, pa.float64()) for name in _RATIOS),
        *((name, pa.int64()) for name in _COUNTS),
        ("substitutions", pa.list_(_SUBSTITUTION)),
        ("agreeing_anchors", pa.list_(pa.string())),
        ("conflicting_anchors", pa.list_(_ANCHOR_PAIR)),
        ("features", pa.map_(pa.string(), pa.float64())),
        ("reason", pa.string()),
        ("credit", pa.string()),
        ("likely_original_id", pa.string()),
        ("direction_reason", pa.string()),
    ]
)
CLUSTERS = pa.schema(
    [
        ("root", pa.int64()),
        ("cluster_id", pa.string()),
        ("canonical_id", pa.string()),
        ("canonical_reason", pa.string()),
        ("member_ids", pa.list_(pa.string())),
    ]
)


def in_batches(rows: Iterable[Row], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows in batches of at most 1,000; fields that a row lacks are null."""
    iterator = iter(rows)
    while group := list(islice(iterator, _GROUP_ROWS)):
        yield pa.RecordBatch.from_pylist(group, schema=schema)


def document_row(document: Document, article: Article | None = None) -> dict[str, object]:
    """A document under ``READ``, with the article that the database is to hold for it."""
    row: dict[str, object] = {name: getattr(document, name) for name in DOCUMENT_FIELDS}
    return row | {"article": None if article is None else _article_json(article)}


def document_of(row: Row, *, boilerplate: Iterable[int] | None = None) -> Document:
    """The document of a row; without a text but with its ``length`` it can be dated, no more."""
    precision = row["published_precision"]
    return Document(
        id=row["id"],
        text=row["text"] if "text" in row else _blank(row["length"]),
        title=row.get("title"),
        url=row.get("url"),
        source=row.get("source"),
        published_at=row["published_at"],
        published_precision=None if precision is None else TimePrecision(precision),
        language=row.get("language"),
        declared_original_url=row.get("declared_original_url"),
        first_seen_at=row["first_seen_at"],
        boilerplate=frozenset(boilerplate or ()),
    )


@lru_cache(maxsize=256)
def _blank(length: int) -> str:
    return " " * length


def _article_json(article: Article) -> str:
    # the text stands beside it
    return json.dumps(asdict(replace(article, text="")), default=datetime.isoformat)


def article_of(row: Row) -> Article:
    """The article of a row."""
    fields = json.loads(row["article"])
    for name in _ARTICLE_TIMES:
        if fields[name] is not None:
            fields[name] = datetime.fromisoformat(fields[name])
    if fields["published_precision"] is not None:
        fields["published_precision"] = TimePrecision(fields["published_precision"])
    return Article(**fields | {"source": Source(**fields["source"]), "text": row["text"]})


def signature_row(number: int, signature: Signature, boilerplate: Iterable[int]) -> dict[str, object]:
    """A signature under ``SIGNATURES``."""
    return {
        "number": number,
        "text_hash": signature.text_hash,
        "language": signature.language,
        "word_count": signature.word_count,
        "minhash": signature.minhash.astype("<u4").tobytes(),
        "passages": signature.passages.astype("<u4").tobytes(),
        "buckets": signature.buckets,
        "boilerplate": sorted(boilerplate),
    }


def signature_of(row: Row, document_id: str) -> Signature:
    """The signature of a row; without buckets where the row leaves them out."""
    return Signature(
        document_id=document_id,
        text_hash=row["text_hash"],
        language=row["language"],
        word_count=row["word_count"],
        minhash=np.frombuffer(row["minhash"], dtype="<u4"),
        passages=np.frombuffer(row["passages"], dtype="<u4"),
        buckets=tuple(row.get("buckets") or ()),
    )


def verdict_row(low: int, high: int, verdict: DuplicatePair | RejectedPair) -> dict[str, object]:
    """A verdict under ``VERDICTS``; of a rejected pair the numbers alone."""
    if isinstance(verdict, RejectedPair):
        return {"low": low, "high": high, "id_a": verdict.id_a, "id_b": verdict.id_b}
    measures = verdict.measures
    return {
        "low": low,
        "high": high,
        **{name: getattr(measures, name) for name in (*_RATIOS, *_COUNTS, "agreeing_anchors")},
        **{name: getattr(verdict, name) for name in _SAID},
        "substitutions": [asdict(one) for one in measures.substitutions],
        "conflicting_anchors": [{"anchor_a": a, "anchor_b": b} for a, b in measures.conflicting_anchors],
        "features": [(name, float(value)) for name, value in measures.features.items()],
    }


_SAID = (
    *("id_a", "id_b", "label", "relation", "joins_cluster", "reason", "credit"),
    *("likely_original_id", "direction_reason"),
)


def pair_of(row: Row) -> DuplicatePair:
    """The duplicate pair of a row."""
    measures = PairMeasures(
        **{name: row[name] for name in (*_RATIOS, *_COUNTS)},
        agreeing_anchors=tuple(row["agreeing_anchors"]),
        conflicting_anchors=tuple((one["anchor_a"], one["anchor_b"]) for one in row["conflicting_anchors"]),
        substitutions=tuple(Substitution(**one) for one in row["substitutions"]),
        features=dict(row["features"]),
    )
    said = {name: row[name] for name in _SAID}
    said |= {"label": Label(said["label"]), "relation": Relation(said["relation"])}
    return DuplicatePair(measures=measures, **said)
