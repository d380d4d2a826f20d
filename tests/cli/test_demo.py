from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from click.testing import CliRunner

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demo_finds_explains_and_says_what_is_new_when_run_again(tmp_path: Path) -> None:
    arguments = ["demo", "--database", str(tmp_path / "demo.db"), "--format", "json"]
    first, second = (CliRunner().invoke(main, arguments) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr + second.stderr
    shown, again = json.loads(first.stdout), json.loads(second.stdout)
    assert shown["corpus"]["source_count"] == 8
    assert shown["corpus"]["article_count"] >= 50
    assert shown["crawl"]["new_count"] == shown["corpus"]["article_count"]
    assert {"near", "spun", "excerpt"} <= set(shown["corpus"]["labels"])
    assert all(cluster["sources"] and cluster["first_seen_at"] for cluster in shown["clusters"])
    assert len(shown["substitutions"]) > 20, "only tables shorten the list"
    assert sum(entry["is_synonym"] for entry in shown["substitutions"]) > 10
    assert again["crawl"]["new_count"] == 0
    assert again["corpus"]["article_count"] == shown["corpus"]["article_count"]
    assert again["corpus"]["pair_count"] == shown["corpus"]["pair_count"]
    assert re.search(r"^finished in \d+ s; ", first.stderr, re.MULTILINE)
