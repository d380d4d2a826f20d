"""How each row's copies are made from an original: one recipe a row of the result table.

Must not choose which originals; ``corpus`` does.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import edits
from bench.spinners import SpinOptions, spinner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.originals import Original

_SITE_COUNT = 60
_OPENERS = [
    "By our correspondent",
    "Staff report",
    "News desk",
    "Updated this morning",
    "World news",
    "Top story",
]
_TOPICS = ["politics", "business", "sport", "science", "culture", "health", "technology", "travel"]
_CLOSERS = [
    "Sign up to our {topic} newsletter and get the day's most important stories in your inbox every morning.",
    "Follow us for more {topic} news, and download our free app to read it first. Terms and conditions apply.",
    "Got a story for our {topic} desk? Write to newsroom{number}@{site} or call us on 0800 {number}{number} at any time.",
    "The views expressed on {site} are those of the authors. No part of this page may be reproduced without permission.",
    "Read next: the ten {topic} stories that everybody is talking about today. Sponsored content from our partners.",
    "Copyright {site} 2005. All rights reserved. Registered in the county of Fenwick, number 44{number}17.",
]


@dataclass(frozen=True, slots=True)
class Host:
    """Unrelated text that a passage is set into; ``story`` tells which article it comes from."""

    story: str
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A made copy: its text, other stories that it holds, and whether it is mostly something else.

    ``site`` is where it appears, where the text shows it.
    """

    text: str
    other_stories: tuple[str, ...] = ()
    is_host: bool = False
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A row of the result table: from which originals, how many, and how to make the copy."""

    row: str
    make: Callable[[Original, Sequence[Host], random.Random], Copy]
    count: int = 400
    language: str = "en"
    min_words: int = 120
    max_words: int = 3000
    must_hold: str = "."
    """A regular expression that the original's text holds, so that there is something to change."""


def site_of(rng: random.Random) -> str:
    """One of the made-up sites that copies appear on."""
    return f"site{rng.randrange(_SITE_COUNT)}.test"


def boilerplate(site: str) -> tuple[str, str]:
    """What a site puts above and below every article; the same for all of its articles."""
    rng = random.Random(site)
    number, topic = rng.randrange(100, 999), rng.choice(_TOPICS)
    lines = [line.format(topic=topic, number=number, site=site) for line in rng.sample(_CLOSERS, 3)]
    return f"{rng.choice(_OPENERS)} | {site}", "\n\n".join(lines)


def _verbatim(original: Original, _hosts: Sequence[Host], rng: random.Random) -> Copy:
    site = site_of(rng)
    above, below = boilerplate(site)
    return Copy(f"{above}\n\n{original.text}\n\n{below}", site=site)


def _excerpt_in(factor: float) -> Callable[[Original, Sequence[Host], random.Random], Copy]:
    def make(original: Original, hosts: Sequence[Host], rng: random.Random) -> Copy:
        passage = edits.excerpt(original.text, rng.uniform(0.3, 0.6), rng)
        wanted = round(factor * edits.word_count(original.text))
        chosen = rng.sample(hosts, 6)
        count = next(
            (n for n in range(1, 7) if sum(edits.word_count(h.text) for h in chosen[:n]) >= wanted), 6
        )
        text = edits.embed(passage, "\n\n".join(host.text for host in chosen[:count]), wanted, rng)
        return Copy(text, tuple(host.story for host in chosen[:count]), is_host=True)

    return make


def _edited(original: Original, _hosts: Sequence[Host], rng: random.Random) -> Copy:
    return Copy(edits.edit_words(original.text, rng.uniform(0.05, 0.15), rng))


def _plain(
    change: Callable[[str, random.Random], str],
) -> Callable[[Original, Sequence[Host], random.Random], Copy]:
    return lambda original, _hosts, rng: Copy(change(original.text, rng))


def _injected(original: Original, hosts: Sequence[Host], rng: random.Random) -> Copy:
    foreign = [rng.choice(edits.sentences(host.text)) for host in rng.sample(hosts, 40)]
    return Copy(edits.inject_sentences(original.text, foreign, rng))


def _spun(name: str, options: SpinOptions) -> Callable[[Original, Sequence[Host], random.Random], Copy]:
    def make(original: Original, _hosts: Sequence[Host], rng: random.Random) -> Copy:
        return Copy(spinner(name).with_options(options).spin(original.text, str(rng.random())))

    return make


def _half_spun_excerpt(original: Original, hosts: Sequence[Host], rng: random.Random) -> Copy:
    cut = edits.excerpt(original.text, rng.uniform(0.5, 0.8), rng)
    options = SpinOptions(share=0.5, light_words=True)
    del hosts
    return Copy(spinner("wordnet_any_sense").with_options(options).spin(cut, str(rng.random())))


_ALL_WORDS = SpinOptions(names=True, quotes=True, numbers=True, light_words=True)
RECIPES = (
    Recipe("verbatim, other title and boilerplate", _verbatim, count=1000, min_words=60),
    Recipe("brief, verbatim with boilerplate", _verbatim, min_words=25, max_words=59),
    Recipe("excerpt in a host 0.5x", _excerpt_in(0.5), min_words=200),
    Recipe("excerpt in a host 1x", _excerpt_in(1.0), min_words=200),
    Recipe("excerpt in a host 2x", _excerpt_in(2.0), min_words=200),
    Recipe("edited, 5-15% of words", _edited),
    Recipe("edited, sentences dropped and moved", _plain(edits.drop_and_move_sentences)),
    Recipe("edited, halves swapped", _plain(edits.swap_halves)),
    Recipe("spun, WordNet one sense, 25%", _spun("wordnet_one_sense", SpinOptions(share=0.25))),
    Recipe("spun, WordNet one sense, 50%", _spun("wordnet_one_sense", SpinOptions(share=0.5))),
    Recipe("spun, WordNet any sense, 25%", _spun("wordnet_any_sense", SpinOptions(share=0.25, light_words=True))),
    Recipe("spun, WordNet any sense, 50%", _spun("wordnet_any_sense", SpinOptions(share=0.5, light_words=True))),
    Recipe("spun, WordNet one sense, 100%", _spun("wordnet_one_sense", SpinOptions(quotes=True))),
    Recipe("spun, WordNet any sense, 100%, names and quotes", _spun("wordnet_any_sense", _ALL_WORDS)),
    Recipe("spun, phrase list, 50%", _spun("phrases", SpinOptions(share=0.5, core_words=True))),
    Recipe("spun, phrase list, 100%, names and quotes", _spun("phrases", SpinOptions(names=True, quotes=True, numbers=True, core_words=True))),
    Recipe("spun, unknown lexicon (Moby), 50%", _spun("moby", SpinOptions(share=0.5, quotes=True))),
    Recipe("spun, unknown lexicon (Moby), 100%", _spun("moby", SpinOptions(quotes=True))),
    Recipe("spun excerpt", _half_spun_excerpt, min_words=250),
    Recipe("spun French, 50%", _spun("french", SpinOptions(share=0.5)), language="fr"),
    Recipe("spun French, 100%", _spun("french", SpinOptions(quotes=True)), language="fr"),
    Recipe("spun German, 50%", _spun("german", SpinOptions(share=0.5, names=True)), language="de"),
    Recipe("spun German, 100%", _spun("german", SpinOptions(names=True, quotes=True)), language="de"),
    Recipe("evasion, homoglyphs", _plain(edits.disguise_homoglyphs)),
    Recipe("evasion, zero-width characters", _plain(edits.insert_zero_width)),
    Recipe("evasion, letters swapped", _plain(edits.swap_letters)),
    Recipe("evasion, sentences injected", _injected),
    Recipe("evasion, paragraphs reordered", _plain(edits.shuffle_paragraphs)),
    Recipe("evasion, quotes changed", _plain(edits.change_quotes), must_hold='"[^"\n]{15,}"'),
    Recipe("evasion, numbers written out", _plain(edits.write_numbers), must_hold=r"(?<![\w.,])\d{1,2}(?![\w.,]*\d)"),
)  # fmt: skip
