"""The inflected forms of English lemmas; it only generates, and never guesses the lemma of a form.

Irregular forms come from WordNet's exception lists, which also hold the doubled consonants ("stopped").
A form that is no word does no harm: it never stands in a text.
"""

from __future__ import annotations

import re

_VOWEL_GROUPS = re.compile(r"[aeiouy]+")
_SIBILANT = ("s", "x", "z", "ch", "sh")
_NOUN_LINKS = frozenset(
    [
        "of",
        "in",
        "at",
        "to",
        "on",
        "for",
        "with",
        "by",
        "from",
        "and",
        "or",
        "the",
        "de",
        "la",
        "du",
        "von",
        "under",
        "over",
    ]
)


def inflect(lemma: str, part: str, irregular: tuple[str, ...]) -> tuple[str, ...]:
    """The forms of a lemma other than itself: plurals, tenses, comparatives.

    ``irregular`` are the exception list's forms of the whole lemma; ``inflect_head`` has those of one word.

    >>> inflect("carry", "verb", ())
    ('carries', 'carried', 'carrying')
    """
    match part:
        case "noun":
            return irregular or (plural(lemma),)
        case "verb":
            return _verb_forms(lemma, irregular)
        case "adj":
            return irregular or _comparatives(lemma)
        case _:
            return irregular


def inflect_phrase(
    words: list[str], part: str, irregular: dict[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    """The forms of a phrase, inflected on its head: the first word of a verb, the last of a noun's core.

    >>> inflect_phrase(["head", "of", "state"], "noun", {})
    (('heads', 'of', 'state'),)
    >>> inflect_phrase(["fall", "in"], "verb", {"fall": ("fell", "fallen")})[1:3]
    (('fell', 'in'), ('fallen', 'in'))
    """
    if part == "verb":
        head = 0
    elif part == "noun":
        links = [index for index, word in enumerate(words) if index and word in _NOUN_LINKS]
        head = (links[0] if links else len(words)) - 1
    else:
        return ()
    forms = inflect(words[head], part, irregular.get(words[head], ()))
    return tuple((*words[:head], form, *words[head + 1 :]) for form in forms)


def plural(noun: str) -> str:
    """The regular plural of a noun.

    >>> [plural(noun) for noun in ("city", "day", "church", "fireman", "photo")]
    ['cities', 'days', 'churches', 'firemen', 'photos']
    """
    if noun.endswith("man") and len(noun) > 4:
        return noun[:-2] + "en"
    return _with_s(noun)


def _with_s(word: str) -> str:
    if word.endswith(_SIBILANT):
        return word + "es"
    if _ends_in_consonant_y(word):
        return word[:-1] + "ies"
    return word + "s"


def _verb_forms(verb: str, irregular: tuple[str, ...]) -> tuple[str, ...]:
    """Tenses of one verb; a regular form gives way to an irregular one unless both may be spelled.

    A verb of one syllable has one form ("stopped"); longer ones vary ("traveled", "travelled").
    """
    varies = len(_VOWEL_GROUPS.findall(verb)) > 1
    has_ing = any(form.endswith("ing") for form in irregular)
    has_past = any(not form.endswith(("ing", "s")) for form in irregular)
    forms = [_with_s(verb) if not verb.endswith("o") else verb + "es", *irregular]
    if varies or not has_past:
        forms.append(_past(verb))
    if varies or not has_ing:
        forms.append(_progressive(verb))
    return tuple(dict.fromkeys(forms))


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if _ends_in_consonant_y(verb):
        return verb[:-1] + "ied"
    return verb + "ed"


def _progressive(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and len(verb) > 2:
        return verb[:-1] + "ing"
    return verb + "ing"


def _comparatives(adjective: str) -> tuple[str, ...]:
    syllables = len(_VOWEL_GROUPS.findall(adjective))
    if adjective.endswith("e") and syllables == 2:
        return (adjective + "r", adjective + "st")
    if _ends_in_consonant_y(adjective) and syllables == 2:
        return (adjective[:-1] + "ier", adjective[:-1] + "iest")
    if syllables == 1 and not adjective.endswith("ed"):
        return (adjective + "er", adjective + "est")
    return ()


def _ends_in_consonant_y(word: str) -> bool:
    return len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou"
