"""Reports that list articles.

Must not query: it arranges what storage gave.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdedup.reports.values import Cell, Column, Listing, Report, stated_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.values import FoundArticle, StoredArticle

ARTICLE_COLUMNS = (
    Column("article_id", "id", is_number=True),
    Column("source", "source"),
    Column("host"),
    Column("published_at", "published"),
    Column("published_precision"),
    Column("published_origin"),
    Column("first_seen_at"),
    Column("fetched_at"),
    Column("modified_at"),
    Column("modified_precision"),
    Column("modified_origin"),
    Column("title", "title", may_wrap=True),
    Column("byline"),
    Column("language"),
    Column("section"),
    Column("word_count", "words", is_number=True),
    Column("cluster_id", "cluster", is_number=True),
    Column("url", "address", may_wrap=True),
    Column("identity_url"),
    Column("declared_original_url"),
    Column("credit"),
    Column("keywords"),
    Column("is_paywalled"),
    Column("image_url"),
    Column("version_number"),
    Column("text_hash"),
    Column("extractor"),
)


def search_report(found: Iterable[FoundArticle]) -> Report:
    """What a search found, in its order, each with the part of the text that answers."""
    columns = tuple(
        replace(column, heading=None) if column.name == "url" else column for column in ARTICLE_COLUMNS
    )
    rows = tuple((*article_row(one.article), one.snippet) for one in found)
    snippet = Column("snippet", "where", may_wrap=True)
    return Report("articles", (Listing("articles", (*columns, snippet), rows, when_empty="no articles"),))


def article_row(article: StoredArticle) -> tuple[Cell, ...]:
    """An article's cells under `ARTICLE_COLUMNS`; the text is not among them."""
    return (
        article.id,
        article.source.name,
        article.source.host,
        stated_time(article.published_at, article.published_precision),
        article.published_precision,
        article.published_origin,
        article.first_seen_at,
        article.fetched_at,
        article.modified_at,
        article.modified_precision,
        article.modified_origin,
        article.title,
        article.byline,
        article.language,
        article.section,
        article.word_count,
        article.cluster_id,
        article.url,
        article.identity_url,
        article.declared_original_url,
        article.credit,
        ", ".join(article.keywords) or None,
        article.is_paywalled,
        article.image_url,
        article.version_number,
        article.text_hash,
        article.extractor,
    )
