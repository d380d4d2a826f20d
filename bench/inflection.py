"""Rough English morphology, as good as a spinner's: lemma and form of a word, and back.

Must not know any synonym.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from bench.sources import wordnet_dir

if TYPE_CHECKING:
    from collections.abc import Iterator


class Form(StrEnum):
    """How a word is inflected; ``S`` is a plural noun or a third person verb."""

    BASE = "base"
    S = "s"
    ED = "ed"
    ING = "ing"
    ER = "er"
    EST = "est"


PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_FORMS_OF_PART = {"n": (Form.S,), "v": (Form.S, Form.ED, Form.ING), "a": (Form.ER, Form.EST), "r": ()}
_ENDINGS = (
    (Form.S, "ies", "y"),
    (Form.S, "es", ""),
    (Form.S, "s", ""),
    (Form.ED, "ied", "y"),
    (Form.ED, "ed", ""),
    (Form.ED, "ed", "e"),
    (Form.ING, "ing", ""),
    (Form.ING, "ing", "e"),
    (Form.ER, "ier", "y"),
    (Form.ER, "er", ""),
    (Form.ER, "er", "e"),
    (Form.EST, "iest", "y"),
    (Form.EST, "est", ""),
    (Form.EST, "est", "e"),
)
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Analysis:
    """One reading of a surface word: its lemma, part of speech (``n v a r``) and form."""

    lemma: str
    part: str
    form: Form


@dataclass(frozen=True, slots=True)
class _Irregular:
    lemmas: dict[tuple[str, str], tuple[str, ...]]
    forms: dict[tuple[str, str, Form], str]


@cache
def _irregular() -> _Irregular:
    lemmas: dict[tuple[str, str], tuple[str, ...]] = {}
    forms: dict[tuple[str, str, Form], str] = {}
    for name, part in PARTS.items():
        path = wordnet_dir() / f"{name}.exc"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            surface, *bases = line.replace("_", " ").split()
            lemmas[surface, part] = tuple(bases)
            for base in bases:
                forms.setdefault((base, part, _form_of(surface, part)), surface)
    return _Irregular(lemmas, forms)


def _form_of(surface: str, part: str) -> Form:
    if part == "n":
        return Form.S
    if part == "v":
        return Form.ING if surface.endswith("ing") else Form.S if surface.endswith("s") else Form.ED
    return Form.EST if surface.endswith("st") else Form.ER


def analyses(surface: str) -> Iterator[Analysis]:
    """Every reading of a lower-case word, the uninflected ones first; most are of no known lemma."""
    irregular = _irregular()
    for part in PARTS.values():
        yield Analysis(surface, part, Form.BASE)
    for part in PARTS.values():
        for base in irregular.lemmas.get((surface, part), ()):
            yield Analysis(base, part, _form_of(surface, part))
        for form, ending, replacement in _ENDINGS:
            if form in _FORMS_OF_PART[part] and surface.endswith(ending) and len(surface) > len(ending) + 2:
                stem = surface[: -len(ending)]
                yield Analysis(stem + replacement, part, form)
                if form is not Form.S and not replacement and stem[-1] == stem[-2]:
                    yield Analysis(stem[:-1], part, form)


def inflect(phrase: str, part: str, form: Form) -> str:
    """The phrase with its head in the given form: a verb's first word, anything else's last.

    >>> inflect("take in", "v", Form.ING), inflect("country", "n", Form.S)
    ('taking in', 'countries')
    """
    if form is Form.BASE:
        return phrase
    words = phrase.split(" ")
    head = 0 if part == "v" else len(words) - 1
    words[head] = _inflect_word(words[head], part, form)
    return " ".join(words)


def _inflect_word(word: str, part: str, form: Form) -> str:
    known = _irregular().forms.get((word, part, form))
    if known is not None:
        return known
    if form is Form.S:
        return _with_s(word)
    suffix = str(form)
    if form is not Form.ING and word.endswith("e"):
        return word + suffix[1:]
    if form is not Form.ING and _consonant_y(word):
        return word[:-1] + "i" + suffix
    if form is Form.ING and word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + suffix
    return (word + word[-1] if _doubles(word) else word) + suffix


def _with_s(word: str) -> str:
    if _consonant_y(word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _consonant_y(word: str) -> bool:
    return len(word) > 1 and word[-1] == "y" and word[-2] not in _VOWELS


def _doubles(word: str) -> bool:
    short = 2 < len(word) <= 4 and sum(letter in _VOWELS for letter in word) == 1
    return short and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS
