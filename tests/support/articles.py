"""Articles for storage tests: made-up stories that share no more than function words with each other."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dedup.values import TimePrecision
from storage.values import Article, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_FUNCTION_WORDS = [
    "the",
    "of",
    "to",
    "and",
    "in",
    "that",
    "for",
    "on",
    "with",
    "as",
    "by",
    "at",
    "from",
    "it",
    "was",
    "is",
    "he",
    "had",
    "were",
    "which",
]
_SYLLABLES = [
    "bra",
    "cor",
    "dal",
    "fen",
    "gri",
    "hol",
    "jat",
    "kel",
    "lum",
    "mor",
    "nev",
    "opt",
    "pra",
    "qui",
    "ros",
    "sten",
    "tur",
    "vex",
    "wal",
    "zim",
]


def story(seed: int, word_count: int = 160) -> str:
    """A text of its own for every seed, in sentences, with a plausible share of function words."""
    rng = random.Random(seed)  # noqa: S311 -- a text, not a secret
    nouns = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3))) for _ in range(70)]
    words = [
        rng.choice(_FUNCTION_WORDS) if rng.random() < 0.45 else rng.choice(nouns) for _ in range(word_count)
    ]
    sentences = [words[start : start + 16] for start in range(0, word_count, 16)]
    return "\n\n".join(" ".join(sentence).capitalize() + "." for sentence in sentences)


def edited(text: str, seed: int = 0, share: float = 0.06) -> str:
    """The text with some of its words replaced by others."""
    rng = random.Random(seed)  # noqa: S311 -- a text, not a secret
    return " ".join(f"new{seed}word" if rng.random() < share else word for word in text.split(" "))


def article(number: int, text: str | None = None, *, host: str | None = None, **stated: Any) -> Article:  # noqa: ANN401 -- any field of Article
    """The article of that number at a host of its own, published that many minutes after the start."""
    host = host or f"site{number}.test"
    at = START + timedelta(minutes=number)
    made = Article(
        url=f"https://{host}/news/{number}",
        identity_url=f"https://{host}/news/{number}",
        source=Source(name=host.split(".")[0].title(), home_url=f"https://{host}/", host=host),
        title=f"Headline {number}",
        text=story(number) if text is None else text,
        first_seen_at=at,
        fetched_at=at,
        language="en",
        published_at=at,
        published_precision=TimePrecision.MINUTE,
        published_origin="json_ld",
        feed_url=f"https://{host}/feed",
    )
    return replace(made, **stated)


def copies(seed: int, count: int, first_number: int) -> Sequence[Article]:
    """An article and lightly edited copies of it at other sites."""
    original = story(seed)
    return [
        article(first_number + place, original if place == 0 else edited(original, seed=place))
        for place in range(count)
    ]
