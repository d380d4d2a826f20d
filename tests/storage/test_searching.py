from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup import DedupConfig
from newsdedup.jobs.database import upgrade
from storage.cluster_lists import list_clusters
from storage.copying import copy_database
from storage.engine import make_sessions, open_engine
from storage.ingest import resolve_pending, store_articles
from storage.readonly import run_query
from storage.search import search_articles
from storage.search.words import Search, read_search, snippet
from storage.upkeep import forget_articles, prune_texts
from storage.values import ClusterFilter
from tests.support.articles import START, article

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Engine

    from storage.engine import Sessions
    from storage.values import Article
    from tests.support import postgres

TEXTS = {
    1: ("Oil price climbs", "Crude went up again. The price of oil was 82.5 dollars and/or more, Opec said."),
    2: (
        "Harbour news",
        "The oil price fell in São Paulo, where Huawei's harbour-master watched.The U.S. did not.",
    ),
    3: ("Rain again", "Nothing about fuel here: rain, rain, and a cricket match in Zürich that never began."),
    4: ("北京新闻", "昨天北京举行了新的会议讨论经济增长。"),
    5: (
        None,
        "Olive trees are old. Opecs of another kind, with gas and oil in the same line; price unknown.",
    ),
}


def fill(sessions: Sessions) -> None:
    stored = [article(n, words, title=title) for n, (title, words) in TEXTS.items()]
    ingest(sessions, stored)


def ingest(sessions: Sessions, articles: Sequence[Article]) -> None:
    store_articles(sessions, articles, DedupConfig())
    resolve_pending(sessions, DedupConfig())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    """The articles in a database that no test changes."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("library") / "library.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        url = server.create_database(request.getfixturevalue("migrated_postgres"))
    engine = open_engine(url)
    sessions = make_sessions(engine)
    fill(sessions)
    yield sessions
    engine.dispose()


@pytest.fixture
def changing(sessions: Sessions) -> Sessions:
    """The articles in a database of the test's own."""
    fill(sessions)
    return sessions


def found(sessions: Sessions, words: str) -> list[int]:
    with sessions() as session:
        return [int(one.article.url.rsplit("/", 1)[1]) for one in search_articles(session, words)]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("oil price", {1, 2, 5}),
        ('"oil price"', {1, 2}),
        ('"price of oil"', {1}),
        ("OIL -opec", {2, 5}),
        ("opec*", {1, 5}),
        ('oil -"same line" -harbour', {1}),
        ("sao paulo", {2}),
        ("SÃO", {2}),
        ("zurich", {3}),
        ("harbour-master", {2}),
        ("watched", {2}),
        ("u.s.", {2}),
        ("and/or", {1}),
        ("82.5", {1}),
        ("huawei", {2}),
        ("北京", {4}),
        ("北京 经济", {4}),
        ("oil -北京 -gas -crude", {2}),
        ("rain 北京", set()),
        ("nowhere", set()),
        ("-oil", set()),
        ("", set()),
        ("%%% ' \" ( ) * :", set()),
    ],
)
def test_a_search_finds_what_holds_all_of_it(library: Sessions, words: str, numbers: set[int]) -> None:
    assert set(found(library, words)) == numbers


def test_a_find_in_the_title_comes_first(library: Sessions) -> None:
    assert found(library, "oil price")[0] == 1
    assert found(library, "rain")[0] == 3


def test_the_snippet_shows_the_find(library: Sessions) -> None:
    with library() as session:
        (one,) = search_articles(session, '"price fell" sao')
        assert "The oil **price** **fell** in **São** Paulo" in one.snippet
        (one,) = search_articles(session, "经济")
        assert "讨论**经济**增长" in one.snippet


HOSTILE = [
    '"', '""', "'", "a' OR '1'='1", "NEAR(oil price)", "title:oil", "{title text}:oil", "oil AND", "OR", "NOT",
    "oil*price", "*", "^oil", "oil + price", "(oil", "oil)", "a:*b", "!oil", "oil & price", "oil | x", "<->", "\\",
    "\0oil", "oil' :*", "-", "--", '-"', "a" * 5000, "é" * 3000, "\u202eoil", "\ud800", "1e5", "-1", "🙂",
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_that_is_typed_breaks_a_search(library: Sessions, words: str) -> None:
    found(library, words)
    with library() as session:
        list_clusters(session, ClusterFilter(text=words))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(words=st.text(max_size=40))
def test_any_text_is_a_search(library: Sessions, words: str) -> None:
    found(library, words)


def test_a_changed_article_is_found_by_its_new_words_alone(changing: Sessions) -> None:
    store_articles(changing, [article(3, "A meadow full of buttercups.", title="Flowers")], DedupConfig())
    assert found(changing, "buttercups flowers") == [3]
    assert found(changing, "cricket") == []


def test_forgotten_and_pruned_texts_are_not_found(changing: Sessions) -> None:
    with changing() as session:
        number = search_articles(session, "cricket")[0].article.id
    forget_articles(changing, [number], START)
    assert found(changing, "cricket") == []
    prune_texts(changing, START.replace(year=START.year + 1))
    assert found(changing, "crude") == []
    assert found(changing, "climbs") == [1]  # titles stay


def test_a_copied_database_is_searched_too(library: Sessions, empty_url: str) -> None:
    upgrade(empty_url)
    target = open_engine(empty_url)
    copy_database(library.kw["bind"], target)
    assert found(make_sessions(target), "cricket") == [3]
    target.dispose()


def test_the_index_of_sqlite_agrees_with_the_articles(changing: Sessions, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL computes its column itself")
    store_articles(changing, [article(n, title=f"Renamed {n}") for n in range(2, 8)], DedupConfig())
    with sqlite3.connect(engine.url.database or "") as connection:
        # Raises when an entry is missing, or stands for words that the article has not.
        connection.execute("INSERT INTO article_search (article_search, rank) VALUES ('integrity-check', 1)")
    connection.close()


def test_people_may_ask_the_index_in_sql(library: Sessions) -> None:
    queries = {
        "sqlite": "SELECT rowid FROM article_search WHERE article_search MATCH 'cricket'",
        "postgresql": "SELECT article_id FROM article_search WHERE words @@ to_tsquery('simple', 'cricket')",
    }
    url = library.kw["bind"].url
    result = run_query(url.render_as_string(hide_password=False), queries[url.get_backend_name()])
    assert result.rows == ((3,),)


def test_a_snippet_prefers_the_place_with_the_most_terms() -> None:
    long = "oil " + "filler " * 60 + "the oil price of today " + "filler " * 60
    shown = snippet(long, read_search("oil price"))
    assert "the **oil** **price** of today" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


@pytest.mark.parametrize("words", ["", "one", "one two"])
def test_a_short_text_is_its_own_snippet(words: str) -> None:
    assert snippet(words, Search()) == words
