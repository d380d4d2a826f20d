"""Signatures of articles and which of them stand in the index; computes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select, update

from storage.errors import StorageError
from storage.index import add_bands, pack_buckets, unpack_buckets
from storage.models import Article as ArticleRow
from storage.models import Signature
from storage.settings import read_setting, set_if_new
from storage.sql import chunks, insert_all, insert_into, is_among
from storage.values import DedupState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from dedup.values import Signature as SignatureValue

FINGERPRINT_SETTING = "signature_fingerprint"


def require_fingerprint(session: Session, config: DedupConfig) -> None:
    """Refuse to mix signatures of two configurations; an empty database fits any.

    Raises:
        StorageError: the database was indexed with another configuration.
    """
    stored = read_setting(session, FINGERPRINT_SETTING)
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
    set_if_new(session, FINGERPRINT_SETTING, config.signature_fingerprint)
    require_fingerprint(session, config)


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


def write_signatures(session: Session, current: Mapping[int, SignatureValue], config: DedupConfig) -> None:
    """Store signatures by article; of articles with equal texts only one goes into the index. Writes."""
    if not current:
        return
    represented = _represented(session, current)
    fingerprint = config.signature_fingerprint
    rows, entries = [], {}
    for article_id, signature in sorted(current.items()):
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


def _represented(session: Session, current: Mapping[int, SignatureValue]) -> set[str]:
    hashes = sorted({signature.text_hash for signature in current.values()})
    query = (
        select(ArticleRow.text_hash, ArticleRow.id)
        .join(Signature, Signature.article_id == ArticleRow.id)
        .where(is_among(session, ArticleRow.text_hash, hashes), Signature.is_indexed)
    )
    return {text_hash for text_hash, article_id in session.execute(query) if article_id not in current}
