"""Reads articles from saved HTML pages, many at once; a page whose article is stored as it is costs no reading.

Must not store anything; a page that gives no article becomes a problem, and the rest is read.
"""

from __future__ import annotations

import re
import zlib
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.articles import body_hash
from crawler.page.extracted import ExtractionConfig
from crawler.page.extraction import EXTRACTOR, extract_article
from crawler.page.html import decode_html
from crawler.refusals import Skipped
from crawler.urls import identity_url
from crawler.workers import PageTask, WorkerPool
from newsdedup.files import open_input
from newsdedup.jobs.read_articles import (
    FileProblem,
    article_of_page,
    collection_name,
    unreadable,
    web_address,
)
from storage.sql import storable_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from crawler.page.extracted import Extracted
    from newsdedup.jobs.read_articles import ReadingRequest
    from storage.articles import CapturedArticle
    from storage.values import Article

    _Tasks: TypeAlias = "Iterable[tuple[SavedPage, PageTask | Skipped]]"
    _ExtractEach: TypeAlias = "Callable[[_Tasks], Iterator[tuple[SavedPage, Extracted | Skipped]]]"

_TIMEOUT_SECONDS = 20.0
_FEW_PAGES = 20  # so few are read before workers would have come up
_PAGES_AT_ONCE = 100
_HEAD_BYTES = 200_000
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(\S+) -->")
_OWN_ADDRESS = (
    re.compile(r"<meta\b[^>]*\bproperty=[\"']og:url[\"'][^>]*\bcontent=[\"']([^\"']+)", re.IGNORECASE),
    re.compile(r"<meta\b[^>]*\bcontent=[\"']([^\"']+)[\"'][^>]*\bproperty=[\"']og:url", re.IGNORECASE),
    re.compile(r"<link\b[^>]*\brel=[\"']canonical[\"'][^>]*\bhref=[\"']([^\"']+)", re.IGNORECASE),
    re.compile(r"<link\b[^>]*\bhref=[\"']([^\"']+)[\"'][^>]*\brel=[\"']canonical", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page in a file; ``address`` where it came from, None where nothing says so, ``own`` its place in its folder."""

    name: str
    body: bytes
    content_hash: str
    address: str | None
    own: str

    @property
    def identities(self) -> tuple[str, ...]:
        """Under which its article may be stored."""
        return (identity_url(self.address), self.own) if self.address else (self.own,)


class PageFiles:
    """The saved pages of one import.

    ``stored`` gives what the articles of some identities were read from. A second page that claims the address of
    another gets its own: syndicated copies name the same original, and only one can be the page of that address.
    """

    def __init__(
        self,
        request: ReadingRequest,
        on_problem: Callable[[FileProblem], None],
        stored: Callable[[Collection[str]], Mapping[str, CapturedArticle]],
    ) -> None:
        self._request = request
        self._on_problem = on_problem
        self._stored = stored
        self._claimed: dict[str, str] = {}

    def read(self, names: Sequence[str]) -> Iterator[Article | None]:
        """The pages' articles; None for each that is stored as these very bytes, read by this extractor."""
        if len(names) < _FEW_PAGES:
            yield from self._read_in(names, _extracted_here)
            return
        with closing(
            WorkerPool(workers=self._request.worker_count, timeout_seconds=_TIMEOUT_SECONDS)
        ) as pool:
            waiting = iter(names)
            while part := list(islice(waiting, _PAGES_AT_ONCE)):
                yield from self._read_in(part, pool.extract_each)

    def _read_in(self, names: Sequence[str], extract_each: _ExtractEach) -> Iterator[Article | None]:
        pages = [page for name in names if (page := self._load(name)) is not None]
        known = self._known(pages)
        yield from (None for _ in known)
        unread = (page for page in pages if page.name not in known)
        for page, answer in extract_each((page, self._task(page)) for page in unread):
            if isinstance(answer, Skipped):
                self._on_problem(FileProblem(page.name, answer.reason, answer.detail or answer.reason))
            else:
                yield self._article(page, answer)

    def _load(self, name: str) -> SavedPage | None:
        try:
            with open_input(name) as stream:
                body = stream.read()
        except (OSError, EOFError, zlib.error) as error:
            self._on_problem(unreadable(name, error))
            return None
        return SavedPage(name, body, body_hash(body), _address(body, name, self._request), _own_address(name))

    def _known(self, pages: Iterable[SavedPage]) -> set[str]:
        """Names of the pages that are stored as they are."""
        found = list(pages)
        stored = self._stored({storable_key(one) for page in found for one in page.identities})
        known = set()
        for page in found:
            for identity in page.identities:
                article = stored.get(storable_key(identity))
                if article and (article.content_hash, article.extractor) == (page.content_hash, EXTRACTOR):
                    known.add(page.name)
                    self._claimed.setdefault(identity, page.content_hash)
        return known

    def _task(self, page: SavedPage) -> PageTask:
        return PageTask(page.body, page.address or page.own, self._request.now, None, ExtractionConfig())

    def _article(self, page: SavedPage, extracted: Extracted) -> Article:
        request = self._request
        article = article_of_page(
            extracted, page.address or page.own, page.body, request.now, request.source_name
        )
        if self._claimed.setdefault(article.identity_url, page.content_hash) == page.content_hash:
            return article
        article = article_of_page(extracted, page.own, page.body, request.now, request.source_name)
        return replace(article, declared_original_url=article.declared_original_url or page.address)


def _extracted_here(tasks: _Tasks) -> Iterator[tuple[SavedPage, Extracted | Skipped]]:
    for page, task in tasks:
        if isinstance(task, PageTask):
            yield page, extract_article(task.body, task.url, now=task.now, config=task.config)


def _address(body: bytes, name: str, request: ReadingRequest) -> str | None:
    """Where a saved page came from: the base URL given, else what the page says of itself."""
    if request.base_url is not None:
        return web_address(request.base_url.rstrip("/") + "/" + quote(Path(name).name))
    head = decode_html(body[:_HEAD_BYTES], None)
    stated = (match[1] for pattern in (_SAVED_FROM, *_OWN_ADDRESS) if (match := pattern.search(head)))
    return next((address for text in stated if (address := web_address(text))), None)


def _own_address(name: str) -> str:
    path = Path(name).resolve()
    return f"import://{collection_name(path.parent.name)}/{quote(path.name)}"
