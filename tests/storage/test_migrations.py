from __future__ import annotations

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from newsdedup.jobs.database import downgrade, known_revisions, open_database, schema_differences, upgrade
from storage.engine import make_sessions, open_engine, writing_connection
from storage.errors import StorageError
from storage.index.checks import stored_postings
from storage.index.postings import buckets_of
from storage.schema import REVISIONS, SchemaState, schema_state
from storage.search import index_stored_articles, search_articles
from tests.storage import test_schema


def test_revisions_known_to_storage_are_those_of_the_migrations() -> None:
    assert known_revisions() == REVISIONS


def test_migrating_up_gives_the_models_and_down_leaves_nothing(empty_url: str) -> None:
    assert upgrade(empty_url) is SchemaState.EMPTY
    engine = open_engine(empty_url)
    assert schema_differences(engine) is None
    assert upgrade(empty_url) is SchemaState.CURRENT
    downgrade(empty_url, "base")
    assert schema_state(engine) is SchemaState.EMPTY
    assert set(inspect(engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    assert inspect(engine).get_view_names() == []
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_every_earlier_revision_is_upgraded_with_its_data(empty_url: str, revision: str) -> None:
    upgrade(empty_url, revision)
    engine = open_engine(empty_url)
    there = [table for table in test_schema.GOOD if inspect(engine).has_table(table)]
    with writing_connection(engine) as connection, connection.begin():
        for table in there:
            test_schema._insert(connection, table)
            if table == "article":
                test_schema._insert(connection, table, {"id": 2, "identity_url": "u2"})
    with pytest.raises(StorageError, match="newsdedup db upgrade"):
        open_database(empty_url)
    assert upgrade(empty_url) is SchemaState.OLDER
    with engine.connect() as connection:
        for table in there:
            assert connection.execute(select(test_schema._tables()[table])).first() is not None, table
    downgrade(empty_url, "-1")
    assert schema_state(engine) is SchemaState.OLDER
    upgrade(empty_url)
    assert schema_differences(engine) is None
    engine.dispose()


def test_packing_the_index_keeps_every_bucket_there_and_back(empty_url: str) -> None:
    upgrade(empty_url, "0006")
    engine = open_engine(empty_url)
    rows = sorted((bucket, article) for bucket in (-(2**63), -5, 0, 7, 2**63 - 1) for article in (1, 2, 40))
    with writing_connection(engine) as connection, connection.begin():
        connection.execute(
            text("INSERT INTO band VALUES (:bucket, :article)"),
            [{"bucket": bucket, "article": article} for bucket, article in rows],
        )
    upgrade(empty_url, "0007")
    with make_sessions(engine)() as session:
        [postings] = stored_postings(session)
    found = zip(buckets_of(postings["key"]).tolist(), postings["article"].tolist(), strict=True)
    assert sorted(found) == rows
    with writing_connection(engine) as connection, connection.begin():
        connection.execute(text("INSERT INTO band_hot VALUES (9, 3)"))
    downgrade(empty_url, "0006")
    with engine.connect() as connection:
        assert sorted(tuple(row) for row in connection.execute(text("SELECT * FROM band"))) == sorted(
            [*rows, (9, 3)]
        )
    engine.dispose()


def test_words_of_stored_texts_are_found_after_moving_them_there_and_back(empty_url: str) -> None:
    upgrade(empty_url, "0009")
    engine = open_engine(empty_url)
    with writing_connection(engine) as connection, connection.begin():
        test_schema._insert(connection, "source")
        test_schema._insert(connection, "crawl_run")
        given = {"title": "Zürich", "text": "and/or the harbour.The end"}
        test_schema._insert(connection, "article", given)
    for step in (
        lambda: upgrade(empty_url),
        lambda: downgrade(empty_url, "0009"),
        lambda: upgrade(empty_url),
    ):
        step()
        if schema_state(engine) is SchemaState.CURRENT:
            with make_sessions(engine).begin() as session:
                index_stored_articles(session)
            with make_sessions(engine)() as session:
                found = {
                    words: len(search_articles(session, words))
                    for words in ("zurich", "or", "the end", "harbor")
                }
            assert found == {"zurich": 1, "or": 1, "the end": 1, "harbor": 0}
    engine.dispose()


def test_runs_that_read_pages_anew_are_known_as_such_and_imports_before(empty_url: str) -> None:
    upgrade(empty_url, "0010")
    engine = open_engine(empty_url)
    with writing_connection(engine) as connection, connection.begin():
        for table in ("source", "crawl_run", "fetch_event"):
            test_schema._insert(connection, table)
    anew = text("UPDATE crawl_run SET kind = 'reextract'")
    with writing_connection(engine) as connection, pytest.raises(IntegrityError), connection.begin():
        connection.execute(anew)
    upgrade(empty_url)
    with writing_connection(engine) as connection, connection.begin():
        connection.execute(anew)
        assert connection.execute(text("SELECT run_id FROM fetch_event")).scalar() == 1
    downgrade(empty_url, "0010")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT kind FROM crawl_run")).scalar() == "import"
    engine.dispose()
