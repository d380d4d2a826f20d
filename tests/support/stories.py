"""Generated news-like stories and their copies, the same for the same seed, for tests of the algorithm."""

from __future__ import annotations

import random

_NOUNS = (
    *(
        "council",
        "budget",
        "harbour",
        "bridge",
        "school",
        "hospital",
        "factory",
        "election",
        "festival",
        "museum",
    ),
    *(
        "union",
        "strike",
        "tax",
        "ferry",
        "pipeline",
        "forest",
        "drought",
        "flood",
        "storm",
        "railway",
        "airport",
    ),
    *("farm", "market", "court", "police", "mayor", "minister", "company", "bank", "team", "match", "coach"),
    *(
        "season",
        "stadium",
        "prize",
        "film",
        "concert",
        "library",
        "tower",
        "tunnel",
        "road",
        "power",
        "plant",
    ),
)
# word and what a spinner puts in its place; the lexicon knows each of these pairs
SYNONYMS = {
    "said": "stated",
    "big": "large",
    "began": "started",
    "buy": "purchase",
    "repair": "fix",
    "plan": "program",
    "cost": "price",
    "rapid": "speedy",
    "show": "demonstrate",
    "doctors": "physicians",
    "cars": "automobiles",
    "help": "assistance",
    "finish": "complete",
    "holiday": "vacation",
    "answer": "reply",
    "error": "mistake",
    "rich": "wealthy",
}
_LINKS = (
    *(
        "the",
        "of the",
        "and a",
        "in the",
        "to the",
        "for which the",
        "with his",
        "by an",
        "at their",
        "from it",
    ),
    *(
        "but not",
        "was the",
        "had been",
        "will",
        "would have",
        "on the",
        "as a",
        "that the",
        "who",
        "or",
        "its",
    ),
    *("after the", "into", "when she", "if they", "than", "has no", "are", "can be", "we", "which is", "all"),
)
_SYLLABLES = (
    "ka",
    "ro",
    "mi",
    "ten",
    "dal",
    "vu",
    "shi",
    "lo",
    "bre",
    "nak",
    "pel",
    "ost",
    "ga",
    "rim",
    "zu",
    "fen",
)


def make_story(seed: int, sentence_count: int = 16) -> str:
    """A story of about 22 words a sentence, two sentences a line, with names of its own.

    Grammar is beside the point: function words, names, numbers and words with synonyms come as often as in news.
    """
    chance = _chance(seed)
    names = ["".join(chance.choices(_SYLLABLES, k=3)).capitalize() for _ in range(8)]
    words = [*chance.sample(_NOUNS, 30), *SYNONYMS]
    return "\n".join(
        " ".join(_make_sentence(chance, names, words) for _ in range(min(2, sentence_count - at)))
        for at in range(0, sentence_count, 2)
    )


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chosen words, not secrets


def _make_sentence(chance: random.Random, names: list[str], words: list[str]) -> str:
    phrases = [f"{chance.choice(_LINKS)} {chance.choice(words)}" for _ in range(7)]
    phrases[2] += f" {chance.choice(names)}"
    phrases[5] += f" {chance.choice(names)}" if chance.random() < 0.7 else f" {chance.randrange(12, 9000)}"
    sentence = " ".join(phrases)
    return f"{sentence[0].upper()}{sentence[1:]}."


def edit_story(text: str, seed: int, ratio: float = 0.08) -> str:
    """The story with some of its words dropped or doubled."""
    chance = _chance(seed)
    edited = []
    for line in text.split("\n"):
        kept = [word for word in line.split() if chance.random() >= ratio / 2]
        edited.append(" ".join(f"{word} {word}" if chance.random() < ratio / 2 else word for word in kept))
    return "\n".join(edited)


def spin_story(text: str) -> str:
    """The story with every word replaced that ``SYNONYMS`` has."""
    return "\n".join(" ".join(SYNONYMS.get(word, word) for word in line.split()) for line in text.split("\n"))


def swap_halves(text: str) -> str:
    """The story's second half before its first."""
    lines = text.split("\n")
    return "\n".join(lines[len(lines) // 2 :] + lines[: len(lines) // 2])
