"""Reads articles from JSON Lines; saved pages are read by ``read_pages``, web archives by ``read_warc``.

Must not store anything; a file or line that gives no article becomes a problem, and the rest is read.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.articles import body_hash, build_article
from crawler.page.credits import agency_credit
from crawler.urls import BadUrlError, canonical_url, host_of, identity_url, site_of
from crawler.warc import WARC_SUFFIXES
from newsdedup.files import open_input
from newsdedup.jobs.document_lines import LineReader
from storage.values import NO_PUBLISHER, Article, SkipReason, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from crawler.page.extracted import Extracted
    from dedup.values import Document

JSONL_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz")
SEED_SUFFIXES = (".opml", ".toml")
_FOLDER_SUFFIXES = JSONL_SUFFIXES + HTML_SUFFIXES + WARC_SUFFIXES


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file, or a line of it, that gave no article (``is_refused``) or lost an optional field."""

    path: str
    reason: SkipReason
    message: str
    line_number: int | None = None
    is_refused: bool = True
    record_number: int | None = None
    page_url: str = ""

    @property
    def address(self) -> str:
        """What is noted as refused: the page where there is one, else the place in the file."""
        if self.page_url:
            return self.page_url
        line, record = self.line_number, self.record_number
        place = f"#line={line}" if line else f"#record={record}" if record else ""
        return self.path + place

    def __str__(self) -> str:
        line, record = self.line_number, self.record_number
        place = f": line {line}" if line else f": record {record}" if record else ""
        page = f" ({self.page_url})" if self.page_url else ""
        return f"{self.path}{place}{page}: {self.message}"


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """What to read and what to assume where a file does not say; ``worker_count`` 0 means one a processor."""

    now: datetime
    base_url: str | None = None
    source_name: str | None = None
    worker_count: int = 0


def list_files(paths: Iterable[str]) -> tuple[str, ...]:
    """The files named, and the readable ones in the folders named, in a stable order."""
    found: list[str] = []
    for name in paths:
        path = Path(name)
        if name == "-" or not path.is_dir():
            found.append(name)
            continue
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        found += [str(file) for file in inside if file.name.lower().endswith(_FOLDER_SUFFIXES)]
    return tuple(dict.fromkeys(found))


def read_articles(
    name: str, request: ReadingRequest, on_problem: Callable[[FileProblem], None]
) -> Iterator[Article]:
    """The articles of one file of lines; ``on_problem`` hears of everything refused, and may raise to stop."""
    try:
        if name == "-" or name.lower().endswith((*JSONL_SUFFIXES, ".json")):
            yield from _read_lines(name, request, on_problem)
        else:
            Path(name).stat()  # of a file that is not there, no other fault is told
            known = "JSON Lines (.jsonl), HTML (.html), WARC (.warc) and OPML (.opml) are read, .gz too"
            on_problem(FileProblem(name, SkipReason.UNREADABLE_FILE, f"unknown kind of file; {known}"))
    except (OSError, EOFError, zlib.error) as error:
        on_problem(unreadable(name, error))


def unreadable(name: str, error: Exception) -> FileProblem:
    """The problem of a file that cannot be read."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return FileProblem(name, SkipReason.UNREADABLE_FILE, f"cannot be read: {reason}")


def _read_lines(
    name: str, request: ReadingRequest, on_problem: Callable[[FileProblem], None]
) -> Iterator[Article]:
    reader = LineReader(
        lambda line: on_problem(
            FileProblem(name, line.reason, line.message, line.line_number, is_refused=line.is_refused)
        )
    )
    with open_input(name) as stream:
        seen, addresses = set[str](), set[str]()
        for number, document in reader.documents(stream):
            if document.id in seen:
                reader.refuse_duplicate(number, document.id)
                continue
            article = article_of_document(document, name, request)
            if article.identity_url in addresses:
                said = f"the address of {document.id!r} was given before"
                reader.refuse(number, SkipReason.DUPLICATE_ID, said)
                continue
            seen.add(document.id)
            addresses.add(article.identity_url)
            yield article


def article_of_document(document: Document, name: str, request: ReadingRequest) -> Article:
    """The article of a line of the file ``name``; without an address it gets a place in the file's collection."""
    collection = collection_name("stdin" if name == "-" else Path(name).name.split(".")[0])
    url = web_address(document.url) or f"import://{collection}/{quote(document.id, safe='')}"
    return Article(
        url=url,
        identity_url=identity_url(url) if url.startswith("http") else url,
        source=_source(url, document.source or request.source_name, collection, document.language),
        title=document.title,
        text=document.text,
        first_seen_at=request.now,
        fetched_at=request.now,
        language=document.language,
        published_at=document.published_at,
        published_precision=document.published_precision,
        published_origin="import" if document.published_at else None,
        credit=agency_credit(document.text),
        extractor="import jsonl",
    )


def article_of_page(
    extracted: Extracted, url: str, body: bytes, fetched_at: datetime, source_name: str | None
) -> Article:
    """The article of a page that was fetched by somebody else, as a crawl of its address would have stored it."""
    collection = url.removeprefix("import://").partition("/")[0]
    return build_article(
        extracted,
        url,
        source=_source(url, source_name, collection, extracted.language),
        feed_url=None,
        first_seen_at=fetched_at,
        fetched_at=fetched_at,
        content_hash=body_hash(body),
        identity=None if url.startswith("http") else url,
    )


def web_address(url: str | None) -> str | None:
    """The canonical form of an address that can be fetched; None of any other text."""
    try:
        return canonical_url(url) if url else None
    except BadUrlError:
        return None


def _source(url: str, name: str | None, collection: str, language: str | None) -> Source:
    if url.startswith("http"):
        host = host_of(url)
        site = site_of(host)
        return Source(name or site, f"{url.split('/', 3)[0]}//{host}/", site, language=language)
    if name is None:
        # A host of its own, so that a publisher of the same name stays one.
        return Source(collection, f"{NO_PUBLISHER}{collection}", f"{collection}.import", language=language)
    host = collection_name(name)
    return Source(name, f"import://{host}/", host, language=language)


def collection_name(text: str) -> str:
    """The name that articles of a file or folder without addresses share."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "import"
