from __future__ import annotations

import json
import shutil
import sqlite3
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from newsdedup.jobs.crawl import CrawlRequest, run_crawl
from tests.crawl.pages import article_page, article_text, rss
from tests.support.site_server import Page, Site, serve

if TYPE_CHECKING:
    from pathlib import Path

    from newsdedup.jobs.crawl_report import CrawlReport
    from storage.values import JsonValue

_HOST = "http://theta.test"
_SHELL = """<!doctype html><html lang="en"><head><title>Loading</title></head><body><div id="root">Loading ...</div>
<script>
for (const address of PRIVATE) {
  fetch(address).catch(() => null);
  const frame = document.createElement("iframe"); frame.src = address; document.body.append(frame);
  const picture = new Image(); picture.src = address;
}
fetch("/story.json").then((answer) => answer.json()).then((story) => {
  document.title = story.title;
  const paragraphs = story.text.split(". ").map((sentence) => "<p>" + sentence + ".</p>").join("");
  document.getElementById("root").innerHTML = "<article><h1>" + story.title + "</h1>" + paragraphs + "</article>";
});
</script></body></html>"""


def _seeds(folder: Path, javascript: str) -> Path:
    path = folder / "seeds.toml"
    path.write_text(
        f'[[source]]\nname = "Theta"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\njavascript = {javascript}\n'
    )
    return path


def _pages() -> dict[str, Page]:
    story = {"title": "Ferry returns to the northern harbour", "text": article_text(7)}
    return {
        f"{_HOST}/feed.xml": Page(
            rss([f"{_HOST}/app/story", f"{_HOST}/plain", f"{_HOST}/away"]), "application/rss+xml"
        ),
        f"{_HOST}/story.json": Page(json.dumps(story).encode(), "application/json"),
        f"{_HOST}/plain": article_page("A page without script", 8),
    }


def _crawl(folder: Path, site: Site, javascript: str, **settings: JsonValue) -> CrawlReport:
    return run_crawl(
        CrawlRequest(
            f"sqlite:///{folder}/j.db",
            _seeds(folder, javascript),
            loopback_hosts={"theta.test": site.address},
            settings={
                "AUTOTHROTTLE_ENABLED": False,
                "DOWNLOAD_TIMEOUT": 60,
                "NEWSDEDUP_EXTRACTION_WORKERS": 1,
                **settings,
            },
        )
    )


def _rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "j.db") as connection:
        return connection.execute(query).fetchall()


@pytest.mark.skipif(
    find_spec("scrapy_playwright") is None or shutil.which("chromium") is None,
    reason="needs the extra javascript and Chromium",
)
def test_an_article_shown_by_script_is_read_and_its_page_reaches_no_private_address(tmp_path: Path) -> None:
    with serve({}) as site:
        private = [
            f"http://{site.address}/secret",
            f"http://localhost:{site.address.rpartition(':')[2]}/secret",
        ]
        shell = _SHELL.replace("PRIVATE", json.dumps([*private, "http://10.0.0.7/secret"]))
        away = Page(status=302, headers={"Location": private[0]})
        site.pages |= {**_pages(), f"{_HOST}/app/story": Page(shell.encode()), f"{_HOST}/away": away}
        report = _crawl(tmp_path, site, "true")
        visits = dict(site.visits)
    assert _rows(tmp_path, "SELECT title FROM article ORDER BY title") == [
        ("A page without script",),
        ("Ferry returns to the northern harbour",),
    ]
    assert [url for url in visits if "secret" in url] == []
    assert visits[f"{_HOST}/away"] >= 1
    assert report.skipped == {"address_refused": 1}
    assert int(str(report.stats["newsdedup/browser/refused/address_refused"])) >= 4
    assert _rows(tmp_path, "SELECT needs_javascript FROM source") == [(1,)]


def test_without_a_browser_the_pages_wait_and_the_rest_is_crawled(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve(_pages()) as site:
        report = _crawl(tmp_path, site, "true", NEWSDEDUP_CHROMIUM="/nowhere/chromium")
        assert report.skipped == {"javascript_missing": 3}
        assert site.visits[f"{_HOST}/plain"] == 0
        assert "pip install -e '.[javascript]'" in capfd.readouterr().err
        assert set(_rows(tmp_path, "SELECT state, reason FROM crawl_url")) == {
            ("pending", "javascript_missing")
        }
        with sqlite3.connect(tmp_path / "j.db") as connection:
            connection.execute("UPDATE crawl_url SET next_attempt_at = NULL")
        again = _crawl(tmp_path, site, "false")
    assert again.new_count == 1
    assert _rows(tmp_path, "SELECT needs_javascript FROM source") == [(0,)]
