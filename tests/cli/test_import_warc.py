from __future__ import annotations

import errno
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import IO, TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from newsdedup.cli import main
from tests.crawl.pages import article_page
from tests.support.archives import packed, page_record

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

_COUNT = 260  # pages; more than two batches
_SITE = "https://www.beacon.example"


def _page(number: int, seed: int | None = None) -> bytes:
    return article_page(f"Story {number}", number if seed is None else seed).body


def _record(number: int, **changed: str) -> bytes:
    return page_record(f"{_SITE}/stories/story-{number}", _page(number), **changed)  # type: ignore[arg-type]


def _import(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchall()


def test_an_archive_becomes_articles_as_a_crawl_would_store_them(tmp_path: Path) -> None:
    archive, database = tmp_path / "CC-NEWS-1.warc.gz", tmp_path / "w.db"
    copy = page_record("https://mirror.example/taken", _page(0))
    records = [_record(0), copy, _record(1), _record(2, kind="request"), page_record(f"{_SITE}/x", b"<p>no")]
    archive.write_bytes(packed(records))
    result = _import(archive, "--database", database)
    assert result.exit_code == 0, result.stderr
    assert "3 new, 0 updated, 0 unchanged" in result.stderr
    assert f"record 4 ({_SITE}/x): " in result.stderr
    assert _rows(database, "SELECT host FROM source ORDER BY host") == [
        ("beacon.example",),
        ("mirror.example",),
    ]
    assert _rows(database, "SELECT DISTINCT fetched_at FROM article") == [("2026-05-01 10:00:00.000000",)]
    assert _rows(database, "SELECT label FROM duplicate_pair") == [("exact",)]
    assert _rows(database, "SELECT url, outcome FROM fetch_event") == [(f"{_SITE}/x", "skipped")]


def test_a_second_import_of_an_archive_is_over_at_once_unless_it_is_wanted(tmp_path: Path) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    archive.write_bytes(packed([_record(0), _record(1)]))
    _import(archive, "--database", database)
    moved = archive.rename(tmp_path / "moved.warc.gz")
    second = _import(moved, "--database", database)
    assert "imported before" in second.stderr
    assert "0 new, 0 updated, 0 unchanged" in second.stderr
    third = _import(moved, "--database", database, "--again")
    assert "0 new, 0 updated, 2 unchanged" in third.stderr


def test_an_archive_that_has_grown_is_read_on_from_where_it_ended(tmp_path: Path) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    first = [page_record(f"{_SITE}/big", _page(8) + os.urandom(90_000).hex().encode()), _record(1)]
    archive.write_bytes(packed(first))
    _import(archive, "--database", database)
    archive.write_bytes(packed(first) + packed([_record(2)]))
    second = _import(archive, "--database", database)
    assert "1 new, 0 updated, 0 unchanged" in second.stderr


def test_a_later_capture_replaces_the_text_and_an_earlier_one_does_not(tmp_path: Path) -> None:
    database, url = tmp_path / "w.db", f"{_SITE}/stories/story-1"
    texts = {"2026-05-02": 11, "2026-05-03": 12, "2026-05-01": 10}
    records = [
        page_record(url, _page(number, seed=number), date=f"{day}T00:00:00Z") for day, number in texts.items()
    ]
    archive = tmp_path / "a.warc"
    archive.write_bytes(packed(records, "plain"))
    result = _import(archive, "--database", database)
    assert "1 new, 1 updated, 1 unchanged" in result.stderr
    assert _rows(database, "SELECT title, version_number, fetched_at, first_seen_at FROM article") == [
        ("Story 12", 2, "2026-05-03 00:00:00.000000", "2026-05-01 00:00:00.000000")
    ]
    assert _rows(database, "SELECT title, fetched_at, replaced_at FROM article_version") == [
        ("Story 11", "2026-05-02 00:00:00.000000", "2026-05-03 00:00:00.000000")
    ]


def test_a_cut_off_and_damaged_archive_gives_what_is_whole(tmp_path: Path) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    whole = [packed([_record(number)]) for number in range(5)]
    whole[1] = whole[1][:60] + b"\x00\xff" * 9 + whole[1][78:]
    archive.write_bytes(b"".join(whole)[:-50])
    result = _import(archive, "--database", database)
    assert result.exit_code == 0
    assert _rows(database, "SELECT title FROM article ORDER BY title") == [
        ("Story 0",),
        ("Story 2",),
        ("Story 3",),
    ]
    reasons = {reason for (reason,) in _rows(database, "SELECT reason FROM fetch_event")}
    assert reasons <= {"malformed_warc", "truncated"}
    assert len(_rows(database, "SELECT id FROM fetch_event")) == 2


def _titles(database: Path) -> list[object]:
    return [title for (title,) in _rows(database, "SELECT title FROM article ORDER BY title")]


@pytest.mark.parametrize("harm", ["damage", "cut off"])
def test_of_a_damaged_archive_a_whole_copy_gives_the_rest(tmp_path: Path, harm: str) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    members = [packed([_record(number)]) for number in range(4)]
    harmed = list(members)
    if harm == "damage":
        harmed[2] = members[2][:60] + b"\x00\xff" * 9 + members[2][78:]
    else:
        harmed[3] = members[3][:-200]
    archive.write_bytes(b"".join(harmed))
    first = _import(archive, "--database", database)
    assert "3 new" in first.stderr
    again = _import(archive, "--database", database)
    assert "imported before" not in again.stderr
    assert "refused: 1 " in again.stderr
    archive.write_bytes(b"".join(members))
    assert "1 new" in _import(archive, "--database", database).stderr
    assert _titles(database) == ["Story 0", "Story 1", "Story 2", "Story 3"]
    assert "imported before" in _import(archive, "--database", database).stderr


class _FailingDisk(io.FileIO):
    """A file of which the second half cannot be read."""

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self.tell() > os.fstat(self.fileno()).st_size // 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().readinto(memoryview(buffer)[:4096])


def test_after_an_error_of_the_disk_the_next_import_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    incompressible = [_page(number) + os.urandom(20_000).hex().encode() for number in range(12)]
    archive.write_bytes(
        packed(page_record(f"{_SITE}/stories/{n}", page) for n, page in enumerate(incompressible))
    )

    def failing_open(path: str, mode: str = "r") -> IO[bytes]:
        return io.BufferedReader(_FailingDisk(path, mode))

    with monkeypatch.context() as patched:
        patched.setattr("crawler.warc.open", failing_open, raising=False)
        first = _import(archive, "--database", database)
    assert first.exit_code == 1
    assert "1 file could not be read" in first.stderr
    assert _rows(database, "SELECT url, reason FROM fetch_event") == [(str(archive), "unreadable_file")]
    read_count = len(_titles(database))
    assert 3 <= read_count < 12
    second = _import(archive, "--database", database)
    assert second.exit_code == 0
    assert f"{12 - read_count} new" in second.stderr


def test_a_killed_import_continues_where_it_was(tmp_path: Path) -> None:
    archive, database = tmp_path / "a.warc.gz", tmp_path / "w.db"
    archive.write_bytes(packed(_record(number) for number in range(_COUNT)))
    command = [sys.executable, "-m", "newsdedup", "import", str(archive), "--database", str(database)]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    reached = 0
    deadline = time.monotonic() + 300
    while not 100 <= reached < _COUNT and time.monotonic() < deadline:
        time.sleep(0.05)
        if database.exists():
            try:
                reached = sum(n for (n,) in _rows(database, "SELECT record_number FROM imported_file"))  # type: ignore[misc]
            except sqlite3.OperationalError:
                continue
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    stored = len(_rows(database, "SELECT id FROM article"))
    assert 100 <= stored < _COUNT, "the kill came too late to prove anything"
    result = _import(archive, "--database", database)
    assert result.exit_code == 0
    assert len(_rows(database, "SELECT id FROM article")) == _COUNT
    assert _rows(database, "SELECT is_complete, record_number FROM imported_file") == [(1, _COUNT)]
    # Of what was stored, at most one batch is read again.
    read_again = int(result.stderr.split(" unchanged")[0].rsplit(" ", 1)[1])
    assert read_again <= 100
    assert _rows(database, "SELECT count(*) FROM article_version") == [(0,)]
