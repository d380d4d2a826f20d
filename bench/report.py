"""Writes ``bench/RESULTS.md`` and the plots from what the measuring programs kept in the work folder.

    python -m bench.report

Must not compute a result: it only lays out numbers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.compare import PEERS, result_path
from bench.direction import RIGHT, UNSAID, WRONG
from bench.evaluation import wilson_interval
from bench.goals import BCUBED_GOAL, FALSE_GOALS, PRECISION_GOAL, recall_goal
from bench.labels import Half
from bench.plots import draw_bucket_choice, draw_candidate_curve, draw_recall, draw_s_curves
from bench.sources import ROOT, WORK

if TYPE_CHECKING:
    from collections.abc import Iterable

    Values = dict[str, Any]

TARGET = ROOT / "bench" / "RESULTS.md"
PLOTS = ROOT / "bench" / "plots"
SOAK = ROOT / "bench" / "SOAK.md"
_HEAD = """# What newsdedup finds, and what it merges wrongly

Made by `make bench-quality` and `make bench-speed`; do not edit. Reporting half of the stories: nothing was fitted or
tuned on them. Labels come from how the corpus is made (`bench/corpus.py`), from the data sets, from the rule in
`bench/adjudication.py`, and from reading (`bench/adjudication.tsv`); a reported pair that nobody has read counts as
false. Recall is the share of original-and-copy pairs reported as duplicates, in one run over all documents together.
"""
_INVENTED = (
    "Beyond the real articles the background is invented (`bench/background.py`): a Markov chain over words, trained on each"
    " collection. It repeats the collections' phrases word for word, so it is pessimistic for wording and passages; of templated"
    " reports, the dearest of real news, it adds none."
)
_UNSEEN = (
    "Rules in place of a thesaurus, typing errors, and short briefs (`bench/unseen.py`), made from articles of the reporting half,"
    " judged pair by pair."
)
_DIRECTION = (
    "Pairs without date, source and address, so that words alone can tell which side was altered (`bench/direction.py`). Of two"
    " spins of one original neither is the original, and any answer is wrong."
)
_CROSS_FIT = (
    "The stories of the small sets' tuning half are dealt into four folds; each is judged by a decision fitted on all else, and"
    " pooled with the reporting half (`bench/cross_fit.py`). Only the decision is fitted anew, not the estimate."
)


def read(name: str) -> Values:
    """One kept result, empty where there is none."""
    path = WORK / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def peer_results() -> list[Values]:
    """What is kept of each peer, in the order of the list."""
    paths = (result_path(peer, Half.REPORTING) for peer in PEERS)
    return [read(path.name) for path in paths if path.exists()]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def recall_rows(own: Values) -> list[list[str]]:
    """Each row of copies: n, recall, interval, goal, labels."""
    rows = []
    for row in own["rows"]:
        if row["truth"] == "copy":
            n, found = row["pair_count"], row["found_count"]
            low, high = wilson_interval(found, n)
            goal = recall_goal(row["row"])
            met = "" if goal is None else ("yes" if found / n >= goal else "**no**")
            labels = ", ".join(f"{label} {count}" for label, count in row["labels"].items())
            rows.append(
                [
                    row["row"],
                    str(n),
                    f"{found / n:.3f}",
                    f"{low:.3f}-{high:.3f}",
                    f"{goal or ''}",
                    met,
                    labels,
                ]
            )
    return rows


def false_rows(own: Values) -> list[list[str]]:
    """Each row of pairs that are not copies: n, how many were reported, the limit."""
    rows = []
    for row in own["rows"]:
        if row["truth"] == "different":
            n, found = row["pair_count"], row["found_count"]
            low, high = wilson_interval(found, n)
            limit = FALSE_GOALS.get(row["row"])
            met = "" if limit is None else ("yes" if found / n <= limit else "**no**")
            share = f"{found / n:.2%} ({low:.2%}-{high:.2%})"
            rows.append([row["row"], str(n), str(found), share, f"{limit:.1%}" if limit else "", met])
    return rows


def precision_rows(own: Values) -> list[list[str]]:
    """Each label: pairs reported, what they are, precision both ways."""
    rows = []
    for label, tally in sorted(own["tallies"].items()):
        wrong = tally["false"] + tally["unread"]
        if not tally["copies"] + wrong:
            continue
        reported, strict = tally["copies"] + wrong, tally["row_copies"] + wrong
        precision = tally["copies"] / max(1, reported)
        rows.append(
            [
                label,
                str(reported),
                str(tally["false"]),
                str(tally["unread"]),
                f"{precision:.4f}",
                f"{tally['row_copies'] / max(1, strict):.4f}",
                "yes" if precision >= PRECISION_GOAL else "**no**",
            ]
        )
    return rows


def natural_rows(own: Values) -> list[list[str]]:
    """Each label among articles as published: copies, neither, false."""
    lines = []
    for label, tally in sorted(own["natural_tallies"].items()):
        wrong = tally["false"] + tally["unread"]
        share = f"{tally['copies'] / max(1, tally['copies'] + wrong):.2f}"
        lines.append([label, *(str(n) for n in (tally["copies"], tally["ignored"], wrong)), share])
    return lines


def peer_section(own: Values, peers: list[Values]) -> str:
    """Recall of every detector, row by row, and what each merges wrongly."""
    everyone = [{"name": "newsdedup", **own}, *peers]
    found = [{row["row"]: row for row in one["rows"]} for one in everyone]
    lines = []
    for row in own["rows"]:
        ratios = [_share(rows.get(row["row"])) for rows in found]
        mark = "" if row["truth"] == "copy" else "not copies: "
        lines.append([mark + row["row"], *ratios])
    lines.append(["false pairs per 10,000 background documents", *(_false_per_10k(one) for one in everyone)])
    lines.append(
        ["of these, not decided by a label or the rule", "0", *(f"{one['unread_count']}" for one in peers)]
    )
    lines.append(["B-cubed F1 of clusters", *(f"{one['bcubed'][2]:.3f}" for one in everyone)])
    reasons = read("not-run.json")
    missing = [peer.name for peer in PEERS if not result_path(peer, Half.REPORTING).exists()]
    note = "".join(
        f"\nNot run: {name}: {reasons.get(name, 'left out of this run, not done after nine minutes on two cores in use')}.\n"
        for name in missing
    )
    note += (
        "\nMiniLM: every pair compared, computed in bfloat16 (a cosine moves by less than .01); its false pairs grow with"
        " the corpus.\n"
    )
    return table(["share of pairs reported", *(one["name"] for one in everyone)], lines) + note


def _share(row: Values | None) -> str:
    return f"{row['found_count'] / max(1, row['pair_count']):.3f}" if row else "-"


def _false_per_10k(one: Values) -> str:
    return f"{10_000 * one['background_false_count'] / max(1, one['background_count']):.1f}"


def stage_section(own: Values) -> str:
    """How many copies each stage keeps."""
    lines = []
    for row, stage in own["stages"].items():
        names = ["wording", "skeleton", "anchors", "parts_only", "candidates", "estimate"]
        lines.append([row, *(f"{stage[name] / max(1, stage['pairs']):.3f}" for name in names)])
    return table(
        [
            "copies that share a bucket",
            "wording",
            "skeleton",
            "anchors",
            "parts alone",
            "any",
            "after the estimate",
        ],
        lines,
    )


def random_section() -> str:
    """What the decision says of random pairs, with nothing before it."""
    values = read("random-pairs.json")
    if not values:
        return ""
    return (
        f"\nRandom pairs: {values['pairs']:,} pairs of {values['documents']:,} background articles, each judged"
        f" without signatures or estimate before: {len(values['reported'])} called duplicates.\n"
    )


def growth_section() -> str:
    """Candidate pairs a document as the background grows."""
    path = WORK / "curve.json"
    points = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    if not points:
        return ""
    lines = [
        [
            f"{point['documents']:,}",
            f"{point['real']:,}",
            f"{point['candidates']:.2f}",
            f"{point['aligned']:.2f}",
            {20_000: "3", 200_000: "15"}.get(point["documents"], ""),
        ]
        for point in points
    ]
    head = ["background documents", "of them real", "candidate pairs a document", "of these aligned", "limit"]
    return "\n" + table(head, lines) + f"\n{_INVENTED}\n"


def unseen_section() -> str:
    """Styles that the corpus has no row for."""
    lines = []
    for row in _read_list(f"unseen-{Half.REPORTING}.json"):
        found = sum(row["labels"].values())
        low, high = wilson_interval(found, row["n"])
        labels = ", ".join(f"{label} {count}" for label, count in row["labels"].items())
        ratio = f"{found / row['n']:.3f}"
        lines.append(
            [row["style"], str(row["n"]), f"{row['aligned']}", ratio, f"{low:.3f}-{high:.3f}", labels]
        )
    head = ["style", "n", "aligned", "recall", "95%", "labels given"]
    return f"\n## Styles that nothing was fitted on\n\n{_UNSEEN}\n\n{table(head, lines)}" if lines else ""


def direction_section() -> str:
    """Which text of a spun pair is called the original, row by row."""
    lines = []
    for row in _read_list(f"direction-{Half.REPORTING}.json"):
        counts = [row[name] for name in (RIGHT, UNSAID, WRONG)]
        n = sum(counts)
        lines.append([row["row"], str(n), *(f"{count / n:.3f}" if n else "" for count in counts)])
    head = ["row", "pairs labelled spun", *(RIGHT, UNSAID, WRONG)]
    return f"\n## Which is the original\n\n{_DIRECTION}\n\n{table(head, lines)}" if lines else ""


def cross_fit_section() -> str:
    """Small data sets, both halves, the tuning half judged by decisions that did not see it."""
    lines = []
    for row in _read_list("cross-fit.json"):
        n, found = row["tuning_n"] + row["reporting_n"], row["tuning_found"] + row["reporting_found"]
        low, high = wilson_interval(found, n)
        mark = "" if row["truth"] == "copy" else "not copies: "
        halves = (f"{row[f'{half}_found']}/{row[f'{half}_n']}" for half in ("tuning", "reporting"))
        lines.append([mark + row["row"], *halves, f"{found / n:.3f}", f"{low:.3f}-{high:.3f}"])
    head = ["row", "left out of the fit", "reporting half", "pooled", "95%"]
    return f"\n## Small sets, cross-fitted\n\n{_CROSS_FIT}\n\n{table(head, lines)}" if lines else ""


def _read_list(name: str) -> list[Values]:
    path = WORK / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def speed_section(speed: Values) -> str:
    """Text to signature, as ratios of one run."""
    base = speed["rates"].get("datasketch 2.0, bulk, xxhash", 1)
    lines = [[name, f"{rate:,.0f}", f"{rate / base:.2f}"] for name, rate in speed["rates"].items()]
    note = (
        f"\n{speed['documents']} documents of {speed['words']:.0f} words, one core, best of five rounds.\n\n"
    )
    return note + table(["", "documents a second", "x datasketch 2.0 bulk"], lines)


def compose() -> str:
    """The whole text of ``RESULTS.md``."""
    own = read(f"newsdedup-{Half.REPORTING}.json")
    counts = own["counts"]
    peers = peer_results()
    precision, recall, f1 = own["bcubed"]
    parts = [
        _HEAD,
        f"\nDetector fingerprint `{own['fingerprint']}`, {datetime.now(UTC).date().isoformat()}.\n",
        (
            f"\n{counts['documents']:,} documents, {counts['candidate_pairs']:,} candidate pairs,"
            f" {counts['aligned_pairs']:,} aligned, {counts['reported_pairs']:,} reported, {counts['clusters']:,} clusters"
            f" (largest {counts['largest_cluster']}).\n"
        ),
        "\n## Copies found\n\n",
        table(["level", "n", "recall", "95%", "goal", "met", "labels given"], recall_rows(own)),
        "\n## Pairs that are not copies\n\n",
        table(["set", "pairs", "reported", "share (95%)", "limit", "met"], false_rows(own)),
        (
            "\n## Precision, label by label\n\nVerbatim copies are left out, except of *exact*. *Strict* counts only pairs of the first table as"
            " copies, not pairs of two copies of one original.\n\n"
        ),
        table(
            ["label", "reported", "false", "unread", "precision", "strict", f">= {PRECISION_GOAL}"],
            precision_rows(own),
        ),
        (
            "\nMost copies above were made for the benchmark, so precision above is that of a corpus rich in them. Among"
            " the background articles as they were published, which hold few copies:\n\n"
        ),
        table(["label", "copies", "neither way", "false or unread", "precision"], natural_rows(own)),
        (
            f"\nFalse or unread pairs inside the background: {own['background_false_count']} among"
            f" {own['background_count']:,} documents, {_false_per_10k(own)} per 10,000.\n"
        ),
        (
            f"\nClusters: B-cubed precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f} (goal {BCUBED_GOAL}); texts that"
            " hold a passage among other material are left out of the count, not of the run.\n"
        ),
        random_section(),
        cross_fit_section(),
        unseen_section(),
        direction_section(),
        "\n## The same corpus, other detectors\n\n![recall by row](plots/recall.png)\n\n",
        peer_section(own, peers),
        "\n## What each stage keeps\n\n",
        stage_section(own),
        growth_section(),
        "\n![candidate pairs a document](plots/candidates.png)\n\n![bands of each view](plots/bands.png)\n\n",
        "![recall against buckets an article, tuning half](plots/buckets.png)\n\n",
        (Path(__file__).parent / "notes.md").read_text(encoding="utf-8"),
    ]
    speed = read("speed.json")
    if speed:
        parts += ["\n## Speed\n", speed_section(speed)]
    if SOAK.exists():
        parts += ["\n#", SOAK.read_text(encoding="utf-8")]  # its heading becomes one of a section
    return "".join(parts)


def main() -> None:
    """Writes the report and the plots."""
    PLOTS.mkdir(exist_ok=True)
    own = read(f"newsdedup-{Half.REPORTING}.json")
    peers = peer_results()
    draw_recall(own, peers, PLOTS / "recall.png")
    draw_s_curves(PLOTS / "bands.png")
    curve = WORK / "curve.json"
    if curve.exists():
        draw_candidate_curve(json.loads(curve.read_text(encoding="utf-8")), PLOTS / "candidates.png")
    draw_bucket_choice(_read_list("buckets.json"), PLOTS / "buckets.png")
    TARGET.write_text(compose(), encoding="utf-8")
    print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
