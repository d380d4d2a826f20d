from __future__ import annotations

from bench.crawl_lists import feed_of, sitemap_of
from bench.crawl_site import Site, Template, listings

_TEMPLATE = Template(0, "Courier", "de", "courier.test", "/a", (b"<p>", b"</p><p>", b"</p>"), (30, 20))
_SITE = Site((_TEMPLATE,), {"de": ["brücke", "fähre", "hafen", "schnee"]}, 5)


def test_a_page_is_the_same_at_every_call_and_no_two_pages_are() -> None:
    pages = [_SITE.page(template, copy) for _, template, copy in _SITE.addresses()]
    assert pages == [_SITE.page(template, copy) for _, template, copy in _SITE.addresses()]
    assert len(set(pages)) == 5
    assert all(page.startswith(b"<p>") and page.endswith(b"</p>") for page in pages)
    assert len(pages[0].decode().replace("<p>", " ").replace("</p>", " ").split()) == 50


def test_every_page_is_listed_once_in_a_feed_or_a_sitemap() -> None:
    found = listings(_SITE)
    assert set(found) == {feed_of("courier.test"), sitemap_of("courier.test")}
    listed = b" ".join(found.values()).decode()
    assert all(listed.count(f">{address}<") == 1 for address, _, _ in _SITE.addresses())
