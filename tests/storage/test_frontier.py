from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from storage.due import due_sources
from storage.frontier import claim_urls, settle_urls, wake_too_old
from storage.frontier.found import add_found_urls
from storage.frontier.slugs import known_slug_keys
from storage.models import CrawlUrl, Feed
from storage.sources import upsert_sources
from storage.values import CrawlUrlState, FeedKind, FeedState, FoundUrl, SettledUrl, SkipReason, Source

if TYPE_CHECKING:
    from storage.engine import Sessions

_NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_URL = "https://a.example/story"


def _listed(changed_at: datetime | None) -> FoundUrl:
    source = Source("A", "https://a.example/", "a.example")
    return FoundUrl(_URL, _URL, "a.example", source, changed_at=changed_at)


@pytest.mark.parametrize(
    ("state", "reason", "is_woken"),
    [
        (CrawlUrlState.DONE, None, True),
        (CrawlUrlState.FAILED, SkipReason.TIMEOUT, True),
        (CrawlUrlState.SKIPPED, SkipReason.TOO_SHORT, True),
        (CrawlUrlState.SKIPPED, SkipReason.NOT_FOUND, True),
        (CrawlUrlState.SKIPPED, SkipReason.FORGOTTEN, False),
        (CrawlUrlState.SKIPPED, SkipReason.ROBOTS, False),
        (CrawlUrlState.SKIPPED, SkipReason.ADDRESS_REFUSED, False),
    ],
)
def test_a_listing_that_tells_of_a_change_wakes_what_a_change_may_have_mended(
    sessions: Sessions, state: CrawlUrlState, reason: SkipReason | None, is_woken: bool
) -> None:
    with sessions.begin() as session:
        add_found_urls(session, [_listed(_NOW - timedelta(hours=2))], _NOW - timedelta(hours=1))
        session.execute(update(CrawlUrl).values(state=state, reason=reason, fetched_at=_NOW))
        add_found_urls(session, [_listed(_NOW - timedelta(hours=2))], _NOW)
        assert session.scalars(select(CrawlUrl.next_attempt_at)).one() is None, "nothing has changed"
        add_found_urls(session, [_listed(_NOW + timedelta(hours=1))], _NOW)
        woken = session.scalars(select(CrawlUrl.next_attempt_at)).one()
    assert (woken == _NOW) is is_woken


@pytest.mark.parametrize(("listed_by", "due"), [("https://a.example/feed.xml", ("a.example",)), (None, ())])
def test_a_page_elsewhere_is_due_for_the_source_whose_feed_listed_it(
    sessions: Sessions, listed_by: str | None, due: tuple[str, ...]
) -> None:
    home, other = (Source(name, f"https://{name}.example/", f"{name}.example") for name in "ab")
    url = "https://b.example/story"
    with sessions.begin() as session:
        source_id = upsert_sources(session, [home], _NOW)["a.example"]
        session.add(
            Feed(
                source_id=source_id, url="https://a.example/feed.xml", kind=FeedKind.FEED,
                state=FeedState.ACTIVE, next_fetch_at=_NOW + timedelta(hours=1),
            )
        )  # fmt: skip
        add_found_urls(session, [FoundUrl(url, url, "b.example", other, feed_url=listed_by)], _NOW)
        assert due_sources(session, _NOW, limit=9, among={"a.example"}, without=()) == due
        assert due_sources(session, _NOW, limit=9, among=None, without=("a.example",)) == ("b.example",)


def test_a_number_is_known_once_an_article_was_found_under_it(sessions: Sessions) -> None:
    keys = [f"a.example/{number}" for number in (1_234_567, 7_654_321)]
    with sessions.begin() as session:
        found = [replace(_listed(None), identity_url=f"{_URL}-{key}", slug_key=key) for key in keys]
        add_found_urls(session, found, _NOW)
        assert known_slug_keys(session, keys) == frozenset()
        read = update(CrawlUrl).where(CrawlUrl.slug_key == keys[0])
        session.execute(read.values(article_identity_url=_URL))
        assert known_slug_keys(session, keys) == {keys[0]}
        assert known_slug_keys(session, keys[1:]) == frozenset()


@pytest.mark.parametrize(
    ("article", "visited"), [(_URL, [_URL]), ("https://a.example/x", [_URL, f"{_URL}-2"])]
)
def test_of_two_addresses_of_an_article_its_own_is_visited_again(
    sessions: Sessions, article: str, visited: list[str]
) -> None:
    both = (_URL, f"{_URL}-2")
    soon = _NOW + timedelta(hours=1)
    done = SettledUrl(
        _URL, CrawlUrlState.DONE, fetched_at=_NOW, next_attempt_at=soon, article_identity_url=article
    )
    with sessions.begin() as session:
        add_found_urls(session, [replace(_listed(None), url=url, identity_url=url) for url in both], _NOW)
        claim_urls(session, "w", _NOW, limit=9, lease_seconds=60)
        settle_urls(session, "w", [replace(done, identity_url=url) for url in both])
        later = select(CrawlUrl.identity_url).where(CrawlUrl.next_attempt_at == soon).order_by(CrawlUrl.id)
        assert list(session.scalars(later)) == visited


@pytest.mark.parametrize(("since_days", "is_woken"), [(5, True), (10, True), (None, True), (4, False)])
def test_a_page_that_was_too_old_is_due_for_a_run_that_begins_before_it(
    sessions: Sessions, since_days: int | None, is_woken: bool
) -> None:
    with sessions.begin() as session:
        add_found_urls(session, [_listed(None)], _NOW)
        claim_urls(session, "one", _NOW, limit=1, lease_seconds=60)
        refused = SettledUrl(
            _URL, CrawlUrlState.SKIPPED, _NOW, SkipReason.TOO_OLD, published_at=_NOW - timedelta(days=5)
        )
        settle_urls(session, "one", [refused])
        since = None if since_days is None else _NOW - timedelta(days=since_days)
        wake_too_old(session, ["b.example"], since, _NOW)
        assert claim_urls(session, "two", _NOW, limit=1, lease_seconds=60) == ()
        wake_too_old(session, ["a.example"], since, _NOW)
        assert bool(claim_urls(session, "two", _NOW, limit=1, lease_seconds=60)) is is_woken
