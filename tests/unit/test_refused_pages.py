from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.refusals import Skipped
from crawler.settling import settled_refusal
from storage.values import ClaimedUrl, CrawlUrlState, SettledUrl, SkipReason

_NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_LATER = _NOW + timedelta(hours=5)
_NEW = ClaimedUrl(1, "u", "u", None, None, {}, 0, _NOW, None, None, None, None)
_HELD = replace(_NEW, attempt_count=3, content_hash="hash of the article")


def _settled(claimed: ClaimedUrl, reason: SkipReason, wait: float | None = None) -> SettledUrl:
    return settled_refusal(claimed, Skipped(reason, "", wait), _NOW, revisit_at=_LATER)


def test_a_page_never_read_is_settled_by_its_first_404_and_tried_again_after_a_timeout() -> None:
    missing, slow = _settled(_NEW, SkipReason.NOT_FOUND), _settled(_NEW, SkipReason.TIMEOUT)
    assert (missing.state, missing.next_attempt_at) == (CrawlUrlState.SKIPPED, None)
    assert (slow.state, slow.next_attempt_at) == (CrawlUrlState.PENDING, _NOW + timedelta(seconds=600))


@pytest.mark.parametrize("reason", [SkipReason.NOT_FOUND, SkipReason.TOO_SHORT, SkipReason.NOT_ARTICLE])
def test_an_article_that_is_missing_once_is_looked_at_again_and_gone_the_second_time(
    reason: SkipReason,
) -> None:
    first = _settled(_HELD, reason)
    assert (first.state, first.reason, first.next_attempt_at) == (CrawlUrlState.DONE, reason, _LATER)
    second = _settled(replace(_HELD, reason=reason.value), reason)
    assert (second.state, second.reason, second.next_attempt_at) == (CrawlUrlState.SKIPPED, reason, None)


def test_an_article_that_its_site_calls_gone_is_gone() -> None:
    gone = _settled(_HELD, SkipReason.GONE)
    assert (gone.state, gone.next_attempt_at) == (CrawlUrlState.SKIPPED, None)


def test_an_article_that_could_not_be_fetched_is_tried_once_more_soon_and_then_at_its_time() -> None:
    first = _settled(_HELD, SkipReason.TIMEOUT)
    assert (first.state, first.next_attempt_at) == (CrawlUrlState.DONE, _NOW + timedelta(seconds=600))
    second = _settled(replace(_HELD, reason="timeout"), SkipReason.TIMEOUT)
    assert (second.state, second.next_attempt_at) == (CrawlUrlState.DONE, _LATER)
    busy = _settled(_HELD, SkipReason.TOO_MANY_REQUESTS, 7_200.0)
    assert busy.next_attempt_at == _NOW + timedelta(hours=2)
