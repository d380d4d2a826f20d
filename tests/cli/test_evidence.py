"""`pair` and `find`: what is shown of two articles, and of a text and its copies."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.support.asking import answer, number_of, run, whole
from tests.support.lighthouse import ARTICLES, SPUN, STORY, article

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pair_is_explained_with_substitutions_side_by_side(database: Path) -> None:
    shown = answer(database, "pair", "https://courier.example/1", "https://buzz.example/3")
    assert shown["pair"]["label"] == "spun"
    assert {"words_a": "talks", "words_b": "negotiations", "is_synonym": True, "count": 1} in shown[
        "substitutions"
    ]
    assert "Northwick" in " ".join(shown["agreement"]["agreeing_anchors"]).title()
    text = run(database, "pair", "https://courier.example/1", "https://buzz.example/3").stdout
    assert "[-talks-]" in text
    assert "{+negotiations+}" in text


def test_two_articles_that_are_no_pair_are_judged_now(database: Path) -> None:
    numbers = [str(number_of(database, host)) for host in ("courier", "weather")]
    shown = answer(database, "pair", *numbers)["pair"]
    assert (shown["is_duplicate"], shown["is_stored"], shown["label"]) == (False, False, "not a copy")
    assert shown["reason"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("1", "77"), "no article '77'"),
        (("1", "1"), "are the same article"),
        (("1", "https://no.example/"), "no article"),
    ],
)
def test_a_pair_of_unknown_articles_is_a_clear_error(
    database: Path, names: tuple[str, str], message: str
) -> None:
    result = run(database, "pair", *names)
    assert result.exit_code == 1
    assert message in result.stderr


def test_find_tells_the_copies_of_a_text_and_stores_nothing(database: Path, tmp_path: Path) -> None:
    (tmp_path / "suspect.txt").write_text(SPUN.replace("Monday", "Monday morning"))
    before = whole(database)
    result = run(database, "find", str(tmp_path / "suspect.txt"), "--format", "json", "--fail-on", "found")
    assert result.exit_code == 3
    found = json.loads(result.stdout)["copies"]
    assert {copy["source"] for copy in found} == {"Courier", "Post", "Buzz"}
    assert found[0]["source"] == "Buzz"
    assert whole(database) == before


def test_find_names_every_article_that_holds_the_same_text(tmp_path: Path) -> None:
    entries = [
        *ARTICLES,
        article(5, "mirror.example", SPUN, "2026-05-06T09:00:00Z"),
        article(6, "echo.example", STORY, "2026-05-06T09:00:00Z"),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))
    database = tmp_path / "news.db"
    assert run(database, "import", str(tmp_path / "in.jsonl"), "-q").exit_code == 0
    (tmp_path / "text.txt").write_text(STORY)
    found = answer(database, "find", str(tmp_path / "text.txt"))["copies"]
    labels = {copy["source"]: copy["label"] for copy in found}
    assert labels.keys() == {"Courier", "Echo", "Post", "Buzz", "Mirror"}
    assert (labels["Courier"], labels["Echo"]) == ("exact", "exact")
    assert labels["Buzz"] == labels["Mirror"] == "spun"
    spun = answer(database, "report", "spun", "--source", "mirror.example")["pairs"]
    told = [sorted((pair["source_a"], pair["source_b"], *pair["also_at"])) for pair in spun]
    assert sorted(told) == [["Buzz", "Courier", "Mirror"], ["Buzz", "Mirror", "Post"]]
    originals = {
        pair["source_a" if pair["likely_original_id"] == pair["id_a"] else "source_b"] for pair in spun
    }
    assert originals == {"Courier", "Post"}
    stored = answer(database, "find", "https://courier.example/1")["copies"]
    assert {copy["source"] for copy in stored} == {"Echo", "Post", "Buzz", "Mirror"}


@pytest.mark.parametrize(
    "typed", ["https://www.courier.example/1/?utm_source=letter#top", "http://COURIER.example/1"]
)
def test_an_article_is_known_by_its_address_however_it_is_spelled(database: Path, typed: str) -> None:
    spun = "https://buzz.example/3"
    assert answer(database, "pair", typed, spun)["article_a"]["url"] == "https://courier.example/1"
    assert len(answer(database, "find", typed)["copies"]) == 2
    assert "would remove 1 article" in run(database, "forget", typed, "--dry-run").stderr


def test_a_share_of_nothing_is_not_told_as_all_or_none(database: Path) -> None:
    apart = answer(database, "pair", "https://courier.example/1", "https://weather.example/4")["pair"]
    assert (apart["is_duplicate"], apart["synonym_ratio"], apart["anchor_agreement_ratio"]) == (
        False,
        None,
        None,
    )
    spun = answer(database, "pair", "https://courier.example/1", "https://buzz.example/3")["pair"]
    assert spun["synonym_ratio"] > 0.5
    assert spun["anchor_agreement_ratio"] == 1.0


def test_of_a_publication_only_so_much_is_shown_as_was_stated(tmp_path: Path) -> None:
    entries = [
        article(1, "courier.example", STORY, "2026-05-04"),
        article(2, "post.example", f"{STORY} Sign up for our daily letter.", "2026-05-05"),
        article(3, "buzz.example", SPUN, "2026-05-04T09:00:00Z"),
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(entry) for entry in entries))
    database = tmp_path / "news.db"
    assert run(database, "import", str(tmp_path / "in.jsonl"), "-q").exit_code == 0
    own, copy = "https://courier.example/1", "https://post.example/2"
    shown = run(database, "pair", own, copy).stdout
    assert re.findall(r"^published +(.*)$", shown, re.MULTILINE) == ["2026-05-04", "2026-05-05"]
    assert answer(database, "pair", own, copy)["article_a"]["published_at"] == "2026-05-04T00:00:00Z"
    for command in (["search", "lamp"], ["clusters", "show", "1"]):
        told = run(database, *command).stdout
        assert "2026-05-04 09:00" in told
        assert "00:00" not in "\n".join(line for line in told.splitlines() if "2026-05" in line)
    lags = {
        row["copy_source"]: row["lag_seconds"]
        for row in answer(database, "watch", "--domain", "courier.example", "--dry-run")["copies"]
    }
    assert lags == {"Post": None, "Buzz": None}
    assert run(database, "report", "html", "--output", str(tmp_path / "pages")).exit_code == 0
    pages = [page.read_text() for page in (tmp_path / "pages").glob("*/*.html")]
    assert any(">2026-05-04 UTC<" in page for page in pages)
    assert not any("2026-05-04 00:00" in page or "2026-05-05 00:00" in page for page in pages)


def test_the_share_of_replaced_words_is_one_number_wherever_it_is_told(tmp_path: Path) -> None:
    wordier = (
        SPUN.replace("sold", "marketed off")
        .replace("ending", "putting an end to")
        .replace(" work", " labour")
    )
    texts = {"courier.example": STORY, "buzz.example": wordier}
    for order in (texts, dict(reversed(texts.items()))):
        entries = [
            article(number, host, text, f"2026-05-0{1 if text is STORY else 2}")
            for number, (host, text) in enumerate(order.items(), start=1)
        ]
        database = tmp_path / f"{entries[0]['source']}.db"
        (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, entries)))
        assert run(database, "import", str(tmp_path / "in.jsonl")).exit_code == 0
        urls = [entry["url"] for entry in entries]
        told = [answer(database, "pair", *names)["pair"] for names in (urls, urls[::-1])]
        told += answer(database, "clusters", "show", "1")["pairs"]
        told += [copy for url in urls for copy in answer(database, "find", url)["copies"]]
        assert len(told) == 5
        assert len({round(one["replaced_ratio"], 4) for one in told}) == 1
        shares = {f"{one['replaced_ratio']:.0%} of the words are replaced" for one in told}
        assert {one["reason"].partition(" in place")[0] for one in told if "reason" in one} == shares


def test_find_says_which_article_the_words_replaced_stand_in(database: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text(STORY.replace("repair", "fix").replace("argument", "quarrel"))
    told = run(database, "find", str(tmp_path / "long.txt"))
    assert re.search(r"^in article \d+ +in the text", told.stdout, re.MULTILINE)
    assert told.stderr.endswith("lighthouse would…'\n")


def test_what_was_pruned_is_told_where_texts_would_be_compared(database: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(database, older)
    with closing(sqlite3.connect(older)) as connection, connection:
        connection.execute(
            "UPDATE article SET first_seen_at = '2020-01-01 00:00:00.000000' WHERE url LIKE '%courier%'"
        )
    assert run(older, "db", "prune", "--older-than", "90d").exit_code == 0
    shown = run(older, "pair", "https://courier.example/1", "https://buzz.example/3").stdout
    assert "Side by side\n  a text is not stored any more\n" in shown
    (tmp_path / "text.txt").write_text(STORY)
    found = run(older, "find", str(tmp_path / "text.txt"), "--format", "json")
    assert {copy["source"] for copy in json.loads(found.stdout)["copies"]} == {"Post", "Buzz"}
    assert "1 candidate not compared" in found.stderr


def test_find_reads_standard_input_and_finds_nothing_for_something_new(database: Path) -> None:
    result = run(
        database, "find", "-", "--format", "json", stdin="A short note on the price of tin in Bolivia. " * 5
    )
    assert json.loads(result.stdout)["copies"] == []
    assert run(database, "find", "-", stdin="  \n").exit_code == 1
    assert "so short a text" in run(database, "find", "-", stdin="A lamp.").stderr
