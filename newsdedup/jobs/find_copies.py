"""Finds copies of a text in the database; nothing is stored.

Must not judge by itself: buckets, estimate and alignment are those of every crawl.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crawler.page.extracted import Extracted, ExtractionConfig
from crawler.page.extraction import extract_article
from crawler.page.html import decode_html, looks_like_html
from crawler.refusals import Skipped
from dedup import judge_pair, sign_documents
from dedup.candidates import likely_pairs
from dedup.values import Document, DuplicatePair
from newsdedup.files import open_input
from newsdedup.jobs.addresses import article_at
from newsdedup.jobs.errors import JobError
from storage.articles import articles_with_texts, load_articles
from storage.documents import load_documents
from storage.index import document_id, find_candidates, load_signatures
from storage.signatures import require_fingerprint

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from dedup import DedupConfig
    from storage.engine import Sessions
    from storage.values import StoredArticle

_QUERY_NUMBER = 2**62
_MAX_INPUT_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A stored article that is a copy of the text; in the pair the stored article is a, the text is b."""

    article: StoredArticle
    pair: DuplicatePair


@dataclass(frozen=True, slots=True)
class FindReport:
    """Copies of a text, the most similar first, and how many candidates were looked at.

    The texts of ``pruned_count`` of them are not stored any more: they may be copies too.
    """

    title: str | None
    text: str
    copies: tuple[FoundCopy, ...]
    candidate_count: int
    pruned_count: int = 0


def find_copies(
    sessions: Sessions, query: Document, config: DedupConfig, *, except_id: int | None = None
) -> FindReport:
    """The stored articles that are copies of a text.

    Raises:
        StorageError: the database cannot be read, or was indexed with another configuration.
    """
    with sessions() as session:
        require_fingerprint(session, config)
        (signature,) = sign_documents([query], config)
        buckets = np.sort(np.array(signature.buckets, dtype=np.int64))
        found = find_candidates(session, {_QUERY_NUMBER: buckets}, config.bucket_cap)
        ids = {low for low, high in found.pairs if high == _QUERY_NUMBER} - {except_id}
        stored = load_signatures(session, ids)
        pairs = [(number, _QUERY_NUMBER) for number in sorted(stored)]
        likely = {low for low, _ in likely_pairs({**stored, _QUERY_NUMBER: signature}, pairs, config)}
        texts = {stored[number].text_hash for number in likely} | {signature.text_hash}
        likely |= articles_with_texts(session, texts) - {except_id}
        articles = load_articles(session, likely, with_text=True)
        documents = load_documents(session, likely)
    # As its pairs were judged: an article that is stored is asked about under its number.
    asked = query if except_id is None else replace(query, id=document_id(except_id))
    copies = [
        FoundCopy(articles[number], _with_first(document, verdict))
        for number, (document, _) in documents.items()
        if isinstance(verdict := judge_pair(document, asked, config), DuplicatePair)
    ]
    copies.sort(key=lambda copy: (-copy.pair.measures.similarity, copy.article.id))
    return FindReport(query.title, query.text, tuple(copies), len(ids | likely), len(likely) - len(documents))


def _with_first(document: Document, pair: DuplicatePair) -> DuplicatePair:
    """The pair with the document as a."""
    if pair.id_a == document.id:
        return pair
    return replace(pair, id_a=pair.id_b, id_b=pair.id_a, measures=pair.measures.turned())


def read_query(name: str, now: datetime) -> Document:
    """A text to look for, from a file or standard input: plain text or a saved HTML page.

    Raises:
        JobError: it holds no text.
        OSError: the file cannot be read.
    """
    with open_input(name) as stream:
        body = stream.read(_MAX_INPUT_BYTES)
    if not looks_like_html(body):
        return _plain(name, decode_html(body, "text/plain"))
    match extract_article(
        body, f"import://find/{_QUERY_NUMBER}", now=now, config=ExtractionConfig(min_words=1)
    ):
        case Skipped(detail=detail):
            raise JobError(f"{name}: no article in this page: {detail}")
        case Extracted() as page:
            return Document(document_id(_QUERY_NUMBER), page.text, page.title, language=page.language)


def read_stored_query(session: Session, url: str) -> tuple[Document, int] | None:
    """A stored article as a text to look for, with its number; None when that address is not stored."""
    article = article_at(session, url)
    if article is None or article.text is None:
        return None
    document, _ = load_documents(session, [article.id])[article.id]
    query = Document(
        document_id(_QUERY_NUMBER),
        document.text,
        document.title,
        language=article.language,
        boilerplate=document.boilerplate,
    )
    return query, article.id


def _plain(name: str, text: str) -> Document:
    if not text.strip():
        raise JobError(f"{name}: there is no text in it")
    title = text.strip().split("\n", 1)[0].strip()
    return Document(document_id(_QUERY_NUMBER), text, title[:200])
