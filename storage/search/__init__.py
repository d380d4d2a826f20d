"""Full text search: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL; the index follows the articles.

Triggers follow changes and deletions. New articles are taken in a batch at a time: on SQLite as they are stored, for a
trigger a row would cost three times as much; on PostgreSQL, where words cost more, when their copies are looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, and_, column, func, literal_column, not_, or_, select, table, text, true
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from storage.articles import contains, load_articles
from storage.engine import is_sqlite
from storage.models import Article
from storage.search.words import Search, read_search, snippet, unaccented
from storage.values import FoundArticle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from storage.search.words import Term

_INDEX = table("article_search", column("rowid"), column("article_search"))
_WORDS = table("article_search", column("article_id", BigInteger), column("words", TSVECTOR))
_TITLE_WEIGHT = 5.0
INDEX_NEW_ARTICLES = text(
    "INSERT INTO article_search (rowid, title, text) SELECT id, title, text FROM article"
    " WHERE id > (SELECT coalesce(max(id), 0) FROM article_search_docsize)"
)
"""For SQLite: takes articles into the search index that are not yet in it."""
_INDEX_ARTICLES = """
    INSERT INTO article_search (article_id, words)
    SELECT id, search_words(title, text) FROM article {which} FOR SHARE
    ON CONFLICT (article_id) DO UPDATE SET words = excluded.words WHERE article_search.words <> excluded.words
"""
INDEX_ALL_ARTICLES = text(_INDEX_ARTICLES.format(which=""))
"""For PostgreSQL: takes all articles into the search index."""


def search_articles(session: Session, words: str, *, limit: int = 50) -> tuple[FoundArticle, ...]:
    """Articles that hold all that is looked for in title or text, the most relevant first, then the newest.

    ``words`` is what a person typed: see ``read_search``. Where it names nothing to look for, nothing is found.
    """
    search = read_search(words)
    if not search.wanted:
        return ()
    query = select(Article.id).where(_holds(session, search))
    if (relevance := _relevance(session, search)) is not None:
        query = _with_index(session, query, search).order_by(relevance)
    ids = session.scalars(query.order_by(Article.first_seen_at.desc(), Article.id).limit(limit)).all()
    articles = load_articles(session, ids, with_text=True)
    return tuple(
        FoundArticle(articles[number], snippet(articles[number].text or "", search)) for number in ids
    )


def matching_articles(session: Session, words: str) -> Select[int]:
    """The numbers of the articles that ``search_articles`` would find, as a subquery."""
    search = read_search(words)
    found = _holds(session, search) if search.wanted else not_(true())
    return select(Article.id).where(found)


def index_stored_articles(session: Session) -> None:
    """Where that is due when articles have been stored, take those into the search index that are not in it. Writes."""
    if is_sqlite(session):
        session.execute(INDEX_NEW_ARTICLES)


def index_resolved_articles(session: Session, article_ids: Sequence[int]) -> None:
    """Where that is due when their copies are looked up, take articles into the search index. Writes.

    The articles stay locked to the end of the transaction, so that no change of them is missed.
    """
    if not is_sqlite(session):
        statement = text(_INDEX_ARTICLES.format(which="WHERE id = ANY(:ids)"))
        session.execute(statement, {"ids": list(article_ids)})


def count_indexed(session: Session) -> int:
    """How many articles are in the search index."""
    rows = "article_search_docsize" if is_sqlite(session) else "article_search"
    return session.scalar(select(func.count()).select_from(table(rows))) or 0


def rewrite_index(session: Session) -> None:
    """Let nothing of removed texts remain in the search index. Writes; reads all of the index."""
    if is_sqlite(session):
        session.execute(text("INSERT INTO article_search (article_search) VALUES ('optimize')"))


def rebuild_index(session: Session) -> None:
    """Make the search index anew from the articles. Writes; reads every text."""
    if is_sqlite(session):
        session.execute(text("INSERT INTO article_search (article_search) VALUES ('rebuild')"))
    else:
        session.execute(INDEX_ALL_ARTICLES)


def _with_index(session: Session, query: Select[int], search: Search) -> Select[int]:
    if not is_sqlite(session):
        return query.join(_WORDS, _WORDS.c.article_id == Article.id)
    return query.join(_INDEX, _INDEX.c.rowid == Article.id).where(
        _INDEX.c.article_search.op("MATCH")(_fts5(search))
    )


def _relevance(session: Session, search: Search) -> ColumnElement[float] | None:
    """A number that is lower for more relevant articles; None where the index knows none of the terms."""
    if not _indexed(search.wanted):
        return None
    if is_sqlite(session):
        return func.bm25(literal_column("article_search"), _TITLE_WEIGHT, 1.0)
    return -func.ts_rank(_WORDS.c.words, _tsquery(search), 1)


def _holds(session: Session, search: Search) -> ColumnElement[bool]:
    conditions = [_contains(term) for term in search.wanted if term.raw is not None]
    conditions += [not_(_contains(term)) for term in search.unwanted if term.raw is not None]
    if _indexed(search.wanted):
        conditions.append(_in_index(session, search))
    elif _indexed(search.unwanted):
        conditions.append(not_(_in_index(session, Search(_indexed(search.unwanted)))))
    return and_(true(), *conditions)


def _in_index(session: Session, search: Search) -> ColumnElement[bool]:
    if is_sqlite(session):
        return Article.id.in_(
            select(_INDEX.c.rowid).where(_INDEX.c.article_search.op("MATCH")(_fts5(search)))
        )
    return Article.id.in_(select(_WORDS.c.article_id).where(_WORDS.c.words.op("@@")(_tsquery(search))))


def _indexed(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(term for term in terms if term.raw is None)


def _contains(term: Term) -> ColumnElement[bool]:
    pattern = contains(term.raw or "")
    return or_(
        func.coalesce(Article.title, "").ilike(pattern, escape="\\"),
        func.coalesce(Article.text, "").ilike(pattern, escape="\\"),
    )


def _fts5(search: Search) -> str:
    """The terms in FTS5's own language; words hold letters and digits alone, so nothing can break out."""
    wanted = " AND ".join(_fts5_term(term) for term in _indexed(search.wanted))
    unwanted = "".join(f" NOT {_fts5_term(term)}" for term in _indexed(search.unwanted))
    return f"({wanted}){unwanted}" if unwanted else wanted


def _fts5_term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + ("*" if term.is_prefix else "")


def _tsquery(search: Search) -> ColumnElement[str]:
    query: ColumnElement[str] | None = None
    for term in _indexed(search.wanted):
        query = _tsquery_term(term) if query is None else query.op("&&")(_tsquery_term(term))
    if query is None:
        raise ValueError("a search without a wanted term asks no index")
    for term in _indexed(search.unwanted):
        query = query.op("&&")(func.tsquery_not(_tsquery_term(term), type_=TSQUERY))
    return query


def _tsquery_term(term: Term) -> ColumnElement[str]:
    if term.is_prefix:
        return func.to_tsquery("simple", f"'{unaccented(term.words[0])}':*", type_=TSQUERY)
    return func.phraseto_tsquery("simple", " ".join(map(unaccented, term.words)), type_=TSQUERY)
