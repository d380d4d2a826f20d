"""Stored articles as ``dedup`` reads them; judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dedup.values import Document
from storage.boilerplate import mark_documents
from storage.index import document_id
from storage.models import Article, Signature, Source
from storage.sources import publisher_name
from storage.sql import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def load_documents(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[Document, str]]:
    """Articles as ``dedup`` reads them, with their text hashes; those without a text are left out.

    Each with what is known by now to be boilerplate of its source.
    """
    found: dict[int, tuple[Document, str]] = {}
    for chunk in chunks(sorted(article_ids)):
        query = (
            select(Article, publisher_name(), Signature.language)
            .join(Source, Source.id == Article.source_id)
            .join(Signature, Signature.article_id == Article.id)
            .where(Article.id.in_(chunk), Article.text.is_not(None))
        )
        rows = session.execute(query).all()
        documents = mark_documents(
            session,
            [
                (article.source_id, as_document(article, publisher, language))
                for article, publisher, language in rows
            ],
        )
        found |= {
            row[0].id: (document, row[0].text_hash) for row, document in zip(rows, documents, strict=True)
        }
    return found


def as_document(article: Article, publisher: str | None, language: str | None) -> Document:
    """An article with nothing marked; without a publisher its address is a place in a file, and left out."""
    return Document(
        id=document_id(article.id),
        text=article.text or "",
        title=article.title,
        url=None if publisher is None else article.url,
        source=publisher,
        published_at=article.published_at,
        published_precision=article.published_precision,
        language=language,
        declared_original_url=article.declared_original_url,
        first_seen_at=article.first_seen_at,
    )
