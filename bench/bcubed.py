"""Clusters against the true ones, document by document; counts no pair. Source: Bagga and Baldwin 1998, B-cubed."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bench.labels import Truth, first_of_joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.judgement import Judgement
    from bench.labels import BenchDocument, Half


def bcubed(
    documents: Iterable[BenchDocument],
    clusters: Sequence[Sequence[str]],
    judgement: Judgement,
    half: Half | None,
) -> tuple[float, float]:
    """B-cubed precision and recall over documents that have a copy in truth or in the answer; hosts left out."""
    story_of = _true_clusters(documents, judgement, half)
    cluster_of = {key: number for number, members in enumerate(clusters) for key in members}
    stories: defaultdict[str, list[str]] = defaultdict(list)
    answers: defaultdict[str | int, list[str]] = defaultdict(list)
    for key, story in story_of.items():
        stories[story].append(key)
        answers[cluster_of.get(key, key)].append(key)
    both = Counter((cluster_of.get(key, key), story) for key, story in story_of.items())
    precision, recall, count = 0.0, 0.0, 0
    for key, story in story_of.items():
        answer = cluster_of.get(key, key)
        if len(stories[story]) > 1 or len(answers[answer]) > 1:
            count += 1
            precision += both[answer, story] / len(answers[answer])
            recall += both[answer, story] / len(stories[story])
    return precision / max(1, count), recall / max(1, count)


def _is_host(judgement: Judgement, key: str) -> bool:
    return key in judgement.by_id and judgement.by_id[key].is_host


def _true_clusters(
    documents: Iterable[BenchDocument], judgement: Judgement, half: Half | None
) -> dict[str, str]:
    story_of = {d.id: d.stories[0] for d in documents if not d.is_host and (half is None or d.half is half)}
    first = first_of_joined(
        (story_of.get(a, a), story_of.get(b, b))
        for (a, b), truth in (*judgement.read.items(), *judgement.truths.items())
        if truth is Truth.COPY and not (_is_host(judgement, a) or _is_host(judgement, b))
    )
    return {key: first.get(story, story) for key, story in story_of.items()}
