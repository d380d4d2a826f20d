from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.reading import assert_marked, follow_to_evidence
from tests.support.browser import Look, visit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.mark.parametrize("has_script", [True, False], ids=["script on", "script off"])
def test_a_reader_gets_from_the_overview_to_marked_substitutions(
    browser: Browser, demo_report: Path, has_script: bool
) -> None:
    with visit(browser, has_script=has_script) as seen:
        follow_to_evidence(seen, (demo_report / "index.html").as_uri())
        page = seen.page
        assert_marked(page)
        assert seen.complaints == []
        assert seen.asked_outside("file://", "data:,") == []


def test_charts_are_drawn_without_script(browser: Browser, demo_report: Path) -> None:
    with visit(browser, has_script=False) as seen:
        seen.page.goto((demo_report / "index.html").as_uri())
        chart = seen.page.locator("main svg[role=img]")
        told = re.search(r": (\d+), (\d+) copies, (\d+) spun", chart.get_attribute("aria-label") or "")
        assert told is not None
        articles, copies, spun = (int(count) for count in told.groups())
        assert articles > copies > spun > 3
        assert seen.page.locator(".bars li").count() > 8
        widths = [bar.bounding_box() for bar in seen.page.locator(".bars rect").all()]
        assert all(box is not None and box["width"] > 1 for box in widths)
        seen.page.goto((demo_report / "sources.html").as_uri())
        assert seen.page.locator("svg .edge").count() > 5
        assert seen.page.locator("svg .node").count() > 5


@pytest.mark.parametrize(
    "kind", ["index.html", "clusters.html", "sources.html", "pairs.html", "clusters", "pairs"]
)
def test_every_kind_of_page_is_accessible_and_fits_the_window_in_every_look(
    browser: Browser, demo_report: Path, kind: str
) -> None:
    page = demo_report / kind
    if page.is_dir():
        page = max(page.iterdir(), key=lambda one: one.stat().st_size)
    with visit(browser, Look.PHONE) as seen:
        seen.page.goto(page.as_uri())
        for look in (Look.PHONE, Look.PHONE_DARK, Look.DARK, Look.LIGHT):
            seen.take_on(look)
            assert seen.accessibility_problems() == [], look
            assert seen.sideways_overflow() <= 0, look
        assert seen.complaints == []


def test_the_first_tab_leads_past_the_navigation(browser: Browser, demo_report: Path) -> None:
    with visit(browser) as seen:
        seen.page.goto((demo_report / "index.html").as_uri())
        seen.page.keyboard.press("Tab")
        assert seen.page.locator(":focus").inner_text() == "Skip to the content"
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/index.html#content")


def test_every_copy_leads_to_its_evidence_that_of_an_equal_text_too(
    browser: Browser, demo_report: Path
) -> None:
    with visit(browser) as seen:
        for path in (demo_report / "clusters").iterdir():
            seen.page.goto(path.as_uri())
            rows = seen.page.locator(".spread li")
            assert rows.filter(has=seen.page.get_by_role("link", name="evidence")).count() == rows.count() - 1
