from __future__ import annotations

import asyncio
import re
import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import Condition
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from dedup import DedupConfig
from newsdedup.cli import main
from newsdedup.jobs.database import open_database
from newsdedup.reports.html.pages import Pages
from newsdedup.serve.app import build_app
from storage.engine import reading_sessions
from storage.ingest import resolve_pending, store_articles
from tests.support.articles import article, copies
from tests.support.live import LiveServer, live_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from starlette.applications import Starlette
    from starlette.types import Message

    from newsdedup.reports.html.addresses import Paging
    from newsdedup.reports.html.values import FilterForm
    from storage.values import ClusterSummary


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story of four articles, one of two, and an article by itself."""
    path = tmp_path_factory.mktemp("serve") / "news.db"
    sessions = open_database(f"sqlite:///{path}", create=True)
    store_articles(sessions, [*copies(1, 4, 10), *copies(2, 2, 20), article(30)], DedupConfig())
    resolve_pending(sessions, DedupConfig())
    sessions.kw["bind"].dispose()
    return path


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[LiveServer]:
    with live_server(database) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "Who copied what"),
        ("/index.html", "Who copied what"),
        ("/clusters.html", "2 stories carried more than once"),
        ("/clusters.html?min_size=3", "1 story carried more than once"),
        ("/clusters.html?label=exact", "0 stories carried more than once"),
        ("/clusters.html?source=site20.test", "1 story carried more than once"),
        ("/clusters.html?text=headline+21", "1 story carried more than once"),
        ("/clusters.html?until=2020-01-01", "0 stories carried more than once"),
        ("/clusters.html?text=%22%29+OR+*+NEAR%28", "carried more than once"),
        ("/pairs.html", "7 duplicate pairs"),
        ("/pairs.html?source=site20.test", "1 duplicate pair,"),
        ("/sources.html", "Who copies whom"),
        ("/clusters/1.html", "How it spread"),
        ("/pairs/1-2.html", "Side by side"),
        ("/pairs/1-7.html", "Compared now; the database does not hold these two as copies."),
    ],
)
def test_every_page_is_served_and_filtered(server: LiveServer, path: str, shown: str) -> None:
    answer = server.ask(path)
    assert answer.status == 200
    assert shown in answer.text
    assert "Live from the database" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/clusters/77.html", 404),
        ("/clusters/99999999999999999999999.html", 404),
        ("/pairs/1-77.html", 404),
        ("/pairs/2-2.html", 404),
        ("/pairs/1-x.html", 404),
        ("/..%2f..%2fetc/passwd", 404),
        ("/clusters.html?label=%3Cscript%3E", 400),
        ("/clusters.html?page=0", 400),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(server: LiveServer, path: str, status: int) -> None:
    answer = server.ask(path)
    assert answer.status == status
    assert "To the overview" in answer.text
    assert "<script" not in answer.text


def test_a_pair_has_one_address(server: LiveServer) -> None:
    answer = server.ask("/pairs/2-1.html")
    assert (answer.status, answer.headers["location"]) == (307, "/pairs/1-2.html")


@pytest.mark.parametrize("path", ["/", "/nothing", "/style.css", "/clusters.html?label=x"])
def test_every_answer_forbids_scripts_frames_and_foreign_assets(server: LiveServer, path: str) -> None:
    headers = server.ask(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "localhost@evil"]
)
def test_a_foreign_host_name_is_refused(server: LiveServer, host: str) -> None:
    answer = server.ask("/", host=host)
    assert answer.status == 400
    assert "Who copied" not in answer.text


def test_this_machines_names_are_answered(server: LiveServer) -> None:
    assert [server.ask("/", host=host).status for host in ("localhost", "LOCALHOST:1234", "[::1]:80")] == [
        200
    ] * 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent(server: LiveServer, method: str) -> None:
    assert server.ask("/clusters.html", method=method).status == 405


def test_many_readers_at_once_are_all_answered(server: LiveServer) -> None:
    paths = ["/", "/clusters.html", "/pairs.html", "/sources.html", "/clusters/1.html", "/pairs/1-2.html"] * 6
    with ThreadPoolExecutor(len(paths)) as readers:
        assert [answer.status for answer in readers.map(server.ask, paths)] == [200] * len(paths)


class _SlowPages(Pages):
    """Pages of which the first waits for a second, and that know how many of them were made at once."""

    def __init__(self) -> None:
        super().__init__(None)
        self.now, self.most, self.changed = 0, 0, Condition()

    def clusters(
        self, clusters: Sequence[ClusterSummary], paging: Paging, form: FilterForm | None = None
    ) -> str:
        with self.changed:
            self.now += 1
            self.most = max(self.most, self.now)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.most > 1, timeout=300)
        time.sleep(0.02)
        with self.changed:
            self.now -= 1
        return super().clusters(clusters, paging, form)


def _ask_at_once(app: Starlette, count: int) -> list[Message]:
    """How each of so many answers to readers who come together begins."""
    begun: list[Message] = []

    async def ask() -> None:
        async def send(message: Message) -> None:
            begun.extend([message] if message["type"] == "http.response.start" else [])

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        scope = {"type": "http", "method": "GET", "path": "/clusters.html", "query_string": b""}
        await app({**scope, "headers": [(b"host", b"desk.example")]}, receive, send)

    async def ask_all() -> None:
        async with app.router.lifespan_context(app):
            await asyncio.gather(*(ask() for _ in range(count)))

    asyncio.run(ask_all())
    return begun


def test_readers_wait_for_their_turn_and_never_for_a_connection(database: Path) -> None:
    sessions, pages = reading_sessions(open_database(f"sqlite:///{database}")), _SlowPages()
    app = build_app(sessions, pages, DedupConfig(), ["desk.example"])
    assert [answer["status"] for answer in _ask_at_once(app, 30)] == [200] * 30
    assert 1 < pages.most <= sessions.kw["bind"].pool.size()
    sessions.kw["bind"].pool.dispose()


def test_a_reader_of_a_database_in_use_is_told_to_come_again(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    sessions = open_database(f"sqlite:///{path}?timeout=0.1", create=True)
    sessions.kw["bind"].dispose()
    app = build_app(
        reading_sessions(sessions), Pages(datetime(2026, 5, 4, tzinfo=UTC)), DedupConfig(), ["desk.example"]
    )
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        (answer,) = _ask_at_once(app, 1)
    assert answer["status"] == 503
    assert (b"retry-after", b"10") in [(name.lower(), value) for name, value in answer["headers"]]
    sessions.kw["bind"].dispose()


def test_new_articles_are_seen_at_once(database: Path, server: LiveServer) -> None:
    with sqlite3.connect(database) as connection:
        before = connection.execute("SELECT title FROM article WHERE id = 1").fetchone()[0]
        connection.execute("UPDATE article SET title = 'A headline mended' WHERE id = 1")
    assert "A headline mended" in server.ask("/clusters/1.html").text
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE article SET title = ? WHERE id = 1", (before,))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told(database: Path, number: signal.Signals) -> None:
    with live_server(database) as running:
        assert running.ask("/style.css").status == 200
        assert running.stop(number) == (0, "")


def test_another_name_is_answered_when_allowed(database: Path) -> None:
    with live_server(database, "--allow-host", "desk.example") as running:
        assert running.ask("/style.css", host="desk.example:8765").status == 200
        assert running.ask("/style.css", host="evil.example").status == 400


def test_a_port_in_use_and_a_missing_database_are_clear_errors(database: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--database", str(database), "--port", port])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}: address already in use" in result.stderr
    result = CliRunner().invoke(main, ["serve", "--database", str(tmp_path / "none.db")])
    assert result.exit_code == 1
    assert "no database at" in result.stderr


def test_every_copy_in_a_cluster_leads_to_its_evidence(server: LiveServer) -> None:
    page = server.ask("/clusters/1.html").text
    spread = page[page.index('class="spread"') : page.index("<h2>Evidence</h2>")]
    links = re.findall(r'href="\.\./(pairs/[^"]+)"', spread)
    assert len(links) == 3
    assert all(server.ask(f"/{link}").status == 200 for link in links)


def test_an_analysts_verdict_is_shown_with_its_note(database: Path, server: LiveServer) -> None:
    pair = ("pair", "5", "6", "--database", str(database))
    assert CliRunner().invoke(main, [*pair, "--confirm", "same <b>wire</b> text"]).exit_code == 0
    evidence, reviewed = server.ask("/pairs/5-6.html").text, server.ask("/pairs.html?review=confirmed").text
    assert CliRunner().invoke(main, [*pair, "--clear"]).exit_code == 0
    assert 'class="review confirmed"' in evidence
    assert "same &lt;b&gt;wire&lt;/b&gt; text" in evidence
    assert "1 duplicate pair," in reviewed
    assert "0 duplicate pairs" in server.ask("/pairs.html?review=confirmed").text


def test_evidence_outlives_a_pruned_text(database: Path, server: LiveServer) -> None:
    with sqlite3.connect(database) as connection:
        before = connection.execute("SELECT text FROM article WHERE id = 5").fetchone()
        connection.execute("UPDATE article SET text = NULL WHERE id = 5")
    page = server.ask("/pairs/5-6.html")
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE article SET text = ? WHERE id = 5", before)
    assert page.status == 200
    assert "The text of an article has been pruned" in page.text
    assert "new1word" in page.text
