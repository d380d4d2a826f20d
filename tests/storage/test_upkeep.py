from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from dedup import DedupConfig
from storage.articles import get_article, load_articles
from storage.checks import check_database
from storage.cluster_lists import list_clusters
from storage.details import cluster_detail, pair_detail
from storage.engine import make_sessions, open_engine
from storage.errors import StorageError
from storage.index import unpack_buckets
from storage.index.checks import stored_postings
from storage.ingest import resolve_pending, store_articles
from storage.models import CrawlUrl, DuplicatePair, Signature
from storage.pair_lists import count_outdated_pairs, list_pairs
from storage.reindex import reindex
from storage.upkeep import find_forgettable, forget_articles, prune_texts, set_review
from storage.values import ClusterEventKind, Review
from tests.support.articles import START, article, copies, edited, story

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.engine import Sessions
    from tests.support.postgres import Server

CONFIG = DedupConfig()
_MANUAL = Path(__file__).parents[2] / "docs" / "storage.md"
NOW = START + timedelta(days=2)


class KilledError(Exception):
    """In place of a program that is killed."""


def _kill_at(wanted: str) -> Callable[[str, int, int], None]:
    def progress(stage: str, _done: int, _total: int) -> None:
        if stage == wanted:
            raise KilledError

    return progress


def _ingest(sessions: Sessions, *articles: object) -> None:
    store_articles(sessions, articles, CONFIG)  # type: ignore[arg-type]
    resolve_pending(sessions, CONFIG)


def _clusters(sessions: Sessions) -> dict[int, tuple[int, ...]]:
    with sessions() as session:
        assert check_database(session) == ()
        return {
            cluster.id: tuple(sorted(member.article.id for member in detail.members))
            for cluster in list_clusters(session)
            if (detail := cluster_detail(session, cluster.id))
        }


def test_a_rejected_pair_leaves_the_cluster_and_a_confirmed_one_returns(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 2, 10))
    [(cluster_id, members)] = _clusters(sessions).items()
    set_review(sessions, members[1], members[0], Review.REJECTED, "other event", NOW)
    assert _clusters(sessions) == {}
    with sessions() as session:
        pair = pair_detail(session, members[0], members[1])
    assert pair is not None
    assert (pair.review, pair.review_note, pair.reviewed_at) == (Review.REJECTED, "other event", NOW)
    set_review(sessions, members[0], members[1], None, None, NOW)
    [(new_id, again)] = _clusters(sessions).items()
    assert again == members
    assert new_id != cluster_id


def test_a_verdict_outlives_re_indexing(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 3, 10))
    with sessions() as session:
        pair = list_pairs(session)[0]
    set_review(sessions, pair.low_id, pair.high_id, Review.REJECTED, "no", NOW)
    before = _clusters(sessions)
    reindex(sessions, DedupConfig(seed=7))
    with sessions() as session:
        stored = pair_detail(session, pair.low_id, pair.high_id)
    assert stored is not None
    assert stored.review is Review.REJECTED
    assert set(_clusters(sessions).values()) == set(before.values())


def test_a_review_of_what_is_no_pair_is_refused(sessions: Sessions) -> None:
    _ingest(sessions, article(1), article(2))
    with pytest.raises(StorageError, match="not a duplicate pair"):
        set_review(sessions, 1, 2, Review.CONFIRMED, None, NOW)


def test_forgetting_an_article_leaves_nothing_of_its_text(sessions: Sessions) -> None:
    secret = edited(story(1), seed=3) + " The password of the vault was Quxzyplonk Ninety."
    _ingest(
        sessions,
        article(1),
        article(2, secret, title="Quxzyplonk headline"),
        article(3, edited(story(1), seed=4)),
    )
    with sessions() as session:
        [article_id] = find_forgettable(session, "https://site2.test/news/2")
    counts = forget_articles(sessions, [article_id], NOW)
    assert counts.article_count == 1
    with sessions() as session:
        assert get_article(session, article_id) is None
        [address] = session.scalars(select(CrawlUrl)).all()
        assert (address.reason, address.identity_url) == ("forgotten", "https://site2.test/news/2")
    assert article_id not in {member for members in _clusters(sessions).values() for member in members}
    engine = sessions.kw["bind"]
    if engine.dialect.name == "sqlite":
        engine.dispose()
        for path in Path(engine.url.database).parent.glob("*.db*"):
            assert b"Quxzyplonk" not in path.read_bytes()


def test_forgetting_the_link_between_two_copies_splits_or_retires_the_cluster(sessions: Sessions) -> None:
    _ingest(sessions, *(article(n, story(1)) for n in (1, 2)), *copies(2, 2, 20))
    [first] = [cluster for cluster, members in _clusters(sessions).items() if 1 in members]
    forget_articles(sessions, [1], NOW)
    assert first not in _clusters(sessions)
    with sessions() as session:
        assert cluster_detail(session, first) is None
        kinds = session.scalars(
            text("SELECT kind FROM cluster_event WHERE cluster_id = :id ORDER BY id"), {"id": first}
        ).all()
    assert kinds == [ClusterEventKind.CREATED, ClusterEventKind.RETIRED]


@pytest.mark.postgres
def test_what_was_forgotten_leaves_the_files_of_postgresql_with_the_statement_of_the_manual(
    postgres_url: str, postgres_server: Server
) -> None:
    engine = open_engine(postgres_url)
    sessions = make_sessions(engine)
    _ingest(
        sessions,
        article(1, f"Quxzyplonk {story(1, 90)}"),
        article(2, f"Quxzyplonk {story(1, 90)}", host="b.test"),
    )
    [statement] = re.findall(r"`(VACUUM FULL [^`]+)`", _MANUAL.read_text())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        files = postgres_server.folder / "data" / "base" / str(number)

        def count_traces() -> int:
            connection.execute(text("CHECKPOINT"))
            return sum(b"quxzyplonk" in path.read_bytes().lower() for path in files.iterdir())

        assert count_traces() > 0
        forget_articles(sessions, [1, 2], NOW)
        connection.execute(text(statement))
        assert count_traces() == 0
    engine.dispose()


def test_forgetting_the_indexed_one_of_equal_texts_keeps_the_others_findable(sessions: Sessions) -> None:
    _ingest(sessions, *(article(n, story(1)) for n in (1, 2, 3)))
    forget_articles(sessions, [1], NOW)
    resolve_pending(sessions, CONFIG)
    assert list(_clusters(sessions).values()) == [(2, 3)]
    _ingest(sessions, article(4, edited(story(1))))
    assert list(_clusters(sessions).values()) == [(2, 3, 4)]


def test_a_source_is_forgotten_by_its_name_or_host(sessions: Sessions) -> None:
    _ingest(sessions, article(1, host="a.test"), article(2, host="a.test"), article(3, host="b.test"))
    with sessions() as session:
        assert find_forgettable(session, "A.test") == find_forgettable(session, "a") == (1, 2)
        assert find_forgettable(session, "unknown") == ()


def test_pruned_texts_are_gone_and_pairs_and_clusters_stay(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 2, 10), article(90, first_seen_at=NOW, fetched_at=NOW))
    before = _clusters(sessions)
    assert prune_texts(sessions, NOW, dry_run=True).article_count == 2
    assert prune_texts(sessions, NOW).article_count == 2
    with sessions() as session:
        texts = {one.id: one.text for one in load_articles(session, (1, 2, 3), with_text=True).values()}
    assert texts == {1: None, 2: None, 3: story(90)}
    assert _clusters(sessions) == before
    reindex(sessions, DedupConfig(seed=5))
    assert _clusters(sessions) == before


def test_a_new_configuration_is_reached_by_re_indexing(sessions: Sessions) -> None:
    articles = [*copies(1, 3, 10), article(14, story(1)), *copies(2, 2, 20), article(50), article(51)]
    _ingest(sessions, *articles)
    before = {members: cluster for cluster, members in _clusters(sessions).items()}
    other = DedupConfig(seed=9)
    stages = []
    counts = reindex(
        sessions,
        other,
        batch_size=3,
        on_progress=lambda stage, done, total: stages.append((stage, done, total)),
    )
    assert (counts.signed_count, counts.unsigned_count) == (8, 0)
    assert [stage for stage, done, total in stages if done == total] == ["learn", "sign", "index", "resolve"]
    assert {members: cluster for cluster, members in _clusters(sessions).items()} == before
    store_articles(sessions, [article(60, edited(story(2), seed=9))], other)
    resolve_pending(sessions, other)
    assert sorted(len(members) for members in _clusters(sessions).values()) == [3, 4]


def test_a_killed_re_index_is_continued(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 3, 10), *copies(2, 2, 20))
    before = _clusters(sessions)
    other = DedupConfig(seed=9)
    signed_twice: list[int] = []
    for kill_at in ("sign", "index", "resolve"):

        def progress(stage: str, done: int, _total: int, kill_at: str = kill_at) -> None:
            if stage == "sign":
                signed_twice.append(done)
            if stage == kill_at:
                raise KilledError

        with pytest.raises(KilledError):
            reindex(sessions, other, batch_size=2, on_progress=progress)
    reindex(sessions, other)
    assert _clusters(sessions) == before
    assert len(signed_twice) <= 4


def test_re_indexing_drops_pairs_that_are_no_longer_candidates(sessions: Sessions) -> None:
    _ingest(sessions, article(1), article(2), *copies(33, 2, 33))
    with sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO duplicate_pair SELECT 1, 2, label, relation, joins_cluster, similarity, containment_low,"
                " containment_high, replaced_ratio, synonym_ratio, anchor_agreement_ratio, aligned_word_count,"
                " word_count_low, word_count_high, substitutions, agreeing_anchors, conflicting_anchors, features,"
                " reason, credit, NULL, direction_reason, detector_fingerprint, found_at, judged_at, review,"
                " review_note, reviewed_at FROM duplicate_pair"
            )
        )
    reindex(sessions, CONFIG)
    with sessions() as session:
        assert [(pair.low_id, pair.high_id) for pair in list_pairs(session)] == [(3, 4)]
    assert list(_clusters(sessions).values()) == [(3, 4)]


def test_the_check_names_what_is_wrong(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 2, 10), *copies(2, 2, 20), article(5))
    assert _clusters(sessions)
    damages = (
        ("UPDATE duplicate_pair SET joins_cluster = NOT joins_cluster WHERE low_id = 1", "component"),
        ("DELETE FROM cluster_member WHERE article_id = 3", "component of pairs is not a cluster"),
        ("DELETE FROM band_recent", "index"),
        ("INSERT INTO band_hot VALUES (1, 4711)", "bucket of no indexed article"),
        ("DELETE FROM signature WHERE article_id = 5", "article without a signature"),
        ("UPDATE signature SET is_indexed = NOT is_indexed WHERE article_id = 2", "equal texts"),
    )
    of_search = {
        "sqlite": (
            ("DELETE FROM article_search_docsize WHERE id = 4", "article that no search finds"),
            ("INSERT INTO article_search (rowid, text) VALUES (99, 'stray')", "words of no article"),
            ("INSERT INTO article_search (article_search) VALUES ('delete-all')", "other words"),
        ),
        "postgresql": (
            ("DELETE FROM article_search WHERE article_id = 4", "article that no search finds"),
            ("UPDATE article_search SET words = 'other' WHERE article_id = 2", "other words"),
        ),
    }
    dialect = sessions.kw["bind"].dialect.name
    for damage, rule in (*damages, *of_search[dialect]):
        with sessions() as session:
            session.connection(execution_options={"newsdedup_writes": True})
            session.execute(text(damage))
            problems = check_database(session)
            session.rollback()
        assert any(rule in problem.rule for problem in problems), (damage, problems)


def test_the_evidence_of_a_pair_is_read_back_as_it_was_judged(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 2, 10))
    with sessions() as session:
        pair = pair_detail(session, 1, 2)
        row = session.get(DuplicatePair, (1, 2))
    assert pair is not None
    assert row is not None
    assert (pair.label, pair.joins_cluster, pair.reason) == (row.label, True, row.reason)
    assert pair.measures.aligned_word_count == row.aligned_word_count > 0
    assert pair.measures.similarity == row.similarity
    assert pair.detector_fingerprint == CONFIG.detector_fingerprint


def test_equal_signatures_give_the_stored_buckets(sessions: Sessions) -> None:
    store_articles(sessions, [article(1)], CONFIG)
    with sessions() as session:
        row = session.get(Signature, 1)
        assert row is not None
        assert sum(map(len, stored_postings(session))) == len(unpack_buckets(row.buckets))


def test_a_changed_title_alone_is_an_update(sessions: Sessions) -> None:
    store_articles(sessions, [article(1)], CONFIG)
    counts = store_articles(sessions, [replace(article(1), title="Corrected")], CONFIG)
    assert (counts.updated_count, counts.new_count) == (1, 0)


def test_a_changed_detector_judges_anew_and_signs_nothing(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 3, 10), *copies(2, 2, 20), article(50), article(51, story(50)))
    before = _clusters(sessions)
    blind = replace(CONFIG, min_estimate=1_000.0)  # only equal texts are compared
    with sessions.begin() as session:
        session.execute(text("UPDATE signature SET language = 'mark'"))  # signing would write another
        assert (count_outdated_pairs(session, CONFIG), count_outdated_pairs(session, blind)) == (0, 5)
    stages = set()
    reindex(
        sessions,
        blind,
        only_judges=True,
        batch_size=3,
        on_progress=lambda stage, _done, _total: stages.add(stage),
    )
    assert stages == {"resolve"}
    assert list(_clusters(sessions).values()) == [(6, 7)]
    with sessions() as session:
        assert (count_outdated_pairs(session, CONFIG), count_outdated_pairs(session, blind)) == (1, 0)
    reindex(sessions, CONFIG, only_judges=True)
    assert sorted(_clusters(sessions).values()) == sorted(before.values())
    with sessions() as session:
        assert set(session.scalars(select(Signature.language))) == {"mark"}


def test_judging_anew_is_continued_and_never_on_half_an_index(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 3, 10), *copies(2, 2, 20))
    before = _clusters(sessions)

    with pytest.raises(KilledError):
        reindex(sessions, CONFIG, only_judges=True, batch_size=2, on_progress=_kill_at("resolve"))
    left = []
    reindex(
        sessions,
        CONFIG,
        only_judges=True,
        batch_size=2,
        on_progress=lambda _stage, _done, total: left.append(total),
    )
    assert left[0] == 3  # of five
    with pytest.raises(KilledError):
        reindex(sessions, CONFIG, batch_size=2, on_progress=_kill_at("sign"))
    with pytest.raises(StorageError, match="newsdedup db reindex"):
        reindex(sessions, CONFIG, only_judges=True)
    with pytest.raises(StorageError, match="newsdedup db reindex"):
        reindex(sessions, DedupConfig(seed=9), only_judges=True)
    reindex(sessions, CONFIG)
    assert _clusters(sessions) == before


def test_a_whole_re_index_begins_anew_behind_a_killed_judging(sessions: Sessions) -> None:
    _ingest(sessions, *copies(1, 3, 10))
    with sessions.begin() as session:
        session.execute(text("UPDATE signature SET language = 'mark'"))
    with pytest.raises(KilledError):
        reindex(sessions, CONFIG, only_judges=True, on_progress=_kill_at("resolve"))
    assert reindex(sessions, CONFIG).signed_count == 3
    with sessions() as session:
        assert set(session.scalars(select(Signature.language))) == {"en"}
