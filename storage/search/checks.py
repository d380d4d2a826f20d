"""Proves that the search index follows the articles; repairs nothing.

Which articles are in it is compared for all, their words for a thousand of them, spread over the database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from storage.engine import is_sqlite
from storage.models import Article
from storage.values import IntegrityProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_EXAMPLES = 5
_SAMPLES = 1000
_BEGINNING = 200
_WORD = re.compile(r"[^\W_]")

# On PostgreSQL words are taken in when copies are looked up, on SQLite when articles are stored.
_ABSENT = {
    "sqlite": "SELECT id FROM article WHERE id NOT IN (SELECT id FROM article_search_docsize)",
    "postgresql": "SELECT id FROM article AS a WHERE dedup_state = 'done' "
    "AND NOT EXISTS (SELECT 1 FROM article_search AS s WHERE s.article_id = a.id)",
}
_OTHER_WORDS = (
    "SELECT a.id FROM article AS a JOIN article_search AS s ON s.article_id = a.id "
    "WHERE a.id % :step = 0 AND s.words <> search_words(a.title, a.text)"
)
_STRAYS = "SELECT id FROM article_search_docsize WHERE id NOT IN (SELECT id FROM article)"
_HOLDS = "SELECT count(*) FROM article_search WHERE article_search MATCH :words AND rowid = :id"


def check_search(session: Session) -> Iterator[IntegrityProblem]:
    """Where the search index and the articles differ."""
    absent = _ABSENT["sqlite" if is_sqlite(session) else "postgresql"]
    for article_id in session.scalars(text(f"{absent} ORDER BY id LIMIT {_EXAMPLES}")):
        yield IntegrityProblem("article that no search finds", f"article {article_id}")
    step = max(1, (session.scalar(select(func.max(Article.id))) or 0) // _SAMPLES)
    if is_sqlite(session):
        # A foreign key sees to that on PostgreSQL.
        for article_id in session.scalars(text(f"{_STRAYS} LIMIT {_EXAMPLES}")):
            yield IntegrityProblem("words of no article in the search index", f"article {article_id}")
        different = _without_their_beginning(session, step)
    else:
        different = list(session.scalars(text(_OTHER_WORDS), {"step": step}))
    for article_id in different[:_EXAMPLES]:
        yield IntegrityProblem("other words in the search index", f"article {article_id}")


def _without_their_beginning(session: Session, step: int) -> list[int]:
    beginning = func.substr(Article.text, 1, _BEGINNING)
    query = select(Article.id, beginning).where(Article.id % step == 0, Article.text.is_not(None))
    return [
        article_id
        for article_id, words in session.execute(query).all()
        if _WORD.search(words)
        and not session.scalar(text(_HOLDS), {"words": _phrase(words), "id": article_id})
    ]


def _phrase(words: str) -> str:
    """The words in FTS5's language, in their order; the last may have been cut."""
    quoted = words.replace('"', '""')
    return f'text : "{quoted}" *'
