"""Finds new copies of one's own articles, each told once.

Must not call a text a copy: the pairs are those that crawls and imports have verified.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.urls import BadUrlError, canonical_url, host_of, site_of
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.own_copies import Owner, is_within, own_copies
from newsdedup.jobs.webhook import post_json
from newsdedup.render import Format, render
from newsdedup.reports.watch import watch_report
from storage.sources import source_hosts
from storage.watching import next_mark, pairs_since, read_mark, write_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from newsdedup.jobs.webhook import Webhook
    from newsdedup.reports.watch import OwnCopy
    from storage.engine import Sessions
    from storage.values import PairSummary
    from storage.watching import WatchMark

COPIES_A_POST = 200


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """Whose articles to watch; ``since`` None means since the last watch of these domains.

    ``licensed`` hosts may carry them.
    """

    domains: tuple[str, ...]
    licensed: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch found: copies, oldest first, and where it stands when each of them has been told.

    Of ``unknown_domains`` no source is known.
    """

    copies: tuple[OwnCopy, ...]
    name: str
    mark: WatchMark | None
    looked_at: tuple[PairSummary, ...]
    unknown_domains: tuple[str, ...] = ()


def find_own_copies(sessions: Sessions, request: WatchRequest) -> Watched:
    """New copies of the domains' articles on other hosts; notes nothing.

    Raises:
        StorageError: the database cannot be used.
    """
    name = _watch_name(request)
    with sessions() as session:
        mark = None if request.since is not None else read_mark(session, name)
        pairs = pairs_since(session, mark)
        if request.since is not None:
            pairs = tuple(pair for pair in pairs if pair.found_at >= request.since)
        copies = own_copies(session, pairs, Owner(request.domains, request.licensed))
        known = source_hosts(session)
    unknown = tuple(
        domain
        for domain in request.domains
        if not any(is_within(host, (domain,)) or is_within(domain, (host,)) for host in known)
    )
    return Watched(copies, name, mark, pairs, unknown)


def note_told(sessions: Sessions, watched: Watched, *, up_to: OwnCopy | None = None) -> None:
    """Note that all copies were told, or those up to one, so that the next watch begins after them. Writes."""
    pairs = watched.looked_at
    if up_to is not None:
        pairs = pairs[: [(pair.low_id, pair.high_id) for pair in pairs].index(up_to.pair) + 1]
    after = next_mark(watched.mark, pairs)
    if after is not None and after != watched.mark:
        with sessions.begin() as session:
            write_mark(session, watched.name, after)


def post_copies(
    sessions: Sessions, watched: Watched, hook: Webhook, *, notes: bool, copies_a_post: int = COPIES_A_POST
) -> None:
    """Post the copies to a webhook in lots; with ``notes`` each lot counts as told once it is accepted.

    What is posted is what ``newsdedup watch --format json`` prints. Where there is nothing new, nothing is posted.

    Raises:
        JobError: a lot was not accepted; it and the rest count as not told.
    """
    for lot in _lots(watched.copies, copies_a_post):
        body = io.StringIO()
        render(watch_report(lot), Format.JSON, body)
        post_json(hook, body.getvalue())
        if notes:
            note_told(sessions, watched, up_to=lot[-1])


def site_named(text: str) -> str:
    """The site that is named by its host or the address of its first page: in punycode, without ``www.``.

    Raises:
        ValueError: it is neither.
    """
    url = canonical_url(text if "://" in text else f"http://{text}")
    if urlsplit(url).path != "/":
        raise BadUrlError(f"{text!r} names more than a host")
    return site_of(host_of(url))


def read_hosts(path: Path) -> tuple[str, ...]:
    """Host names from a file, one a line; ``#`` begins a comment.

    Raises:
        JobError: a line is no host name.
        OSError: the file cannot be read.
    """
    hosts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        host = line.partition("#")[0].strip()
        try:
            hosts += [site_named(host)] if host else []
        except ValueError as error:
            raise JobError(f"{path}: line {number}: {host!r} is no host name") from error
    return tuple(hosts)


def _lots(copies: Iterable[OwnCopy], size: int) -> Iterator[list[OwnCopy]]:
    """Copies in lots of about that size; what one pair tells of stays together, as it counts as told at once."""
    lot: list[OwnCopy] = []
    for _, told in groupby(copies, key=lambda copy: copy.pair):
        of_pair = list(told)
        if lot and len(lot) + len(of_pair) > size:
            yield lot
            lot = []
        lot += of_pair
    if lot:
        yield lot


def _watch_name(request: WatchRequest) -> str:
    """A name of bounded length for these domains and partners; another list of either is another watch."""
    said = "\n".join((*sorted(request.domains), "", *sorted(request.licensed)))
    return hashlib.sha256(said.encode()).hexdigest()[:32]
