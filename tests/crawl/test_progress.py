from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from tests.crawl.pages import article_page, rss
from tests.support.program import environment, read_terminal
from tests.support.site_server import Page, serve

if TYPE_CHECKING:
    from pathlib import Path

_HOST = "http://gamma.test"
_PAGES = {
    f"{_HOST}/feed.xml": Page(rss([f"{_HOST}/one"]), "application/rss+xml"),
    f"{_HOST}/one": article_page("The only page", 1),
}


def test_a_crawl_says_from_its_start_what_it_waits_for(tmp_path: Path) -> None:
    may_answer = threading.Event()

    def hold(_url: str) -> None:
        may_answer.wait(60)

    seeds = tmp_path / "seeds.toml"
    seeds.write_text(f'[[source]]\nname = "G"\nhome = "{_HOST}/"\nfeeds = ["{_HOST}/feed.xml"]\n', "utf-8")
    command = [sys.executable, "-m", "newsdedup", "crawl", str(seeds), "--database", f"{tmp_path}/n.db"]
    master, slave = os.openpty()
    with serve(_PAGES) as site:
        site.on_visit = hold
        settings = {
            "TERM": "xterm",
            "COLUMNS": "140",
            "NEWSDEDUP_LOOPBACK_HOSTS": json.dumps(site.loopback_hosts),
        }
        with subprocess.Popen(command, stderr=slave, env={**environment(), **settings}) as process:
            os.close(slave)
            said = b""
            while b"waiting for the first feed" not in said and (more := read_terminal(master)):
                said += more
            may_answer.set()
            said += b"".join(iter(lambda: read_terminal(master), b""))
    os.close(master)
    assert process.returncode == 0
    assert b"waiting for the crawl to begin" in said.partition(b"waiting for the first feed")[0]
    assert b"1 new, 0 updated" in said


def test_a_seed_list_that_is_not_there_makes_no_database(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "newsdedup", "crawl", "nowhere.toml", "--database", f"{tmp_path}/n.db"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment()
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "nowhere.toml: cannot be read: no such file or directory" in done.stderr
