"""Writes ``bench/RESULTS.md`` and the plots from what the measuring programs kept in the work folder.

    python -m bench.report

Must not compute a result: it only lays out numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.labels import Half
from bench.plots import draw_bucket_choice, draw_candidate_curve, draw_recall, draw_s_curves
from bench.report.copies import (
    clusters_line,
    copies_section,
    growth_section,
    natural_section,
    precision_section,
    random_section,
    stage_section,
)
from bench.report.kept import PLOTS, read_rows, read_values
from bench.report.peers import peer_results, peer_section, speed_section
from bench.report.studies import (
    cross_fit_section,
    direction_section,
    languages_section,
    notices_section,
    unseen_section,
)
from bench.sources import ROOT

if TYPE_CHECKING:
    from bench.report.kept import Values

TARGET = ROOT / "bench" / "RESULTS.md"
NOTES = ROOT / "bench" / "notes.md"
SOAK = ROOT / "bench" / "SOAK.md"
_HEAD = """# What newsdedup finds, and what it merges wrongly

Made by `make bench-quality` and `make bench-speed`; do not edit. Reporting half of the stories: nothing was fitted or
tuned on them. Labels come from how the corpus is made (`bench/corpus.py`), from the data sets, from the rule in
`bench/adjudication.py`, and from reading (`bench/adjudication.tsv`); a reported pair that nobody has read counts as
false. Recall is the share of original-and-copy pairs reported as duplicates, in one run over all documents together.
"""
_PLOTS = """
![candidate pairs a document](plots/candidates.png)

![bands of each view](plots/bands.png)

![recall against buckets an article, tuning half](plots/buckets.png)

"""


def compose() -> str:
    """The whole text of ``RESULTS.md``."""
    own = read_values(f"newsdedup-{Half.REPORTING}.json")
    parts = [
        _HEAD,
        _run_lines(own),
        copies_section(own),
        precision_section(own),
        natural_section(own),
        clusters_line(own),
        random_section(),
        cross_fit_section(),
        unseen_section(),
        languages_section(),
        notices_section(),
        direction_section(),
        peer_section(own, peer_results()),
        stage_section(own),
        growth_section(),
        _PLOTS,
        NOTES.read_text(encoding="utf-8"),
        speed_section(),
    ]
    if SOAK.exists():
        parts += ["\n#", SOAK.read_text(encoding="utf-8")]  # its heading becomes one of a section
    return "".join(parts)


def _run_lines(own: Values) -> str:
    counts = own["counts"]
    return (
        f"\nDetector fingerprint `{own['fingerprint']}`, {datetime.now(UTC).date().isoformat()}.\n"
        f"\n{counts['documents']:,} documents, {counts['candidate_pairs']:,} candidate pairs,"
        f" {counts['aligned_pairs']:,} aligned, {counts['reported_pairs']:,} reported, {counts['clusters']:,} clusters"
        f" (largest {counts['largest_cluster']}).\n"
    )


def main() -> None:
    """Writes the report and the plots."""
    PLOTS.mkdir(exist_ok=True)
    draw_recall(read_values(f"newsdedup-{Half.REPORTING}.json"), peer_results(), PLOTS / "recall.png")
    draw_s_curves(PLOTS / "bands.png")
    if points := read_rows("curve.json"):
        draw_candidate_curve(points, PLOTS / "candidates.png")
    draw_bucket_choice(read_rows("buckets.json"), PLOTS / "buckets.png")
    TARGET.write_text(compose(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
