from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from newsdedup.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("news.example", "https://news.example/"),
        ("news.example/", "https://news.example/"),
        ("news.example/world?page=2", "https://news.example/world?page=2"),
        ("//news.example/world", "https://news.example/world"),
        ("feed://news.example/rss", "https://news.example/rss"),
    ],
)
def test_an_address_without_its_scheme_is_told_in_full(tmp_path: Path, target: str, address: str) -> None:
    result = CliRunner().invoke(main, ["crawl", target, "--database", f"sqlite:///{tmp_path}/c.db"])
    assert result.exit_code == 2
    assert f"of a site give the address: {address}\n" in result.stderr


def test_the_scheme_of_an_address_may_be_in_capitals(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["crawl", "HTTP://127.0.0.1:9/", "--database", f"sqlite:///{tmp_path}/c.db"]
    )
    assert "nothing came of this crawl, all was refused (2 address_refused)" in result.stderr
