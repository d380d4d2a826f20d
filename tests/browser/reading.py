"""What a reader does with the pages, on disk and live."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.browser import Visit


def follow_to_evidence(seen: Visit, start: str) -> None:
    """Go from the overview to a cluster with a spun copy, then to its evidence."""
    page = seen.page
    page.goto(start)
    page.locator("tr", has=page.locator(".label.spun")).locator("a[href*='clusters/']").first.click()
    page.wait_for_url("**/clusters/*")
    page.locator("tr", has=page.locator(".label.spun")).locator("a[href*='pairs/']").first.click()
    page.wait_for_url("**/pairs/*")


def assert_marked(page: Page) -> None:
    """The evidence page shows old and new words, marked, with label, numbers and reason."""
    assert page.locator(".texts mark").first.is_visible()
    assert page.locator(".texts ins:not(.added)").first.is_visible()
    assert page.locator(".texts mark").count() > 20
    assert "→" in page.locator(".texts .row").first.inner_text()
    assert page.locator("h1 .label").inner_text() == "spun"
    assert page.locator(".tiles").inner_text().count("%") == 6
    assert "replaced" in page.locator("p.lead").inner_text()
    assert page.locator(".card a[href^=http]").count() == 2
