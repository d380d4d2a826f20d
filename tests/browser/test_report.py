from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.browser import Look, Visit, visit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def _follow_to_evidence(seen: Visit, start: str) -> None:
    """Overview, then a cluster with a spun copy, then its evidence."""
    page = seen.page
    page.goto(start)
    page.locator("tr", has=page.locator(".label.spun")).locator("a").first.click()
    page.wait_for_url("**/clusters/*")
    page.locator("tr", has=page.locator(".label.spun")).locator("a[href*='pairs/']").first.click()
    page.wait_for_url("**/pairs/*")


@pytest.mark.parametrize("has_script", [True, False], ids=["script on", "script off"])
def test_a_reader_gets_from_the_overview_to_marked_substitutions(
    browser: Browser, demo_report: Path, has_script: bool
) -> None:
    with visit(browser, has_script=has_script) as seen:
        _follow_to_evidence(seen, (demo_report / "index.html").as_uri())
        page = seen.page
        old, new = page.locator(".texts mark").first, page.locator(".texts ins:not(.added)").first
        assert old.is_visible()
        assert new.is_visible()
        assert page.locator(".texts mark").count() > 20
        assert "→" in page.locator(".texts .row").first.inner_text()
        assert page.locator("h1 .label").inner_text() == "spun"
        assert "%" in page.locator(".tiles").inner_text()
        assert seen.complaints == []
        assert seen.asked_outside("file://") == []


def test_charts_are_drawn_without_script(browser: Browser, demo_report: Path) -> None:
    with visit(browser, has_script=False) as seen:
        seen.page.goto((demo_report / "index.html").as_uri())
        charts = seen.page.locator("main svg[role=img]")
        assert charts.count() == 4
        assert all(len(chart.get_attribute("aria-label") or "") > 10 for chart in charts.all())
        seen.page.goto((demo_report / "sources.html").as_uri())
        assert seen.page.locator("svg .edge").count() > 5
        assert seen.page.locator("svg .node").count() > 5


@pytest.mark.parametrize("look", list(Look))
def test_every_kind_of_page_is_accessible_and_fits_the_window(
    browser: Browser, demo_report: Path, look: Look
) -> None:
    names = ["index.html", "clusters.html", "sources.html"]
    names += [
        max((demo_report / kind).iterdir(), key=lambda page: page.stat().st_size).as_posix()
        for kind in ("clusters", "pairs")
    ]
    with visit(browser, look) as seen:
        for name in names:
            seen.page.goto((demo_report / name).as_uri())
            assert seen.accessibility_problems() == [], name
            assert seen.sideways_overflow() <= 0, name
        assert seen.complaints == []


def test_the_first_tab_leads_past_the_navigation(browser: Browser, demo_report: Path) -> None:
    with visit(browser) as seen:
        seen.page.goto((demo_report / "index.html").as_uri())
        seen.page.keyboard.press("Tab")
        assert seen.page.locator(":focus").inner_text() == "Skip to the content"
        seen.page.keyboard.press("Enter")
        assert seen.page.url.endswith("#content")
