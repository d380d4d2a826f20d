"""First step of ingest: articles with their signatures and buckets, committed as pending; looks up no copy.

Two writers that inserted and looked up in one transaction would each miss the other's article; so candidates are
looked up in a later transaction, by ``storage.resolving``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select, update

from dedup import sign_documents
from dedup.values import Document, TimePrecision
from storage.boilerplate import learn_lines
from storage.engine import retrying
from storage.errors import StorageError
from storage.index import add_bands, pack_buckets, remove_bands, unpack_buckets
from storage.leases import require_held
from storage.models import Article as ArticleRow
from storage.models import ArticleSighting, ArticleVersion, Setting, Signature
from storage.searching import index_stored_articles
from storage.settling import settle_index
from storage.sources import upsert_sources
from storage.sql import chunks, insert_all, insert_into, is_among, storable, storable_key
from storage.values import DedupState, FetchOutcome, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.values import Signature as SignatureValue
    from storage.engine import Sessions
    from storage.leases import Fence
    from storage.values import Article

FINGERPRINT_SETTING = "signature_fingerprint"
# Postings that are settled for every one that is added: more than ever come due, at any size.
_SETTLED_A_BUCKET = 8

# What a page may state anew without its text having changed; a change of these alone is an update.
_STATED = (
    "url",
    "declared_canonical_url",
    "declared_original_url",
    "title",
    "byline",
    "language",
    "section",
    "image_url",
    "credit",
    "is_paywalled",
    "refuses_ai_training",
    "published_at",
    "published_precision",
    "published_origin",
    "modified_at",
)
# What the verdict on a pair or the choice of a canonical article may rest on, beside the text.
_JUDGED_BY = frozenset({"title", "declared_original_url", "published_at", "published_precision", "credit"})


@dataclass(frozen=True, slots=True)
class Signed:
    """An article with its signature, ready to be stored; ``identity_url`` as the database keeps it."""

    article: Article
    identity_url: str
    signature: SignatureValue


def store_articles(
    sessions: Sessions,
    articles: Sequence[Article],
    config: DedupConfig,
    run_id: int | None = None,
    *,
    fence: Fence | None = None,
) -> StoreCounts:
    """Store articles as pending, one row an ``identity_url``; a second time nothing changes.

    A changed text becomes a new version; the old one is kept. A page captured before the stored one changes
    nothing. Of several articles with one ``identity_url`` the last is stored. Writes and commits, in transactions
    of at most 500 articles; under a ``fence`` only while what it names is still held.

    Raises:
        LeaseLostError: another run has taken over; nothing of this transaction was written.
        StorageError: the database cannot be written, or was indexed with another signature fingerprint.
    """
    counts, outcomes = StoreCounts(), list[tuple[str, FetchOutcome]]()
    last = {storable_key(article.identity_url): article for article in articles}
    for batch in chunks(sorted(last.items())):
        # Counted in a transaction of its own, so that signing holds no lock; counting again changes nothing.
        boilerplate = retrying(partial(_learn, sessions, [article for _, article in batch]))
        stored = store_signed(sessions, _sign(batch, boilerplate, config), config, run_id, fence=fence)
        outcomes += stored.outcomes
        counts += stored
    return replace(counts, outcomes=tuple(outcomes))


def store_signed(
    sessions: Sessions,
    signed: Sequence[Signed],
    config: DedupConfig,
    run_id: int | None = None,
    *,
    fence: Fence | None = None,
) -> StoreCounts:
    """Store articles whose signatures are known, in one transaction; each ``identity_url`` once.

    Raises:
        StorageError: the database cannot be written, or was indexed with another signature fingerprint.
    """
    counts = retrying(partial(_store, sessions, signed, config, run_id, fence))
    settle_index(
        sessions, posting_budget=_SETTLED_A_BUCKET * sum(len(one.signature.buckets) for one in signed)
    )
    return counts


def require_fingerprint(session: Session, config: DedupConfig) -> None:
    """Refuse to mix signatures of two configurations; an empty database fits any.

    Raises:
        StorageError: the database was indexed with another configuration.
    """
    stored = session.scalar(select(Setting.value).where(Setting.name == FINGERPRINT_SETTING))
    if stored not in {None, config.signature_fingerprint}:
        raise StorageError(
            f"the database was indexed with signature fingerprint {stored!r}, this program signs with "
            f"{config.signature_fingerprint!r}; run: newsdedup db reindex"
        )


def claim_fingerprint(session: Session, config: DedupConfig) -> None:
    """Note the configuration that an empty database is indexed with. Writes.

    Raises:
        StorageError: the database was indexed with another configuration.
    """
    setting = {"name": FINGERPRINT_SETTING, "value": config.signature_fingerprint}
    session.execute(insert_into(session, Setting).values(setting).on_conflict_do_nothing())
    require_fingerprint(session, config)


def _learn(sessions: Sessions, articles: Sequence[Article]) -> list[frozenset[int]]:
    with sessions.begin() as session:
        now = max(article.fetched_at for article in articles)
        source_ids = upsert_sources(session, [article.source for article in articles], now)
        return learn_lines(
            session,
            [(source_ids[article.source.host.lower()], storable(article.text)) for article in articles],
        )


def _sign(
    batch: Sequence[tuple[str, Article]], boilerplate: Sequence[frozenset[int]], config: DedupConfig
) -> list[Signed]:
    documents = [
        Document(identity_url, storable(article.text), language=article.language, boilerplate=lines)
        for (identity_url, article), lines in zip(batch, boilerplate, strict=True)
    ]
    signatures = sign_documents(documents, config)
    return [
        Signed(article, identity_url, signature)
        for (identity_url, article), signature in zip(batch, signatures, strict=True)
    ]


def _store(
    sessions: Sessions,
    signed: Sequence[Signed],
    config: DedupConfig,
    run_id: int | None,
    fence: Fence | None,
) -> StoreCounts:
    with sessions.begin() as session:
        if fence is not None:
            require_held(session, fence)
        claim_fingerprint(session, config)
        now = max(one.article.fetched_at for one in signed)
        source_ids = upsert_sources(session, [one.article.source for one in signed], now)
        stored = _existing(session, [one.identity_url for one in signed])
        new = [one for one in signed if one.identity_url not in stored]
        new_ids = _insert_new(session, new, source_ids, run_id)
        if len(new_ids) < len(new):
            # Another writer was faster with some of them.
            stored = _existing(
                session, [one.identity_url for one in signed if one.identity_url not in new_ids]
            )
        outcomes, changed = {one.identity_url: FetchOutcome.NEW for one in new}, {}
        for one in signed:
            if one.identity_url not in new_ids:
                row = stored[one.identity_url]
                if _is_earlier(one.article, row):
                    row.first_seen_at = min(row.first_seen_at, one.article.first_seen_at)
                    outcomes[one.identity_url] = FetchOutcome.UNCHANGED
                    continue
                if row.text_hash != one.signature.text_hash:
                    changed[row.id] = one
                elif row.text is None:
                    row.text = storable(one.article.text)
                has_new_text = _has_new_text(row, one)
                if has_new_text:
                    session.add(_version(row, one.article.fetched_at))
                    row.version_number += 1
                is_restated = _refresh(row, one)
                is_updated = has_new_text or is_restated
                outcomes[one.identity_url] = FetchOutcome.UPDATED if is_updated else FetchOutcome.UNCHANGED
        index_stored_articles(session)
        _replace_texts(session, changed, {row.id: row for row in stored.values()})
        current = {new_ids[one.identity_url]: one for one in new if one.identity_url in new_ids} | changed
        _write_signatures(session, current, config)
        _note_sightings(session, signed, new_ids | {url: row.id for url, row in stored.items()})
    return _count(outcomes)


def _count(outcomes: Mapping[str, FetchOutcome]) -> StoreCounts:
    values = list(outcomes.values())
    return StoreCounts(
        new_count=values.count(FetchOutcome.NEW),
        updated_count=values.count(FetchOutcome.UPDATED),
        unchanged_count=values.count(FetchOutcome.UNCHANGED),
        outcomes=tuple(sorted(outcomes.items())),
    )


def _existing(session: Session, identity_urls: Collection[str]) -> dict[str, ArticleRow]:
    query = select(ArticleRow).where(is_among(session, ArticleRow.identity_url, identity_urls))
    rows = session.scalars(query.order_by(ArticleRow.id).with_for_update())
    return {row.identity_url: row for row in rows}


def _insert_new(
    session: Session, new: Sequence[Signed], source_ids: Mapping[str, int], run_id: int | None
) -> dict[str, int]:
    rows = [
        {
            **_stated(one.article),
            "identity_url": one.identity_url,
            "source_id": source_ids[one.article.source.host.lower()],
            "run_id": run_id,
            "first_seen_at": one.article.first_seen_at,
            "fetched_at": one.article.fetched_at,
            "extractor": one.article.extractor,
            "content_hash": one.article.content_hash,
            "text": storable(one.article.text),
            "text_hash": one.signature.text_hash,
            "word_count": one.signature.word_count,
            "version_number": 1,
            "dedup_state": DedupState.PENDING,
        }
        for one in new
    ]
    if not rows:
        return {}
    insert = insert_into(session, ArticleRow).on_conflict_do_nothing(index_elements=["identity_url"])
    return dict(insert_all(session, insert, rows, returning=("identity_url", "id")))


def _stated(article: Article) -> dict[str, Any]:
    stated = {name: getattr(article, name) for name in _STATED}
    for name, value in stated.items():
        if type(value) is str:
            stated[name] = storable(value)
    if article.published_at is None:
        stated["published_precision"] = None
    elif article.published_precision is None:
        time = article.published_at
        is_midnight = (time.hour, time.minute, time.second) == (0, 0, 0)
        stated["published_precision"] = TimePrecision.DAY if is_midnight else TimePrecision.SECOND
    return stated


def _is_earlier(article: Article, row: ArticleRow) -> bool:
    """Whether this is an older capture (out of an archive) than the one that is stored."""
    return article.fetched_at < row.fetched_at and article.content_hash != row.content_hash


def _version(row: ArticleRow, replaced_at: datetime) -> ArticleVersion:
    """The stored text and what was stated with it, before another takes its place."""
    return ArticleVersion(
        article_id=row.id,
        version_number=row.version_number,
        title=row.title,
        text=row.text,
        text_hash=row.text_hash,
        word_count=row.word_count,
        modified_at=row.modified_at,
        fetched_at=row.fetched_at,
        replaced_at=replaced_at,
        extractor=row.extractor,
    )


def _refresh(row: ArticleRow, one: Signed) -> bool:
    """Take over what the page states now, and whether that is new; what it no longer states is kept."""
    changed = set()
    for name, value in _stated(one.article).items():
        if value is not None and value != getattr(row, name):
            setattr(row, name, value)
            changed.add(name)
    row.fetched_at = max(row.fetched_at, one.article.fetched_at)
    row.first_seen_at = min(row.first_seen_at, one.article.first_seen_at)
    row.extractor = one.article.extractor
    row.content_hash = one.article.content_hash
    if changed & _JUDGED_BY:
        row.dedup_state = DedupState.PENDING
    return bool(changed)


def _has_new_text(row: ArticleRow, one: Signed) -> bool:
    """Whether the publisher changed the text: its hash changes, too, when a line of it is learnt to be boilerplate."""
    if row.text_hash == one.signature.text_hash:
        return False
    return row.text is None or row.text.casefold().split() != storable(one.article.text).casefold().split()


def _replace_texts(session: Session, changed: Mapping[int, Signed], rows: Mapping[int, ArticleRow]) -> None:
    """Put the new texts in the place of the old ones, and take the old buckets out."""
    if not changed:
        return
    old = {
        signature.article_id: signature
        for signature in session.scalars(select(Signature).where(Signature.article_id.in_(changed)))
        if signature.is_indexed
    }
    remove_bands(session, {article_id: unpack_buckets(row.buckets) for article_id, row in old.items()})
    orphaned_hashes = {rows[article_id].text_hash for article_id in old}
    for article_id, one in changed.items():
        row = rows[article_id]
        row.text = storable(one.article.text)
        row.text_hash = one.signature.text_hash
        row.word_count = one.signature.word_count
        row.dedup_state = DedupState.PENDING
    session.flush()
    promote_representatives(session, orphaned_hashes)


def promote_representatives(session: Session, text_hashes: Iterable[str]) -> None:
    """Give each group of equal texts that has lost its representative in the index a new one. Writes.

    All of the group become pending: their pairs led to the one that left.
    """
    for chunk in chunks(sorted(text_hashes)):
        query = (
            select(ArticleRow.text_hash, Signature)
            .join(Signature, Signature.article_id == ArticleRow.id)
            .where(ArticleRow.text_hash.in_(chunk), ArticleRow.word_count > 0)
            .order_by(ArticleRow.id)
        )
        groups: dict[str, list[Signature]] = {}
        for text_hash, signature in session.execute(query):
            groups.setdefault(text_hash, []).append(signature)
        for group in groups.values():
            if not any(signature.is_indexed for signature in group):
                group[0].is_indexed = True
                add_bands(session, {group[0].article_id: unpack_buckets(group[0].buckets)})
            ids = [signature.article_id for signature in group]
            session.execute(
                update(ArticleRow).where(ArticleRow.id.in_(ids)).values(dedup_state=DedupState.PENDING)
            )


def _write_signatures(session: Session, current: Mapping[int, Signed], config: DedupConfig) -> None:
    """Store signatures; of articles with equal texts only one goes into the index."""
    if not current:
        return
    represented = _represented(session, current)
    fingerprint = config.signature_fingerprint
    rows, entries = [], {}
    for article_id, one in sorted(current.items()):
        signature = one.signature
        is_indexed = signature.word_count == 0 or signature.text_hash not in represented
        if is_indexed:
            represented.add(signature.text_hash)
            entries[article_id] = np.array(signature.buckets, dtype=np.int64)
        rows.append(signature_row(article_id, signature, fingerprint, is_indexed=is_indexed))
    upsert_signatures(session, rows)
    add_bands(session, entries)


def signature_row(
    article_id: int, signature: SignatureValue, signature_fingerprint: str, *, is_indexed: bool
) -> dict[str, Any]:
    """A signature as its table keeps it."""
    return {
        "article_id": article_id,
        "signature_fingerprint": signature_fingerprint,
        "language": signature.language,
        "minhash": signature.minhash.astype("<u4").tobytes(),
        "passages": signature.passages.astype("<u4").tobytes(),
        "buckets": pack_buckets(signature.buckets),
        "is_indexed": is_indexed,
    }


def upsert_signatures(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store signatures in place of those that the articles had. Writes."""
    insert = insert_into(session, Signature)
    insert_all(
        session,
        insert.on_conflict_do_update(
            index_elements=["article_id"],
            set_={name: insert.excluded[name] for name in rows[0] if name != "article_id"},
        ),
        rows,
    )


def _represented(session: Session, current: Mapping[int, Signed]) -> set[str]:
    hashes = sorted({one.signature.text_hash for one in current.values()})
    query = (
        select(ArticleRow.text_hash, ArticleRow.id)
        .join(Signature, Signature.article_id == ArticleRow.id)
        .where(is_among(session, ArticleRow.text_hash, hashes), Signature.is_indexed)
    )
    return {text_hash for text_hash, article_id in session.execute(query) if article_id not in current}


def _note_sightings(session: Session, signed: Sequence[Signed], ids: Mapping[str, int]) -> None:
    rows = [
        {
            "article_id": ids[one.identity_url],
            "feed_url": storable_key(one.article.feed_url),
            "first_seen_at": one.article.first_seen_at,
            "last_seen_at": max(one.article.first_seen_at, one.article.fetched_at),
        }
        for one in signed
        if one.article.feed_url
    ]
    if rows:
        insert = insert_into(session, ArticleSighting)
        insert_all(
            session,
            insert.on_conflict_do_update(
                index_elements=["article_id", "feed_url"],
                set_={"last_seen_at": insert.excluded.last_seen_at},
                where=insert.excluded.last_seen_at > ArticleSighting.last_seen_at,
            ),
            rows,
        )
