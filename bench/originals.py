"""Real news as the benchmark uses it: cleaned texts, stories joined where the data already holds copies.

Must not change a text beyond undoing its file format.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from bench.edits import word_count
from bench.labels import Half, Truth, half_of, pair_of
from bench.sources import data_dir, read_natural_pairs, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_REUTERS_DATE = re.compile(r"(\d+)-([A-Z]{3})-(\d{4}) (\d+):(\d+):(\d+)")
_NUMBER = re.compile(
    r"\d+(?:[.,/-]\d+)*|\b(?:nil|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Original:
    """One article of a data set; ``story`` is shared by articles known to be copies of each other."""

    id: str
    text: str
    group: str
    story: str
    title: str | None = None
    variant: str = ""
    published_at: datetime | None = None
    is_lone: bool = True
    """No other article of its data set is known to share text with it."""


def half_for(article: Original) -> Half:
    """The half that an article belongs to; all articles on one event belong to the same."""
    return half_of(f"event/{article.variant}" if article.group == "events" else article.story)


@dataclass(slots=True)
class _Stories:
    parents: dict[str, str] = field(default_factory=dict)

    def root(self, key: str) -> str:
        while (parent := self.parents.get(key, key)) != key:
            key = parent
        return key

    def join(self, a: str, b: str) -> None:
        low, high = sorted((self.root(a), self.root(b)))
        self.parents[high] = low


def _unwrap(text: str) -> str:
    blocks = re.split(r"\n\s*\n|\n(?=\s{3,})", text)
    return "\n\n".join(" ".join(block.split()) for block in blocks if block.strip())


def _reuters_time(date: str) -> datetime | None:
    match = _REUTERS_DATE.search(date)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    at = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
    return at + timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))


def number_overlap(text_a: str, text_b: str) -> float:
    """Numbers that both texts hold, as a share of the numbers of the text that holds fewer; 1 without numbers."""
    a, b = Counter(_NUMBER.findall(text_a)), Counter(_NUMBER.findall(text_b))
    fewer = min(a.total(), b.total())
    return (a & b).total() / fewer if fewer else 1.0


def fewer_numbers(text_a: str, text_b: str) -> int:
    """How many numbers the text holds that holds fewer."""
    return min(len(_NUMBER.findall(text_a)), len(_NUMBER.findall(text_b)))


def subject(title: str | None) -> str:
    """The company that a wire's title names, else its first two words."""
    ticker = re.search(r"<([^>]+)>", title or "")
    return ticker.group(1) if ticker else " ".join((title or "").split()[:2])


def natural_truth(a: Original, b: Original, jaccard: float) -> Truth:
    """The stated rule for two wire reports of 5-gram Jaccard .3 or more, made before any detector ran.

    Copies hold the same numbers and come within two days; a report that a wire sends again and again holds
    other numbers or comes on another day. What is neither is not counted.
    """
    near_in_time = a.published_at is None or b.published_at is None
    if a.published_at is not None and b.published_at is not None:
        near_in_time = abs(a.published_at - b.published_at) <= timedelta(days=2)
    overlap = number_overlap(a.text, b.text)
    if near_in_time and (overlap >= 0.7 or jaccard >= 0.8):
        return Truth.COPY
    if not near_in_time and overlap < 0.6:
        return Truth.DIFFERENT
    return Truth.IGNORED


@cache
def reuters() -> tuple[Original, ...]:
    """The wire reports of 1987, line wrapping undone."""
    plain = [
        Original(
            row["doc_id"],
            _unwrap(row["text"]),
            "reuters",
            row["doc_id"],
            row.get("title"),
            "",
            _reuters_time(row["date"]),
        )
        for row in read_rows("reuters21578")
    ]
    return _joined(plain, (key for key, truth in natural_reuters_pairs(plain).items() if truth is Truth.COPY))


def natural_reuters_pairs(articles: Iterable[Original]) -> dict[tuple[str, str], Truth]:
    """Every known pair of overlapping wire reports with its truth by ``natural_truth``."""
    by_id = {article.id: article for article in articles}
    lines = (data_dir() / "reuters21578.natural_pairs.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {pair_of(a, b): natural_truth(by_id[a], by_id[b], float(jaccard)) for a, b, jaccard in rows}


@cache
def bbc() -> tuple[Original, ...]:
    """BBC articles of 2004-05."""
    start = datetime(2005, 1, 3, 6, tzinfo=UTC)
    plain = [
        Original(
            row["doc_id"],
            row["text"],
            "bbc",
            row["doc_id"],
            row["title"],
            "",
            start + timedelta(minutes=37 * number),
        )
        for number, row in enumerate(read_rows("bbc"))
    ]
    return _joined(plain, read_natural_pairs("bbc"))


@cache
def events() -> tuple[Original, ...]:
    """Articles on common events by different outlets; ``variant`` is the event."""
    rows = read_rows("giveme5w1h_events")
    plain = [
        Original(row["doc_id"], row["text"], "events", row["doc_id"], row["title"], row["event"])
        for row in rows
    ]
    return _joined(plain, read_natural_pairs("giveme5w1h_events"))


_MISFILED = frozenset(
    f"WNL {name}-{level}" for name in ("Tributes", "Use of e-cig") for level in ("adv", "int", "ele")
) | {"Royal Baby-ele", "WNL Arctic Ramadan-ele", "WNL The millenials-ele"}


@cache
def onestop() -> tuple[Original, ...]:
    """News at three reading levels; ``variant`` is Adv, Int or Ele.

    Nine texts are left out that the data set files under another story than the one they tell (read).
    """
    return tuple(
        Original(row["doc_id"], row["text"], "onestop", f"onestop/{row['cluster']}", None, row["variant"])
        for row in read_rows("onestop")
        if row["doc_id"] not in _MISFILED
    )


@cache
def wiki() -> tuple[Original, ...]:
    """Page revisions; ``variant`` is the revision's number."""
    rows = [row for row in read_rows("wiki_versions") if word_count(row["text"]) >= 20]
    stories = _Stories()
    page_of = {row["doc_id"]: f"wiki/{row['cluster']}" for row in rows}
    for a, b in read_natural_pairs("wiki_versions"):
        if a in page_of and b in page_of:
            stories.join(page_of[a], page_of[b])
    return tuple(
        Original(
            row["doc_id"], row["text"], "wiki", stories.root(page_of[row["doc_id"]]), None, row["variant"]
        )
        for row in rows
    )


@cache
def mixset() -> tuple[Original, ...]:
    """Human texts and their machine rewrites, continuations left out; news shares the BBC article's story."""
    rows = [row for row in read_rows("mixset_hwt") if not row["variant"].endswith("complete")]
    story_of = _bbc_story_of([row for row in rows if row["variant"] == "orig"])
    return tuple(
        Original(
            row["doc_id"],
            row["text"],
            "mixset",
            story_of.get(row["cluster"], row["cluster"]),
            None,
            row["variant"],
        )
        for row in rows
    )


def _bbc_story_of(rows: list[dict[str, str]]) -> dict[str, str]:
    holders: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for article in bbc():
        for shingle in _shingles(article.text):
            holders[shingle].append(article.story)
    found = {}
    for row in rows:
        shingles = _shingles(row["text"])
        hits = Counter(story for shingle in shingles for story in set(holders.get(shingle, ())))
        if hits and hits.most_common(1)[0][1] >= 0.3 * len(shingles):
            found[row["cluster"]] = hits.most_common(1)[0][0]
    return found


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 6]) for at in range(len(words) - 5)}


@cache
def french() -> tuple[Original, ...]:
    """French news."""
    return tuple(
        Original(row["doc_id"], row["text"], "french", row["doc_id"], row["title"])
        for row in read_rows("masakhanews_fra")
    )


@cache
def german() -> tuple[Original, ...]:
    """German news."""
    return tuple(
        Original(row["doc_id"], row["text"], "german", row["doc_id"]) for row in read_rows("gnad10k_test")
    )


def _joined(plain: list[Original], pairs: Iterable[tuple[str, str]]) -> tuple[Original, ...]:
    stories, touched = _Stories(), set()
    for a, b in pairs:
        stories.join(a, b)
        touched |= {a, b}
    return tuple(
        Original(
            o.id, o.text, o.group, stories.root(o.id), o.title, o.variant, o.published_at, o.id not in touched
        )
        for o in plain
    )
