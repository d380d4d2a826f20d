"""Follows ``<meta http-equiv="refresh">`` as Scrapy does, without decoding the many pages that have none.

Must not judge where a refresh leads; what is asked for next passes the address guard like any request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

# Scrapy looks at the first 4096 characters, of at most four bytes each.
_READ_BYTES = 4 * 4096


class RareMetaRefreshMiddleware(MetaRefreshMiddleware):
    """Decodes a page only where its beginning holds the word."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # Scrapy's own spider argument is deprecated
        """The response, or the request that takes its place."""
        if b"refresh" not in response.body[:_READ_BYTES].replace(b"\x00", b"").lower():
            return response
        return super().process_response(request, response)
