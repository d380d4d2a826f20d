"""Sites that show their articles by script: a headless Chromium where a seed asks for one (extra ``javascript``).

Must stay importable without the extra; where that or the browser is missing, it says so once, and no page is asked for.
"""

from __future__ import annotations

import logging
import os
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from crawler.guard.loopback import loopback_addresses
from crawler.guard.proxy import GuardProxy
from crawler.refusals import Skipped
from storage.values import SkipReason

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
_SETTLE_MILLISECONDS = 5_000
_WAIT_SECONDS = 3_600.0
# An article's text needs none of these, and they are most of a page's bytes.
_NOT_NEEDED = frozenset(
    {"image", "media", "font", "stylesheet", "texttrack", "manifest", "eventsource", "websocket"}
)
MISSING = (
    "a source asks for JavaScript; where newsdedup was cloned, pip install -e '.[javascript]', and install Chromium "
    "(Debian: apt install chromium), or set NEWSDEDUP_CHROMIUM to its path; its pages wait until then"
)


class Browser:
    """The browser of one crawl; made only when a source asks for it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._proxy: GuardProxy | None = None
        path = _browser_path(crawler.settings.get("NEWSDEDUP_CHROMIUM"))
        if find_spec("scrapy_playwright") is None or path is None:
            logger.warning(MISSING, extra={"spider": crawler.spider})
            return
        logging.getLogger("scrapy-playwright").setLevel(
            logging.ERROR
        )  # refusals are counted, without a trace
        self._proxy = GuardProxy(
            loopback_addresses(crawler.settings),
            dns_timeout_seconds=crawler.settings.getfloat("DNS_TIMEOUT"),
            on_refusal=self._refused,
        )
        for name, value in _settings(crawler, path, self._proxy.url).items():
            crawler.settings.set(name, value, priority="spider")

    @property
    def refusal(self) -> Skipped | None:
        """Why no page can be shown, where that is so."""
        if self._proxy is not None:
            return None
        return Skipped(SkipReason.JAVASCRIPT_MISSING, "no browser; see the log", _WAIT_SECONDS)

    async def start(self) -> None:
        """Open the browser's way out."""
        if self._proxy is not None:
            await self._proxy.start()

    def close(self) -> None:
        """Close the browser's way out."""
        if self._proxy is not None:
            self._proxy.close()

    def meta(self) -> dict[str, Any]:
        """What a request needs to be shown by the browser."""
        from scrapy_playwright.page import PageMethod  # noqa: PLC0415  only with the extra

        return {
            "playwright": True,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [PageMethod(settle)],
        }

    def _refused(self, host: str, why: Skipped) -> None:
        self._crawler.stats.inc_value(f"newsdedup/browser/refused/{why.reason.value}")
        logger.debug("the browser was refused %(host)s: %(why)s", {"host": host, "why": why.detail})


async def settle(page: Any) -> None:  # noqa: ANN401  # the browser's own, which need not be installed
    """Wait until the page asks for nothing any more, but not for ever."""
    from playwright.async_api import Error  # noqa: PLC0415  only with the extra

    try:
        await page.wait_for_load_state("networkidle", timeout=_SETTLE_MILLISECONDS)
    except Error:
        logger.debug("%(url)s does not come to rest; read as it is", {"url": page.url})


def is_not_needed(request: Any) -> bool:  # noqa: ANN401  # the browser's own
    """Whether a page's request is for something that no text comes from, or is no web address."""
    return request.resource_type in _NOT_NEEDED or not request.url.startswith(("http://", "https://"))


def _browser_path(setting: str | None) -> str | None:
    names = (setting,) if setting else _NAMES
    return next((path for name in names if (path := shutil.which(name))), None)


def _settings(crawler: Crawler, path: str, proxy_url: str) -> dict[str, object]:
    handlers = {**crawler.settings.getdict("DOWNLOAD_HANDLERS"), "http": _HANDLER, "https": _HANDLER}
    return {
        "DOWNLOAD_HANDLERS": handlers,
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": path,
            # Loopback too goes through the proxy; nothing goes past it over UDP.
            "proxy": {"server": proxy_url, "bypass": "<-loopback>"},
            "args": ["--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"],
            "chromium_sandbox": os.geteuid() != 0,  # Chromium refuses its sandbox to root
            "timeout": 60_000,
        },
        "PLAYWRIGHT_CONTEXTS": {"default": {"service_workers": "block", "accept_downloads": False}},
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": crawler.settings.getfloat("DOWNLOAD_TIMEOUT") * 1_000,
        "PLAYWRIGHT_ABORT_REQUEST": "crawler.browser.is_not_needed",
    }
