"""`newsdedup dedup`: find the copies in a file, no database needed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import workers_option
from newsdedup.cli.problems import Problems
from newsdedup.files import is_one_output
from newsdedup.jobs.resources import peak_memory_bytes
from newsdedup.plural import by_reason, counted
from newsdedup.render.progress import progress_bar

if TYPE_CHECKING:
    from newsdedup.jobs.file_mode import FileModeReport


@frame.command(
    "dedup",
    examples=(
        "newsdedup dedup articles.jsonl --pairs pairs.jsonl --clusters clusters.jsonl",
        "zcat articles.jsonl.gz | newsdedup dedup - --clusters -",
    ),
)
@click.argument("input_file", metavar="IN.jsonl", type=click.Path())
@click.option("--pairs", type=click.Path(), help="File for the duplicate pairs; - is standard output.")
@click.option("--clusters", type=click.Path(), help="File for the clusters; - is standard output.")
@click.option("--strict", is_flag=True, help="Stop at the first line that has a problem, with exit code 1.")
@workers_option
@pass_program
def command(
    program: Program, input_file: str, pairs: str | None, clusters: str | None, strict: bool, workers: int
) -> None:
    """Find the copies in a file of documents, without a database.

    IN.jsonl has one JSON object a line: "id" (a string, unique) and "text", optionally "title", "url", "source",
    "published_at" and "language"; or what "newsdedup export articles" wrote. It may be gzipped; - is standard input.
    A line with a problem is named on standard error and counted, and the rest is read. The output is the same under
    any order of the lines. Exit code 1 when there are lines and each of them was refused.
    """
    if pairs is None and clusters is None:
        raise click.UsageError("nothing to write: give --pairs FILE, --clusters FILE or both")
    if pairs is not None and clusters is not None and is_one_output(pairs, clusters):
        raise click.UsageError(f"--pairs and --clusters cannot both be {pairs!r}")
    from dedup import DedupConfig  # noqa: PLC0415  numpy and the lexicon, which --help need not load
    from newsdedup.jobs.file_mode import FileModeRequest, run_file_mode  # noqa: PLC0415

    problems = Problems(program)
    begun = time.perf_counter()
    request = FileModeRequest(input_file, pairs, clusters, is_strict=strict, worker_count=workers)
    with progress_bar("aligning pairs", is_wanted=program.verbosity >= 0) as on_progress:
        report = run_file_mode(request, DedupConfig(), problems.hear, on_progress)
    problems.summarise()
    _summarise(program, report, time.perf_counter() - begun)
    if report.read.refused and not report.read.documents:
        raise click.ClickException(
            f"no line gave a document, all were refused ({by_reason(report.read.refused)})"
        )


def _summarise(program: Program, report: FileModeReport, seconds: float) -> None:
    read, result = report.read, report.result
    refused = by_reason(report.read.refused)
    program.say(
        f"read {counted(read.line_count, 'line')}: {counted(len(read.documents), 'document')}"
        + (f", refused: {refused}" if refused else "")
        + (f", fields left out: {read.ignored_field_count}" if read.ignored_field_count else "")
    )
    program.say(
        f"{counted(result.candidate_pair_count, 'candidate pair')}, {result.aligned_pair_count:,} aligned, "
        f"{counted(len(result.pairs), 'duplicate pair')}, {counted(len(result.clusters), 'cluster')}, "
        f"largest {result.largest_cluster_size:,}"
    )
    rate = len(read.documents) / seconds if seconds else 0.0
    program.say(f"{seconds:.1f} s, {rate:,.0f} documents a second{_memory()}")


def _memory() -> str:
    own, workers = peak_memory_bytes(), peak_memory_bytes(of_children=True)
    if own is None:
        return ""
    return f", peak memory {own / 1e6:,.0f} MB" + (
        f" and {workers / 1e6:,.0f} MB a worker" if workers else ""
    )
