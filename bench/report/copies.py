"""What newsdedup finds, what it merges wrongly, and what each of its stages keeps, from one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.evaluation import wilson_interval
from bench.goals import BCUBED_GOAL, FALSE_GOALS, PRECISION_GOAL, recall_goal
from bench.report.kept import read_rows, read_values, table
from bench.report.peers import false_per_10k

if TYPE_CHECKING:
    from bench.report.kept import Values

_STAGES = {
    "wording": "wording",
    "skeleton": "skeleton",
    "anchors": "anchors",
    "parts_only": "parts alone",
    "candidates": "any",
    "estimate": "after the estimate",
}
_MET = {True: "yes", False: "**no**"}
_GROWTH_LIMITS = {20_000: "3", 200_000: "15"}
_PRECISION = """
## Precision, label by label

Verbatim copies are left out, except of *exact*. *Strict* counts only pairs of the first table as copies, not pairs of two copies of one original.

"""
_NATURAL = (
    "\nMost copies above were made for the benchmark, so precision above is that of a corpus rich in them. Among"
    " the background articles as they were published, which hold few copies:\n\n"
)
_INVENTED = (
    "Beyond the real articles the background is invented (`bench/background.py`): a Markov chain over words, trained on each"
    " collection. It repeats the collections' phrases word for word, so it is pessimistic for wording and passages; of templated"
    " reports, the dearest of real news, it adds none."
)


def copies_section(own: Values) -> str:
    """Each row of copies and each of other pairs: how many there are, how many were reported, the goal."""
    copies = [_recall_row(row) for row in own["rows"] if row["truth"] == "copy"]
    others = [_false_row(row) for row in own["rows"] if row["truth"] == "different"]
    return (
        "\n## Copies found\n\n"
        + table(["level", "n", "recall", "95%", "goal", "met", "labels given"], copies)
        + "\n## Pairs that are not copies\n\n"
        + table(["set", "pairs", "reported", "share (95%)", "limit", "met"], others)
    )


def _recall_row(row: Values) -> list[str]:
    n, found = row["pair_count"], row["found_count"]
    low, high = wilson_interval(found, n)
    goal = recall_goal(row["row"])
    met = "" if goal is None else _MET[found / n >= goal]
    labels = ", ".join(f"{label} {count}" for label, count in row["labels"].items())
    return [row["row"], str(n), f"{found / n:.3f}", f"{low:.3f}-{high:.3f}", f"{goal or ''}", met, labels]


def _false_row(row: Values) -> list[str]:
    n, found = row["pair_count"], row["found_count"]
    low, high = wilson_interval(found, n)
    limit = FALSE_GOALS.get(row["row"])
    met = "" if limit is None else _MET[found / n <= limit]
    share = f"{found / n:.2%} ({low:.2%}-{high:.2%})"
    return [row["row"], str(n), str(found), share, f"{limit:.1%}" if limit else "", met]


def precision_section(own: Values) -> str:
    """Each label: pairs reported, what they are, precision both ways."""
    rows = []
    for label, tally in sorted(own["tallies"].items()):
        wrong = tally["false"] + tally["unread"]
        reported, strict = tally["copies"] + wrong, tally["row_copies"] + wrong
        if not reported:
            continue
        precision = tally["copies"] / reported
        counts = [str(reported), str(tally["false"]), str(tally["unread"])]
        ratios = [f"{precision:.4f}", f"{tally['row_copies'] / max(1, strict):.4f}"]
        rows.append([label, *counts, *ratios, _MET[precision >= PRECISION_GOAL]])
    head = ["label", "reported", "false", "unread", "precision", "strict", f">= {PRECISION_GOAL}"]
    return _PRECISION + table(head, rows)


def natural_section(own: Values) -> str:
    """Each label among articles as published: copies, neither, false; and the false pairs of all of them."""
    lines = []
    for label, tally in sorted(own["natural_tallies"].items()):
        wrong = tally["false"] + tally["unread"]
        share = f"{tally['copies'] / max(1, tally['copies'] + wrong):.2f}"
        lines.append([label, *(str(n) for n in (tally["copies"], tally["ignored"], wrong)), share])
    return (
        _NATURAL
        + table(["label", "copies", "neither way", "false or unread", "precision"], lines)
        + f"\nFalse or unread pairs inside the background: {own['background_false_count']} among"
        f" {own['background_count']:,} documents, {false_per_10k(own)} per 10,000.\n"
    )


def clusters_line(own: Values) -> str:
    """How well clusters agree with stories."""
    precision, recall, f1 = own["bcubed"]
    return (
        f"\nClusters: B-cubed precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f} (goal {BCUBED_GOAL}); texts that"
        " hold a passage among other material are left out of the count, not of the run.\n"
    )


def stage_section(own: Values) -> str:
    """How many copies each stage keeps."""
    lines = [
        [row, *(f"{stage[name] / max(1, stage['pairs']):.3f}" for name in _STAGES)]
        for row, stage in own["stages"].items()
    ]
    return "\n## What each stage keeps\n\n" + table(["copies that share a bucket", *_STAGES.values()], lines)


def random_section() -> str:
    """What the decision says of random pairs, with nothing before it."""
    values = read_values("random-pairs.json")
    if not values:
        return ""
    return (
        f"\nRandom pairs: {values['pairs']:,} pairs of {values['documents']:,} background articles, each judged"
        f" without signatures or estimate before: {len(values['reported'])} called duplicates.\n"
    )


def growth_section() -> str:
    """Candidate pairs a document as the background grows."""
    lines = [
        [
            f"{point['documents']:,}",
            f"{point['real']:,}",
            f"{point['candidates']:.2f}",
            f"{point['aligned']:.2f}",
            _GROWTH_LIMITS.get(point["documents"], ""),
        ]
        for point in read_rows("curve.json")
    ]
    head = ["background documents", "of them real", "candidate pairs a document", "of these aligned", "limit"]
    return "\n" + table(head, lines) + f"\n{_INVENTED}\n" if lines else ""
