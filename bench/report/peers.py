"""The same corpus given to other detectors, and how fast texts become signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.compare import PEERS, result_path
from bench.labels import Half
from bench.report.kept import read_values, table

if TYPE_CHECKING:
    from bench.report.kept import Values

_TITLE = "\n## The same corpus, other detectors\n\n![recall by row](plots/recall.png)\n\n"
_MINILM = (
    "\nMiniLM: every pair compared, computed in bfloat16 (a cosine moves by less than .01); its false pairs grow with"
    " the corpus.\n"
)
_LEFT_OUT = "left out of this run, not done after nine minutes on two cores in use"


def peer_results() -> list[Values]:
    """What is kept of each peer, in the order of the list."""
    paths = (result_path(peer, Half.REPORTING) for peer in PEERS)
    return [read_values(path.name) for path in paths if path.exists()]


def peer_section(own: Values, peers: list[Values]) -> str:
    """Recall of every detector, row by row, and what each merges wrongly."""
    everyone = [{"name": "newsdedup", **own}, *peers]
    found = [{row["row"]: row for row in one["rows"]} for one in everyone]
    lines = []
    for row in own["rows"]:
        mark = "" if row["truth"] == "copy" else "not copies: "
        lines.append([mark + row["row"], *(_share(rows.get(row["row"])) for rows in found)])
    lines += [
        ["false pairs per 10,000 background documents", *map(false_per_10k, everyone)],
        ["of these, not decided by a label or the rule", "0", *(f"{one['unread_count']}" for one in peers)],
        ["B-cubed F1 of clusters", *(f"{one['bcubed'][2]:.3f}" for one in everyone)],
    ]
    head = ["share of pairs reported", *(one["name"] for one in everyone)]
    return _TITLE + table(head, lines) + _not_run() + _MINILM


def false_per_10k(one: Values) -> str:
    """False pairs inside the background, per 10,000 of its documents."""
    return f"{10_000 * one['background_false_count'] / max(1, one['background_count']):.1f}"


def speed_section() -> str:
    """Text to signature, as ratios of one run."""
    speed = read_values("speed.json")
    if not speed:
        return ""
    base = speed["rates"].get("datasketch 2.0, bulk, xxhash", 1)
    lines = [[name, f"{rate:,.0f}", f"{rate / base:.2f}"] for name, rate in speed["rates"].items()]
    return (
        "\n## Speed\n"
        f"\n{speed['documents']} documents of {speed['words']:.0f} words, one core, best of five rounds.\n\n"
        + table(["", "documents a second", "x datasketch 2.0 bulk"], lines)
    )


def _share(row: Values | None) -> str:
    return f"{row['found_count'] / max(1, row['pair_count']):.3f}" if row else "-"


def _not_run() -> str:
    reasons = read_values("not-run.json")
    missing = [peer.name for peer in PEERS if not result_path(peer, Half.REPORTING).exists()]
    return "".join(f"\nNot run: {name}: {reasons.get(name, _LEFT_OUT)}.\n" for name in missing)
