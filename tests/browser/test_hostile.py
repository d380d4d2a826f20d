from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from tests.support.browser import visit
from tests.support.hostile import IMAGE, SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x1b\x07]")
_FOREIGN = "script, img, iframe, object, embed, textarea, [onload], [onerror], [href^='javascript' i]"


@pytest.fixture(scope="module")
def report(hostile_database: Path) -> Path:
    folder = hostile_database.with_name("report")
    result = CliRunner().invoke(
        main, ["report", "html", "--database", str(hostile_database), "--output", str(folder)]
    )
    assert result.exit_code == 0, result.output
    return folder


def test_nothing_from_an_article_acts_on_any_page(browser: Browser, report: Path) -> None:
    pages = sorted(report.rglob("*.html"))
    assert {page.parent.name for page in pages} >= {"clusters", "pairs"}
    with visit(browser) as seen:
        for path in pages:
            seen.page.goto(path.as_uri())
            assert seen.page.locator(_FOREIGN).count() == 0, path
            assert not _TURNING.search(seen.page.content()), path
            assert " · newsdedup" in seen.page.title()
        assert seen.complaints == []
        assert seen.asked_outside("file://", "data:,") == []


def test_hostile_text_is_shown_as_text(browser: Browser, report: Path) -> None:
    with visit(browser) as seen:
        seen.page.goto(next((report / "clusters").iterdir()).as_uri())
        shown = seen.page.locator("main").inner_text()
        assert SCRIPT in shown
        assert "{{ 7 * 7 }}" in shown
        seen.page.goto((report / "pairs" / "1-2.html").as_uri())
        assert IMAGE in seen.page.locator(".texts").inner_text()
        assert seen.page.locator(".texts mark").first.inner_text() == "argument"


def test_an_address_that_would_run_is_shown_and_is_no_link(browser: Browser, report: Path) -> None:
    with visit(browser) as seen:
        seen.page.goto((report / "pairs" / "1-3.html").as_uri())
        assert "javascript:alert(5)" in seen.page.locator("main").inner_text()
        links = [link.get_attribute("href") or "" for link in seen.page.locator("main a").all()]
        assert all(href.startswith(("https://evil", "../", "#")) for href in links), links
        assert any(href.startswith("https://evil1.example/") for href in links)
