"""A detector's answer kept in the work folder, so that pairs can be read and counted again without a new run.

Must not count anything: it keeps what was reported, and under which fingerprint.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.evaluation import Reported
from bench.labels import pair_of
from bench.sources import WORK

if TYPE_CHECKING:
    from pathlib import Path

    from bench.labels import Half


@dataclass(slots=True)
class Stages:
    """How many copies of a row are still in the race after each stage."""

    pairs: int = 0
    wording: int = 0
    skeleton: int = 0
    anchors: int = 0
    parts_only: int = 0
    candidates: int = 0
    estimate: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run reported, with what it counted on the way."""

    fingerprint: str
    reported: Reported
    counts: dict[str, Any]
    stages: dict[str, Stages]


def answer_path(half: Half) -> Path:
    """Where the answer on a whole half is kept."""
    return WORK / f"answer-{half}.json"


def keep_answer(path: Path, answer: Answer) -> None:
    """Writes an answer."""
    values = {
        "fingerprint": answer.fingerprint,
        "labels": [[*pair, label] for pair, label in answer.reported.labels.items()],
        "clusters": [list(members) for members in answer.reported.clusters],
        "counts": answer.counts,
        "stages": {row: asdict(stage) for row, stage in answer.stages.items()},
    }
    path.write_text(json.dumps(values), encoding="utf-8")


def kept_answer(path: Path, fingerprint: str) -> Answer:
    """The answer kept in a file.

    Raises:
        SystemExit: there is none, or a detector of other parameters gave it.
    """
    values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if values.get("fingerprint") != fingerprint:
        raise SystemExit(f"{str(path)!r} holds no answer of this detector; run without --again")
    labels = {pair_of(a, b): label for a, b, label in values["labels"]}
    stages = {row: Stages(**stage) for row, stage in values["stages"].items()}
    return Answer(fingerprint, Reported(labels, values["clusters"]), values["counts"], stages)
