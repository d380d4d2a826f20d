"""How a middleware tells a spider why it stopped a request.

Must not count: the spider's errback does, in one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from crawler.refusals import Skipped


class RefusedRequest(IgnoreRequest):  # an outcome that Scrapy wants as an exception, not an error
    """A request that must not be sent; carries the refusal to the spider's errback."""

    def __init__(self, skipped: Skipped) -> None:
        self.skipped = skipped
        super().__init__(f"{skipped.reason}: {skipped.detail}")
