"""Signs the stored texts anew and fills the index from the signatures: two stages of a re-index, a batch at a time.

Must not judge a pair. A text that changes meanwhile was signed when it was stored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from dedup import choose_canonical, sign_documents
from storage.boilerplate import mark_documents
from storage.documents import as_document
from storage.engine import retrying
from storage.index import add_bands, unpack_buckets
from storage.index.settling import settle_index
from storage.models import Article, Signature, Source
from storage.reindex.stages import INDEX, SIGN, note
from storage.signatures import signature_row, upsert_signatures
from storage.sources import publisher_name
from storage.sql import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.values import Signature as SignatureValue
    from storage.engine import Sessions


def sign_all(
    sessions: Sessions,
    config: DedupConfig,
    batch_size: int,
    after: int,
    progress: Callable[[str, int, int], None],
) -> int:
    """Sign every text after article ``after`` that is not in the index; how many. Writes and commits each batch."""
    # What is in the index by now came in meanwhile, signed by this configuration.
    unsigned = ~Signature.is_indexed & Article.text.is_not(None)
    total = count_signed(sessions, unsigned, Article.id > after)
    done = 0
    while True:
        with sessions() as session:
            query = (
                select(Article, publisher_name())
                .join(Source, Source.id == Article.source_id)
                .join(Signature, Signature.article_id == Article.id)
                .where(unsigned, Article.id > after)
                .order_by(Article.id)
                .limit(batch_size)
            )
            articles = [(article, publisher) for article, publisher in session.execute(query)]
            documents = mark_documents(
                session,
                [
                    (article.source_id, as_document(article, publisher, article.language))
                    for article, publisher in articles
                ],
            )
        if not articles:
            return done
        after = articles[-1][0].id
        signed = {
            article.id: (article.text_hash, signature)
            for (article, _), signature in zip(articles, sign_documents(documents, config), strict=True)
        }
        retrying(partial(_write_signatures, sessions, config, signed, after))
        done += len(signed)
        progress(SIGN, done, total)


def _write_signatures(
    sessions: Sessions, config: DedupConfig, signed: Mapping[int, tuple[str, SignatureValue]], after: int
) -> None:
    with sessions.begin() as session:
        query = (
            select(Article.id, Article.text_hash)
            .join(Signature, Signature.article_id == Article.id)
            .where(~Signature.is_indexed)
        )
        current = {
            article_id: text_hash
            for chunk in chunks(sorted(signed))
            for article_id, text_hash in session.execute(
                query.where(Article.id.in_(chunk)).with_for_update(of=Article)
            )
        }
        # A text that has changed meanwhile was signed when it was stored.
        kept = {
            article_id: signature
            for article_id, (text_hash, signature) in signed.items()
            if current.get(article_id) == text_hash
        }
        fingerprint = config.signature_fingerprint
        if kept:
            upsert_signatures(
                session,
                [signature_row(number, one, fingerprint, is_indexed=False) for number, one in kept.items()],
            )
        for article_id, signature in kept.items():
            session.execute(
                update(Article)
                .where(Article.id == article_id)
                .values(text_hash=signature.text_hash, word_count=signature.word_count)
            )
        note(session, config, SIGN, after)


def index_all(
    sessions: Sessions, config: DedupConfig, batch_size: int, progress: Callable[[str, int, int], None]
) -> None:
    """Put one article of every group of equal texts into the index: the canonical one, as file mode does."""
    current = Signature.signature_fingerprint == config.signature_fingerprint
    total = count_signed(sessions, current)
    after = done = 0
    while True:
        with sessions.begin() as session:
            query = select(
                Article.id, Article.text_hash, Article.word_count, Signature.buckets, Signature.is_indexed
            )
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
                # A call that was killed has indexed some already.
                if not row.is_indexed and (chiefs.get(row.text_hash, row.id) == row.id or not row.word_count)
            }
            for chunk in chunks(chosen):
                session.execute(
                    update(Signature).where(Signature.article_id.in_(chunk)).values(is_indexed=True)
                )
            add_bands(session, chosen)
        settle_index(sessions)
        if not rows:
            return
        after = rows[-1].id
        done += len(rows)
        progress(INDEX, done, total)


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


def count_signed(sessions: Sessions, *conditions: ColumnElement[bool]) -> int:
    """Articles with a signature that meet the conditions."""
    with sessions() as session:
        query = select(func.count()).select_from(Article).join(Signature, Signature.article_id == Article.id)
        return session.scalar(query.where(*conditions)) or 0
