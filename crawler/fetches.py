"""What is noted of a fetch: answers, failures and events as values.

Must not count or store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from crawler.urls import host_of
from storage.values import FetchEvent, FetchOutcome, SkipReason, Source

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.refusals import Skipped
    from storage.values import FetchKind

_MAX_HEADER = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The parts of a response that are noted; of a request that got none, its address."""

    url: str
    status: int | None = None
    byte_count: int | None = None
    elapsed_seconds: float | None = None


def answer_of(response: Response) -> Answer:
    """What is noted of a response."""
    elapsed = response.meta.get("download_latency") if response.request is not None else None
    return Answer(response.url, response.status, len(response.body), elapsed)


def answer_of_failure(failure: Failure) -> Answer:
    """What is noted of a failed request; its response, where it got one."""
    response = getattr(failure.value, "response", None)
    if response is not None:
        return answer_of(response)
    request = failure.request  # type: ignore[attr-defined]  # Scrapy adds the request
    return Answer(request.url)


def raised(failure: Failure) -> BaseException:
    """The error behind a failure."""
    return failure.value if failure.value is not None else RuntimeError("failed without an error")


def fetch_event(url: str, kind: FetchKind, outcome: FetchOutcome, host: str, answer: Answer) -> FetchEvent:
    """A fetch that brought something; see ``refused``."""
    return FetchEvent(
        url=url,
        kind=kind,
        outcome=outcome,
        fetched_at=utc_now(),
        host=host,
        final_url=answer.url if answer.url != url else None,
        http_status=answer.status,
        byte_count=answer.byte_count,
        elapsed_seconds=answer.elapsed_seconds,
    )


def refused(event: FetchEvent, skipped: Skipped) -> FetchEvent:
    """The event of a fetch that was turned away."""
    return replace(
        event, outcome=FetchOutcome.SKIPPED, reason=SkipReason(skipped.reason), detail=skipped.detail or None
    )


def header(response: Response, name: str) -> str | None:
    """A response header as text, cut to a sane length, or None."""
    value = response.headers.get(name)
    return value.decode("latin-1")[:_MAX_HEADER] if value else None


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Request headers that ask for an answer only where something changed. Source: RFC 9110 section 13.1."""
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value}


def unknown_source(url: str) -> Source:
    """The publisher of an address of which nothing but the host is known."""
    host = host_of(url)
    return Source(host, f"http://{host}/", host)
