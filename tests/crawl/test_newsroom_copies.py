"""The newsroom's pages, read as a crawl reads them, against the newsroom's ground truth: no crawl, no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.page.extracted import Extracted
from crawler.page.extraction import extract_article
from dedup import DedupConfig, find_duplicates
from dedup.values import Document
from newsdedup.demo import FoundCluster, FoundPair, find_differences, load_expectations, serve_newsroom
from newsdedup.demo.check import DifferenceKind

if TYPE_CHECKING:
    from newsdedup.demo import DemoArticle, Difference, Newsroom

NOW = datetime(2026, 3, 13, tzinfo=UTC)


# Copies that are not found yet, and why. Whoever makes one of these tests pass takes it off the list.
def document_of(article: DemoArticle, newsroom: Newsroom) -> Document | None:
    page = newsroom.find(article.site.host, article.path)
    assert page is not None
    read = extract_article(page.body, article.url, now=NOW)
    if not isinstance(read, Extracted):
        return None
    return Document(
        id=article.url,
        text=read.text,
        title=read.title,
        url=article.url,
        source=article.site.host,
        published_at=read.published.at if read.published else None,
        published_precision=read.published.precision if read.published else None,
        language=read.language,
        declared_original_url=read.declared_original_url,
        first_seen_at=NOW,
    )


@pytest.fixture(scope="module")
def differences() -> tuple[Difference, ...]:
    closed = {skip.page for skip in load_expectations().skips if skip.reason == "robots"}
    with serve_newsroom() as newsroom:
        read = [
            document_of(article, newsroom)
            for key, article in newsroom.content.articles.items()
            if key not in closed
        ]
    documents = [document for document in read if document is not None]
    found = find_duplicates(documents, DedupConfig())
    return find_differences(
        {document.id for document in documents},
        [FoundPair(p.id_a, p.id_b, p.label, p.relation, p.joins_cluster) for p in found.pairs],
        [FoundCluster(cluster.member_ids, cluster.canonical_id) for cluster in found.clusters],
    )


def told(differences: tuple[Difference, ...], *kinds: DifferenceKind) -> list[str]:
    return [str(difference) for difference in differences if difference.kind in kinds]


def test_independent_and_templated_articles_stay_apart(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.PAIR_FALSE, DifferenceKind.PAIR_MERGES) == []


def test_copies_are_found(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.PAIR_MISSED) == []


def test_found_pairs_carry_the_right_label_and_relation_and_join_rightly(
    differences: tuple[Difference, ...],
) -> None:
    assert told(differences, DifferenceKind.LABEL, DifferenceKind.RELATION, DifferenceKind.JOINING) == []


def test_clusters_are_the_stories_and_begin_with_the_article_that_was_first(
    differences: tuple[Difference, ...],
) -> None:
    assert told(differences, DifferenceKind.CLUSTER, DifferenceKind.CANONICAL) == []


def test_every_article_page_is_read(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.ARTICLE_MISSING) == []


def test_a_picture_page_is_not_read_as_an_article(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.ARTICLE_FORBIDDEN) == []
