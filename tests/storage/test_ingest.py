from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update

from dedup import DedupConfig, find_duplicates
from dedup.values import Document, Label, TimePrecision
from storage.articles import find_article, get_article
from storage.cluster_lists import list_clusters
from storage.clusters import check_clusters
from storage.details import cluster_detail
from storage.errors import StorageError
from storage.index import document_id
from storage.index.checks import stored_postings
from storage.index.postings import buckets_of
from storage.ingest import count_pending, resolve_pending, store_articles
from storage.models import Article, ArticleSighting, ArticleVersion, DuplicatePair, Signature
from storage.pair_lists import list_pairs
from storage.reindex import reindex
from storage.upkeep import forget_articles
from storage.values import DedupState, FetchOutcome
from tests.support.articles import START, article, copies, edited, story

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from storage.engine import Sessions
    from storage.values import Article as ArticleValue

CONFIG = DedupConfig()


def _ingest(sessions: Sessions, articles: Sequence[ArticleValue], config: DedupConfig = CONFIG) -> None:
    store_articles(sessions, articles, config)
    resolve_pending(sessions, config)


def _stories(sessions: Sessions) -> set[frozenset[str]]:
    with sessions() as session:
        assert check_clusters(session) == []
        details = [cluster_detail(session, cluster.id) for cluster in list_clusters(session)]
    return {frozenset(member.article.url for member in detail.members) for detail in details if detail}


def _count(sessions: Sessions, model: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_what_is_stored_is_read_back(sessions: Sessions) -> None:
    given = replace(article(1), byline="A. Writer", is_paywalled=True, credit="Agency", section="world")
    counts = store_articles(sessions, [given], CONFIG)
    assert (counts.new_count, counts.updated_count, counts.unchanged_count) == (1, 0, 0)
    assert counts.outcomes == ((given.identity_url, FetchOutcome.NEW),)
    with sessions() as session:
        stored = find_article(session, given.url)
    assert stored is not None
    for name in ("url", "title", "text", "byline", "published_at", "published_precision", "first_seen_at"):
        assert getattr(stored, name) == getattr(given, name), name
    assert (stored.dedup_state, stored.version_number) == (DedupState.PENDING, 1)
    assert stored.source == replace(given.source, needs_javascript=False), "what is not said is no"


def test_what_only_some_articles_of_a_batch_state_is_read_back(sessions: Sessions) -> None:
    changed_at = START + timedelta(days=1)
    stating = replace(
        article(1),
        modified_at=changed_at,
        modified_precision=TimePrecision.MINUTE,
        modified_origin="json_ld",
        keywords=("harbour", "budget, 2026"),
    )
    store_articles(sessions, [stating, article(2), replace(article(3), modified_at=changed_at)], CONFIG)
    with sessions() as session:
        first, second, third = (find_article(session, article(number).url) for number in (1, 2, 3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.modified_at, first.modified_precision, first.modified_origin) == (
        changed_at,
        "minute",
        "json_ld",
    )
    assert first.keywords == ("harbour", "budget, 2026")
    assert (second.modified_precision, second.modified_origin, second.keywords) == (None, None, ())
    assert third.modified_precision is TimePrecision.SECOND, "a clock time without a word of how exact it is"


@pytest.mark.parametrize(
    ("stated", "words", "stored"),
    [(None, None, "en"), ("fr", None, "fr"), (None, "12 34 56 78", None)],
    ids=["read", "stated", "not told"],
)
def test_where_a_page_states_no_language_that_of_its_text_is_kept(
    sessions: Sessions, stated: str | None, words: str | None, stored: str | None
) -> None:
    given = replace(article(1), language=stated)
    given = replace(given, text=words) if words else given
    store_articles(sessions, [given], CONFIG)
    store_articles(sessions, [given], CONFIG)
    with sessions() as session:
        assert session.scalars(select(Article.language)).all() == [stored]
        assert session.scalars(select(Article.version_number)).all() == [1]


def test_storing_and_resolving_twice_changes_nothing(sessions: Sessions) -> None:
    articles = copies(1, 3, 10)
    _ingest(sessions, articles)
    before = _stories(sessions)
    counts = store_articles(sessions, articles, CONFIG)
    assert (counts.new_count, counts.updated_count, counts.unchanged_count) == (0, 0, 3)
    assert resolve_pending(sessions, CONFIG).article_count == 0
    assert _stories(sessions) == before
    assert len(before) == 1


def test_copies_of_one_story_become_one_cluster_and_others_stay_apart(sessions: Sessions) -> None:
    first, second = copies(1, 3, 10), copies(2, 2, 20)
    _ingest(sessions, [*first, *second, article(99)])
    assert _stories(sessions) == {frozenset(a.url for a in first), frozenset(a.url for a in second)}


def test_copies_that_arrive_in_later_batches_are_found(sessions: Sessions) -> None:
    articles = copies(1, 4, 10)
    for one in articles:
        _ingest(sessions, [one])
    assert _stories(sessions) == {frozenset(a.url for a in articles)}


def test_pairs_across_batches_are_judged_once(sessions: Sessions) -> None:
    store_articles(sessions, copies(1, 2, 10), CONFIG)
    counts = resolve_pending(sessions, CONFIG, batch_size=1)
    assert (counts.article_count, counts.aligned_pair_count, counts.duplicate_pair_count) == (2, 1, 1)


@pytest.mark.parametrize("batch_size", [1, 3, 500])
def test_the_database_finds_what_file_mode_finds(sessions: Sessions, batch_size: int) -> None:
    articles = [
        *copies(1, 3, 10),
        article(13, story(1)),
        *copies(2, 2, 20),
        *(article(n) for n in range(60, 72)),
    ]
    store_articles(sessions, articles, CONFIG)
    resolve_pending(sessions, CONFIG, batch_size=batch_size)
    with sessions() as session:
        rows = session.scalars(select(Article).order_by(Article.id)).all()
        documents = [
            Document(
                id=document_id(row.id),
                text=row.text or "",
                title=row.title,
                url=row.url,
                source=f"Site{row.url.split('site')[1].split('.')[0]}",
                published_at=row.published_at,
                published_precision=row.published_precision,
                language=row.language,
                first_seen_at=row.first_seen_at,
            )
            for row in rows
        ]
        found = {(pair.low_id, pair.high_id): pair.label for pair in list_pairs(session)}
        stored = {
            tuple(sorted(m.article.id for m in detail.members)): detail.summary.canonical_id
            for cluster in list_clusters(session)
            if (detail := cluster_detail(session, cluster.id))
        }
    expected = find_duplicates(documents, CONFIG)
    assert found == {(int(p.id_a), int(p.id_b)): p.label for p in expected.pairs}
    assert stored == {tuple(int(m) for m in c.member_ids): int(c.canonical_id) for c in expected.clusters}


def _stored(session: Session) -> list[tuple[int, int]]:
    """Every bucket and article of the index."""
    return [
        (bucket, article_id)
        for postings in stored_postings(session)
        for bucket, article_id in zip(
            buckets_of(postings["key"]).tolist(), postings["article"].tolist(), strict=True
        )
    ]


def test_equal_texts_are_indexed_once_and_paired_as_a_star(sessions: Sessions) -> None:
    _ingest(sessions, [article(n, story(1)) for n in range(1, 6)])
    with sessions() as session:
        assert session.scalar(select(func.count()).where(Signature.is_indexed)) == 1
        assert {article_id for _, article_id in _stored(session)} == {1}
        pairs = list_pairs(session)
    assert {pair.label for pair in pairs} == {Label.EXACT}
    assert len(pairs) == 4
    assert len({pair.low_id for pair in pairs}) == 1


def test_a_member_with_the_same_words_as_a_copy_is_compared_as_that_copy_is(sessions: Sessions) -> None:
    original, copy = story(1), edited(story(1))
    _ingest(sessions, [article(1, original), article(2, copy), article(3, copy)])
    with sessions() as session:
        [cluster] = list_clusters(session)
        detail = cluster_detail(session, cluster.id)
    assert detail is not None
    [pair] = [pair for pair in detail.pairs if pair.label is not Label.EXACT]
    assert [m.label for m in detail.members] == [None, pair.label, pair.label]
    assert [m.lag_seconds for m in detail.members[1:]] == [60.0, 120.0]


def test_a_changed_text_becomes_a_version_and_its_pairs_are_judged_again(sessions: Sessions) -> None:
    first, second = copies(1, 2, 10)
    _ingest(sessions, [first, second])
    later = replace(second, text=story(77), fetched_at=START + timedelta(days=1))
    counts = store_articles(sessions, [later], CONFIG)
    assert counts.updated_count == 1
    assert count_pending(sessions) == 1
    resolve_pending(sessions, CONFIG)
    assert _stories(sessions) == set()
    assert _count(sessions, DuplicatePair) == 0
    with sessions() as session:
        [version] = session.scalars(select(ArticleVersion)).all()
        current = find_article(session, second.url)
    assert (version.text, version.version_number) == (second.text, 1)
    assert current is not None
    assert (current.text, current.version_number) == (story(77), 2)


def test_a_headline_that_alone_changed_becomes_a_version(sessions: Sessions) -> None:
    given = article(1)
    _ingest(sessions, [given])
    respaced = replace(given, title=" HEADLINE  1 ", fetched_at=START + timedelta(hours=1))
    store_articles(sessions, [respaced], CONFIG)
    assert _count(sessions, ArticleVersion) == 0
    counts = store_articles(
        sessions, [replace(given, title="Another", fetched_at=START + timedelta(days=1))], CONFIG
    )
    assert counts.updated_count == 1
    with sessions() as session:
        [version] = session.scalars(select(ArticleVersion)).all()
        current = find_article(session, given.url)
    assert (version.title, version.text) == (respaced.title, given.text)
    assert current is not None
    assert (current.title, current.text, current.version_number) == ("Another", given.text, 2)


def test_when_the_indexed_one_of_equal_texts_changes_another_takes_its_place(sessions: Sessions) -> None:
    same = [article(n, story(1)) for n in range(1, 4)]
    _ingest(sessions, same)
    _ingest(sessions, [replace(same[0], text=story(50))])
    assert _stories(sessions) == {frozenset(a.url for a in same[1:])}
    _ingest(sessions, [article(9, edited(story(1)))])
    assert _stories(sessions) == {frozenset([*(a.url for a in same[1:]), "https://site9.test/news/9"])}


def test_the_index_holds_exactly_the_buckets_of_indexed_signatures(sessions: Sessions) -> None:
    articles = copies(1, 3, 10)
    _ingest(sessions, [*articles, article(20, articles[0].text)])
    _ingest(sessions, [replace(articles[1], text=story(5)), replace(articles[0], text=story(6))])
    with sessions() as session:
        signatures = session.scalars(select(Signature).where(Signature.is_indexed)).all()
        expected = {
            (int.from_bytes(one.buckets[i : i + 8], "little", signed=True), one.article_id)
            for one in signatures
            for i in range(0, len(one.buckets), 8)
        }
        stored = _stored(session)
    assert sorted(stored) == sorted(expected)


def test_a_bucket_above_the_cap_still_keeps_a_story_together(sessions: Sessions) -> None:
    config = DedupConfig(bucket_cap=3)
    articles = copies(1, 9, 10)
    store_articles(sessions, articles, config)
    counts = resolve_pending(sessions, config, batch_size=4)
    assert counts.hot_bucket_count > 0
    assert _stories(sessions) == {frozenset(a.url for a in articles)}


def test_an_earlier_copy_becomes_the_canonical_article(sessions: Sessions) -> None:
    original, copy = copies(1, 2, 10)
    _ingest(sessions, [original, copy])
    earlier = article(5, edited(story(1), seed=8))
    _ingest(sessions, [earlier])
    with sessions() as session:
        [cluster] = list_clusters(session)
    assert cluster.canonical_url == earlier.url
    assert cluster.canonical_reason == "published first"


def test_a_corrected_publication_time_changes_the_canonical_article(sessions: Sessions) -> None:
    original, copy = copies(1, 2, 10)
    _ingest(sessions, [original, copy])
    counts = store_articles(sessions, [replace(copy, published_at=START - timedelta(days=1))], CONFIG)
    assert counts.updated_count == 1
    resolve_pending(sessions, CONFIG)
    with sessions() as session:
        [cluster] = list_clusters(session)
    assert cluster.canonical_url == copy.url


def test_what_a_page_no_longer_states_is_kept(sessions: Sessions) -> None:
    given = replace(article(1), byline="A. Writer")
    store_articles(sessions, [given], CONFIG)
    store_articles(
        sessions, [replace(given, byline=None, published_at=None, published_precision=None)], CONFIG
    )
    with sessions() as session:
        stored = get_article(session, 1)
    assert stored is not None
    assert (stored.byline, stored.published_at) == ("A. Writer", given.published_at)


def test_sightings_keep_the_first_and_the_last_time(sessions: Sessions) -> None:
    given = article(1)
    for minutes in (0, 30, 10):
        store_articles(sessions, [replace(given, fetched_at=START + timedelta(minutes=minutes + 1))], CONFIG)
    with sessions() as session:
        [sighting] = session.scalars(select(ArticleSighting)).all()
    assert sighting.first_seen_at == given.first_seen_at
    assert sighting.last_seen_at == START + timedelta(minutes=31)


def test_text_that_databases_refuse_is_stored_without_it(sessions: Sessions) -> None:
    hostile = article(1, "nul \0 and surrogate \ud800 " + story(1), title="\0title\udfff")
    endless = article(2, identity_url="https://site2.test/" + "x" * 9000)
    store_articles(sessions, [hostile, endless], CONFIG)
    store_articles(sessions, [hostile, endless], CONFIG)
    assert _count(sessions, Article) == 2
    with sessions() as session:
        stored = get_article(session, 1)
    assert stored is not None
    assert stored.text is not None
    assert stored.text.startswith("nul  and surrogate ? ")


def test_empty_and_very_short_texts_do_no_harm(sessions: Sessions) -> None:
    _ingest(
        sessions, [article(1, ""), article(2, ""), article(3, "Yes."), article(4, "..."), article(5, "No.")]
    )
    assert _stories(sessions) == set()
    assert count_pending(sessions) == 0
    _ingest(sessions, [article(number, f"Now {number}.") for number in range(1, 6)])
    assert _count(sessions, ArticleVersion) == 5
    with sessions() as session:
        numbers = session.scalars(select(Article.id)).all()
    assert forget_articles(sessions, numbers, START).article_count == 5


def test_a_killed_resolve_is_taken_up_by_the_next(sessions: Sessions) -> None:
    articles = copies(1, 3, 10)
    store_articles(sessions, articles, CONFIG)
    with sessions.begin() as session:
        session.execute(text("UPDATE article SET dedup_state = 'claimed' WHERE id <= 2"))
    assert resolve_pending(sessions, CONFIG).article_count == 3
    assert _stories(sessions) == {frozenset(a.url for a in articles)}


def test_signatures_of_another_configuration_are_refused(sessions: Sessions) -> None:
    store_articles(sessions, [article(1)], CONFIG)
    other = DedupConfig(seed=2)
    with pytest.raises(StorageError, match="newsdedup db reindex"):
        store_articles(sessions, [article(2)], other)
    with pytest.raises(StorageError, match="newsdedup db reindex"):
        resolve_pending(sessions, other)
    assert _count(sessions, Article) == 1


def test_a_window_compares_what_appeared_near_each_other_and_equal_texts_always(sessions: Sessions) -> None:
    first, near, far = copies(1, 3, 1)
    far = replace(far, published_at=START + timedelta(days=40))
    same = article(9, first.text, published_at=START + timedelta(days=80))
    store_articles(sessions, [first, near, far, same], CONFIG)
    resolve_pending(sessions, CONFIG, window=timedelta(days=30))
    assert _stories(sessions) == {frozenset({first.url, near.url, same.url})}
    with sessions.begin() as session:
        session.execute(update(Article).values(dedup_state=DedupState.PENDING))
    resolve_pending(sessions, CONFIG, window=timedelta(days=41))
    assert _stories(sessions) == {frozenset({first.url, near.url, far.url, same.url})}


def test_re_indexing_with_a_window_drops_what_lies_further_apart(sessions: Sessions) -> None:
    first, far = copies(1, 2, 1)
    _ingest(sessions, [first, replace(far, published_at=START + timedelta(days=40))])
    assert len(_stories(sessions)) == 1
    reindex(sessions, CONFIG, window=timedelta(days=30))
    assert _stories(sessions) == set()
