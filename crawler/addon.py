"""The store, the search for copies and the guards for other Scrapy projects, by one line in their settings.

``ADDONS = {"crawler.addon.NewsdedupAddon": 500}``; what the project sets itself is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler import settings as own
from crawler.middlewares.addresses import AddressGuardMiddleware
from crawler.middlewares.politeness import RetryAfterMiddleware
from crawler.pipelines import StorePipeline

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_MIDDLEWARES = (AddressGuardMiddleware, RetryAfterMiddleware)
# No request to where a crawl must not go, however the project's own settings name it.
_GUARDS = ("TWISTED_DNS_RESOLVER", "DOWNLOAD_HANDLERS")


class NewsdedupAddon:
    """Stores items that have an address and a text as articles, finds their copies, and guards the requests.

    Items: ``storage.values.Article``, or any item with ``url`` and ``text``; see ``crawler.foreign_items``. The
    database is ``NEWSDEDUP_DATABASE_URL``; bring it up once with ``newsdedup db upgrade``.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what this project's parts need; Scrapy calls it before the crawler is built."""
        for name in dir(own):
            if name.startswith("NEWSDEDUP_") and name not in settings:
                settings.set(name, getattr(own, name), priority="addon")
        settings.set("NEWSDEDUP_STORES_ITEMS", value=True, priority="addon")
        for name in _GUARDS:
            value = getattr(own, name)
            known = settings.getdict(name) if isinstance(value, dict) else {}
            settings.set(name, {**value, **known} if known else value, priority="addon")
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", StorePipeline, 900)
        for middleware in _MIDDLEWARES:
            priority = own.DOWNLOADER_MIDDLEWARES[f"{middleware.__module__}.{middleware.__qualname__}"]
            settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", middleware, priority)
