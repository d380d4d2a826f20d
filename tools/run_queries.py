"""Runs every SQL block of ``docs/queries.md`` on the demonstration's database and gives the page with their output.

``python -m tools.run_queries`` rewrites the page; a test compares.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import fields
from pathlib import Path

from click.testing import CliRunner

from dedup import DedupConfig
from newsdedup.cli import main
from newsdedup.jobs.database import open_database
from storage.articles import stream_articles
from storage.ingest import resolve_pending, store_articles
from storage.models import Base
from storage.readonly import QueryResult, run_query
from storage.values import Article, StoredArticle

PAGE = Path(__file__).parent.parent / "docs" / "queries.md"
_BLOCK = re.compile(r"```sql\n(?P<sql>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)
_MAX_WIDTH = 46
_OF_ARTICLES = {
    "article",
    "article_version",
    "article_sighting",
    "signature",
    "band_recent",
    "band_segment",
    "band_page",
    "band_hot",
    "hot_bucket",
    "duplicate_pair",
    "cluster",
    "cluster_member",
    "cluster_event",
}


def answered(page: str, url: str) -> str:
    """The page with the output of every SQL block behind it."""

    def answer(block: re.Match[str]) -> str:
        sql = block["sql"]
        return f"```sql\n{sql}```\n\n```text\n{_shown(run_query(url, sql))}\n```\n"

    return _BLOCK.sub(answer, page)


def crawl_demonstration(folder: Path) -> str:
    """The URL of a database that the demonstration has filled."""
    path = folder / "demo.db"
    result = CliRunner().invoke(main, ["demo", "--database", str(path), "-q"])
    if result.exit_code:
        raise RuntimeError(result.stderr)
    _number_by_address(f"sqlite:///{path}")
    return f"sqlite:///{path}"


def _number_by_address(url: str) -> None:
    """Store the crawled articles again in order of address: a crawl numbers them in the order of arrival."""
    sessions = open_database(url)
    with sessions.begin() as session:
        articles = [_as_crawled(one) for one in stream_articles(session)]
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in _OF_ARTICLES:
                session.execute(table.delete())
    store_articles(sessions, articles, DedupConfig())
    resolve_pending(sessions, DedupConfig())
    sessions.kw["bind"].dispose()


def _as_crawled(stored: StoredArticle) -> Article:
    names = {field.name for field in fields(StoredArticle)}
    return Article(
        **{field.name: getattr(stored, field.name) for field in fields(Article) if field.name in names}
    )


def _shown(result: QueryResult) -> str:
    rows = [[_cell(value) for value in row] for row in result.rows]
    table = [list(result.columns), *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(result.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = (
        f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else " ".join(str(value).split())
    )
    return text if len(text) <= _MAX_WIDTH else text[: _MAX_WIDTH - 1] + "…"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PAGE.write_text(answered(PAGE.read_text(), crawl_demonstration(Path(name))))
