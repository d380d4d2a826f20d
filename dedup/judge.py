"""Two documents to a duplicate pair or a rejected pair: read, align, measure, decide.

Must not know a corpus: the verdict on a pair depends on that pair alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.boilerplate import without_boilerplate
from dedup.credit import find_credit
from dedup.decision import Verdict, decide
from dedup.direction import likely_original
from dedup.hosts import source_of
from dedup.measure import measure_pair
from dedup.normalize import split_words
from dedup.reading import read_text
from dedup.values import Document, DuplicatePair, Label, RejectedPair, Relation

if TYPE_CHECKING:
    from dedup.config import DedupConfig


def judge_pair(a: Document, b: Document, config: DedupConfig) -> DuplicatePair | RejectedPair:
    """The verdict on two documents with all its evidence, whatever order they are given in.

    Cost grows with the product of the two lengths, which are cut at ``MAX_WORDS`` words.

    Raises:
        ValueError: both documents have the same id.
    """
    if a.id == b.id:
        raise ValueError(f"a document is not paired with itself: {a.id!r}")
    a, b = sorted((a, b), key=lambda document: document.id)
    text_a, text_b = without_boilerplate(a), without_boilerplate(b)
    reading_a, reading_b = read_text(text_a, a.language), read_text(text_b, b.language)
    measures = measure_pair(reading_a, reading_b)
    if reading_a.tokens == reading_b.tokens and is_same_text(text_a, text_b):
        verdict = Verdict(Label.EXACT, joins_cluster=True, reason=_reason_of_equal(a, b))
    else:
        verdict = decide(measures, config)
    if verdict.label is None:
        return RejectedPair(a.id, b.id, measures, verdict.reason)
    credit = find_credit(a, b)
    altered = measures.substitutions if verdict.label is Label.SPUN else ()
    original_id, direction_reason = likely_original(a, b, altered, reading_a.language)
    return DuplicatePair(
        id_a=a.id,
        id_b=b.id,
        label=verdict.label,
        relation=relation_of(a, b),
        joins_cluster=verdict.joins_cluster,
        measures=measures,
        reason=verdict.reason,
        credit=credit.name if credit else None,
        likely_original_id=original_id,
        direction_reason=direction_reason,
    )


def _reason_of_equal(a: Document, b: Document) -> str:
    if (a.boilerplate or b.boilerplate) and not is_same_text(a.text, b.text):
        return "the same words in the same order, without the lines that their sources repeat"
    return "the same words in the same order"


def is_same_text(text_a: str, text_b: str) -> bool:
    """Whether the normalised words of both texts are the same, one by one, and there are any."""
    words = split_words(text_a)
    return bool(words) and words == split_words(text_b)


def relation_of(a: Document, b: Document) -> Relation:
    """A revision where both texts come from one source, a copy otherwise."""
    source_a, source_b = source_of(a), source_of(b)
    return Relation.REVISION if source_a is not None and source_a == source_b else Relation.COPY
