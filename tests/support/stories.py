"""Generated news-like stories and their copies, the same for the same seed, for tests of the algorithm."""

from __future__ import annotations

import random

_OPENINGS = (
    "On Monday",
    "In the evening",
    "At a meeting",
    "After the vote",
    "Before the court",
    "With the help of",
)
_PEOPLE = tuple(
    f"{first} {last}"
    for first in ("Aino", "Bram", "Chidi", "Dalia", "Emeka", "Farah", "Goran", "Hanne", "Ivo", "Jolanta")
    for last in ("Okonkwo", "Virtanen", "Marchetti", "Haddad", "Lindqvist", "Petrov", "Sakamoto", "Duarte")
)
_PLACES = (
    "Tampere",
    "Lagos",
    "Porto",
    "Vilnius",
    "Cork",
    "Osaka",
    "Gdansk",
    "Leiden",
    "Zadar",
    "Quito",
    "Bergen",
)
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
    "error-free": "faultless",
}
_VERBS = (
    "began",
    "said that it would buy",
    "will repair",
    "wants to finish",
    "had to answer for",
    "did not show",
)
_ADJECTIVES = ("big", "rapid", "rich", "new", "old", "northern", "public", "private")
_ENDS = (
    "the plan for the holiday",
    "the cost of the error",
    "the cars of the doctors",
    "more than {number} of its workers",
    "a loan of {number} million from the state",
    "all that was left by {person} in {place}",
)


def make_story(seed: int, sentence_count: int = 16) -> str:
    """A story of about 22 words a sentence; stories of different seeds share phrases, as news does."""
    chance = _chance(seed)
    people, places, nouns = chance.sample(_PEOPLE, 4), chance.sample(_PLACES, 3), chance.sample(_NOUNS, 12)
    return "\n".join(
        " ".join(_make_sentence(chance, people, places, nouns) for _ in range(min(2, sentence_count - at)))
        for at in range(0, sentence_count, 2)
    )


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chosen words, not secrets


def _make_sentence(chance: random.Random, people: list[str], places: list[str], nouns: list[str]) -> str:
    end = chance.choice(_ENDS).format(
        number=chance.randrange(12, 900), person=chance.choice(people), place=chance.choice(places)
    )
    return (
        f"{chance.choice(_OPENINGS)} in {chance.choice(places)}, {chance.choice(people)} of the {chance.choice(_ADJECTIVES)} "
        f"{chance.choice(nouns)} and the {chance.choice(nouns)} {chance.choice(_VERBS)} the {chance.choice(_ADJECTIVES)} "
        f"{chance.choice(nouns)} near the {chance.choice(nouns)}, and {end}."
    )


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
