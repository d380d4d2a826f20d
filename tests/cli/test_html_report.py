from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsdedup.jobs.database import open_database
from newsdedup.jobs.html_report import ReportRequest, write_html_report
from newsdedup.jobs.parallel import PairMap

if TYPE_CHECKING:
    from pathlib import Path


def written(database: Path, folder: Path, pair_map: PairMap) -> dict[str, bytes]:
    """Every file of a report by its address."""
    sessions = open_database(f"sqlite:///{database}")
    request = ReportRequest(folder, datetime(2026, 5, 4, tzinfo=UTC))
    with pair_map:
        counts = write_html_report(sessions, request, pair_map, lambda _done, _total: None)
    sessions.kw["bind"].dispose()
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    assert counts.page_count == len(files) - 1  # the style sheet is no page
    return files


def test_pages_written_by_several_processes_are_the_same(database: Path, tmp_path: Path) -> None:
    alone = written(database, tmp_path / "alone", PairMap(1))
    assert len([name for name in alone if name.startswith("pairs/")]) > 1
    assert written(database, tmp_path / "shared", PairMap(2, worth_a_pool=1)) == alone
