from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.seeds import SeedsError, check_seeds, load_seeds

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = """
[defaults]
language = "en"
every = "2h"

[[source]]
name = "Courier"
home = "http://courier.test"
country = "GB"
feeds = ["http://courier.test/feed.xml"]
"""


def _file(folder: Path, text: str, name: str = "seeds.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_hold_for_every_source(tmp_path: Path) -> None:
    (source,) = load_seeds(_file(tmp_path, _GOOD)).sources
    assert (source.name, source.host, source.country) == ("Courier", "courier.test", "GB")
    assert (source.language, source.every) == ("en", "2h")
    assert source.feeds == ("http://courier.test/feed.xml",)


@pytest.mark.parametrize(
    ("text", "entry", "words"),
    [
        ('[[source]]\nhome = "http://a.test"\n', "source 1", "name must be a text"),
        ('[[source]]\nname = "A"\nhome = "a.test"\n', "source 1 (A)", "home:"),
        (
            '[[source]]\nname = "A"\nhome = "http://a.test"\nfeeds = ["ftp://a.test/f"]\n',
            "source 1 (A)",
            "feeds:",
        ),
        ('[[source]]\nname = "A"\nhome = "http://a.test"\nfeed = []\n', "source 1 (A)", "unknown key 'feed'"),
        ('[[source]]\nname = "A"\nhome = "http://a.test"\nevery = "soon"\n', "source 1 (A)", "every must be"),
        (
            '[[source]]\nname = "A"\nhome = "http://a.test"\nevery = "61 * * * *"\n',
            "source 1 (A)",
            "every must be",
        ),
        (
            '[[source]]\nname = "A"\nhome = "http://a.test"\ncountry = "UKX"\n',
            "source 1 (A)",
            "country must be",
        ),
        (_GOOD + _GOOD.partition("every")[2].partition("\n")[2], "source 2 (Courier)", "already used"),
        ("[[source]\n", "", "is not TOML"),
        ("", "", "has no [[source]] entry"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file(tmp_path: Path, text: str, entry: str, words: str) -> None:
    path = _file(tmp_path, text)
    (problem,) = check_seeds(path)
    assert (problem.path, problem.entry) == (str(path), entry)
    assert words in problem.message
    with pytest.raises(SeedsError, match=r"seeds\.toml"):
        load_seeds(path)


def test_an_unreadable_file_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    (problem,) = check_seeds(tmp_path / "missing.toml")
    assert "cannot be read" in problem.message


def test_opml_is_read_as_seeds(tmp_path: Path) -> None:
    opml = (
        '<opml version="2.0"><body><outline text="World"><outline title="A" xmlUrl="http://a.test/f" htmlUrl="http://a.test/"/>'
        '<outline title="A" xmlUrl="http://b.test/f"/><outline title="twice" xmlUrl="http://a.test/f"/></outline></body></opml>'
    )
    sources = load_seeds(_file(tmp_path, opml, "list.opml")).sources
    assert [(source.name, source.home_url) for source in sources] == [
        ("A", "http://a.test/"),
        ("A (2)", "http://b.test/"),
    ]


def test_opml_with_entities_is_refused(tmp_path: Path) -> None:
    text = '<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>'
    (problem,) = check_seeds(_file(tmp_path, text, "list.opml"))
    assert "entities" in problem.message
