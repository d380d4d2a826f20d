"""Finds the copies in a file of documents, without a database: a file in, files out.

Must not change the algorithm: it is what `dedup.find_duplicates` says.
"""

from __future__ import annotations

import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup import find_duplicates
from newsdedup.files import open_input, open_output
from newsdedup.jobs.document_lines import LineProblem, ReadDocuments, read_documents
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.parallel import PairMap
from newsdedup.safe_text import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from dedup import DedupConfig
    from dedup.values import Cluster, DedupResult, DuplicatePair
    from newsdedup.render.progress import OnProgress


@dataclass(frozen=True, slots=True)
class FileModeRequest:
    """What to read and what to write; ``-`` is a standard stream, None leaves an output out."""

    input_name: str
    pairs_name: str | None = None
    clusters_name: str | None = None
    is_strict: bool = False
    worker_count: int = 1


@dataclass(frozen=True, slots=True)
class FileModeReport:
    """What was read and what was found."""

    read: ReadDocuments
    result: DedupResult


def run_file_mode(
    request: FileModeRequest,
    config: DedupConfig,
    on_problem: Callable[[LineProblem], None],
    on_progress: OnProgress = lambda _done, _total: None,
) -> FileModeReport:
    """Read documents, find their copies, write pairs and clusters; progress counts aligned pairs.

    Raises:
        JobError: the input is damaged, or strict was asked for and a line has a problem.
        OSError: a file cannot be read or written.
    """
    with open_input(request.input_name) as stream:
        read = read_documents(_whole_lines(stream, request.input_name), _hear(request, on_problem))
    with PairMap(request.worker_count, on_progress) as pair_map:
        result = find_duplicates(read.documents, config, pair_map=pair_map)
    with ExitStack() as stack:
        for name, lines in ((request.pairs_name, pair_lines), (request.clusters_name, cluster_lines)):
            if name is not None:
                stack.enter_context(open_output(name)).writelines(lines(result))
    return FileModeReport(read, result)


def _hear(
    request: FileModeRequest, on_problem: Callable[[LineProblem], None]
) -> Callable[[LineProblem], None]:
    def hear(problem: LineProblem) -> None:
        on_problem(problem)
        if request.is_strict:
            raise JobError(f"{request.input_name}: stopped at line {problem.line_number} because of --strict")

    return hear


def _whole_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        yield from stream
    except (EOFError, zlib.error) as error:
        raise JobError(f"{name}: the compressed data is damaged or ends early: {error}") from error


def pair_lines(result: DedupResult) -> Iterable[str]:
    """One JSON object a duplicate pair, sorted by both ids."""
    return (json_text(_pair_json(pair)) + "\n" for pair in result.pairs)


def cluster_lines(result: DedupResult) -> Iterable[str]:
    """One JSON object a cluster, sorted by its id."""
    return (json_text(_cluster_json(cluster)) + "\n" for cluster in result.clusters)


def _pair_json(pair: DuplicatePair) -> dict[str, object]:
    measures = pair.measures
    return {
        "id_a": pair.id_a,
        "id_b": pair.id_b,
        "label": pair.label,
        "relation": pair.relation,
        "joins_cluster": pair.joins_cluster,
        "similarity": round(measures.similarity, 6),
        "containment_a": round(measures.containment_a, 6),
        "containment_b": round(measures.containment_b, 6),
        "replaced_ratio": round(measures.replaced_ratio, 6),
        "synonym_ratio": round(measures.synonym_ratio, 6),
        "anchor_agreement_ratio": round(measures.anchor_agreement_ratio, 6),
    }


def _cluster_json(cluster: Cluster) -> dict[str, object]:
    return {
        "cluster_id": cluster.cluster_id,
        "canonical_id": cluster.canonical_id,
        "member_ids": list(cluster.member_ids),
        "labels": dict(cluster.label_counts),
    }
