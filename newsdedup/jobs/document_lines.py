"""Reads documents from JSON Lines, one object a line, and says what was wrong with which line.

Must not stop at a bad line, and must not depend on the order of the lines.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dedup.values import Document, TimePrecision
from storage.values import SkipReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MAX_ID_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that gave no document, or whose optional field was left out (``is_refused`` false)."""

    line_number: int
    reason: SkipReason
    message: str
    is_refused: bool = True

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.message}"


@dataclass(frozen=True, slots=True)
class ReadDocuments:
    """Documents sorted by id, and what was refused."""

    documents: tuple[Document, ...]
    line_count: int
    refused: Mapping[SkipReason, int]
    ignored_field_count: int


def read_documents(lines: Iterable[bytes], on_problem: Callable[[LineProblem], None]) -> ReadDocuments:
    """Every usable document; ``on_problem`` hears of each line that is not, and may raise to stop.

    Of two lines with one id the document that sorts first is kept, whatever the order of the lines.
    """
    reader = LineReader(on_problem)
    documents: dict[str, Document] = {}
    for number, document in reader.documents(lines):
        if document.id in documents:
            reader.refuse_duplicate(number, document.id)
        documents[document.id] = min(documents.get(document.id, document), document, key=_sort_key)
    kept = tuple(documents[key] for key in sorted(documents))
    return ReadDocuments(kept, reader.line_count, dict(reader.refused), reader.ignored_field_count)


@dataclass(slots=True)
class LineReader:
    """Reads documents one by one, and counts what it refused."""

    on_problem: Callable[[LineProblem], None]
    line_count: int = 0
    refused: Counter[SkipReason] = field(default_factory=Counter)
    ignored_field_count: int = 0

    def documents(self, lines: Iterable[bytes]) -> Iterator[tuple[int, Document]]:
        """Each usable document with its line number; blank lines are no problem."""
        for number, line in enumerate(lines, start=1):
            self.line_count = number
            content = (
                line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            )  # a byte order mark is no JSON
            if (document := self.read_line(number, content)) is not None:
                yield number, document

    def read_line(self, number: int, line: bytes) -> Document | None:
        """The document of one line; None for a blank line, and for one that is refused."""
        return _read_line(self, number, line) if line.strip() else None

    def read_entry(self, number: int, entry: Mapping[str, object]) -> Document | None:
        """The document that these fields make; None where they are refused."""
        return _read_entry(self, number, entry)

    def refuse(self, line_number: int, reason: SkipReason, message: str) -> None:
        """Count a line that gives no document, and tell of it."""
        self.refused[reason] += 1
        self.on_problem(LineProblem(line_number, reason, message))

    def refuse_duplicate(self, line_number: int, document_id: str) -> None:
        """Count a line whose id another line had."""
        self.refuse(line_number, SkipReason.DUPLICATE_ID, f"id {document_id!r} was given before")

    def ignore_field(self, line_number: int, message: str) -> None:
        """Count an optional field that is left out, and tell of it."""
        self.ignored_field_count += 1
        self.on_problem(LineProblem(line_number, SkipReason.MALFORMED_LINE, message, is_refused=False))


def _read_line(reader: LineReader, number: int, line: bytes) -> Document | None:
    try:
        entry = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        reader.refuse(number, SkipReason.MALFORMED_LINE, _why_unreadable(error))
        return None
    if not isinstance(entry, dict):
        reader.refuse(
            number, SkipReason.MALFORMED_LINE, f"a JSON object is wanted, not {type(entry).__name__}"
        )
        return None
    return _read_entry(reader, number, entry)


def _read_entry(reader: LineReader, number: int, entry: Mapping[str, object]) -> Document | None:
    document_id = _id_of(entry)
    if (
        not isinstance(document_id, str)
        or not 0 < len(document_id) <= MAX_ID_LENGTH
        or _has_surrogate(document_id)
    ):
        reader.refuse(
            number, SkipReason.MISSING_FIELD, f"'id' must be a non-empty string, got {_shown(document_id)}"
        )
        return None
    text = entry.get("text")
    if not isinstance(text, str):
        reader.refuse(number, SkipReason.MISSING_FIELD, f"'text' must be a string, got {_shown(text)}")
        return None
    if not text.strip():
        reader.refuse(number, SkipReason.EMPTY_TEXT, f"'text' of {document_id!r} is empty")
        return None
    return _document(reader, number, entry, document_id, text)


def _id_of(entry: Mapping[str, object]) -> object:
    """The id; of an article that this program has exported, its number."""
    number = entry.get("article_id")
    is_exported = "id" not in entry and isinstance(number, int) and not isinstance(number, bool)
    return str(number) if is_exported else entry.get("id")


def _why_unreadable(error: ValueError | RecursionError) -> str:
    # the parser counts lines within the one line that it was given
    match error:
        case json.JSONDecodeError():
            return f"not JSON: {error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
        case UnicodeDecodeError():
            return f"not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}"
        case RecursionError():
            return "not JSON that can be read: nested too deeply"
        case _:
            return f"not JSON that can be read: {error}"


def _sort_key(document: Document) -> tuple[str, ...]:
    fields = (
        document.text,
        document.title,
        document.url,
        document.source,
        document.published_at,
        document.language,
    )
    return tuple("" if value is None else str(value) for value in fields)


def _document(
    reader: LineReader, number: int, entry: Mapping[str, object], document_id: str, text: str
) -> Document:
    optional: dict[str, str | None] = {}
    for name in ("title", "url", "source", "language", "published_at"):
        value = entry.get(name)
        if value is not None and not isinstance(value, str):
            reader.ignore_field(number, f"{name!r} of {document_id!r} is left out: a string is wanted")
            value = None
        optional[name] = _encodable(value) if value else None
    published_at, precision = None, None
    if (stated := optional["published_at"]) is not None:
        try:
            published_at, precision = read_time(stated)
            precision = _stated_precision(entry) or precision
        except ValueError:
            reader.ignore_field(
                number, f"'published_at' of {document_id!r} is left out: {stated!r} is not ISO-8601"
            )
    return Document(
        id=document_id,
        text=_encodable(text),
        title=optional["title"],
        url=optional["url"],
        source=optional["source"],
        published_at=published_at,
        published_precision=precision,
        language=optional["language"],
    )


def _stated_precision(entry: Mapping[str, object]) -> TimePrecision | None:
    """What an export says of a time: written out it looks more precise than it was."""
    stated = entry.get("published_precision")
    return TimePrecision(stated) if isinstance(stated, str) and stated in set(TimePrecision) else None


def read_time(text: str) -> tuple[datetime, TimePrecision]:
    """An ISO-8601 time as aware UTC (no zone: UTC), and how precise it is.

    Raises:
        ValueError: the text is not ISO-8601.

    >>> read_time("2026-05-04")[1].value
    'day'
    """
    stated = text.strip()
    try:
        moment = datetime.fromisoformat(stated)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    if "T" not in stated and " " not in stated:
        return moment, TimePrecision.DAY
    return moment, TimePrecision.SECOND if stated.count(":") > 1 else TimePrecision.MINUTE


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _encodable(text: str) -> str:
    """The text with lone surrogates, which JSON can say and UTF-8 cannot, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:60]
