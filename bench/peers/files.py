"""What every peer program reads and writes; plain Python, because each runs in an environment of its own.

python PEER.py DOCUMENTS.jsonl PAIRS.jsonl [threshold]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


def arguments() -> tuple[list[str], list[str], Path, float]:
    """Ids and texts of the documents, where to write pairs, and the threshold (0 where none was given)."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    threshold = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
    return [row["id"] for row in rows], [row["text"] for row in rows], Path(sys.argv[2]), threshold


def write_pairs(path: Path, pairs: set[tuple[str, str]]) -> None:
    """One pair a line, low id first."""
    with path.open("w", encoding="utf-8") as out:
        for a, b in sorted((min(pair), max(pair)) for pair in pairs):
            out.write(json.dumps({"id_a": a, "id_b": b}) + "\n")


def shingles(text: str, width: int = 5) -> set[str]:
    """Word shingles as the libraries' own examples make them; the whole text where it is shorter."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + width]) for at in range(max(1, len(words) - width + 1))}
