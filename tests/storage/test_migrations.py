from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from newsdedup.jobs.database import downgrade, known_revisions, open_database, schema_differences, upgrade
from storage.engine import open_engine, writing_connection
from storage.errors import StorageError
from storage.schema import REVISIONS, SchemaState, schema_state
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
