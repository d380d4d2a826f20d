from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

from crawler.middlewares.bounces import RedirectCookiesMiddleware

_MIDDLEWARE = RedirectCookiesMiddleware()


def _led(request: Request, to: str, *cookies: str, status: int = 302) -> Request:
    """The request that follows an answer with these cookies."""
    _MIDDLEWARE.process_request(request)
    headers = {"Set-Cookie": list(cookies)}
    _MIDDLEWARE.process_response(request, Response(request.url, status=status, headers=headers))
    following = request.replace(url=to)
    _MIDDLEWARE.process_request(following)
    return following


def test_a_cookie_of_a_redirect_goes_back_to_its_host_and_to_no_other() -> None:
    first = _led(Request("http://a.test/x"), "http://a.test/y", "seen=1; Path=/; Secure", "bad", "=no")
    assert first.headers["Cookie"] == b"seen=1"
    second = _led(first, "http://a.test/z", "more=a=b")
    assert second.headers["Cookie"] == b"seen=1; more=a=b"
    assert "Cookie" not in _led(second, "http://b.test/").headers
    assert _led(_led(second, "http://b.test/"), "http://a.test/").headers["Cookie"] == b"seen=1; more=a=b"


def test_a_page_that_is_no_redirect_leaves_nothing_behind() -> None:
    assert "Cookie" not in _led(Request("http://a.test/x"), "http://a.test/y", "seen=1", status=200).headers


def test_no_more_is_carried_than_a_server_may_ask_for() -> None:
    assert "Cookie" not in _led(Request("http://a.test/x"), "http://a.test/y", "big=" + "x" * 5_000).headers
