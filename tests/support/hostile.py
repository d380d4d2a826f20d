"""Articles that try to act on whoever reads the report."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

from click.testing import CliRunner

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "<script>alert('ran')</script>"
IMAGE = '<img src="http://tracker.example/pixel.png" onerror="alert(1)">'
BREAKOUT = "\"'></title></style></textarea></svg><svg onload=alert(2)>{{ 7 * 7 }}"
REVERSED = "invoice \u202egnp.exe\u202c \u2066isolated"
ESCAPE = "\x1b]0;owned\x07\x1b[2J"
PARAGRAPHS = (
    "The harbour authority of Northwick said on Monday that the old lighthouse would be sold to a local trust for",
    "one pound, ending eleven years of argument about who should pay for its repair. Trustees promised to open the",
    "tower to visitors by June and to keep the lamp burning every night. Councillor Mary Oakes, who led the talks,",
    "called the sale a relief for taxpayers and a gift to the town. Engineers think the work will cost 340,000.",
)
TEXT = "\n\n".join(
    f"{paragraph} {attack}"
    for paragraph, attack in zip(PARAGRAPHS, (SCRIPT, IMAGE, BREAKOUT, REVERSED), strict=True)
)


def hostile_database(folder: Path) -> Path:
    """A database that holds two hostile articles, copies of each other, and a third with a telling edit."""
    articles = [
        _article(1, TEXT, f"{SCRIPT}{BREAKOUT}", f"Evil {IMAGE} {REVERSED}"),
        _article(2, TEXT.replace("argument", f"dispute{SCRIPT}"), f"{ESCAPE}{REVERSED}", f"Worse {BREAKOUT}"),
        _article(3, TEXT.replace("visitors", "tourists"), "javascript:alert(3)", "javascript:alert(4)"),
    ]
    (folder / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in articles))
    result = CliRunner().invoke(
        main, ["import", str(folder / "in.jsonl"), "--database", str(folder / "news.db")]
    )
    assert result.exit_code == 0, result.output
    # imports normalise addresses; a report must not rely on it
    with contextlib.closing(sqlite3.connect(folder / "news.db")) as connection, connection:
        connection.execute(
            "UPDATE article SET url = 'javascript:alert(5)' WHERE title = 'javascript:alert(3)'"
        )
    return folder / "news.db"


def _article(number: int, text: str, title: str, source: str) -> dict[str, str]:
    return {
        "id": str(number),
        "url": f'https://evil{number}.example/%3Cscript%3E?a="><script>alert({number})</script>',
        "source": source,
        "text": text,
        "title": title,
        "byline": SCRIPT,
        "published_at": f"2026-05-04T0{number}:00:00Z",
    }
