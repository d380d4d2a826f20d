"""A number has one value however it is written."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalize import split_words
from dedup.numbers import NumberSpan, find_numbers, number_value, numbers_touching
from dedup.reading import read_text

UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
UNITS += [unit + "teen" for unit in ("thir", "four", "fif", "six", "seven", "eigh", "nine")]
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def values(text: str, language: str = "en") -> list[float]:
    return [span.value for span in find_numbers(split_words(text), language)]


def read_values(text: str, language: str = "en") -> list[float]:
    """The numbers as verification reads them, with what stands between the words."""
    return [span.value for span in read_text(text, language).numbers]


def spelled(number: int, link: str = " and ") -> str:
    """A number in English words, the long way."""
    for scale, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand")):
        if number >= scale:
            rest = number % scale
            joint = link if rest < 100 else " "
            return spelled(number // scale, link) + f" {name}" + (joint + spelled(rest, link) if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{UNITS[number // 100]} hundred" + (link + spelled(rest, link) if rest else "")
    if number >= 20:
        return TENS[number // 10] + (f"-{UNITS[number % 10]}" if number % 10 else "")
    return UNITS[number]


@given(st.integers(0, 10**12 - 1), st.sampled_from([" and ", " "]))
def test_a_number_spelled_out_has_its_value(number: int, link: str) -> None:
    assert values(spelled(number, link)) == [number]


@given(st.integers(0, 10**15))
def test_digits_with_and_without_commas_agree(number: int) -> None:
    assert values(f"about {number:,} people") == values(f"about {number} people") == [number]


@given(st.integers(1, 10**9), st.sampled_from(["de", "es", "it", "pt", "nl", "tr", "id"]))
def test_points_group_thousands_where_the_comma_is_decimal(number: int, language: str) -> None:
    assert number_value(f"{number:,}".replace(",", "."), language) == number


@given(st.integers(1, 10**9), st.sampled_from(["fr", "ru", "pl", "sv", "cs"]))
def test_spaces_group_thousands(number: int, language: str) -> None:
    assert values(f"x {number:,} y".replace(",", " "), language) == [number]


@given(
    st.lists(
        st.sampled_from(
            [*UNITS, *TENS[2:], "hundred", "million", "and", "a", "half", "12", "1.5m", "dog", "200"]
        )
    )
)
def test_spans_are_ordered_disjoint_and_never_empty(words: list[str]) -> None:
    spans = find_numbers(words, "en")
    assert all(span.start < span.end <= len(words) for span in spans)
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))
    assert all(
        any(word[0].isdigit() or word not in {"and", "dog"} for word in words[s.start : s.end]) for s in spans
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1.5m, 1.5 million, 1,500,000 and 1.5 mln", [1_500_000] * 4),
        ("$2bn or two billion", [2e9, 2e9]),
        ("12 per cent, 12%, 12pc", [12, 12, 12]),
        ("forty-two and the forty-second", [42, 42]),
        ("the 21st and the twenty-first", [21, 21]),
        ("two and a half million", [2_500_000]),
        ("half a million", [500_000]),
        ("a dozen eggs, three dozen eggs", [12, 36]),
        ("a hundred and five", [105]),
        ("nineteen ninety-nine", [1999]),
        ("twenty twenty-one", [2021]),
        ("the first 100 days", [1, 100]),
        ("two 19-year-olds", [2, 19]),
        ("hundreds of millions of dollars", []),
        ("a man and a half-brother", []),
        ("1980s", [1980]),
        ("2,5 and 1.234.567", [2.5, 1_234_567]),
    ],
)
def test_english_numbers(text: str, expected: list[float]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("original", "artefact"),
    [
        ("magnitude 6.6", "six.6"),
        ("1,200 people", "one,200"),
        ("$1.1 billion", "$one.1 billion"),
        ("a loss of 25.9 billion", "a loss of twenty five.9 billion"),
        ("the dollar at 0.7085", "the dollar at zero.7085"),
        ("1,250,000 votes", "one,250,000 votes"),
        ("93,400 tonnes", "ninety three,400 tonnes"),
        ("4.2 billion", "four.2 1000000000"),
        ("3 million", "three 1000000"),
        ("from No.10 in 1998", "from No.ten in 1998"),
    ],
)
def test_half_numerals_of_spinners_have_the_value_that_they_replaced(original: str, artefact: str) -> None:
    assert read_values(original) == read_values(artefact)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("six 6-year-olds", [6, 6]),
        ("of one, 200 came", [1, 200]),
        ("he had five. 9 came", [5, 9]),
        ("in 2004 1000000 people", [2004, 1e6]),
        ("one,20", [1, 20]),
    ],
)
def test_what_only_stands_side_by_side_is_two_numbers(text: str, expected: list[float]) -> None:
    assert read_values(text) == expected


def test_a_half_numeral_follows_its_language() -> None:
    assert read_values("um drei,5 Prozent, fünf.200 Leute", "de") == [3.5, 5200]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "3,5 Milliarden Euro", [3.5e9]),
        ("de", "einundzwanzig, zweihundertfünf, dreißig Tote", [21, 205, 30]),
        ("de", "eine Million Menschen, 1.234.567,89 Euro", [1e6, 1_234_567.89]),
        ("de", "eine Frau und ein Mann", []),
        ("fr", "vingt et un morts, quatre-vingt-dix-neuf euros, soixante et onze", [21, 99, 71]),
        ("fr", "deux cents personnes, mille neuf cents euros", [200, 1900]),
        ("fr", "12 pour cent, un homme", [12]),
        ("fr", "un million de francs", [1e6]),
        ("es", "3 mil millones de euros, 1.500 personas", [3e9, 1500]),
        ("ru", "2,5 млн рублей", [2.5e6]),
        ("sw", "watu 1,200", [1200]),
    ],
)
def test_numbers_of_other_languages(language: str, text: str, expected: list[float]) -> None:
    assert values(text, language) == expected


def test_a_span_names_its_words() -> None:
    words = split_words("It cost about two and a half million dollars in 2019.")
    spans = find_numbers(words, "en")
    assert [" ".join(words[span.start : span.end]) for span in spans] == ["two and a half million", "2019"]


def test_a_number_is_touched_by_each_of_its_words() -> None:
    numbers = (NumberSpan(2, 4, 1.5e6), NumberSpan(6, 7, 3.0))
    assert numbers_touching(numbers, 3, 4) == [numbers[0]]
    assert numbers_touching(numbers, 0, 3) == [numbers[0]]
    assert numbers_touching(numbers, 4, 6) == []
    assert numbers_touching(numbers, 0, 9) == list(numbers)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("up 1\u00bd points", [1.5]),
        ("\u00be of it", [0.75]),
        ("12\u00bdp a share, 10 more", [12.5, 10.0]),
        ("3\u00bc and 4", [3.25, 4.0]),
        ("x\u00b2", []),
    ],
)
def test_a_fraction_sign_belongs_to_its_number(text: str, values: list[float]) -> None:
    assert [number.value for number in read_text(text, "en").numbers] == values
