"""A background larger than the real news at hand: invented text that is built like each collection's.

A word-level Markov chain (the two words before decide the next) is trained on each collection of real articles and
run to the lengths of real articles. Such text repeats the collection's phrases, names and stretches of whole
sentences word for word, more often than new articles do, and holds no story: pessimistic for *wording* and passages,
about right for function words, optimistic for templated reports, of which it has no more than the real articles.
Must not be used to measure recall or precision.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.labels import BenchDocument

_START = ("", "")


class _Chain:
    """The words that followed each two words of some articles, and the articles' lengths."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.following: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.lengths = [len(text.split()) for text in texts]
        for text in texts:
            before = _START
            for word in text.split():
                self.following[before].append(word)
                before = (before[1], word)

    def text(self, rng: random.Random) -> str:
        words: list[str] = []
        before = _START
        for _ in range(rng.choice(self.lengths)):
            known = self.following.get(before)
            if known is None:
                before = _START
                known = self.following[before]
            word = known[int(rng.random() * len(known))]
            words.append(word)
            before = (before[1], word)
        return " ".join(words)


def invented_documents(real: Sequence[BenchDocument], count: int) -> Iterator[Document]:
    """So many invented documents, each collection's share of them as among the real ones."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for document in real:
        texts[document.group].append(document.text)
    rng = random.Random("invented background")
    chains = {group: _Chain(members) for group, members in sorted(texts.items())}
    groups, weights = list(chains), [len(texts[group]) for group in chains]
    for number, group in enumerate(rng.choices(groups, weights, k=count)):
        yield Document(f"invented-{number:06d}", chains[group].text(rng), source=f"{group}.test")
