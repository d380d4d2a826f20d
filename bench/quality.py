"""Runs newsdedup over a labelled corpus and says how much it finds, stage by stage, and what it merges wrongly.

    python -m bench.quality --half tuning --rows spun,excerpt --sample 100 --background 3000
    python -m bench.quality --half reporting          # the numbers of RESULTS.md

Must not change a label: pairs that nobody has labelled are listed, to be read.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.adjudication import read_adjudication
from bench.answers import Answer, Stages, answer_path, keep_answer, kept_answer
from bench.corpus import documents_path, pairs_path, write_corpus
from bench.evaluation import Evaluation, Reported, evaluate
from bench.goals import BCUBED_GOAL, FALSE_GOALS, PRECISION_GOAL, recall_goal
from bench.labels import (
    BenchDocument,
    Half,
    LabelledPair,
    Truth,
    pair_of,
    read_documents,
    read_pairs,
)
from bench.sources import WORK
from dedup import DedupConfig, find_duplicates, sign_documents
from dedup.candidates import may_be_duplicate
from dedup.config import View
from dedup.minhash import EMPTY
from dedup.values import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.pool import Pool

    from bench.judgement import Pair
    from dedup.values import DedupResult, Signature


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and labelled pairs of one run."""

    documents: tuple[BenchDocument, ...]
    pairs: tuple[LabelledPair, ...]


def load_corpus(half: Half) -> Corpus:
    """The whole corpus of a half, made first where it is missing."""
    if not documents_path(half).exists() or not pairs_path(half).exists():
        write_corpus(half)
    return Corpus(tuple(read_documents(documents_path(half))), tuple(read_pairs(pairs_path(half))))


def narrow(corpus: Corpus, rows: Sequence[str], sample: int | None, background: int | None) -> Corpus:
    """The corpus with only some rows, ``sample`` pairs a row and ``background`` documents beside them."""
    kept: list[LabelledPair] = []
    taken: Counter[str] = Counter()
    for pair in corpus.pairs:
        wanted = not rows or any(row in pair.row for row in rows)
        if wanted and (sample is None or pair.truth is not Truth.COPY or taken[pair.row] < sample):
            taken[pair.row] += 1
            kept.append(pair)
    needed = {key for pair in kept for key in (pair.id_a, pair.id_b)}
    spare = [d for d in corpus.documents if d.id not in needed and d.group != "copy"]
    step = max(1, len(spare) // max(1, background)) if background is not None else 1
    extra = {
        document.id for document in spare[::step][: background if background is not None else len(spare)]
    }
    return Corpus(tuple(d for d in corpus.documents if d.id in needed or d.id in extra), tuple(kept))


def as_document(document: BenchDocument) -> Document:
    """What the detector gets to see; its language is left to be found."""
    at = datetime.fromisoformat(document.published_at) if document.published_at else None
    return Document(document.id, document.text, document.title, None, document.source, at)


def run(corpus: Corpus, config: DedupConfig, processes: int) -> DedupResult:
    """The product's answer on a corpus, in one go."""
    documents = [as_document(document) for document in corpus.documents]
    if processes == 1:
        return find_duplicates(documents, config)
    with multiprocessing.Pool(processes) as pool:
        return find_duplicates(documents, config, pair_map=partial(_map_in, pool))


def _map_in(pool: Pool, judge: Callable[[Any], Any], pairs: Iterable[Any], /) -> Iterable[Any]:
    verdicts: Iterable[Any] = pool.imap(judge, pairs, chunksize=32)
    return verdicts


def measure_stages(corpus: Corpus, config: DedupConfig) -> dict[str, Stages]:
    """Copies that share a bucket in each view, in any, and that pass the estimate, a row."""
    copies = [pair for pair in corpus.pairs if pair.truth is Truth.COPY]
    needed = {key for pair in copies for key in (pair.id_a, pair.id_b)}
    documents = [as_document(document) for document in corpus.documents if document.id in needed]
    signatures = {s.document_id: s for s in sign_documents(documents, config)}
    stages: defaultdict[str, Stages] = defaultdict(Stages)
    for pair in copies:
        _count_stages(stages[pair.row], signatures[pair.id_a], signatures[pair.id_b], config)
    return dict(stages)


def _count_stages(stage: Stages, a: Signature, b: Signature, config: DedupConfig) -> None:
    same_text = a.text_hash == b.text_hash
    shared = {view: same_text or _share_band(a, b, view, config) for view in View}
    is_candidate = same_text or not set(a.buckets).isdisjoint(b.buckets)
    stage.pairs += 1
    stage.wording += shared[View.WORDING]
    stage.skeleton += shared[View.SKELETON]
    stage.anchors += shared[View.ANCHORS]
    stage.candidates += is_candidate
    stage.parts_only += is_candidate and not any(shared.values())
    stage.estimate += same_text or (is_candidate and may_be_duplicate(a, b, config))


def _share_band(a: Signature, b: Signature, view: View, config: DedupConfig) -> bool:
    start = sum(config.bands_of(other).num_perm for other in list(View)[: list(View).index(view)])
    bands = config.bands_of(view)
    banded = bands.bands * bands.rows
    ours, theirs = (s.minhash[start : start + banded].reshape(bands.bands, bands.rows) for s in (a, b))
    return bool(((ours == theirs) & (ours != EMPTY)).all(axis=1).any())


def reported_by(result: DedupResult) -> Reported:
    """The product's answer in the form that every detector's has."""
    labels: dict[Pair, str] = {(pair.id_a, pair.id_b): str(pair.label) for pair in result.pairs}
    return Reported(labels, [cluster.member_ids for cluster in result.clusters])


def print_table(evaluation: Evaluation, stages: dict[str, Stages]) -> None:
    """The compact table that tuning looks at."""
    print(f"{'row':50} {'n':>5}  word skel anch part | cand  est.  found [95%]         goal   labels")
    for row in evaluation.rows:
        if row.truth is Truth.COPY:
            low, high = row.interval
            goal = recall_goal(row.row)
            mark = " " if goal is None else ("+" if row.ratio >= goal else "-")
            labels = " ".join(f"{label}:{count}" for label, count in row.labels.items())
            print(
                f"{row.row[:50]:50} {row.pair_count:5d}  {_stage_columns(stages.get(row.row))}"
                f"  {row.ratio:.3f} [{low:.3f} {high:.3f}] {goal or '':5} {mark} {labels}"
            )
    print()
    for row in evaluation.rows:
        if row.truth is Truth.DIFFERENT:
            labels = " ".join(f"{label}:{count}" for label, count in row.labels.items())
            limit = FALSE_GOALS.get(row.row)
            print(
                f"{row.row[:50]:50} {row.pair_count:5d}  merged {row.found_count:4d} = {row.ratio:.4f} {limit or ''} {labels}"
            )
    print()
    for label, tally in sorted(evaluation.tallies.items()):
        print(
            f"label {label:10} precision {tally.precision:.4f} (rows only {tally.row_precision:.4f}, goal"
            f" {PRECISION_GOAL}): copies {tally.copies}, of rows {tally.row_copies},"
            f" false {tally.false}, unread {tally.unread}"
        )
    print(
        f"background: {evaluation.background_false_count} false or unread pairs among {evaluation.background_count}"
        f" documents = {evaluation.false_per_10k:.1f} per 10,000\n"
        f"clusters: B-cubed precision {evaluation.bcubed_precision:.4f} recall {evaluation.bcubed_recall:.4f}"
        f" F1 {evaluation.bcubed_f1:.4f} (goal {BCUBED_GOAL})"
    )


def _stage_columns(stage: Stages | None) -> str:
    if stage is None or not stage.pairs:
        return " " * 34
    shares = [
        stage.wording,
        stage.skeleton,
        stage.anchors,
        stage.parts_only,
        stage.candidates,
        stage.estimate,
    ]
    parts = [f"{share / stage.pairs:.3f}"[1:] if share < stage.pairs else "1.00" for share in shares]
    return f"{parts[0]:>4} {parts[1]:>4} {parts[2]:>4} {parts[3]:>4} | {parts[4]:>4}  {parts[5]:>4}"


def list_unread(corpus: Corpus, evaluation: Evaluation, half: Half) -> None:
    """Writes reported pairs that are false or have to be read, one of each two stories, to the work folder."""
    by_id = {document.id: document for document in corpus.documents}
    seen: set[Pair] = set()
    with (WORK / f"unread-{half}.txt").open("w", encoding="utf-8") as out:
        for kind, pairs in (("UNREAD", evaluation.unread_pairs), ("FALSE", evaluation.false_pairs)):
            for a, b, label in pairs:
                stories = pair_of(by_id[a].stories[0], by_id[b].stories[0])
                if stories not in seen:
                    seen.add(stories)
                    out.write(f"=== {kind} {label}\t{a}\t{b}\t{stories[0]}\t{stories[1]}\n")
                    out.writelines(_readable(by_id[key]) for key in (a, b))
    with (WORK / f"missed-{half}.json").open("w", encoding="utf-8") as out:
        json.dump(evaluation.missed, out, indent=1)


def _readable(document: BenchDocument) -> str:
    return f"[{document.source} | {document.published_at} | {document.title}]\n{document.text[:1500]}\n--\n"


def save(half: Half, evaluation: Evaluation, answer: Answer) -> None:
    """Keeps the numbers for the report."""
    values = {
        "rows": [asdict(row) for row in evaluation.rows],
        "tallies": {label: asdict(tally) for label, tally in evaluation.tallies.items()},
        "natural_tallies": {label: asdict(tally) for label, tally in evaluation.natural_tallies.items()},
        "background_count": evaluation.background_count,
        "background_false_count": evaluation.background_false_count,
        "bcubed": [evaluation.bcubed_precision, evaluation.bcubed_recall, evaluation.bcubed_f1],
        "stages": {row: asdict(stage) for row, stage in answer.stages.items()},
        "counts": answer.counts,
        "fingerprint": answer.fingerprint,
    }
    (WORK / f"newsdedup-{half}.json").write_text(json.dumps(values, indent=1), encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", type=Half, default=Half.TUNING)
    parser.add_argument("--rows", default="", help="parts of row names, comma-separated; all by default")
    parser.add_argument("--sample", type=int, help="copies a row")
    parser.add_argument("--background", type=int, help="documents beside those of the rows")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-stages", action="store_true")
    parser.add_argument(
        "--again", action="store_true", help="count the kept answer again, after reading pairs"
    )
    chosen = parser.parse_args()
    config = DedupConfig()
    rows = [row for row in chosen.rows.split(",") if row]
    is_whole = not rows and chosen.sample is None and chosen.background is None
    corpus = narrow(load_corpus(chosen.half), rows, chosen.sample, chosen.background)
    if chosen.again:
        answer = kept_answer(answer_path(chosen.half), config.detector_fingerprint)
    else:
        answer = detect(corpus, config, chosen.processes, is_staged=not chosen.no_stages)
        if is_whole:
            keep_answer(answer_path(chosen.half), answer)
    evaluation = evaluate(
        corpus.documents, corpus.pairs, read_adjudication(), answer.reported, half=chosen.half
    )
    print(" ".join(f"{name}={value}" for name, value in answer.counts.items()), "\n")
    print_table(evaluation, answer.stages)
    list_unread(corpus, evaluation, chosen.half)
    if is_whole:
        save(chosen.half, evaluation, answer)


def detect(corpus: Corpus, config: DedupConfig, processes: int, *, is_staged: bool) -> Answer:
    """One run over the corpus, with its counts and, where asked for, what each stage keeps."""
    started = time.perf_counter()
    result = run(corpus, config, processes)
    counts = {
        "documents": result.document_count,
        "candidate_pairs": result.candidate_pair_count,
        "aligned_pairs": result.aligned_pair_count,
        "rejected_pairs": result.rejected_pair_count,
        "reported_pairs": len(result.pairs),
        "clusters": len(result.clusters),
        "largest_cluster": result.largest_cluster_size,
        "seconds": round(time.perf_counter() - started, 1),
    }
    stages = measure_stages(corpus, config) if is_staged else {}
    return Answer(config.detector_fingerprint, reported_by(result), counts, stages)


if __name__ == "__main__":
    main()
