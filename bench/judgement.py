"""What is true of any pair of the corpus: the yardstick for every detector; runs none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bench.adjudication import judge_by_rule
from bench.labels import Truth, pair_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.labels import BenchDocument, LabelledPair

Pair: TypeAlias = tuple[str, str]
_DRESSED = frozenset({"boilerplate", "report"})


class Judgement:
    """Truth by a pair's stories, its label, by reading, by rule."""

    def __init__(
        self, documents: Sequence[BenchDocument], labelled: Sequence[LabelledPair], read: Mapping[Pair, Truth]
    ) -> None:
        self.by_id = {document.id: document for document in documents}
        self.truths = {(p.id_a, p.id_b): p.truth for p in labelled}
        self.read = read
        self._originals: dict[str, BenchDocument] = {}
        for document in sorted(documents, key=lambda d: (d.group == "copy", d.id)):
            self._originals.setdefault(document.stories[0], document)
        self._ruled: dict[Pair, Truth | None] = {}

    def truth(self, pair: Pair) -> Truth | None:
        """The truth about a pair of document ids, None where it has to be read."""
        a, b = self.by_id[pair[0]], self.by_id[pair[1]]
        if set(a.stories) & set(b.stories):
            return Truth.COPY
        if pair in self.read or pair in self.truths:
            return self.read.get(pair) or self.truths[pair]
        verdicts = {self._of_stories(pair_of(s, t)) for s in a.stories for t in b.stories}
        return next((t for t in (Truth.COPY, Truth.IGNORED, None) if t in verdicts), Truth.DIFFERENT)

    def _of_stories(self, stories: Pair) -> Truth | None:
        if stories in self.read or stories in self.truths:
            return self.read.get(stories) or self.truths[stories]
        if stories not in self._ruled:
            # texts that we made or dressed up ourselves come from articles that share nothing with others
            a, b = self._originals.get(stories[0]), self._originals.get(stories[1])
            self._ruled[stories] = (
                judge_by_rule(a, b) if a and b and not {a.group, b.group} & _DRESSED else Truth.DIFFERENT
            )
        return self._ruled[stories]
