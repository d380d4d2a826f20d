"""What every crawling peer is told and leaves behind; plain Python, because each runs in an environment of its own.

python PEER.py LISTS.json ARTICLES.sqlite        # HTTP_PROXY names the site
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ADDRESS = re.compile(r"<(?:link|loc)>(http://[^<]+/n\d[^<]*)</(?:link|loc)>")


def lists() -> dict[str, list[str]]:
    """Addresses of feeds and sitemaps, by kind."""
    return json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def listed_pages() -> list[str]:
    """Every page that the feeds and sitemaps name, for peers that are given addresses."""
    found = []
    for url in (*lists()["feeds"], *lists()["sitemaps"]):
        with urllib.request.urlopen(url) as answer:  # noqa: S310  # addresses that bench.crawl wrote
            found += _ADDRESS.findall(answer.read().decode())
    return [url.replace("&amp;", "&") for url in found]


def store(rows: Iterable[tuple[str, str | None, str | None]]) -> None:
    """Address, title and text of every article, into SQLite, a hundred a transaction."""
    with sqlite3.connect(sys.argv[2]) as database:
        database.execute("CREATE TABLE article (url TEXT, title TEXT, text TEXT)")
        batch = []
        for row in rows:
            batch.append(row)
            if len(batch) == 100:
                database.executemany("INSERT INTO article VALUES (?, ?, ?)", batch)
                database.commit()
                batch = []
        database.executemany("INSERT INTO article VALUES (?, ?, ?)", batch)
