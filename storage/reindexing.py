"""Builds signatures, index, pairs and clusters anew from the stored texts, as file mode would; resumable.

Reads go on meanwhile: pairs and clusters change article by article. A database that is being re-indexed takes new
articles of the new configuration only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from dedup import choose_canonical, sign_documents
from storage.engine import retrying
from storage.index import add_bands, clear_index, unpack_buckets
from storage.models import Article, Setting, Signature, Source
from storage.resolving import as_document, resolve_pending
from storage.sources import publisher_name
from storage.sql import chunks, insert_into
from storage.storing import FINGERPRINT_SETTING, signature_row, upsert_signatures
from storage.values import DedupState, ResolveCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.engine import Sessions
    from storage.resolving import PairMap
    from storage.values import JsonValue

_STATE_SETTING = "reindex"
_SIGN, _INDEX, _RESOLVE = "sign", "index", "resolve"


@dataclass(frozen=True, slots=True)
class ReindexCounts:
    """What re-indexing did; texts that were pruned cannot be signed again and keep the pairs they have."""

    signed_count: int
    unsigned_count: int
    resolved: ResolveCounts


def reindex(
    sessions: Sessions,
    config: DedupConfig,
    *,
    batch_size: int = 500,
    on_progress: Callable[[str, int, int], None] | None = None,
    pair_map: PairMap = map,
) -> ReindexCounts:
    """Re-index everything; ``on_progress(stage, done, total)``. A killed call is continued by the next.

    Raises:
        StorageError: the database cannot be read or written.
    """
    progress = on_progress or (lambda _stage, _done, _total: None)
    stage = retrying(partial(_begin, sessions, config))
    signed = 0
    if stage == _SIGN:
        signed = _sign_all(sessions, config, batch_size, progress)
        retrying(partial(_enter, sessions, config, _INDEX))
        stage = _INDEX
    if stage == _INDEX:
        _index_all(sessions, config, batch_size, progress)
        retrying(partial(_enter, sessions, config, _RESOLVE))
    total = _count(sessions, Article.dedup_state != DedupState.DONE)
    resolved = resolve_pending(
        sessions,
        config,
        batch_size=batch_size,
        drops_unfound=True,
        pair_map=pair_map,
        on_progress=lambda _counts, left: progress(_RESOLVE, total - left, total),
    )
    retrying(partial(_finish, sessions))
    return ReindexCounts(signed, _count(sessions, Article.text.is_(None)), resolved)


def _begin(sessions: Sessions, config: DedupConfig) -> str:
    """The stage to go on with: the one that a killed call was in, or the first."""
    with sessions.begin() as session:
        state = session.scalar(select(Setting.value).where(Setting.name == _STATE_SETTING))
        target = [config.signature_fingerprint, config.detector_fingerprint]
        if isinstance(state, dict) and state["target"] == target:
            return str(state["stage"])
        _set(session, _STATE_SETTING, {"target": list(target), "stage": _SIGN})
        _set(session, FINGERPRINT_SETTING, config.signature_fingerprint)
        clear_index(session)
        session.execute(update(Signature).values(is_indexed=False))
        return _SIGN


def _enter(sessions: Sessions, config: DedupConfig, stage: str) -> None:
    with sessions.begin() as session:
        target: list[JsonValue] = [config.signature_fingerprint, config.detector_fingerprint]
        _set(session, _STATE_SETTING, {"target": target, "stage": stage})
        if stage == _RESOLVE:
            current = select(Signature.article_id).where(
                Signature.signature_fingerprint == config.signature_fingerprint
            )
            session.execute(
                update(Article)
                .where(Article.id.in_(current))
                .values(dedup_state=DedupState.PENDING)
                .execution_options(synchronize_session=False)
            )


def _finish(sessions: Sessions) -> None:
    with sessions.begin() as session:
        _set(session, _STATE_SETTING, None)


def _set(session: Session, name: str, value: JsonValue) -> None:
    insert = insert_into(session, Setting).values(name=name, value=value)
    session.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    )


def _sign_all(
    sessions: Sessions, config: DedupConfig, batch_size: int, progress: Callable[[str, int, int], None]
) -> int:
    stale = Signature.signature_fingerprint != config.signature_fingerprint
    total = _count(sessions, stale, Article.text.is_not(None))
    after = done = 0
    while True:
        with sessions() as session:
            query = (
                select(Article, publisher_name())
                .join(Source, Source.id == Article.source_id)
                .join(Signature, Signature.article_id == Article.id)
                .where(stale, Article.text.is_not(None), Article.id > after)
                .order_by(Article.id)
                .limit(batch_size)
            )
            rows = session.execute(query).all()
        if not rows:
            return done
        documents = [as_document(article, publisher, article.language) for article, publisher in rows]
        signatures = sign_documents(documents, config)
        with sessions.begin() as session:
            current = {
                article_id: text_hash
                for chunk in chunks([article.id for article, _ in rows])
                for article_id, text_hash in session.execute(
                    select(Article.id, Article.text_hash).where(Article.id.in_(chunk)).with_for_update()
                )
            }
            kept = [
                (article.id, signature)
                for (article, _), signature in zip(rows, signatures, strict=True)
                if current.get(article.id) == article.text_hash
            ]
            upsert_signatures(
                session, [signature_row(number, one, config, is_indexed=False) for number, one in kept]
            )
            for article_id, signature in kept:
                session.execute(
                    update(Article)
                    .where(Article.id == article_id)
                    .values(text_hash=signature.text_hash, word_count=signature.word_count)
                )
        after = rows[-1][0].id
        done += len(rows)
        progress(_SIGN, done, total)


def _index_all(
    sessions: Sessions, config: DedupConfig, batch_size: int, progress: Callable[[str, int, int], None]
) -> None:
    """Put one article of every group of equal texts into the index: the canonical one, as file mode does."""
    current = Signature.signature_fingerprint == config.signature_fingerprint
    total = _count(sessions, current)
    after = done = 0
    while True:
        with sessions.begin() as session:
            query = select(Article.id, Article.text_hash, Article.word_count, Signature.buckets)
            rows = session.execute(
                query.join(Signature, Signature.article_id == Article.id)
                .where(current, Article.id > after)
                .order_by(Article.id)
                .limit(batch_size)
            ).all()
            chiefs = _chiefs(session, {row.text_hash for row in rows if row.word_count}, config)
            chosen = {
                row.id: unpack_buckets(row.buckets)
                for row in rows
                if chiefs.get(row.text_hash, row.id) == row.id or not row.word_count
            }
            for chunk in chunks(chosen):
                session.execute(
                    update(Signature).where(Signature.article_id.in_(chunk)).values(is_indexed=True)
                )
            add_bands(session, chosen)
        if not rows:
            return
        after = rows[-1].id
        done += len(rows)
        progress(_INDEX, done, total)


def _chiefs(session: Session, text_hashes: set[str], config: DedupConfig) -> Mapping[str, int]:
    """The canonical article of each group of two or more equal texts."""
    chiefs = {}
    for chunk in chunks(sorted(text_hashes)):
        shared = (
            select(Article.text_hash)
            .where(Article.text_hash.in_(chunk))
            .group_by(Article.text_hash)
            .having(func.count() > 1)
        )
        query = (
            select(Article, publisher_name())
            .join(Source, Source.id == Article.source_id)
            .join(Signature, Signature.article_id == Article.id)
            .where(Article.text_hash.in_(shared))
            .where(Signature.signature_fingerprint == config.signature_fingerprint)
        )
        groups: dict[str, list[tuple[Article, str | None]]] = {}
        for article, publisher in session.execute(query):
            groups.setdefault(article.text_hash, []).append((article, publisher))
        for text_hash, group in groups.items():
            documents = [as_document(article, publisher, article.language) for article, publisher in group]
            chiefs[text_hash] = int(choose_canonical(documents)[0])
    return chiefs


def _count(sessions: Sessions, *conditions: ColumnElement[bool]) -> int:
    with sessions() as session:
        query = select(func.count()).select_from(Article).join(Signature, Signature.article_id == Article.id)
        return session.scalar(query.where(*conditions)) or 0
