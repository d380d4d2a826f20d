"""What copiers do to a text besides spinning it: trim, edit, reorder, embed, disguise.

Text in, text out, driven by a random generator that the caller seeds; must not know any lexicon.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.spinners import number_in_words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

_CLOSING = "\"'\u201d\u2019"
_SENTENCE_END = re.compile(rf"(?:(?<=[.!?])|(?<=[.!?][{_CLOSING}]))\s+(?=[\"'\u201c\u2018A-Z\d])")
_WORD = re.compile(r"[^\W_]+")
_HOMOGLYPHS = str.maketrans("aeopcxAEOPCX", "аеорсхАЕОРСХ")  # noqa: RUF001 -- the point of it: Cyrillic letters
_ZERO_WIDTH = ["\u200b", "\u200c", "\u200d", "\u2060"]
_FILLER = [
    "however",
    "local",
    "also",
    "recently",
    "new",
    "many",
    "reported",
    "early",
    "major",
    "public",
    "today",
    "key",
]


def paragraphs(text: str) -> list[str]:
    """The non-empty lines of a text."""
    return [line for line in text.split("\n") if line.strip()]


def sentences(text: str) -> list[str]:
    """The sentences of a text, roughly; paragraph breaks always end one."""
    return [s.strip() for line in paragraphs(text) for s in _SENTENCE_END.split(line) if s.strip()]


def word_count(text: str) -> int:
    """Words of a text, split at white space."""
    return len(text.split())


def in_paragraphs(parts: Sequence[str], size: int = 3) -> str:
    """Sentences joined to paragraphs of ``size``."""
    return "\n\n".join(" ".join(parts[at : at + size]) for at in range(0, len(parts), size))


def excerpt(text: str, share: float, rng: random.Random) -> str:
    """A run of whole sentences holding about ``share`` of the words."""
    parts = sentences(text)
    wanted = share * word_count(text)
    start = rng.randrange(_last_start(parts, wanted) + 1)
    end, taken = start, 0
    while end < len(parts) and taken < wanted:
        taken += word_count(parts[end])
        end += 1
    return in_paragraphs(parts[start:end])


def _last_start(parts: Sequence[str], wanted: float) -> int:
    remaining = 0
    for at in range(len(parts) - 1, -1, -1):
        remaining += word_count(parts[at])
        if remaining >= wanted:
            return at
    return 0


def embed(passage: str, host: str, host_words: int, rng: random.Random) -> str:
    """The passage inside ``host_words`` words of another text, between two of its sentences."""
    parts, taken, count = sentences(host), 0, 0
    while count < len(parts) and taken < host_words:
        taken += word_count(parts[count])
        count += 1
    at = rng.randint(count // 4, max(count // 4, 3 * count // 4))
    pieces = [in_paragraphs(parts[:at]), passage, in_paragraphs(parts[at:count])]
    return "\n\n".join(piece for piece in pieces if piece)


def edit_words(text: str, share: float, rng: random.Random) -> str:
    """``share`` of the words deleted, repeated elsewhere, exchanged with a neighbour, or joined by a filler."""
    edited = []
    for line in paragraphs(text):
        words = line.split(" ")
        for at in range(len(words) - 1, -1, -1):
            if rng.random() < share:
                _edit_one(words, at, rng)
        edited.append(" ".join(word for word in words if word))
    return "\n\n".join(edited)


def _edit_one(words: list[str], at: int, rng: random.Random) -> None:
    match rng.randrange(4):
        case 0:
            words[at] = ""
        case 1:
            words[at] = rng.choice(_FILLER)
        case 2:
            words.insert(at, rng.choice(_FILLER))
        case _:
            other = min(at + 1, len(words) - 1)
            words[at], words[other] = words[other], words[at]


def drop_and_move_sentences(text: str, rng: random.Random) -> str:
    """A tenth to a quarter of the sentences gone, and one to three of the rest elsewhere."""
    parts = sentences(text)
    for _ in range(round(rng.uniform(0.1, 0.25) * len(parts))):
        if len(parts) > 3:
            parts.pop(rng.randrange(len(parts)))
    for _ in range(rng.randint(1, 3)):
        parts.insert(rng.randrange(len(parts)), parts.pop(rng.randrange(len(parts))))
    return in_paragraphs(parts)


def swap_halves(text: str, _rng: random.Random) -> str:
    """The second half of the sentences before the first."""
    parts = sentences(text)
    middle = len(parts) // 2
    return in_paragraphs([*parts[middle:], *parts[:middle]])


def disguise_homoglyphs(text: str, rng: random.Random) -> str:
    """Cyrillic look-alikes in a fifth of the words."""
    return _each_word(text, 0.2, rng, lambda word: word.translate(_HOMOGLYPHS))


def insert_zero_width(text: str, rng: random.Random) -> str:
    """An invisible character inside a third of the words."""

    def split(word: str) -> str:
        at = rng.randint(1, max(1, len(word) - 1))
        return word[:at] + rng.choice(_ZERO_WIDTH) + word[at:]

    return _each_word(text, 0.33, rng, split)


def swap_letters(text: str, rng: random.Random) -> str:
    """Two inner letters exchanged in a tenth of the words of five letters or more."""

    def swap(word: str) -> str:
        if len(word) < 5 or not word.isalpha():
            return word
        at = rng.randint(1, len(word) - 3)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _each_word(text, 0.1, rng, swap)


def inject_sentences(text: str, foreign: Sequence[str], rng: random.Random) -> str:
    """A sentence from elsewhere after every third or fourth one."""
    result = []
    for number, sentence in enumerate(sentences(text)):
        result.append(sentence)
        if number % rng.choice([3, 4]) == 2:
            result.append(rng.choice(foreign))
    return in_paragraphs(result)


def shuffle_paragraphs(text: str, rng: random.Random) -> str:
    """The paragraphs in another order."""
    parts = paragraphs(text)
    if len(parts) < 3:
        parts = [in_paragraphs(part) for part in _thirds(sentences(text)) if part]
    rng.shuffle(parts)
    return "\n\n".join(parts)


def _thirds(parts: list[str]) -> list[list[str]]:
    size = max(1, len(parts) // 3)
    return [parts[:size], parts[size : 2 * size], parts[2 * size :]]


def change_quotes(text: str, rng: random.Random) -> str:
    """Other quotation marks, and a third of the words inside quotations edited."""
    pieces = re.split('["\u201c\u201d]', text)
    for at in range(1, len(pieces), 2):
        pieces[at] = "\u00ab" + edit_words(pieces[at], 0.33, rng).strip() + "\u00bb"
    return "".join(pieces)


def write_numbers(text: str, _rng: random.Random) -> str:
    """Numbers under a hundred in words."""
    return re.sub(r"(?<![\w.,])\d{1,2}(?![\w.,]*\d)", lambda match: number_in_words(match.group()), text)


def _each_word(text: str, share: float, rng: random.Random, change: Callable[[str], str]) -> str:
    return _WORD.sub(lambda match: change(match.group()) if rng.random() < share else match.group(), text)
