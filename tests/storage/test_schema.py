"""The schema: every revision up and down, every rule tried by breaking it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from newsdedup.jobs.database import open_database, upgrade
from storage.engine import make_sessions, open_engine, writing_connection
from storage.errors import StorageError
from storage.models import Base, Source
from storage.schema import schema_state
from storage.views import CLUSTER_MEMBER, COPY_EDGE, SOURCE, SPUN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Table, TableClause
    from sqlalchemy.engine import Connection, Engine

    from storage.engine import Sessions

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
_PAIR_RATIOS = dict.fromkeys(
    (
        "similarity",
        "containment_low",
        "containment_high",
        "replaced_ratio",
        "synonym_ratio",
        "anchor_agreement_ratio",
    ),
    0.5,
)
# One good row for every table, in an order that foreign keys allow; ids are given.
GOOD: dict[str, dict[str, Any]] = {
    "source": {"id": 1, "name": "S", "host": "s.test", "home_url": "https://s.test/", "created_at": NOW},
    "feed": {
        "id": 1,
        "source_id": 1,
        "url": "https://s.test/f",
        "kind": "feed",
        "state": "active",
        "poll_interval_seconds": 60,
    },
    "crawl_run": {
        "id": 1,
        "kind": "crawl",
        "state": "running",
        "started_at": NOW,
        "settings": {},
        "stats": {},
    },
    "fetch_event": {
        "id": 1,
        "run_id": 1,
        "source_id": 1,
        "url": "u",
        "kind": "article",
        "outcome": "skipped",
        "reason": "dns",
        "byte_count": 1,
        "fetched_at": NOW,
    },
    "crawl_url": {
        "id": 1,
        "identity_url": "u",
        "url": "u",
        "host": "s.test",
        "source_id": 1,
        "state": "pending",
        "discovered_at": NOW,
        "hints": {},
    },
    "imported_file": {
        "fingerprint": "f",
        "path": "p",
        "byte_offset": 1,
        "record_number": 1,
        "byte_count": 2,
        "is_complete": False,
        "updated_at": NOW,
    },
    "lease": {"kind": "source", "name": "s.test"},
    "article": {
        "id": 1,
        "source_id": 1,
        "run_id": 1,
        "url": "u",
        "identity_url": "u1",
        "first_seen_at": NOW,
        "fetched_at": NOW,
        "text": "t",
        "text_hash": "h",
        "word_count": 1,
        "dedup_state": "done",
        "published_at": NOW,
        "published_precision": "day",
    },
    "article_version": {
        "article_id": 1,
        "version_number": 1,
        "text_hash": "h",
        "word_count": 1,
        "fetched_at": NOW,
        "replaced_at": NOW,
    },
    "article_sighting": {"article_id": 1, "feed_url": "f", "first_seen_at": NOW, "last_seen_at": NOW},
    "signature": {
        "article_id": 1,
        "signature_fingerprint": "f",
        "language": "en",
        "minhash": b"",
        "passages": b"",
        "buckets": b"",
        "is_indexed": True,
    },
    "band_recent": {"id": 1, "nonce": 1, "posting_count": 1, "postings": b""},
    "band_segment": {
        "id": 1,
        "nonce": 1,
        "slice_number": 0,
        "level": 0,
        "posting_count": 1,
        "page_bits": 0,
        "filter_size": 0,
        "filter_bits": b"",
    },
    "band_page": {"id": 1 << 20, "postings": b""},
    "band_hot": {"bucket": -5, "article_id": 1},
    "hot_bucket": {"bucket": 5, "article_count": 3, "capped_at": NOW},
    "source_line": {
        "source_id": 1,
        "line_hash": -7,
        "article_count": 3,
        "unrelated_count": 3,
        "is_boilerplate": False,
        "late_article_count": 0,
    },
    "setting": {"name": "n", "value": 1},
    "duplicate_pair": {
        "low_id": 1,
        "high_id": 2,
        "label": "near",
        "relation": "copy",
        "joins_cluster": True,
        **_PAIR_RATIOS,
        "aligned_word_count": 1,
        "word_count_low": 1,
        "word_count_high": 1,
        "substitutions": [],
        "agreeing_anchors": [],
        "conflicting_anchors": [],
        "features": {},
        "reason": "r",
        "detector_fingerprint": "d",
        "found_at": NOW,
        "judged_at": NOW,
    },
    "cluster": {
        "id": 1,
        "state": "active",
        "canonical_article_id": 1,
        "member_count": 2,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "cluster_member": {"article_id": 1, "cluster_id": 1, "joined_at": NOW},
    "cluster_event": {"id": 1, "cluster_id": 1, "kind": "created", "member_count": 2, "happened_at": NOW},
}
# What breaks each CHECK, by its name.
BAD_CHECKS: dict[str, dict[str, Any]] = {
    "ck_source_host_lower": {"host": "S.test"},
    "ck_feed_kind": {"kind": "x"},
    "ck_feed_state": {"state": "x"},
    "ck_feed_failure_count": {"failure_count": -1},
    "ck_feed_poll_interval_seconds": {"poll_interval_seconds": 0},
    "ck_crawl_run_kind": {"kind": "x"},
    "ck_crawl_run_state": {"state": "x", "finished_at": NOW},
    "ck_crawl_run_finished_at": {"finished_at": NOW},
    "ck_fetch_event_kind": {"kind": "x"},
    "ck_fetch_event_outcome": {"outcome": "x", "reason": None},
    "ck_fetch_event_reason": {"reason": None},
    "ck_fetch_event_byte_count": {"byte_count": -1},
    "ck_crawl_url_state": {"state": "x"},
    "ck_crawl_url_attempt_count": {"attempt_count": -1},
    "ck_crawl_url_lease_owner": {"state": "leased"},
    "ck_imported_file_byte_offset": {"byte_offset": 3},
    "ck_imported_file_record_number": {"record_number": -1},
    "ck_lease_kind": {"kind": "x"},
    "ck_lease_fencing_token": {"fencing_token": -1},
    "ck_lease_owner": {"owner": "w"},
    "ck_article_word_count": {"word_count": -1},
    "ck_article_version_number": {"version_number": 0},
    "ck_article_published": {"published_precision": None},
    "ck_article_published_precision": {"published_precision": "x"},
    "ck_article_modified": {"modified_precision": "day"},
    "ck_article_modified_precision": {"modified_at": NOW, "modified_precision": "x"},
    "ck_article_dedup_state": {"dedup_state": "x"},
    "ck_article_version_version_number": {"version_number": 0},
    "ck_article_sighting_last_seen_at": {"last_seen_at": NOW - timedelta(seconds=1)},
    "ck_band_recent_posting_count": {"posting_count": 0},
    "ck_band_segment_slice_number": {"slice_number": 128},
    "ck_band_segment_level": {"level": -1},
    "ck_band_segment_page_bits": {"page_bits": 21},
    "ck_hot_bucket_article_count": {"article_count": 0},
    "ck_source_line_article_count": {"unrelated_count": 4},
    "ck_source_line_late_article_count": {"late_article_count": 1},
    "ck_duplicate_pair_order": {"low_id": 2, "high_id": 1},
    "ck_duplicate_pair_label": {"label": "x"},
    "ck_duplicate_pair_relation": {"relation": "x"},
    "ck_duplicate_pair_review": {"review": "x", "reviewed_at": NOW},
    "ck_duplicate_pair_reviewed_at": {"review": "rejected"},
    "ck_duplicate_pair_likely_original_id": {"likely_original_id": 3},
    **{f"ck_duplicate_pair_{name}": {name: 1.01} for name in _PAIR_RATIOS},
    "ck_cluster_state": {"state": "x", "canonical_article_id": None, "member_count": 0},
    "ck_cluster_canonical_article_id": {"canonical_article_id": None},
    "ck_cluster_merged_into_id": {"merged_into_id": 2},
    "ck_cluster_not_into_itself": {
        "merged_into_id": 1,
        "state": "retired",
        "canonical_article_id": None,
        "member_count": 0,
    },
    "ck_cluster_member_count": {"member_count": 1},
    "ck_cluster_event_kind": {"kind": "x"},
    "ck_cluster_event_member_count": {"member_count": -1},
}


def _tables() -> dict[str, Table]:
    return dict(Base.metadata.tables)


def _insert(connection: Connection, table: str, changed: dict[str, Any] | None = None) -> None:
    # Text in place of typed values, so that it is the database that refuses and not SQLAlchemy.
    values = {**GOOD[table], **(changed or {})}
    typed = {name: text(f"'{value}'") if isinstance(value, str) else value for name, value in values.items()}
    connection.execute(insert(_tables()[table]).values(typed))


@pytest.fixture
def filled(shared_engine: Engine) -> Iterator[Connection]:
    """A connection on a database with one good row in every table, and what they refer to; rolled back."""
    with writing_connection(shared_engine) as connection:
        transaction = connection.begin()
        for table in GOOD:
            _insert(connection, table)
            if table == "article":
                _insert(connection, table, {"id": 2, "identity_url": "u2"})
                _insert(connection, table, {"id": 3, "identity_url": "u3"})
            if table == "cluster":
                _insert(connection, table, {"id": 2})
        yield connection
        transaction.rollback()


def _constraints(kind: type) -> list[tuple[str, str]]:
    return sorted(
        (table.name, str(constraint.name))
        for table in _tables().values()
        for constraint in table.constraints
        if isinstance(constraint, kind)
    )


def test_every_table_has_a_good_row_to_break() -> None:
    assert set(GOOD) == set(_tables())


def test_every_check_has_a_row_that_breaks_it() -> None:
    assert {name for _, name in _constraints(CheckConstraint)} == set(BAD_CHECKS)


@pytest.mark.parametrize(("table", "name"), _constraints(CheckConstraint))
def test_a_row_that_breaks_a_check_is_refused_by_name(filled: Connection, table: str, name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        _insert(filled, table, BAD_CHECKS[name])


_KEYS = sorted(
    (table.name, tuple(column.name for column in constraint.columns))
    for table in _tables().values()
    for constraint in [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
)


@pytest.mark.parametrize(("table", "columns"), _KEYS)
def test_the_same_key_twice_is_refused(filled: Connection, table: str, columns: tuple[str, ...]) -> None:
    others: dict[str, Any] = {"id": 99} if columns != ("id",) and "id" in GOOD[table] else {}
    # Every other unique column gets a value of its own, so that only this key collides.
    for name, keys in _KEYS:
        if name == table and keys != columns:
            others |= {key: f"other {key}" for key in keys if key != "id"}
    with pytest.raises(IntegrityError):
        _insert(filled, table, others)


_REFERENCES = sorted(
    (table.name, column.name, next(iter(column.foreign_keys)).column.table.name)
    for table in _tables().values()
    for column in table.columns
    if column.foreign_keys
)


@pytest.mark.parametrize(("table", "column", "parent"), _REFERENCES)
def test_a_reference_to_nothing_is_refused(filled: Connection, table: str, column: str, parent: str) -> None:
    broken: dict[str, Any] = {column: 987}
    if column == "low_id":
        broken |= {"high_id": 988}
    if column == "merged_into_id":
        broken |= {"state": "retired", "canonical_article_id": None, "member_count": 0}
    if "id" in GOOD[table]:
        broken |= {"id": 99}
    for name, keys in _KEYS:
        if name == table:
            broken |= {
                key: f"other {key}"
                for key in keys
                if key not in {"id", column} and isinstance(GOOD[table].get(key), str)
            }
    with pytest.raises(IntegrityError, match=rf"(?i)foreign key|{parent}"):
        _insert(filled, table, broken)


def test_every_table_and_column_has_a_comment() -> None:
    missing = [
        f"{table.name}.{column.name}"
        for table in _tables().values()
        for column in table.columns
        if not column.comment or not table.comment
    ]
    assert missing == []


def test_a_database_of_a_newer_version_is_refused(database_url: str, engine: Engine) -> None:
    with writing_connection(engine) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    for act in (open_database, upgrade):
        with pytest.raises(StorageError, match="newer newsdedup"):
            act(database_url)


def test_a_database_without_tables_is_refused_or_created(empty_url: str) -> None:
    with pytest.raises(StorageError, match="newsdedup db upgrade"):
        open_database(empty_url)
    sessions = open_database(empty_url, create=True)
    sessions.kw["bind"].dispose()


def test_looking_for_a_missing_file_does_not_create_it(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    with pytest.raises(StorageError, match="no database at"):
        open_database(f"sqlite:///{path}")
    assert not path.exists()


def test_times_come_back_aware_and_in_utc(sessions: Sessions) -> None:
    given = datetime(2026, 3, 2, 8, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with sessions.begin() as session:
        session.add(Source(name="S", host="s", home_url="h", created_at=given))
    with sessions() as session:
        stored = session.scalars(select(Source.created_at)).one()
    assert stored == given
    assert stored.tzinfo is UTC
    with pytest.raises(StatementError, match="aware"), sessions.begin() as session:
        session.add(Source(name="S", host="t", home_url="h", created_at=datetime(2026, 3, 2)))  # noqa: DTZ001 -- the naive time is the point


def test_readers_of_sqlite_cannot_write_and_do_not_block_writers(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url, busy_timeout_seconds=0.2)
    sessions = make_sessions(engine)
    with sessions() as reader:
        assert reader.scalar(text("SELECT count(*) FROM source")) == 0
        with sessions.begin() as writer:
            writer.add(Source(name="S", host="s", home_url="h", created_at=NOW))
        assert reader.scalar(text("SELECT count(*) FROM source")) == 0
        with pytest.raises(StorageError, match="readonly"):
            reader.execute(text("DELETE FROM source"))
    engine.dispose()


def test_a_second_writer_of_sqlite_waits_and_then_gets_a_clear_error(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url, busy_timeout_seconds=0.2)
    sessions = make_sessions(engine)
    with sessions.begin(), pytest.raises(StorageError, match="another program is writing") as caught:  # noqa: SIM117
        with sessions.begin():
            pass
    assert caught.value.is_transient
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "malformed database URL"),
        ("mysql://u@h/d", "'mysql' is not supported"),
        ("sqlite:////nonexistent-folder/x.db", "unable to open"),
        ("postgresql://u:secret@127.0.0.1:1/d", "connection"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=message) as caught:
        schema_state(open_engine(url))
    assert "secret" not in f"{caught.value} {caught.value.key}"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is not a database, it only looks like a file" * 100)
    with pytest.raises(StorageError, match="not an SQLite database"):
        schema_state(open_engine(f"sqlite:///{path}"))


@pytest.mark.parametrize("view", [CLUSTER_MEMBER, COPY_EDGE, SOURCE, SPUN], ids=lambda view: view.name)
def test_a_view_has_the_columns_that_are_read_of_it(shared_engine: Engine, view: TableClause) -> None:
    with shared_engine.connect() as connection:
        assert connection.execute(select(view).limit(0)).all() == []
