"""Drives the system's Chromium through Playwright, and watches what a page does."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_MISSING_BROWSER = "Chromium is not installed (Debian: apt-get install chromium)"
_MISSING_DRIVER = "Playwright is not installed (make .venv/browser.stamp)"
_PATIENCE_MILLISECONDS = 300_000
# Every rule of axe-core; it must not fetch style sheets again, which the pages forbid.
_AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}


class Look(StrEnum):
    """How a reader may see the pages."""

    LIGHT = "light"
    DARK = "dark"
    PHONE = "phone"
    PHONE_DARK = "phone dark"


_WIDE, _NARROW = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
_CONTEXTS: dict[Look, dict[str, Any]] = {
    Look.LIGHT: {"viewport": _WIDE, "color_scheme": "light"},
    Look.DARK: {"viewport": _WIDE, "color_scheme": "dark"},
    Look.PHONE: {"viewport": _NARROW, "color_scheme": "light", "is_mobile": True, "has_touch": True},
    Look.PHONE_DARK: {"viewport": _NARROW, "color_scheme": "dark", "is_mobile": True, "has_touch": True},
}


@dataclass(slots=True)
class Visit:
    """A page that is watched: every address it asked for, everything it complained of, every dialog it opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def asked_outside(self, *allowed: str) -> list[str]:
        """Requests for addresses that begin with none of these."""
        return [url for url in self.requests if not url.startswith(allowed)]

    def take_on(self, look: Look) -> None:
        """Show the page that is open in another window and light."""
        asked = _CONTEXTS[look]
        self.page.set_viewport_size(asked["viewport"])
        self.page.emulate_media(color_scheme=asked["color_scheme"])

    def accessibility_problems(self) -> list[str]:
        """What axe-core finds on the page, a line each."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  absent where browsers are not tested

        if not self.page.evaluate("typeof axe === 'object'"):  # to read it in takes as long as to run it
            self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate("options => axe.run(options)", _AXE_OPTIONS)
        return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]

    def sideways_overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium; skips the test where it or its driver is missing, fails it in CI."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  absent where browsers are not tested
    except ImportError:
        _do_without(_MISSING_DRIVER)
    if path is None:
        _do_without(_MISSING_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--disable-gpu"], timeout=_PATIENCE_MILLISECONDS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def visit(browser: Browser, look: Look = Look.LIGHT, *, has_script: bool = True) -> Iterator[Visit]:
    """A fresh page in a profile of its own."""
    context = browser.new_context(**_CONTEXTS[look], java_script_enabled=has_script)
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    try:
        visited = Visit(context.new_page())
        visited.page.on("request", lambda request: visited.requests.append(request.url))
        visited.page.on(
            "console", lambda told: visited.complaints.append(told.text) if told.type == "error" else None
        )
        visited.page.on("pageerror", lambda error: visited.complaints.append(str(error)))
        visited.page.on("requestfailed", lambda request: visited.complaints.append(f"failed: {request.url}"))
        visited.page.on("dialog", lambda dialog: _note_dialog(visited, dialog))
        yield visited
    finally:
        context.close()


def _note_dialog(visited: Visit, dialog: Any) -> None:  # noqa: ANN401  Playwright's
    visited.complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _do_without(message: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
