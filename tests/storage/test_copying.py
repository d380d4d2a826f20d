from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from dedup import DedupConfig
from storage.checks import check_database
from storage.cluster_lists import list_clusters
from storage.copying import copy_database
from storage.details import cluster_detail
from storage.engine import make_sessions, open_engine, writing_connection
from storage.errors import StorageError
from storage.ingest import resolve_pending, store_articles
from storage.reports import corpus_summary
from storage.upkeep import set_review
from storage.values import Review
from tests.support.articles import START, article, copies, edited, story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine

CONFIG = DedupConfig()


@pytest.fixture(params=["sqlite-postgres", "postgres-sqlite", "sqlite-sqlite"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Engine]]:
    kinds = request.param.split("-")
    engines = []
    for place, kind in enumerate(kinds):
        if kind == "sqlite":
            path = tmp_path_factory.mktemp("copy") / f"{place}.db"
            path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
            engines.append(open_engine(f"sqlite:///{path}"))
        else:
            engines.append(open_engine(request.getfixturevalue("postgres_url")))
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def _fill(engine: Engine) -> None:
    sessions = make_sessions(engine)
    # The cluster of the first two merges into that of the others when the link between them arrives.
    store_articles(
        sessions, [*copies(1, 3, 10), *copies(2, 2, 20), article(90, "Ünïcode “text” 新聞 ✓")], CONFIG
    )
    resolve_pending(sessions, CONFIG)
    set_review(sessions, 1, 2, Review.CONFIRMED, "seen", START + timedelta(days=1))
    with sessions.begin() as session:
        session.execute(text("UPDATE article SET first_seen_at = first_seen_at WHERE id = 1"))
        session.execute(
            text(
                "INSERT INTO cluster (id, state, merged_into_id, canonical_reason, member_count, created_at, updated_at)"
                " SELECT 77, 'retired', NULL, '', 0, created_at, updated_at FROM cluster WHERE id = 1"
            )
        )
        session.execute(
            text(
                "INSERT INTO cluster (id, state, merged_into_id, canonical_reason, member_count, created_at, updated_at)"
                " SELECT 76, 'retired', 77, '', 0, created_at, updated_at FROM cluster WHERE id = 1"
            )
        )


def test_a_copy_answers_as_its_source_does(both: tuple[Engine, Engine]) -> None:
    source, target = both
    _fill(source)
    copied = {one.table: one for one in copy_database(source, target)}
    assert copied["article"].row_count == 6
    with make_sessions(source)() as ours, make_sessions(target)() as theirs:
        assert check_database(theirs) == ()
        assert corpus_summary(ours) == corpus_summary(theirs)
        clusters = list_clusters(ours)
        assert clusters == list_clusters(theirs)
        for cluster in clusters:
            assert cluster_detail(ours, cluster.id) == cluster_detail(theirs, cluster.id)
        assert theirs.execute(text("SELECT merged_into_id FROM cluster WHERE id = 76")).scalar() == 77


def test_the_copy_goes_on_with_new_numbers(both: tuple[Engine, Engine]) -> None:
    source, target = both
    _fill(source)
    copy_database(source, target)
    sessions = make_sessions(target)
    store_articles(sessions, [article(50), article(51, edited(story(1), seed=9))], CONFIG)
    resolve_pending(sessions, CONFIG)
    with sessions() as session:
        assert check_database(session) == ()
        assert corpus_summary(session).article_count == 8


def test_a_target_with_rows_is_refused_and_left_alone(both: tuple[Engine, Engine]) -> None:
    source, target = both
    _fill(source)
    with writing_connection(target) as connection, connection.begin():
        connection.execute(text("INSERT INTO setting (name, value) VALUES ('reindex', '1')"))
    with pytest.raises(StorageError, match="already holds rows, in table 'setting'"):
        copy_database(source, target)
    with make_sessions(target)() as session:
        assert corpus_summary(session).article_count == 0


def test_a_copy_that_fails_leaves_the_target_empty(both: tuple[Engine, Engine]) -> None:
    source, target = both
    _fill(source)

    class PowerCutError(Exception):
        pass

    def cut(table: str, _count: int) -> None:
        if table == "duplicate_pair":
            raise PowerCutError

    with pytest.raises(PowerCutError):
        copy_database(source, target, cut)
    with make_sessions(target)() as session:
        assert corpus_summary(session).article_count == 0
    assert copy_database(source, target)
