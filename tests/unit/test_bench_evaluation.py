"""The benchmark's arithmetic, on answers whose worth is known; a wrong count here would flatter every result."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench import answers, edits
from bench.adjudication import event_truth, judge_by_rule
from bench.evaluation import WIKIPEDIA_PARTS, WIKIPEDIA_ROW, Reported, evaluate, wilson_interval
from bench.goals import recall_goal
from bench.labels import BenchDocument, Half, LabelledPair, Truth
from bench.templates import write_reports

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    "The council voted on Monday to close the old bridge. Repairs will take 18 months, the mayor said. "
    "Traffic will be led over the harbour road. Shop owners fear for their trade. A petition was signed by 1,200 people. "
    "The engineers had warned of rust since 2019. A temporary ferry is being considered. The debate lasted four hours."
)


def document(
    key: str, story: str, text: str = TEXT, group: str = "copy", *, is_host: bool = False
) -> BenchDocument:
    return BenchDocument(key, text, (story,), Half.REPORTING, group, is_host=is_host)


STORIES = [
    document("a1", "a"),
    document("a2", "a"),
    document("a3", "a"),
    document("b1", "b", "Rain fell on the hills. " * 20, "bbc"),
    document("c1", "c", "Prices rose in the south again. " * 20, "bbc"),
]
LABELLED = [
    LabelledPair("a1", "a2", "spun", Truth.COPY),
    LabelledPair("a1", "a3", "spun", Truth.COPY),
    LabelledPair("b1", "c1", "unrelated", Truth.DIFFERENT),
]


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 -- a repeatable choice, no secret


def test_recall_is_the_share_of_labelled_copies_reported() -> None:
    evaluation = evaluate(STORIES, LABELLED, {}, Reported({("a1", "a2"): "spun"}, [["a1", "a2"]]))
    spun = next(row for row in evaluation.rows if row.row == "spun")
    assert (spun.pair_count, spun.found_count, spun.labels) == (2, 1, {"spun": 1})
    assert evaluation.missed == {"spun": (("a1", "a3"),)}


def test_a_copy_reported_through_an_exact_twin_is_found() -> None:
    reported = Reported({("a1", "a2"): "exact", ("a2", "a3"): "spun"}, [["a1", "a2", "a3"]])
    evaluation = evaluate(STORIES, LABELLED, {}, reported)
    assert next(row for row in evaluation.rows if row.row == "spun").found_count == 2


def test_a_false_pair_lowers_precision_of_its_label_and_counts_in_the_background() -> None:
    reported = Reported({("a1", "a2"): "spun", ("b1", "c1"): "near"}, [["a1", "a2"], ["b1", "c1"]])
    evaluation = evaluate(STORIES, LABELLED, {}, reported)
    assert evaluation.tallies["near"].precision == 0.0
    assert evaluation.tallies["spun"].precision == 1.0
    assert evaluation.background_false_count == 1
    assert evaluation.false_per_10k == pytest.approx(10_000 / 2)


def test_false_pairs_and_clusters_of_the_other_half_do_not_count() -> None:
    other = [replace(d, half=Half.TUNING) if d.id == "c1" else d for d in STORIES]
    reported = Reported({("b1", "c1"): "near"}, [["b1", "c1"]])
    assert evaluate(other, LABELLED, {}, reported).background_false_count == 1
    halved = evaluate(other, LABELLED, {}, reported, Half.REPORTING)
    assert (halved.background_false_count, halved.background_count) == (0, 1)
    assert halved.false_pairs == ()
    assert halved.bcubed_precision == pytest.approx(1.0)


def test_wikipedia_pairs_count_again_by_how_much_of_their_text_they_share() -> None:
    kept, other = TEXT + " A line was added.", "Blanked by a vandal who wrote this in its place."
    texts = {
        "w1": TEXT,
        "w2": other,
        "w3": kept,
        "w4": TEXT,
        "w5": " ".join([other, *TEXT.split()[:14], *other.split()[::-1]]),
    }
    pages = [document(key, "page", text, "wiki") for key, text in texts.items()]
    pairs = [
        LabelledPair(a, b, WIKIPEDIA_ROW, Truth.COPY) for a, b in (("w1", "w2"), ("w3", "w4"), ("w4", "w5"))
    ]
    evaluation = evaluate(pages, pairs, {}, Reported({("w3", "w4"): "near"}, []))
    counts = [(row.row, row.pair_count, row.found_count) for row in evaluation.rows]
    half, fifth, less = WIKIPEDIA_PARTS.values()
    assert counts == [(WIKIPEDIA_ROW, 3, 1), (half, 1, 1), (fifth, 1, 0), (less, 1, 0)]
    assert recall_goal(WIKIPEDIA_ROW) == 0.97
    assert not any(map(recall_goal, WIKIPEDIA_PARTS.values()))


def test_an_answer_of_another_detector_is_not_counted_again(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    reported = Reported({("a1", "a2"): "spun"}, [["a1", "a2"]])
    given = answers.Answer("0123", reported, {"seconds": 1.5}, {"spun": answers.Stages(pairs=2, wording=1)})
    answers.keep_answer(path, given)
    assert answers.kept_answer(path, "0123") == given
    with pytest.raises(SystemExit, match="no answer of this detector"):
        answers.kept_answer(path, "4567")


def test_reading_a_pair_overrides_the_rule() -> None:
    reported = Reported({("b1", "c1"): "near"}, [["b1", "c1"]])
    labelled = LABELLED[:2]
    assert evaluate(STORIES, labelled, {}, reported).tallies["near"].false == 1
    read = {("b", "c"): Truth.COPY}
    assert evaluate(STORIES, labelled, read, reported).tallies["near"].copies == 1


def test_bcubed_falls_when_stories_are_merged_and_when_one_is_split() -> None:
    perfect = evaluate(STORIES, LABELLED, {}, Reported({}, [["a1", "a2", "a3"]]))
    merged = evaluate(STORIES, LABELLED, {}, Reported({}, [["a1", "a2", "a3", "b1"]]))
    split = evaluate(STORIES, LABELLED, {}, Reported({}, [["a1", "a2"]]))
    assert perfect.bcubed_f1 == pytest.approx(1.0)
    assert merged.bcubed_precision == pytest.approx((3 * 3 / 4 + 1 / 4) / 4)
    assert merged.bcubed_recall == pytest.approx(1.0)
    assert split.bcubed_precision == pytest.approx(1.0)
    assert split.bcubed_recall == pytest.approx((2 * 2 / 3 + 1 / 3) / 3)


def test_wilson_interval_holds_the_share_and_narrows_with_more_trials() -> None:
    low, high = wilson_interval(49, 50)
    assert low < 0.98 < high
    wide = wilson_interval(490, 500)
    assert low < wide[0] < 0.98 < wide[1] < high
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_rule_tells_a_standing_report_with_new_figures_from_a_copy() -> None:
    report = (
        "The central bank sold bills worth {} million at {} percent, due in {} days, and said {} banks had bid. "
        * 3
    )
    first = BenchDocument(
        "x", report.format(*range(10, 22)), ("x",), Half.TUNING, "reuters", "BANK SELLS BILLS"
    )
    other = BenchDocument(
        "y", report.format(*range(30, 42)), ("y",), Half.TUNING, "reuters", "BANK SELLS BILLS"
    )
    again = BenchDocument(
        "z", first.text + " More follows.", ("z",), Half.TUNING, "reuters", "BANK SELLS BILLS"
    )
    assert judge_by_rule(first, other) is Truth.DIFFERENT
    assert judge_by_rule(first, again) is Truth.COPY


def test_an_agency_text_inside_another_is_a_copy_and_an_account_of_ones_own_is_not() -> None:
    assert event_truth(TEXT, TEXT + " Our reporter adds that the mayor was absent.") is Truth.COPY
    assert (
        event_truth(TEXT, "Drivers must find another way over the river from Monday, councillors decided.")
        is Truth.DIFFERENT
    )


def test_an_excerpt_holds_about_the_share_of_words_asked_for() -> None:
    for number in range(20):
        cut = edits.excerpt(TEXT, 0.4, seeded(number))
        assert 0.3 <= edits.word_count(cut) / edits.word_count(TEXT) <= 0.65


def test_an_embedded_passage_stands_whole_between_parts_of_its_host() -> None:
    host = " ".join(f"Host sentence number {number} says little." for number in range(60))
    text = edits.embed("The passage stands here.", host, 100, seeded(3))
    assert "The passage stands here." in text
    assert 100 <= edits.word_count(text) <= 115
    assert text.startswith("Host")


def test_disguises_change_the_text_and_keep_its_length_in_words() -> None:
    for change in (edits.disguise_homoglyphs, edits.insert_zero_width, edits.swap_letters):
        changed = change(TEXT, seeded(1))
        assert changed != TEXT
        assert edits.word_count(changed) == edits.word_count(TEXT)


def test_reports_of_one_template_differ_in_their_figures_and_halves_use_other_templates() -> None:
    tuning, reporting = write_reports("tuning", 2, "s"), write_reports("reporting", 2, "s")
    assert len({report.text for report in tuning}) == len(tuning)
    assert all("{" not in report.text for report in (*tuning, *reporting))
    assert not {report.text[:25] for report in tuning} & {report.text[:25] for report in reporting}
