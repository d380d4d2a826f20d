"""How many articles of a source hold a line: counted as articles come, counted anew by a re-index or a takedown.

What the counts mean is ``dedup.boilerplate``'s to say. A line that turns out to be boilerplate stays in the
signatures made before; ``late_article_count`` says how many those are, and a re-index leaves none.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, tuple_

from dedup.boilerplate import (
    LineCount,
    SourceArticle,
    boilerplate_lines,
    count_lines,
    count_source,
    read_article,
)
from dedup.lines import line_words
from storage.engine import is_sqlite
from storage.models import Article, ArticleVersion, SourceLine
from storage.models import Source as SourceRow
from storage.sources import publisher_name
from storage.sql import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from dedup.values import Document

# A line of a source: the source's number and the line's hash.
_Key = tuple[int, int]
_COLUMNS = "source_id, line_hash, article_count, unrelated_count, is_boilerplate, late_article_count"
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[2:])


@dataclass(frozen=True, slots=True)
class _Stored:
    count: LineCount
    late_article_count: int = 0


@dataclass(frozen=True, slots=True)
class BoilerplateCounts:
    """Lines known to be boilerplate, and how often one stands in a signature made before that was known."""

    line_count: int
    late_article_count: int


def learn_lines(session: Session, texts: Sequence[tuple[int, str]]) -> list[frozenset[int]]:
    """Count the lines of texts that came in, each with its source; the boilerplate of each text by the new counts.

    Texts counted before change nothing. Collections without a publisher are not counted. Writes; other writers
    wait that count lines of the same sources.
    """
    publishers = _lock_publishers(session, {source_id for source_id, _ in texts})
    articles = [
        (source_id, read_article(text) if source_id in publishers else SourceArticle({}))
        for source_id, text in texts
    ]
    keys = {(source_id, line) for source_id, article in articles for line in article.words_by_line}
    stored = _lookup(session, keys)
    known: dict[int, dict[int, LineCount]] = defaultdict(dict)
    for (source_id, line), row in stored.items():
        known[source_id][line] = row.count
    changed: set[_Key] = set()
    for source_id, article in articles:
        counted = count_lines(article, known[source_id])
        known[source_id].update(counted)
        changed.update((source_id, line) for line in counted)
    new = _Stored(LineCount(0, 0))
    _upsert(session, {key: _update(stored.get(key, new), known[key[0]][key[1]]) for key in changed})
    return [boilerplate_lines(article.words_by_line, known[source_id]) for source_id, article in articles]


def mark_documents(session: Session, documents: Sequence[tuple[int, Document]]) -> list[Document]:
    """The documents, each given with its source, with what is known to be boilerplate in them."""
    lines = [
        (source_id, line_words(document.text) if document.source else {}) for source_id, document in documents
    ]
    wanted = {(source_id, line) for source_id, one in lines for line in one}
    known = _lookup(session, wanted, boilerplate_only=True)
    return [
        replace(document, boilerplate=frozenset(line for line in one if (source_id, line) in known))
        for (source_id, document), (_, one) in zip(documents, lines, strict=True)
    ]


def count_anew(session: Session, source_id: int, *, keeps_late: bool) -> None:
    """Count all lines of a source again, from its articles' current texts, in whatever order they came. Writes.

    ``keeps_late`` says that its signatures stay as they are. Memory grows with the source's lines, and with the
    texts that are mostly shared lines, or sentences of which others hold some.
    """
    publishers = _lock_publishers(session, {source_id})
    late: dict[int, int] = {}
    if keeps_late:
        query = select(SourceLine.line_hash, SourceLine.late_article_count)
        query = query.where(SourceLine.source_id == source_id, SourceLine.late_article_count > 0)
        late = dict(session.execute(query).all())
    session.execute(delete(SourceLine).where(SourceLine.source_id == source_id))
    if not publishers:
        return
    texts = select(Article.id, Article.text).where(Article.source_id == source_id, Article.text.is_not(None))
    article_ids: list[int] = []

    def read_texts() -> Iterator[str]:
        for article_id, text in session.execute(texts.execution_options(yield_per=500)):
            article_ids.append(article_id)
            yield text or ""

    once, counts = count_source(
        read_texts(), lambda places: _read_again(session, [article_ids[place] for place in places])
    )
    single = _Stored(LineCount(1, 1))
    for chunk in chunks(once.tolist(), 50_000):
        _upsert(session, {(source_id, line): single for line in chunk})
    repeated = {
        (source_id, line): _Stored(
            count, min(late.get(line, 0), count.article_count) if count.is_boilerplate else 0
        )
        for line, count in counts.items()
    }
    _upsert(session, repeated)


def _read_again(session: Session, article_ids: Sequence[int]) -> Iterable[str]:
    for chunk in chunks(article_ids, 500):
        query = select(Article.id, Article.text).where(Article.id.in_(chunk))
        texts: dict[int, str | None] = {row.id: row.text for row in session.execute(query)}
        yield from (texts[article_id] or "" for article_id in chunk)


def drop_lines_of(session: Session, article_ids: Iterable[int]) -> set[int]:
    """Take every line of these articles and their earlier versions out; the sources to be counted anew. Writes."""
    keys: set[_Key] = set()
    current = select(Article.source_id, Article.text)
    earlier = select(Article.source_id, ArticleVersion.text).join(ArticleVersion)
    for chunk in chunks(sorted(article_ids)):
        for query in (current, earlier):
            for source_id, text in session.execute(query.where(Article.id.in_(chunk))):
                keys.update((source_id, line) for line in line_words(text or ""))
    for some in chunks(sorted(keys)):
        session.execute(
            delete(SourceLine).where(tuple_(SourceLine.source_id, SourceLine.line_hash).in_(some))
        )
    return {source_id for source_id, _ in keys}


def count_boilerplate(session: Session) -> BoilerplateCounts:
    """How much is known to be boilerplate, and how often it still stands in a signature at most."""
    query = select(func.count(), func.coalesce(func.sum(SourceLine.late_article_count), 0))
    row = session.execute(query.where(SourceLine.is_boilerplate)).one()
    return BoilerplateCounts(int(row[0]), int(row[1]))


def _update(before: _Stored, count: LineCount) -> _Stored:
    is_learnt_now = count.is_boilerplate and not before.count.is_boilerplate
    return _Stored(count, before.count.article_count if is_learnt_now else before.late_article_count)


def _lock_publishers(session: Session, source_ids: set[int]) -> set[int]:
    """Those of the sources that are publishers; held against others that count their lines."""
    found: set[int] = set()
    for chunk in chunks(sorted(source_ids)):
        query = select(SourceRow.id).where(SourceRow.id.in_(chunk), publisher_name().is_not(None))
        found.update(session.scalars(query.order_by(SourceRow.id).with_for_update(key_share=True)))
    return found


def _lookup(session: Session, keys: set[_Key], *, boilerplate_only: bool = False) -> dict[_Key, _Stored]:
    """What is stored of the lines: one indexed join."""
    if not keys:
        return {}
    ordered = sorted(keys)
    condition = "AND line.is_boilerplate" if boilerplate_only else ""
    columns = ", ".join(f"line.{name}" for name in _COLUMNS.split(", "))
    connection = session.connection()
    if is_sqlite(session):
        result = connection.exec_driver_sql(
            f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN source_line AS line "  # noqa: S608 -- constants
            "ON line.source_id = json_extract(wanted.value, '$[0]') "
            f"AND line.line_hash = json_extract(wanted.value, '$[1]') {condition}",
            (json.dumps(ordered),),
        )
    else:
        result = connection.exec_driver_sql(
            f"SELECT {columns} FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (source_id, line_hash) "  # noqa: S608 -- constants
            "CROSS JOIN LATERAL (SELECT * FROM source_line AS stored WHERE stored.source_id = wanted.source_id "
            f"AND stored.line_hash = wanted.line_hash OFFSET 0) AS line WHERE true {condition}",
            ([source_id for source_id, _ in ordered], [line for _, line in ordered]),
        )
    return {
        (source_id, line): _Stored(LineCount(articles, unrelated), late)
        for source_id, line, articles, unrelated, _, late in result.all()
    }


def _upsert(session: Session, lines: Mapping[_Key, _Stored]) -> None:
    if not lines:
        return
    rows = [
        (
            *key,
            one.count.article_count,
            one.count.unrelated_count,
            one.count.is_boilerplate,
            one.late_article_count,
        )
        for key, one in sorted(lines.items())
    ]
    connection = session.connection()
    replace_known = f"ON CONFLICT (source_id, line_hash) DO UPDATE SET {_REPLACED}"
    if is_sqlite(session):
        connection.exec_driver_sql(
            f"INSERT INTO source_line ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) {replace_known}",  # noqa: S608 -- constants
            rows,
        )
        return
    connection.exec_driver_sql(
        f"INSERT INTO source_line ({_COLUMNS}) SELECT * FROM unnest(%s::bigint[], %s::bigint[], "  # noqa: S608 -- constants
        f"%s::integer[], %s::integer[], %s::boolean[], %s::integer[]) {replace_known}",
        tuple(list(values) for values in zip(*rows, strict=True)),
    )
