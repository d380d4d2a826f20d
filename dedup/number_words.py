"""The words for numbers in the languages whose news writes numbers out; tables only, no grammar.

English, German and French have all numerals, other languages the large ones that follow digits ("3 millones").
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import NamedTuple


class Kind(IntEnum):
    """What a word may do in a number."""

    UNIT = 1  # 0 to 9
    TEEN = 2  # 10 to 19
    TEN = 3  # 20 to 90
    WHOLE = 4  # any number below 1000 in one word: German "einundzwanzig"
    HUNDRED = 5
    SCALE = 6  # thousand, million; dozen
    DIGITS = 7


class Numeral(NamedTuple):
    """The meaning of one word of a number; nothing may follow an ordinal."""

    kind: Kind
    value: float
    is_ordinal: bool = False


# Languages that write 1.234,5 or 1 234,5 for what English writes 1,234.5.
DECIMAL_COMMA = frozenset(
    "bg ca cs da de el es et fi fr hr hu id is it lt lv mk nl no pl pt ro ru sk sl sv tr uk vi".split()  # noqa: SIM905 - codes
)

# Glued to digits: "1.5m", "2bn", "40pc". What is no scale is a unit and does not change the number.
SUFFIX_SCALES = {
    "k": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mln": 1e6,
    "mio": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "bln": 1e9,
    "mrd": 1e9,
    "tn": 1e12,
    "trn": 1e12,
}

# Numerals that stand for one of their kind without "one" before them, as French "mille" does.
ALONE = frozenset(("cent", "mille", "mil", "tausend", "duizend", "tusen", "tusind"))

_SCALES: dict[str, dict[float, str]] = {
    "en": {
        1e3: "thousand",
        1e6: "million mln mn",
        1e9: "billion bln bn",
        1e12: "trillion trln tn",
        12: "dozen",
        1e5: "lakh",
        1e7: "crore",
    },
    "de": {
        1e3: "tausend",
        1e6: "million millionen mio",
        1e9: "milliarde milliarden mrd",
        1e12: "billion billionen",
    },
    "fr": {1e3: "mille", 1e6: "million millions", 1e9: "milliard milliards mds md", 12: "douzaine"},
    "es": {1e3: "mil", 1e6: "millón millones", 1e12: "billón billones"},
    "it": {1e3: "mila mille", 1e6: "milione milioni", 1e9: "miliardo miliardi"},
    "pt": {1e3: "mil", 1e6: "milhão milhões", 1e9: "bilhão bilhões", 1e12: "trilhão trilhões"},
    "nl": {1e3: "duizend", 1e6: "miljoen", 1e9: "miljard"},
    "sv": {1e3: "tusen", 1e6: "miljon miljoner", 1e9: "miljard miljarder"},
    "no": {1e3: "tusen", 1e6: "million millioner", 1e9: "milliard milliarder"},
    "da": {1e3: "tusind tusinde", 1e6: "million millioner mio", 1e9: "milliard milliarder mia"},
    "pl": {
        1e3: "tysiąc tysiące tysięcy tys",
        1e6: "milion miliony milionów mln",
        1e9: "miliard miliardy miliardów mld",
    },
    "ru": {
        1e3: "тысяча тысячи тысяч тыс",
        1e6: "миллион миллиона миллионов млн",
        1e9: "миллиард миллиарда миллиардов млрд",
    },
    "uk": {
        1e3: "тисяча тисячі тисяч тис",
        1e6: "мільйон мільйона мільйонів млн",
        1e9: "мільярд мільярда мільярдів млрд",
    },
    "tr": {1e3: "bin", 1e6: "milyon", 1e9: "milyar", 1e12: "trilyon"},
    "id": {1e3: "ribu", 1e6: "juta", 1e9: "miliar", 1e12: "triliun"},
    "ro": {1e6: "milion milioane", 1e9: "miliard miliarde"},
}

_ENGLISH_UNITS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905 - a table of numerals
_ENGLISH_TEENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905 - a table
)
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905 - a table of numerals
_ENGLISH_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()  # noqa: SIM905 - a table
)

_GERMAN_UNITS = "null ein zwei drei vier fünf sechs sieben acht neun".split()  # noqa: SIM905 - a table of numerals
_GERMAN_TEENS = (
    "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()  # noqa: SIM905 - a table
)
_GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()  # noqa: SIM905 - a table

_FRENCH_UNITS = "zéro un deux trois quatre cinq six sept huit neuf".split()  # noqa: SIM905 - a table of numerals
_FRENCH_TEENS = "dix onze douze treize quatorze quinze seize".split()  # noqa: SIM905 - a table of numerals
_FRENCH_TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}


@cache
def numerals(language: str) -> dict[str, Numeral]:
    """The number words of a language, normalised; only large ones but in English, German and French."""
    table = {
        word: Numeral(Kind.SCALE, value)
        for value, words in _SCALES.get(language, {}).items()
        for word in words.split()
    }
    match language:
        case "en":
            table |= _english()
        case "de":
            table |= _german()
        case "fr":
            table |= _french()
    return table


def _english() -> dict[str, Numeral]:
    table = {word: Numeral(Kind.UNIT, value) for value, word in enumerate(_ENGLISH_UNITS)}
    table |= {word: Numeral(Kind.TEEN, value) for value, word in enumerate(_ENGLISH_TEENS, 10)}
    table |= {word: Numeral(Kind.TEN, 10 * value) for value, word in enumerate(_ENGLISH_TENS, 2)}
    ordinals = {word: _ordinal(value) for value, word in enumerate(_ENGLISH_ORDINALS, 1)}
    ordinals |= {word + "th": _ordinal(value) for value, word in enumerate(_ENGLISH_TEENS, 10) if value > 12}
    ordinals |= {word[:-1] + "ieth": _ordinal(10 * value) for value, word in enumerate(_ENGLISH_TENS, 2)}
    return (
        table
        | ordinals
        | {"hundred": Numeral(Kind.HUNDRED, 100), "hundredth": Numeral(Kind.HUNDRED, 100, is_ordinal=True)}
    )


def _ordinal(value: int) -> Numeral:
    kind = Kind.UNIT if value < 10 else Kind.TEEN if value < 20 else Kind.TEN
    return Numeral(kind, value, is_ordinal=True)


def _german() -> dict[str, Numeral]:
    """Every number below 1000 is one word; ``normal_words`` folds ß to ss."""
    below_hundred = {0: ["null"], 1: ["eins"]}
    below_hundred |= {value: [word] for value, word in enumerate(_GERMAN_UNITS) if value > 1}
    below_hundred |= {value: [word] for value, word in enumerate(_GERMAN_TEENS, 10)}
    for ten, word in enumerate(_GERMAN_TENS, 2):
        folded = word.casefold()
        below_hundred[10 * ten] = [folded]
        for unit, prefix in enumerate(_GERMAN_UNITS[1:], 1):
            below_hundred[10 * ten + unit] = [f"{prefix}und{folded}"]
    table = {word: Numeral(Kind.WHOLE, value) for value, words in below_hundred.items() for word in words}
    for hundreds, prefix in enumerate(["", *_GERMAN_UNITS[1:]]):
        stem, base = f"{prefix}hundert", 100 * max(hundreds, 1)
        table |= {
            f"{stem}{word}": Numeral(Kind.WHOLE, base + value.value) for word, value in _below(table, 100)
        }
        table[stem] = Numeral(Kind.WHOLE, base)
    return table


def _below(table: dict[str, Numeral], limit: int) -> list[tuple[str, Numeral]]:
    return [(word, numeral) for word, numeral in table.items() if 0 < numeral.value < limit]


def _french() -> dict[str, Numeral]:
    table = {word: Numeral(Kind.UNIT, value) for value, word in enumerate(_FRENCH_UNITS)}
    table |= {word: Numeral(Kind.TEEN, value) for value, word in enumerate(_FRENCH_TEENS, 10)}
    table |= {word: Numeral(Kind.TEN, value) for word, value in _FRENCH_TENS.items()}
    hundred = Numeral(Kind.HUNDRED, 100)
    return table | {"une": Numeral(Kind.UNIT, 1), "cent": hundred, "cents": hundred}
