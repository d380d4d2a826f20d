"""Smaller studies beside the corpus: unseen styles, the direction of copying, small sets cross-fitted."""

from __future__ import annotations

from bench.direction import RIGHT, UNSAID, WRONG
from bench.evaluation import wilson_interval
from bench.labels import Half
from bench.languages import SHARES
from bench.report.kept import read_rows, table

_UNSEEN = (
    "Rules in place of a thesaurus, typing errors, and short briefs (`bench/unseen.py`), made from articles of the reporting half,"
    " judged pair by pair."
)
_DIRECTION = (
    "Pairs without date, source and address, so that words alone can tell which side was altered (`bench/direction.py`). Of two"
    " spins of one original neither is the original, and any answer is wrong."
)
_NOTICES = (
    "Unrelated articles of 40-150 words of one site, all above one notice that is longer than they are, and on another site a copy"
    " of the first without it (`bench/notices.py`). Of two articles nobody can tell what is notice; from the third on it is learnt."
)
_LANGUAGES = (
    "Articles of real pages of 41 countries, as their publishers' own parsers read them, with a share of the long words replaced by"
    " any others of the language (`bench/languages.py`): no thesaurus can tell that they stand for each other. Nothing was fitted on"
    " them. Zulu and Xhosa have no list of function words, and of their long words most are replaced."
)
_CROSS_FIT = (
    "The stories of the small sets' tuning half are dealt into four folds; each is judged by a decision fitted on all else, and"
    " pooled with the reporting half (`bench/cross_fit.py`). Only the decision is fitted anew, not the estimate."
)


def unseen_section() -> str:
    """Styles that the corpus has no row for."""
    lines = []
    for row in read_rows(f"unseen-{Half.REPORTING}.json"):
        found = sum(row["labels"].values())
        low, high = wilson_interval(found, row["n"])
        labels = ", ".join(f"{label} {count}" for label, count in row["labels"].items())
        ratio = f"{found / row['n']:.3f}"
        lines.append(
            [row["style"], str(row["n"]), f"{row['aligned']}", ratio, f"{low:.3f}-{high:.3f}", labels]
        )
    head = ["style", "n", "aligned", "recall", "95%", "labels given"]
    return f"\n## Styles that nothing was fitted on\n\n{_UNSEEN}\n\n{table(head, lines)}" if lines else ""


def languages_section() -> str:
    """Copies in languages of which the corpus has no row, with words replaced at random."""
    rows = read_rows("languages.json")
    lines = [
        [row["language"], str(row["articles"]), *map(str, row["found"]), f"{row['false']} of {row['pairs']}"]
        for row in rows
    ]
    shares = [f"copies found, {share:.0%} replaced" for share in SHARES]
    head = ["language", "articles", *shares, "pairs of two articles called copies"]
    return f"\n## Other languages, no thesaurus\n\n{_LANGUAGES}\n\n{table(head, lines)}" if lines else ""


def notices_section() -> str:
    """Small sites whose articles are mostly one and the same notice."""
    lines = [
        [
            "one line" if row["on_one_line"] else "lines",
            f"{row['ratio']:.1f}",
            str(row["articles"]),
            str(row["pairs"]),
            str(row["false"]),
            f"{row['found']} of {row['sites']}",
        ]
        for row in read_rows(f"notices-{Half.REPORTING}.json")
    ]
    head = [
        "texts in",
        "notice, times the article",
        "articles a site",
        "pairs",
        "of them called copies",
        "copy elsewhere found",
    ]
    return f"\n## Articles under a longer notice\n\n{_NOTICES}\n\n{table(head, lines)}" if lines else ""


def direction_section() -> str:
    """Which text of a spun pair is called the original, row by row."""
    lines = []
    for row in read_rows(f"direction-{Half.REPORTING}.json"):
        counts = [row[name] for name in (RIGHT, UNSAID, WRONG)]
        n = sum(counts)
        lines.append([row["row"], str(n), *(f"{count / n:.3f}" if n else "" for count in counts)])
    head = ["row", "pairs labelled spun", *(RIGHT, UNSAID, WRONG)]
    return f"\n## Which is the original\n\n{_DIRECTION}\n\n{table(head, lines)}" if lines else ""


def cross_fit_section() -> str:
    """Small data sets, both halves, the tuning half judged by decisions that did not see it."""
    lines = []
    for row in read_rows("cross-fit.json"):
        n, found = row["tuning_n"] + row["reporting_n"], row["tuning_found"] + row["reporting_found"]
        low, high = wilson_interval(found, n)
        mark = "" if row["truth"] == "copy" else "not copies: "
        halves = (f"{row[f'{half}_found']}/{row[f'{half}_n']}" for half in ("tuning", "reporting"))
        lines.append([mark + row["row"], *halves, f"{found / n:.3f}", f"{low:.3f}-{high:.3f}"])
    head = ["row", "left out of the fit", "reporting half", "pooled", "95%"]
    return f"\n## Small sets, cross-fitted\n\n{_CROSS_FIT}\n\n{table(head, lines)}" if lines else ""
