"""The newsroom's pages, read as a crawl reads them, against the newsroom's ground truth: no crawl, no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.extraction import Extracted, extract_article
from dedup import DedupConfig, find_duplicates
from dedup.values import Document
from newsdedup.demo import FoundCluster, FoundPair, find_differences, load_expectations, serve_newsroom
from newsdedup.demo.check import DifferenceKind

if TYPE_CHECKING:
    from newsdedup.demo import DemoArticle, Difference, Newsroom

NOW = datetime(2026, 3, 13, tzinfo=UTC)
# Copies that are not found yet, and why. Whoever makes one of these tests pass takes it off the list.
HARD = {
    (
        "courier/bridge-trial",
        "worldupdates/court-rewritten",
    ): "rewritten by a person: one word in five is in its place",
}


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


def test_copies_are_found_but_for_the_hard_ones(differences: tuple[Difference, ...]) -> None:
    missed = {d.articles for d in differences if d.kind == DifferenceKind.PAIR_MISSED}
    assert missed - HARD.keys() == set()


@pytest.mark.parametrize(
    "names",
    [pytest.param(names, marks=pytest.mark.xfail(reason=why)) for names, why in HARD.items()],
    ids="-".join,
)
def test_a_hard_copy_is_found(differences: tuple[Difference, ...], names: tuple[str, str]) -> None:
    assert names not in [d.articles for d in differences if d.kind == DifferenceKind.PAIR_MISSED]


def test_found_pairs_carry_the_right_label_and_relation_and_join_rightly(
    differences: tuple[Difference, ...],
) -> None:
    assert told(differences, DifferenceKind.LABEL, DifferenceKind.RELATION, DifferenceKind.JOINING) == []


def test_clusters_are_the_stories_and_begin_with_the_article_that_was_first(
    differences: tuple[Difference, ...],
) -> None:
    wrong = [
        d
        for d in differences
        if d.kind == DifferenceKind.CLUSTER and "courier/bridge-trial" not in d.articles
    ]
    assert wrong == []
    assert told(differences, DifferenceKind.CANONICAL) == []


def test_every_article_page_is_read(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.ARTICLE_MISSING) == []


@pytest.mark.xfail(reason="the title and a box below the text count as words of the text")
def test_a_picture_page_is_not_read_as_an_article(differences: tuple[Difference, ...]) -> None:
    assert told(differences, DifferenceKind.ARTICLE_FORBIDDEN) == []
