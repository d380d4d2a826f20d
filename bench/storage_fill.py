"""Fills a database to a size, so that ``bench.storage`` can measure on top of it; measures nothing itself.

Rows of articles, signatures, pairs and clusters are made by statements over whole ranges, with texts pruned; the
index is filled through the product's own code, so that its cost while growing is real.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from storage.engine import is_sqlite
from storage.index import remember_hot
from storage.index.postings import POSTING, keys_of
from storage.index.segments import add_recent
from storage.index.settling import settle_index
from storage.search import index_stored_articles
from tests.support.articles import START

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from storage.engine import Sessions
    from storage.index.postings import Postings

COPY_SHARE = 0.25
SHARED_SHARE = 0.3
HOT_SHARE = 0.02
HOT_BUCKETS = 500
SOURCES = 200
# Every tenth article begins a story of three.
STORY_EVERY = 10
_CHUNK = 10_000

_SQLITE = {
    "range": "WITH RECURSIVE n (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)",
    "at": "strftime('%Y-%m-%d %H:%M:%S', '2026-03-02', '-' || ((:total - i) * 31536000 / :total) || ' seconds') "
    "|| '.000000'",
    "hash": "lower(hex(randomblob(16)))",
    "blob": "randomblob({size})",
    "json": "'[]'",
    "true": "1",
}
_POSTGRES = {
    "range": "WITH n (i) AS (SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)))",
    "at": "TIMESTAMPTZ '2026-03-02 00:00:00+00' - (CAST(:total AS bigint) - i) * 31536000 / :total "
    "* INTERVAL '1 second'",
    "hash": "md5(i::text)",
    "blob": "decode(repeat(md5(i::text), {size} / 16), 'hex')",
    "json": "'[]'::jsonb",
    "true": "true",
}
_ROWS = (
    (
        "INSERT INTO article (id, source_id, url, identity_url, title, language, published_at, published_precision, "
        "first_seen_at, fetched_at, extractor, text_hash, word_count, version_number, dedup_state) {range} "
        "SELECT i, 1 + i % {sources}, 'https://site' || (i % {sources}) || '.test/old/' || i, "
        "'https://site' || (i % {sources}) || '.test/old/' || i, 'Headline ' || i, 'en', {at}, 'minute', {at}, {at}, '', "
        "{hash}, 400, 1, 'done' FROM n"
    ),
    (
        "INSERT INTO signature (article_id, signature_fingerprint, language, minhash, passages, buckets, is_indexed) "
        "{range} SELECT i, :fingerprint, 'en', {minhash}, {passages}, {buckets}, {true} FROM n"
    ),
    (
        "INSERT INTO cluster (id, state, canonical_article_id, canonical_reason, member_count, created_at, updated_at) "
        "{range} SELECT i, 'active', i, 'published first', 3, {at}, {at} FROM n "
        "WHERE i % {every} = 0 AND i + 2 <= :last"
    ),
    (
        "INSERT INTO cluster_member (article_id, cluster_id, joined_at) {range} "
        "SELECT i, i - i % {every}, {at} FROM n "
        "WHERE i % {every} < 3 AND i - i % {every} >= :first AND i - i % {every} + 2 <= :last"
    ),
    (
        "INSERT INTO duplicate_pair (low_id, high_id, label, relation, joins_cluster, similarity, containment_low, "
        "containment_high, replaced_ratio, synonym_ratio, anchor_agreement_ratio, aligned_word_count, word_count_low, "
        "word_count_high, substitutions, agreeing_anchors, conflicting_anchors, features, reason, detector_fingerprint, "
        "found_at, judged_at) {range} SELECT i - i % {every}, i, 'near', 'copy', {true}, 0.9, 0.9, 0.9, 0.1, 0, 1, 360, "
        "400, 400, {json}, {json}, {json}, {json}, 'made up', 'bench', {at}, {at} FROM n "
        "WHERE i % {every} IN (1, 2) AND i - i % {every} >= :first AND i - i % {every} + 2 <= :last"
    ),
)


class MadeBuckets:
    """Buckets of articles without end, the same for the same seed: hot ones, shared ones, and all others new."""

    def __init__(self, count: int, seed: int = 1) -> None:
        self.count = count
        self.rng = np.random.default_rng(seed)
        self.hot = self.rng.integers(-(2**63), 2**63, HOT_BUCKETS, dtype=np.int64)
        self._earlier: NDArray[np.int64] | None = None

    def rows(self, number: int) -> NDArray[np.int64]:
        """The buckets of so many articles: ``(number, count)``; a quarter of the articles are copies."""
        made = self.rng.integers(-(2**63), 2**63, (number, self.count), dtype=np.int64)
        if self._earlier is not None:
            copies = np.flatnonzero(self.rng.random(number) < COPY_SHARE)
            originals = self._earlier[self.rng.integers(len(self._earlier), size=len(copies))]
            is_shared = self.rng.random(originals.shape) < SHARED_SHARE
            made[copies] = np.where(is_shared, originals, made[copies])
        is_hot = self.rng.random(made.shape) < HOT_SHARE
        made[is_hot] = self.rng.choice(self.hot, int(is_hot.sum()))
        self._earlier = made[-2000:]
        return made


def fill_rows(
    sessions: Sessions, first: int, last: int, fingerprint: str, sizes: tuple[int, int, int]
) -> None:
    """Make articles of a range of numbers, over a year, with signatures of these sizes, pairs and clusters. Writes."""
    with sessions.begin() as session:
        words = _SQLITE if is_sqlite(session) else _POSTGRES
        blobs = dict(zip(("minhash", "passages", "buckets"), sizes, strict=True))
        shape = {
            **words,
            **{name: words["blob"].format(size=size) for name, size in blobs.items()},
            "sources": SOURCES,
            "every": STORY_EVERY,
        }
        values = {"first": first, "last": last, "total": last, "fingerprint": fingerprint}
        for statement in _ROWS:
            asked = statement.format(**shape)
            named = {name: value for name, value in values.items() if f":{name}" in asked}
            session.execute(text(asked), named)
        if not is_sqlite(session):
            for table in ("article", "cluster"):
                session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))  # noqa: S608
        index_stored_articles(session)
    with sessions.begin() as session:
        session.execute(text("ANALYZE"))


def fill_index(sessions: Sessions, first: int, last: int, made: MadeBuckets) -> None:
    """Put made-up buckets of a range of articles into the index as imports would. Writes."""
    with sessions.begin() as session:
        remember_hot(session, dict.fromkeys(made.hot.tolist(), 17), START)
    for postings in _postings(first, last, made):
        with sessions.begin() as session:
            add_recent(session, postings)
        settle_index(sessions, posting_budget=8 * len(postings))


def _postings(first: int, last: int, made: MadeBuckets) -> Iterator[Postings]:
    for start in range(first, last + 1, _CHUNK):
        numbers = np.arange(start, min(start + _CHUNK, last + 1), dtype=np.uint32)
        keys = keys_of(made.rows(len(numbers)).ravel())
        order = np.argsort(keys)
        postings = np.empty(len(keys), dtype=POSTING)
        postings["key"], postings["article"] = keys[order], np.repeat(numbers, made.count)[order]
        yield postings
