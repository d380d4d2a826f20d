from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import align_texts
from newsdedup.reports.aligned import break_rows, cut_passages

WORDS = st.lists(
    st.sampled_from(["bank", "said", "the", "rose,", "fell.", "London", "12%", "\n\n", "—"]), max_size=80
)


@settings(deadline=None)  # a busy machine is no failure
@given(WORDS, WORDS)
def test_every_character_of_both_texts_is_shown_once(words_a: list[str], words_b: list[str]) -> None:
    text_a, text_b = " ".join(words_a), " ".join(words_b)
    passages = cut_passages(text_a, text_b, align_texts(text_a, text_b, "en"))
    shown_a = "".join(passage.words_a + passage.tail_a for passage in passages)
    shown_b = "".join(passage.words_b + passage.tail_b for passage in passages)
    assert shown_a.split() == text_a.split()
    assert sorted("".join(shown_b.split())) == sorted(
        "".join(text_b.split())
    )  # a moved passage changes its place


def test_long_texts_are_broken_into_rows_that_keep_step() -> None:
    text = " ".join(f"word{number} and" for number in range(400))
    rows = break_rows(cut_passages(text, text, align_texts(text, text, "en")))
    assert len(rows) > 10
    assert all(sum(len(p.words_a) for p in row) == sum(len(p.words_b) for p in row) for row in rows)


def test_rows_end_with_a_sentence_and_begin_with_its_quotation_mark() -> None:
    line = "The crew of the ferry counted its people {}, and then they counted all of them once more"
    sentences = [line.format(number) + ', she said that night.\n"' for number in range(9)]
    text = "".join(sentences) + "The end."
    rows = break_rows(cut_passages(text, text.replace("crew", "team"), align_texts(text, text, "en")))
    shown = ["".join(passage.words_a + passage.tail_a for passage in row) for row in rows]
    assert "".join(shown) == text
    assert len(shown) > 2
    assert all(row.endswith("night.\n") for row in shown[:-1])
    assert all(row.startswith('"The crew') for row in shown[1:-1])
