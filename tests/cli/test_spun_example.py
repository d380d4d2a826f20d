"""The case that the product exists for: a spun article found on the web, and the plain article behind it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from newsdedup.cli import main
from tests.support.data import require_data

PLAIN = Path(__file__).parent.parent / "golden" / "huawei-plain.txt"


def test_a_spun_article_from_the_web_is_found_labelled_and_explained(tmp_path: Path) -> None:
    spun = require_data("spun-example.txt")
    plain = PLAIN.read_text(encoding="utf-8")
    articles = tmp_path / "articles.jsonl"
    articles.write_text(
        json.dumps({"id": "plain", "title": plain.split("\n")[0], "text": plain, "source": "Wire"})
    )
    database = f"sqlite:///{tmp_path / 'news.db'}"

    stored = CliRunner().invoke(main, ["import", str(articles), "--database", database])
    found = CliRunner().invoke(main, ["find", str(spun), "--database", database, "--format", "json"])

    assert (stored.exit_code, found.exit_code) == (0, 0), stored.output + found.output
    assert '"spun"' in found.stdout
    for replaced, by in (("founder", "fall in"), ("prepare", "ready"), ("android", "humanoid")):
        assert replaced in found.stdout, replaced
        assert by in found.stdout, by
