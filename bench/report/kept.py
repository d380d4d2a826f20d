"""What the measuring programs kept in the work folder, and the tables it is laid out in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.sources import ROOT, WORK

if TYPE_CHECKING:
    from collections.abc import Iterable

Values = dict[str, Any]

PLOTS = ROOT / "bench" / "plots"


def read_values(name: str) -> Values:
    """One kept result, empty where there is none."""
    path = WORK / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_rows(name: str) -> list[Values]:
    """The rows of one kept result, none where there is none."""
    path = WORK / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
