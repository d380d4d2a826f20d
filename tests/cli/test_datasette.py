from __future__ import annotations

import csv
import io
import json
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from newsdedup.cli import main
from newsdedup.safe_text import REPLACEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHIPPED = json.loads(files("newsdedup.datasette").joinpath("metadata.json").read_text(encoding="utf-8"))
ASKED = {
    "time_line": {"cluster_id": "1"},
    "search": {"words": "lighthouse"},
    "taken_from_a_source": {"source": "Courier"},
}
EMPTY = {"refused_and_why"}  # an import refused nothing
NO_DATASETTE = "import sys; sys.modules['datasette'] = None; from newsdedup.cli import main; main()"


@pytest.fixture(scope="module")
def address(database: Path) -> Iterator[str]:
    """Where the real command listens, over the file as it is."""
    pytest.importorskip("datasette", reason="this needs the extra: pip install -e '.[datasette]'")
    command = [sys.executable, "-m", "newsdedup", "datasette", "--port", "0", "--database", str(database)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+)/ shows ", said)
        assert found, said + process.stderr.read()
        yield found[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0


def fetch(url: str, **headers: str) -> str:
    with urlopen(Request(url, headers=headers), timeout=300) as response:  # noqa: S310 -- our own server
        text: str = response.read().decode()
        return text


def rows(address: str, path: str, **asked: str) -> list[dict[str, Any]]:
    query = urlencode({**asked, "_shape": "array"})
    found: list[dict[str, Any]] = json.loads(fetch(f"{address}/news/{path}.json?{query}"))
    return found


def test_the_front_page_says_what_it_is(address: str) -> None:
    page = fetch(f"{address}/")
    assert SHIPPED["description"] in page


@pytest.mark.parametrize("name", SHIPPED["queries"])
def test_every_shipped_query_gives_an_answer(address: str, name: str) -> None:
    found = rows(address, name, **ASKED.get(name, {}))
    assert bool(found) is (name not in EMPTY)


def test_answers_are_those_of_the_database(address: str) -> None:
    assert [(row["place"], row["source"]) for row in rows(address, "time_line", cluster_id="1")] == [
        (1, "Courier"),
        (2, "Post"),
        (3, "Buzz"),
    ]
    assert {row["source"] for row in rows(address, "search", words="negotiations")} == {"Buzz"}
    assert rows(address, "spun_copies")[0]["spun_source"] == "Buzz"
    assert rows(address, "biggest_stories")[0]["member_count"] == 3


def test_tables_and_columns_that_the_metadata_names_exist(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for name, told in SHIPPED["tables"].items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
            assert columns, name
            named = {*told.get("facets", ()), told.get("sort_desc"), told.get("label_column")} - {None}
            assert named <= columns, name


@pytest.mark.parametrize("name", [name for name, told in SHIPPED["tables"].items() if not told.get("hidden")])
def test_every_shown_table_opens_with_its_title(address: str, name: str) -> None:
    assert SHIPPED["tables"][name]["title"] in fetch(f"{address}/news/{name}")


def test_the_workings_are_not_listed(address: str) -> None:
    page = fetch(f"{address}/news")
    for name, told in SHIPPED["tables"].items():
        if told.get("hidden"):
            assert f'<a href="/news/{name}">' not in page, name


def test_articles_are_searched(address: str) -> None:
    assert [row["title"] for row in rows(address, "article", _search="cricket captain")] == []
    assert [row["title"] for row in rows(address, "article", _search="umpires lunch")] == ["Rain again"]


@pytest.mark.parametrize(
    "sql", ["DELETE FROM article", "UPDATE article SET title = ''", "ATTACH 'x.db' AS x"]
)
def test_nothing_can_be_changed(address: str, database: Path, sql: str) -> None:
    with pytest.raises(HTTPError):
        fetch(f"{address}/news.json?{urlencode({'sql': sql})}")
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM article WHERE title <> ''").fetchone() == (4,)


def test_markup_in_titles_does_not_act(address: str) -> None:
    page = fetch(f"{address}/news/article")
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["article", "article/{}", "v_cluster_member", "article?_facet=title"])
def test_nothing_on_a_page_turns_the_reading_direction(address: str, path: str) -> None:
    hostile = next(row["id"] for row in rows(address, "article") if "HYPERLINK" in row["title"])
    page = fetch(f"{address}/news/{path.format(hostile)}")
    assert "HYPERLINK" in page
    assert not {"\x1b", "\u202e"} & set(page)
    assert REPLACEMENT in page


@pytest.mark.parametrize("path", ["article.csv", "article.csv?_dl=1", "article.csv?_size=max"])
def test_csv_holds_no_formula(address: str, path: str) -> None:
    text = fetch(f"{address}/news/{path}")
    assert not {"\x1b", "\u202e"} & set(text)
    found = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["id"] for row in found) == ["1", "2", "3", "4"]
    assert [row["title"][:12] for row in found if "HYPERLINK" in row["title"]] == ["'=HYPERLINK("]


def test_a_query_of_one_s_own_is_stopped_in_time(address: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(HTTPError, match="400") as refused:
        fetch(f"{address}/news.json?{urlencode({'sql': endless, '_timelimit': '100'})}")
    assert "took too long" in refused.value.read().decode()
    settings = json.loads(fetch(f"{address}/-/settings.json"))
    assert settings["sql_time_limit_ms"] == 10_000  # without which the URL's own word would count for nothing


def test_other_hosts_are_not_answered(address: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        fetch(f"{address}/", Host="evil.example")


def test_another_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    missing = CliRunner().invoke(main, ["datasette", "--database", str(tmp_path / "none.db")])
    assert missing.exit_code == 1
    assert "no database at" in missing.stderr


def test_without_the_extra_it_says_what_to_install(database: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", NO_DATASETTE, "datasette", "--database", str(database)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 1
    assert "pip install -e '.[datasette]'" in result.stderr
