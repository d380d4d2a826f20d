"""Gives a site the cookies that its own redirect has just set: some send whoever has none in circles.

Must not remember them: they live as long as the redirects of one fetch, and go to the host that set them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.utils.httpobj import urlparse_cached

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_KEY = "redirect_cookies"
_MAX_COOKIES = 20
_MAX_BYTES = 4_096


class RedirectCookiesMiddleware:
    """Carries cookies along a chain of redirects. Source: RFC 6265 section 5.4, without its store."""

    def process_request(self, request: Request) -> None:
        """Send what this host has set in this chain, and nothing that another has."""
        cookies = _cookies_of(request)
        if cookies:
            request.headers[b"Cookie"] = b"; ".join(name + b"=" + value for name, value in cookies.items())
        elif _KEY in request.meta:
            request.headers.pop(b"Cookie", None)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep what a redirect sets, for the request that follows it."""
        if 300 <= response.status < 400 and (given := response.headers.getlist(b"Set-Cookie")):
            pairs = (one.partition(b";")[0].partition(b"=") for one in given[:_MAX_COOKIES])
            new = {name.strip(): value.strip() for name, sign, value in pairs if sign and name.strip()}
            cookies = dict([*_cookies_of(request).items(), *new.items()][-_MAX_COOKIES:])
            if sum(map(len, (*cookies, *cookies.values()))) <= _MAX_BYTES:
                request.meta[_KEY] = {**request.meta.get(_KEY, {}), _host(request): cookies}
        return response


def _cookies_of(request: Request) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = request.meta.get(_KEY, {}).get(_host(request), {})
    return found


def _host(request: Request) -> str:
    return (urlparse_cached(request).hostname or "").lower()
