"""First step of ingest: articles with their signatures and buckets, committed as pending; looks up no copy.

Two writers that inserted and looked up in one transaction would each miss the other's article; so candidates are
looked up in a later transaction, by ``storage.resolving``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from dedup import sign_documents
from dedup.languages import UNDETERMINED
from dedup.lines import tell_of_different_things
from dedup.values import Document
from storage.boilerplate import learn_lines
from storage.engine import retrying
from storage.index import remove_bands, unpack_buckets
from storage.index.settling import settle_index
from storage.leases import require_held
from storage.models import Article as ArticleRow
from storage.models import ArticleSighting, Signature
from storage.revisions import earlier_version, has_new_text, has_new_title, is_earlier, refresh, stated_by
from storage.search import index_stored_articles
from storage.signatures import claim_fingerprint, promote_representatives, write_signatures
from storage.sources import upsert_sources
from storage.sql import chunks, insert_all, insert_into, is_among, storable, storable_key
from storage.values import DedupState, FetchOutcome, StoreCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.values import Signature as SignatureValue
    from storage.engine import Sessions
    from storage.leases import Fence
    from storage.values import Article

    Signer = Callable[[Sequence[Document], DedupConfig], Sequence[SignatureValue]]

# Postings that are settled for every one that is added: more than ever come due, at any size.
_SETTLED_A_BUCKET = 8


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
    sign: Signer = sign_documents,
) -> StoreCounts:
    """Store articles as pending, one row an ``identity_url``; a second time nothing changes.

    A changed text becomes a new version; the old one is kept. A page captured before the stored one changes
    nothing. Of several articles with one ``identity_url`` the last captured is stored, and before it those
    that tell something else. Writes and commits, in transactions of at most 500 articles; under a ``fence``
    only while what it names is still held. ``sign`` gives what ``sign_documents`` would, wherever it is computed.

    Raises:
        LeaseLostError: another run has taken over; nothing of this transaction was written.
        StorageError: the database cannot be written, or was indexed with another signature fingerprint.
    """
    counts, outcomes = StoreCounts(), list[tuple[str, FetchOutcome]]()
    for batch in (batch for one in _rounds(articles) for batch in chunks(sorted(one.items()))):
        # Counted in a transaction of its own, so that signing holds no lock; counting again changes nothing.
        boilerplate = retrying(partial(_learn, sessions, [article for _, article in batch]))
        stored = store_signed(sessions, _sign(batch, boilerplate, config, sign), config, run_id, fence=fence)
        outcomes += stored.outcomes
        counts += stored
    return replace(counts, outcomes=tuple(outcomes))


def _rounds(articles: Sequence[Article]) -> list[dict[str, Article]]:
    """Articles by ``identity_url`` in rounds to store one after the other, by capture, so that no text is lost unseen."""
    rounds: list[dict[str, Article]] = []
    for article in sorted(articles, key=lambda article: article.fetched_at):
        key = storable_key(article.identity_url)
        held = [one[key] for one in rounds if key in one]
        place = len(held)
        if held and not tell_of_different_things(held[-1].text, article.text):
            place -= 1  # in the place of an earlier state of the same
        if place == len(rounds):
            rounds.append({})
        rounds[place][key] = article
    return rounds


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


def _learn(sessions: Sessions, articles: Sequence[Article]) -> list[frozenset[int]]:
    with sessions.begin() as session:
        now = max(article.fetched_at for article in articles)
        source_ids = upsert_sources(session, [article.source for article in articles], now)
        return learn_lines(
            session,
            [(source_ids[article.source.host.lower()], storable(article.text)) for article in articles],
        )


def _sign(
    batch: Sequence[tuple[str, Article]],
    boilerplate: Sequence[frozenset[int]],
    config: DedupConfig,
    sign: Signer,
) -> list[Signed]:
    documents = [
        Document(identity_url, storable(article.text), language=article.language, boilerplate=lines)
        for (identity_url, article), lines in zip(batch, boilerplate, strict=True)
    ]
    signatures = sign(documents, config)
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
            if one.identity_url in new_ids:
                continue
            row = stored[one.identity_url]
            if is_earlier(one.article, row):
                row.first_seen_at = min(row.first_seen_at, one.article.first_seen_at)
                outcomes[one.identity_url] = FetchOutcome.UNCHANGED
                continue
            if row.text_hash != one.signature.text_hash:
                changed[row.id] = one
            outcomes[one.identity_url] = _revise(session, row, one)
        index_stored_articles(session)
        _replace_texts(session, changed, {row.id: row for row in stored.values()})
        current = {new_ids[one.identity_url]: one for one in new if one.identity_url in new_ids} | changed
        write_signatures(session, {number: one.signature for number, one in current.items()}, config)
        _note_sightings(session, signed, new_ids | {url: row.id for url, row in stored.items()})
    return _count(outcomes)


def _revise(session: Session, row: ArticleRow, one: Signed) -> FetchOutcome:
    """Take over what the page says now, all but a new text; a headline or text that is replaced becomes a version."""
    if row.text is None and row.text_hash == one.signature.text_hash:
        row.text = storable(one.article.text)
    is_new_version = has_new_title(row, one.article.title) or has_new_text(
        row, one.article.text, one.signature.text_hash
    )
    if is_new_version:
        session.add(earlier_version(row, one.article.fetched_at))
        row.version_number += 1
    is_restated = refresh(row, one.article)
    return FetchOutcome.UPDATED if is_new_version or is_restated else FetchOutcome.UNCHANGED


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
            **stated_by(one.article),
            "language": one.article.language or _language_of(one.signature),
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


def _language_of(signature: SignatureValue) -> str | None:
    """What the text was read as, where its letters told."""
    return signature.language if signature.language != UNDETERMINED else None


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
