from __future__ import annotations

import pytest

from bench.extraction_scores import (
    Reading,
    author_agreement,
    body_agreement,
    letters,
    mean_score,
    plain,
    same_day,
    score,
)

_TRUTH = Reading(
    "A bridge opens", "2024-05-03 23:30:00-05:00", ("Jane Doe", "John Roe"), "one two three four five"
)


def test_the_same_reading_agrees_in_everything() -> None:
    same = score(_TRUTH, _TRUTH)
    assert (same.title, same.date, same.authors, same.precision, same.recall, same.body) == (1, 1, 1, 1, 1, 1)


def test_nothing_read_agrees_in_nothing() -> None:
    nothing = score(Reading(None, None, (), ""), _TRUTH)
    assert (nothing.title, nothing.date, nothing.authors, nothing.body) == (0, 0, 0, 0)


def test_spelling_is_not_title_and_typography_is_counted_apart() -> None:
    assert plain("A &amp;  B\u200b") == plain("A & B")
    assert plain("\u201cA\u201d") != plain('"A"')
    assert letters("\u201cA\u201d \u2013 b") == letters('"a" - B')


@pytest.mark.parametrize(
    ("stated", "same"),
    [
        ("2024-05-03", 1.0), ("2024-05-04", 1.0), ("2024-05-04T04:30:00+00:00", 1.0), ("2024-05-05", 0.0),
        ("2024-05-05T00:00:00+00:00", 0.0), ("yesterday", 0.0), (None, 0.0),
    ],
)  # fmt: skip
def test_a_day_is_the_same_in_either_zone(stated: str | None, same: float) -> None:
    assert same_day(stated, _TRUTH.published) == same


def test_dates_are_counted_over_pages_that_state_one() -> None:
    undated = Reading("A", None, (), "")
    assert same_day("2024-05-03", None) is None
    assert mean_score([score(undated, undated), score(_TRUTH, _TRUTH)]).date == 1.0


def test_author_sets_are_compared_by_name() -> None:
    assert author_agreement(["jane doe"], ["Jane Doe", "John Roe"]) == pytest.approx(2 / 3)
    assert author_agreement([], []) == 1
    assert author_agreement(["Jane Doe"], []) == 0


def test_repeated_words_count_as_often_as_they_stand() -> None:
    precision, recall, _ = body_agreement("a b c d a b c d", "a b c d")
    assert (precision, recall) == (1 / 5, 1.0)


def test_scripts_without_spaces_are_compared_by_letter() -> None:
    assert body_agreement("東京の新聞", "東京の新聞は") == pytest.approx((1.0, 2 / 3, 0.8))
