"""Reported pairs against the truth: recall a row, precision a label, false merges, clusters.

The same for every detector. Must not run one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.adjudication import shared_ratio
from bench.bcubed import bcubed
from bench.judgement import Judgement, Pair
from bench.labels import BenchDocument, Half, LabelledPair, Truth, first_of_joined, pair_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

EXACT = "exact"
_VERBATIM_ROWS = ("verbatim", "brief, verbatim")
# Some pages were blanked, vandalised or replaced between revisions, which is no copy: the row again in three parts, each
# from so large a share of the shorter text's 4-grams.
WIKIPEDIA_ROW = "Wikipedia, adjacent revisions"
WIKIPEDIA_PARTS = {
    0.5: "adjacent revisions sharing half of the shorter's 4-grams",
    0.2: "adjacent revisions sharing a fifth to half of them",
    0.0: "adjacent revisions sharing less than a fifth of them",
}
BACKGROUND_GROUPS = frozenset({"reuters", "bbc", "events", "french", "german"})


@dataclass(frozen=True, slots=True)
class Reported:
    """A detector's answer: pairs with a label each, and clusters of two or more."""

    labels: Mapping[Pair, str]
    clusters: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row: labelled pairs, how many were reported, under which labels."""

    row: str
    truth: Truth
    pair_count: int
    found_count: int
    labels: Mapping[str, int]

    @property
    def ratio(self) -> float:
        """Share of the pairs that was reported: recall of copies, false merges of others."""
        return self.found_count / self.pair_count if self.pair_count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson interval of ``ratio``, 95%."""
        return wilson_interval(self.found_count, self.pair_count)


@dataclass(slots=True)
class Tally:
    """Reported pairs of one label by what they really are; only ``exact`` has the verbatim copies in it."""

    copies: int = 0
    row_copies: int = 0
    false: int = 0
    unread: int = 0
    ignored: int = 0

    @property
    def precision(self) -> float:
        """Copies among the pairs reported; a pair nobody has read counts as false."""
        return self.copies / max(1, self.copies + self.false + self.unread)

    @property
    def row_precision(self) -> float:
        """The same with only original-and-copy pairs of the table's rows as copies: the harder count."""
        return self.row_copies / max(1, self.row_copies + self.false + self.unread)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that the result table says of one detector."""

    rows: tuple[RowResult, ...]
    tallies: Mapping[str, Tally]
    false_pairs: tuple[tuple[str, str, str], ...]
    unread_pairs: tuple[tuple[str, str, str], ...]
    background_count: int
    background_false_count: int
    bcubed_precision: float
    bcubed_recall: float
    missed: Mapping[str, tuple[Pair, ...]] = field(default_factory=dict)
    natural_tallies: Mapping[str, Tally] = field(default_factory=dict)
    """Pairs of two background articles as published, none made or dressed up for the benchmark."""

    @property
    def bcubed_f1(self) -> float:
        """Harmonic mean of B-cubed precision and recall."""
        total = self.bcubed_precision + self.bcubed_recall
        return 2 * self.bcubed_precision * self.bcubed_recall / total if total else 0.0

    @property
    def false_per_10k(self) -> float:
        """False or unread pairs inside the background, per 10,000 of its documents."""
        return 10_000 * self.background_false_count / max(1, self.background_count)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Bounds of a proportion at 95%. Source: Wilson 1927.

    >>> [round(bound, 3) for bound in wilson_interval(395, 400)]
    [0.971, 0.995]
    """
    if trials == 0:
        return 0.0, 1.0
    z, share = 1.959964, successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def evaluate(
    documents: Sequence[BenchDocument],
    labelled: Sequence[LabelledPair],
    read: Mapping[Pair, Truth],
    reported: Reported,
    half: Half | None = None,
) -> Evaluation:
    """Compares a detector's answer with the truth.

    ``read`` holds pairs of stories or documents that were adjudicated by hand or rule. With ``half``, false
    pairs count only where both documents belong to that half.
    """
    judgement = Judgement(documents, labelled, read)
    same = first_of_joined(pair for pair, label in reported.labels.items() if label == EXACT)
    found = _Found(reported.labels, same)
    tallies, false_pairs, unread = _tally(judgement, labelled, reported.labels, half)
    background = [d for d in documents if d.group in BACKGROUND_GROUPS and (half is None or d.half is half)]
    ids = {document.id for document in background}
    inside = sum(a in ids and b in ids for a, b, _ in (*false_pairs, *unread))
    rows, missed = _rows(labelled, found, read, judgement)
    natural = _natural_tallies(judgement, reported.labels, ids)
    precision, recall = bcubed(documents, reported.clusters, judgement, half)
    return Evaluation(
        rows, tallies, false_pairs, unread, len(background), inside, precision, recall, missed, natural
    )


def _natural_tallies(
    judgement: Judgement, labels: Mapping[Pair, str], ids: Container[str]
) -> dict[str, Tally]:
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for pair, label in labels.items():
        if pair[0] in ids and pair[1] in ids:
            truth = judgement.truth(pair)
            tallies[label].copies += truth is Truth.COPY
            tallies[label].ignored += truth is Truth.IGNORED
            tallies[label].false += truth is Truth.DIFFERENT
            tallies[label].unread += truth is None
    return dict(tallies)


class _Found:
    """Reported pairs, looked up through texts that are exactly the same."""

    def __init__(self, labels: Mapping[Pair, str], same: Mapping[str, str]) -> None:
        self.same = same
        self.labels = {pair_of(same.get(a, a), same.get(b, b)): label for (a, b), label in labels.items()}

    def label(self, a: str, b: str) -> str | None:
        a, b = self.same.get(a, a), self.same.get(b, b)
        return EXACT if a == b else self.labels.get(pair_of(a, b))


def _rows(
    labelled: Sequence[LabelledPair], found: _Found, read: Mapping[Pair, Truth], judgement: Judgement
) -> tuple[tuple[RowResult, ...], dict[str, tuple[Pair, ...]]]:
    counts: Counter[tuple[str, Truth]] = Counter()
    labels: defaultdict[tuple[str, Truth], Counter[str]] = defaultdict(Counter)
    missed: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in labelled:
        truth = pair.truth
        if truth is Truth.DIFFERENT and read:
            truth = judgement.truth((pair.id_a, pair.id_b)) or truth
        if truth is not pair.truth or truth is Truth.IGNORED:
            continue
        label = found.label(pair.id_a, pair.id_b)
        if pair.row == WIKIPEDIA_ROW:
            counts.update({(row, truth): 0 for row in (pair.row, *WIKIPEDIA_PARTS.values())})  # in this order
        for row in _rows_of(pair, judgement):
            counts[row, truth] += 1
            labels[row, truth].update([label] if label else [])
        if label is None and truth is Truth.COPY:
            missed[pair.row].append((pair.id_a, pair.id_b))
    rows = tuple(
        RowResult(row, truth, count, labels[row, truth].total(), dict(labels[row, truth].most_common()))
        for (row, truth), count in counts.items()
        if count
    )
    return rows, {row: tuple(pairs) for row, pairs in missed.items()}


def _rows_of(pair: LabelledPair, judgement: Judgement) -> tuple[str, ...]:
    if pair.row != WIKIPEDIA_ROW:
        return (pair.row,)
    shared = shared_ratio(judgement.by_id[pair.id_a].text, judgement.by_id[pair.id_b].text)
    return (pair.row, next(part for least, part in WIKIPEDIA_PARTS.items() if shared >= least))


def _tally(
    judgement: Judgement, labelled: Sequence[LabelledPair], labels: Mapping[Pair, str], half: Half | None
) -> tuple[dict[str, Tally], tuple[tuple[str, str, str], ...], tuple[tuple[str, str, str], ...]]:
    rows = {(p.id_a, p.id_b): p.row for p in labelled if p.truth is Truth.COPY}
    verbatim = {key for pair, row in rows.items() if row.startswith(_VERBATIM_ROWS) for key in pair}
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    false, unread = [], []
    for pair, label in sorted(labels.items()):
        truth = judgement.truth(pair)
        if half is not None and not all(judgement.by_id[key].half is half for key in pair):
            continue
        if truth is Truth.COPY:
            is_verbatim = rows.get(pair, "").startswith(_VERBATIM_ROWS) or verbatim.issuperset(pair)
            is_verbatim &= label != EXACT
            tallies[label].copies += not is_verbatim
            tallies[label].row_copies += pair in rows and not is_verbatim
        elif truth is Truth.IGNORED:
            tallies[label].ignored += 1
        elif truth is Truth.DIFFERENT:
            tallies[label].false += 1
            false.append((*pair, label))
        elif truth is None and label != EXACT:
            tallies[label].unread += 1
            unread.append((*pair, label))
    return dict(tallies), tuple(false), tuple(unread)
