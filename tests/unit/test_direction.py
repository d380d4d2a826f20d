"""Admission outweighs words, words outweigh clocks, and where nothing speaks nothing is claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import DedupConfig, judge_pair
from dedup.direction import MIN_SUBSTITUTIONS, altered_side, likely_original
from dedup.published import published_span
from dedup.values import Document, DuplicatePair, Substitution, TimePrecision
from tests.support.stories import SYNONYMS, make_story

NOON = datetime(2021, 2, 9, 12, 0, 30, tzinfo=UTC)
A = Document("a", "text", url="https://courier.test/1", source="Example Courier")
B = Document("b", "text", url="https://copy.test/1", source="Copy Site")
# common word, rare word that a spinner takes for it
SPUN = [
    ("called", "phoned"),
    ("founder", "progenitor"),
    ("united", "conjunctive"),
    ("chance", "happenstance"),
    ("house", "domicile"),
    ("money", "lucre"),
    ("answer", "riposte"),
    ("rich", "moneyed"),
    ("began", "commenced"),
]
B_IS_ALTERED = tuple(Substitution(common, rare, is_synonym=True) for common, rare in SPUN)
A_IS_ALTERED = tuple(Substitution(rare, common, is_synonym=True) for common, rare in SPUN)

RARE_SYNONYMS = (
    *(
        "asseverated",
        "elephantine",
        "commenced",
        "procure",
        "refurbish",
        "stratagem",
        "outlay",
        "expeditious",
    ),
    *(
        "evince",
        "medicos",
        "motorcars",
        "succour",
        "consummate",
        "furlough",
        "riposte",
        "solecism",
        "moneyed",
    ),
)  # for each word of SYNONYMS what a careless spinner takes


def at(document: Document, time: datetime, precision: TimePrecision | None = None) -> Document:
    return replace(document, published_at=time, published_precision=precision)


@pytest.mark.parametrize(
    ("precision_a", "precision_b", "minutes", "is_known"),
    [
        (None, None, 1, True),
        (TimePrecision.SECOND, TimePrecision.SECOND, 1, True),
        (TimePrecision.MINUTE, TimePrecision.MINUTE, 0, False),
        (TimePrecision.MINUTE, TimePrecision.MINUTE, 1, True),
        (TimePrecision.DAY, TimePrecision.SECOND, 60, False),
        (TimePrecision.DAY, TimePrecision.SECOND, 24 * 60, True),
        (TimePrecision.DAY, TimePrecision.DAY, 60, False),
        (TimePrecision.MONTH, TimePrecision.DAY, 24 * 60, False),
        (TimePrecision.MONTH, TimePrecision.DAY, 30 * 24 * 60, True),
        (TimePrecision.YEAR, TimePrecision.YEAR, 30 * 24 * 60, False),
        (TimePrecision.YEAR, TimePrecision.MONTH, 400 * 24 * 60, True),
    ],
)
def test_earlier_counts_only_as_far_as_it_is_stated(
    precision_a: TimePrecision | None, precision_b: TimePrecision | None, minutes: int, is_known: bool
) -> None:
    a, b = at(A, NOON, precision_a), at(B, NOON + timedelta(minutes=minutes), precision_b)
    for pair in ((a, b), (b, a)):
        original, reason = likely_original(*pair)
        assert original == ("a" if is_known else None)
        assert reason.startswith("published earlier" if is_known else "neither is known")


def test_without_a_time_nothing_is_claimed() -> None:
    for a, b in ((A, B), (at(A, NOON), B)):
        original, reason = likely_original(a, b)
        assert original is None
        assert "no publication time" in reason


def test_equal_times_are_called_equal() -> None:
    assert likely_original(at(A, NOON), at(B, NOON)) == (
        None,
        "neither is known to be earlier: published at the same time, as far as it is stated",
    )


def test_a_declared_original_outweighs_an_earlier_time_and_the_words() -> None:
    copy = replace(at(B, NOON), declared_original_url="https://courier.test/other")
    later = at(A, NOON + timedelta(days=1))
    assert likely_original(later, copy, A_IS_ALTERED, "en") == (
        "a",
        "the other names courier.test as its original",
    )
    elsewhere = replace(copy, declared_original_url="https://third.test/1")
    assert likely_original(later, elsewhere)[0] == "b", "a third party's original says nothing of these two"


def test_a_named_agency_that_is_the_other_source_is_the_original() -> None:
    copy = replace(B, text="LAGOS (EXAMPLE COURIER) - The river rose.")
    assert likely_original(A, copy) == ("a", "the other names EXAMPLE COURIER as its original")
    assert likely_original(A, replace(B, text="LAGOS (Example Wire) - The river rose."))[0] is None


def test_two_that_name_each_other_admit_nothing() -> None:
    both = "LAGOS (Example Wire) - The river rose again on Monday."
    one = Document("a", both, source="Example Wire")
    other = Document("b", both, source="Example Wire")
    assert likely_original(one, other)[0] is likely_original(other, one)[0] is None


def test_the_side_with_the_rarer_words_is_the_altered_one() -> None:
    assert altered_side(B_IS_ALTERED, "en") == 1
    assert altered_side(A_IS_ALTERED, "en") == 0
    original, reason = likely_original(A, B, B_IS_ALTERED, "en")
    assert original == "a"
    assert reason == "the other reads as the altered one: its substitutes are the rarer words"


def test_words_and_times_that_agree_say_so_and_words_win_where_they_do_not() -> None:
    later = at(B, NOON + timedelta(hours=1))
    assert likely_original(at(A, NOON), later, B_IS_ALTERED, "en") == (
        "a",
        "published earlier, and the other reads as the altered one: its substitutes are the rarer words",
    )
    original, reason = likely_original(at(A, NOON), later, A_IS_ALTERED, "en")
    assert original == "b"
    assert reason.endswith("though it is dated earlier")


def test_few_or_mixed_substitutions_and_unlisted_languages_say_nothing() -> None:
    assert altered_side(B_IS_ALTERED[: MIN_SUBSTITUTIONS - 1], "en") is None
    assert altered_side([*B_IS_ALTERED, *A_IS_ALTERED], "en") is None
    assert altered_side(B_IS_ALTERED, "tlh") is None
    assert altered_side(B_IS_ALTERED, None) is None
    assert altered_side([Substitution("one", "one", is_synonym=True)] * 50, "en") is None


def test_a_judged_spun_pair_says_which_side_was_altered() -> None:
    story = make_story(3)
    rare = dict(zip(SYNONYMS, RARE_SYNONYMS, strict=True))
    spun = " ".join(rare.get(word, word) for word in story.split())
    pair = judge_pair(Document("z", story, language="en"), Document("b", spun, language="en"), DedupConfig())
    assert isinstance(pair, DuplicatePair)
    assert pair.label == "spun"
    assert pair.likely_original_id == "z"
    assert "altered" in (pair.direction_reason or "")


times = st.datetimes(timezones=st.just(UTC) | st.none())
precisions = st.none() | st.sampled_from(TimePrecision)


@given(times, precisions, times, precisions)
def test_the_order_of_arguments_does_not_matter(
    time_a: datetime, precision_a: TimePrecision | None, time_b: datetime, precision_b: TimePrecision | None
) -> None:
    a, b = at(A, time_a, precision_a), at(B, time_b, precision_b)
    assert likely_original(a, b) == likely_original(b, a)


@given(times, precisions)
def test_a_time_lies_in_its_own_span(time: datetime, precision: TimePrecision | None) -> None:
    span = published_span(at(A, time, precision))
    if span is None:
        assert time.year in {1, 9999}
    else:
        assert span.start <= time.replace(tzinfo=UTC) < span.end
