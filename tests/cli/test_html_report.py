from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from click.testing import CliRunner

from dedup import DedupConfig
from newsdedup.cli import main
from newsdedup.jobs.answers import read_evidence
from newsdedup.jobs.database import open_database
from newsdedup.jobs.html_report import ReportRequest, write_html_report
from newsdedup.jobs.parallel import PairMap
from newsdedup.plural import counted
from newsdedup.reports.html.pages import Pages
from tests.support.articles import story
from tests.support.asking import run
from tests.support.lighthouse import SPUN, STORY, article

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


ARABIC = (
    "أعلنت بلدية المدينة يوم الاثنين أن جسر الميناء القديم سيغلق لمدة ثلاثة أشهر من أجل أعمال الصيانة، وقال رئيس "
    "البلدية أحمد منصور إن التكلفة ستبلغ 340 ألف دولار. وأضاف أن السكان سيستخدمون طريقا بديلا يمر بجوار السوق "
    "القديمة، وأن الحافلات ستغير مسارها ابتداء من الأسبوع المقبل. ورحب التجار بالقرار لكنهم طالبوا بتعويضات عن "
    "الخسائر المتوقعة خلال فترة الإغلاق، وكانت لجنة هندسية قد حذرت العام الماضي من تآكل الأعمدة الحديدية للجسر."
)


def test_a_text_read_from_the_right_is_shown_so_and_its_arrows_point_as_in_the_legend(tmp_path: Path) -> None:
    articles = [
        {"id": "1", "text": ARABIC, "url": "https://one.example/1"},
        {"id": "2", "text": ARABIC.replace("التكلفة", "الكلفة"), "url": "https://two.example/2"},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, articles)))
    database = tmp_path / "news.db"
    imported = CliRunner().invoke(main, ["import", str(tmp_path / "in.jsonl"), "--database", str(database)])
    assert imported.exit_code == 0, imported.output
    page = written(database, tmp_path / "report", PairMap(1))["pairs/1-2.html"].decode()
    assert page.count('dir="rtl"') >= 2
    assert 'dir="auto"' not in page
    assert "<bdi>التكلفة</bdi></span>&nbsp;→ <bdi><ins>الكلفة</ins></bdi></span>" in page


def test_two_that_only_an_equal_text_ties_are_told_to_be_of_one_cluster(tmp_path: Path) -> None:
    hosts = ("courier.example", STORY), ("buzz.example", SPUN), ("echo.example", SPUN)
    entries = [article(n, host, text, f"2026-05-0{n}") for n, (host, text) in enumerate(hosts, start=1)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, entries)))
    words = ["import", str(tmp_path / "in.jsonl"), "--database", str(tmp_path / "n.db")]
    assert CliRunner().invoke(main, words).exit_code == 0
    sessions = open_database(f"sqlite:///{tmp_path / 'n.db'}")
    evidence = [
        read_evidence(sessions, "https://courier.example/1", f"https://{host}", DedupConfig())
        for host in ("buzz.example/2", "echo.example/3")
    ]
    sessions.kw["bind"].dispose()
    assert sorted(one.is_stored for one in evidence) == [False, True]
    pages = [Pages(datetime(2026, 5, 9, tzinfo=UTC)).pair(one) for one in evidence]
    assert sum("both belong to one cluster" in page for page in pages) == 1
    assert not any("does not hold these" in page for page in pages)


def test_of_a_publication_a_list_of_clusters_shows_no_more_than_was_stated(tmp_path: Path) -> None:
    stated = [
        ("2026-05-04", "2026-05-05T08:30:00Z"),
        ("2026-05-06T00:00:00Z", "2026-05-06"),
        ("2026-05-08", None),
    ]
    entries = [
        article(10 * number + place, f"site{place}.example", story(number), at or "")
        for number, times in enumerate(stated)
        for place, at in enumerate(times, start=1)
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, entries)))
    database = tmp_path / "n.db"
    imported = CliRunner().invoke(main, ["import", str(tmp_path / "in.jsonl"), "--database", str(database)])
    assert imported.exit_code == 0, imported.output
    page = written(database, tmp_path / "report", PairMap(1))["clusters.html"].decode()
    shown = re.findall(r'<td class="when">([^<]*)</td>', page)
    assert sorted(shown) == ["2026-05-04", "2026-05-06 00:00", "2026-05-08"]
    table = CliRunner().invoke(main, ["clusters", "--format", "csv", "--database", str(database)])
    assert "2026-05-04T00:00:00Z" in table.stdout


def test_the_html_report_opens_from_disk_and_lets_nothing_act(database: Path, tmp_path: Path) -> None:
    result = run(database, "report", "html", "--output", str(tmp_path / "site"))
    assert result.exit_code == 0, result.output
    pages = {
        page.relative_to(tmp_path / "site"): page.read_text() for page in (tmp_path / "site").rglob("*.html")
    }
    assert len(pages) >= 6
    for name, page in pages.items():
        assert "<script" not in page, name
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//[^\"]*\.(?:js|css|png|woff2?)", page), name
        for link in re.findall(r'href="([^"]+)"', page):
            if not link.startswith(("http://", "https://", "#", "data:,")):
                assert (tmp_path / "site" / name).parent.joinpath(link).resolve().exists(), (name, link)
    evidence = next(
        page for name, page in pages.items() if name.parent.name == "pairs" and "negotiations" in page
    )
    assert "<ins>negotiations</ins>" in evidence


def test_evidence_pages_can_be_limited_and_the_rest_are_told(database: Path, tmp_path: Path) -> None:
    options = ("report", "html", "--output", str(tmp_path / "site"))
    assert run(database, *options).exit_code == 0
    all_pages = sorted((tmp_path / "site" / "pairs").iterdir())
    result = run(database, *options, "--max-pairs", "1")
    (kept,) = (tmp_path / "site" / "pairs").iterdir()
    assert f"warning: no evidence page for {counted(len(all_pages) - 1, 'pair')}" in result.stderr
    assert 'class="label spun"' in kept.read_text()
    listed = (tmp_path / "site" / "pairs.html").read_text()
    assert "This report has evidence pages for 1 of them." in listed
    assert re.findall(r'href="(pairs/[^"]+)"', listed) == [f"pairs/{kept.name}"]
