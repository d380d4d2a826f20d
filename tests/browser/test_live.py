from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.reading import assert_marked, follow_to_evidence
from tests.support.browser import Look, visit
from tests.support.live import LiveServer, live_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def server(demo_database: Path) -> Iterator[LiveServer]:
    with live_server(demo_database) as running:
        yield running


@pytest.mark.parametrize("has_script", [True, False], ids=["script on", "script off"])
def test_a_reader_gets_from_the_overview_to_marked_substitutions(
    browser: Browser, server: LiveServer, has_script: bool
) -> None:
    with visit(browser, has_script=has_script) as seen:
        follow_to_evidence(seen, server.address)
        assert_marked(seen.page)
        assert seen.complaints == []
        assert seen.asked_outside(server.address, "data:,") == []


def test_filters_narrow_the_list_and_are_remembered(browser: Browser, server: LiveServer) -> None:
    with visit(browser, has_script=False) as seen:
        page = seen.page
        page.goto(f"{server.address}clusters.html")
        before = page.locator("tbody tr").count()
        page.get_by_label("Label").select_option("spun")
        page.get_by_label("Words in title or text").fill("lake")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**/clusters.html?*label=spun*")
        assert 0 < page.locator("tbody tr").count() < before
        assert page.get_by_label("Label").input_value() == "spun"
        page.get_by_role("link", name="Clear").click()
        page.wait_for_url("**/clusters.html")
        assert page.locator("tbody tr").count() == before


def test_a_bar_leads_to_the_pairs_it_counts(browser: Browser, server: LiveServer) -> None:
    with visit(browser) as seen:
        page = seen.page
        page.goto(server.address)
        bar = page.locator(".bars li", has=page.get_by_role("link", name="excerpt"))
        count = bar.locator(".bar-value").inner_text()
        bar.get_by_role("link").click()
        page.wait_for_url("**/pairs.html?label=excerpt")
        assert page.locator("tbody tr").count() == int(count)


def test_lists_with_filters_are_accessible_and_fit_the_window(browser: Browser, server: LiveServer) -> None:
    with visit(browser) as seen:
        for name in ("clusters.html?label=spun", "pairs.html", "clusters.html?label=none"):
            seen.page.goto(server.address + name)
            for look in (Look.LIGHT, Look.PHONE_DARK):
                seen.take_on(look)
                assert seen.accessibility_problems() == [], (name, look)
                assert seen.sideways_overflow() <= 0, (name, look)


def test_nothing_from_an_article_acts(browser: Browser, hostile_database: Path) -> None:
    with live_server(hostile_database) as running, visit(browser) as seen:
        for name in ("", "clusters.html", "pairs.html", "sources.html", "clusters/1.html", "pairs/1-2.html"):
            seen.page.goto(running.address + name)
            assert (
                seen.page.locator("script, img, iframe, [onload], [onerror], [href^='javascript' i]").count()
                == 0
            )
        seen.page.goto(f"{running.address}clusters.html?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        assert seen.page.get_by_label("Words in title or text").input_value() == '"><script>alert(1)</script>'
        assert seen.complaints == []
        assert seen.asked_outside(running.address, "data:,") == []
