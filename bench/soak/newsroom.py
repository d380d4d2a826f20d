"""The seeded script of the soak's newsroom: which article comes out when, who copies it, what is corrected."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from tests.support.site_server import Page
from tests.support.stories import edit_story, make_story, spin_story

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HOSTS = tuple(f"paper{number}.test" for number in range(8))
_FEED_LENGTH = 500
_REBUILT_EVERY_SECONDS = 20
_COPIED_RATIO, _SPUN_RATIO, _EDITED_RATIO = 0.16, 0.12, 0.08
_CORRECTED_RATIO = 0.15


@dataclass(frozen=True, slots=True)
class Event:
    """An article or a correction as it comes out, at a share of the soak's time."""

    at: float
    url: str
    title: str
    text: str
    story: int
    is_correction: bool = False


def script(seed: int, article_count: int) -> tuple[Event, ...]:
    """What comes out when, in order: originals, verbatim, spun and edited copies at other papers, corrections."""
    chance = random.Random(seed)
    events: list[Event] = []
    story = 0
    while len({event.url for event in events}) < article_count:
        story += 1
        events += _family(chance, seed * 100_000 + story, story)
    return tuple(sorted(events, key=lambda event: event.at))


def final_state(events: Iterable[Event]) -> dict[str, Event]:
    """The last form of every article by address."""
    return {event.url: event for event in sorted(events, key=lambda event: event.at)}


def stories_told_twice(events: Iterable[Event]) -> set[frozenset[str]]:
    """The clusters that are to be found: addresses that tell one story."""
    families: dict[int, set[str]] = {}
    for event in events:
        families.setdefault(event.story, set()).add(event.url)
    return {frozenset(urls) for urls in families.values() if len(urls) > 1}


def _family(chance: random.Random, text_seed: int, story: int) -> list[Event]:
    hosts = chance.sample(HOSTS, 4)
    at = chance.uniform(0.0, 0.85)
    text = make_story(text_seed)
    events = [_event(at, hosts[0], story, 0, text)]
    told_again = (
        (_COPIED_RATIO, text),
        (_SPUN_RATIO, spin_story(text)),
        (_EDITED_RATIO, edit_story(text, text_seed)),
    )
    for place, (ratio, copy) in enumerate(told_again, start=1):
        if chance.random() < ratio:
            events.append(_event(at + chance.uniform(0.0, 0.1), hosts[place], story, place, copy))
    if chance.random() < _CORRECTED_RATIO:
        lines = text.split("\n")
        corrected = "\n".join([*lines[:-1], edit_story(lines[-1], text_seed + 1, 0.3)])
        later = at + chance.uniform(0.02, 0.12)
        events.append(_event(later, hosts[0], story, 0, corrected, is_correction=True))
    return events


def _event(at: float, host: str, story: int, place: int, text: str, *, is_correction: bool = False) -> Event:
    title = f"Story {story}, as told by paper {place}" + (", corrected" if is_correction else "")
    return Event(at, f"http://{host}/news/story-{story}-{place}", title, text, story, is_correction)


class Newsroom:
    """The pages that are out, and the feeds that list them; ``pages`` is what the web server serves."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages
        self._out: dict[str, dict[str, tuple[Event, datetime, datetime]]] = {host: {} for host in HOSTS}
        self.rebuild()

    def publish(self, event: Event) -> None:
        """Put an article out, or correct it."""
        host = event.url.split("/")[2]
        # Feeds tell whole seconds: a correction must not look older than a fetch of the same second.
        now = datetime.fromtimestamp(math.ceil(datetime.now(UTC).timestamp()), UTC)
        published = self._out[host].get(event.url, (event, now, now))[1]
        self._out[host][event.url] = (event, published, now)
        self.pages[event.url] = _page(event, published, now)
        self._write_feed(host)

    def rebuild(self) -> None:
        """Write every feed again, as content management systems do now and then."""
        for host in HOSTS:
            self._write_feed(host)

    def _write_feed(self, host: str) -> None:
        newest = list(self._out[host].values())[-_FEED_LENGTH:]
        built = int(datetime.now(UTC).timestamp()) // _REBUILT_EVERY_SECONDS * _REBUILT_EVERY_SECONDS
        entries = "".join(
            f"<entry><title>{escape(event.title)}</title><id>{event.url}</id><link href='{event.url}'/>"
            f"<published>{published.isoformat()}</published><updated>{updated.isoformat()}</updated></entry>"
            for event, published, updated in reversed(newest)
        )
        body = (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{host}</title><id>http://{host}/</id>"
            f"<updated>{datetime.fromtimestamp(built, UTC).isoformat()}</updated>{entries}</feed>"
        )
        self.pages[f"http://{host}/feed.xml"] = Page(body.encode(), "application/atom+xml")


def seeds(every: str) -> str:
    """The seed file of the newsroom."""
    return "\n".join(
        f'[[source]]\nname = "{host}"\nhome = "http://{host}/"\nfeeds = ["http://{host}/feed.xml"]\nevery = "{every}"\n'
        for host in HOSTS
    )


def _page(event: Event, published: datetime, updated: datetime) -> Page:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in event.text.split("\n"))
    html = (
        f'<!doctype html><html lang="en"><head><title>{event.title}</title>'
        f'<meta property="og:title" content="{event.title}">'
        f'<meta property="article:published_time" content="{published.isoformat()}">'
        f'<meta property="article:modified_time" content="{updated.isoformat()}"></head>'
        f"<body><article><h1>{event.title}</h1>{paragraphs}</article></body></html>"
    )
    return Page(html.encode())


def differences(
    expected: Mapping[str, Event],
    clusters: set[frozenset[str]],
    found: Mapping[str, tuple[str, str]],
    found_clusters: set[frozenset[str]],
) -> list[str]:
    """How a database (title and text by address, clusters) differs from what came out; empty when it does not."""
    said = [f"missing: {url}" for url in sorted(expected.keys() - found.keys())]
    said += [f"never published: {url}" for url in sorted(found.keys() - expected.keys())]
    for url in sorted(expected.keys() & found.keys()):
        title, text = found[url]
        if title != expected[url].title:
            said.append(f"title of {url}: {title!r}")
        if text.split() != expected[url].text.split():
            said.append(
                f"text of {url}: {len(text.split())} words, {len(expected[url].text.split())} published"
            )
    said += [f"cluster not found: {sorted(one)}" for one in sorted(clusters - found_clusters, key=sorted)]
    said += [f"cluster that is none: {sorted(one)}" for one in sorted(found_clusters - clusters, key=sorted)]
    return said
