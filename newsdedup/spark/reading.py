"""Reads documents from JSON Lines, Parquet and web archives, wherever Spark finds them.

Must not stop at a bad line, row or record: each becomes a row with the reason, as an import counts it.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pyarrow import fs
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import DateType, TimestampNTZType, TimestampType

from crawler.warc import WARC_SUFFIXES, Position
from dedup.values import Document
from newsdedup.jobs.document_lines import LineReader
from newsdedup.jobs.errors import JobError
from newsdedup.jobs.read_articles import JSONL_SUFFIXES, ReadingRequest, article_of_document
from newsdedup.jobs.read_warc import read_warc
from newsdedup.spark.rows import READ, document_row, in_batches
from storage.sql import storable, storable_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from newsdedup.jobs.document_lines import LineProblem
    from newsdedup.jobs.read_articles import FileProblem
    from newsdedup.spark.rows import Row
    from storage.values import Article

    Problem = LineProblem | FileProblem

_FIELDS = ("id", "text", "title", "url", "source", "published_at", "language")
_SHOWN_CHARACTERS = 80


class InputFormat(StrEnum):
    """What a file holds."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    WARC = "warc"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Paths or addresses of files, folders or patterns; ``format`` None: as their names end."""

    paths: tuple[str, ...]
    format: InputFormat | None
    reading: ReadingRequest
    is_for_database: bool  # one document an address, as the database keeps them, in place of one an id

    def of(self, kind: InputFormat) -> list[str]:
        """Those of one format.

        Raises:
            JobError: a name does not tell its format, and none was given.
        """
        return [path for path in self.paths if (self.format or _format_of(path)) is kind]


def _format_of(path: str) -> InputFormat:
    name = path.lower().rstrip("/")
    if name.endswith(JSONL_SUFFIXES):
        return InputFormat.JSONL
    if name.endswith(WARC_SUFFIXES):
        return InputFormat.WARC
    if name.endswith(".parquet"):
        return InputFormat.PARQUET
    raise JobError(f"{path!r} does not tell what it holds; give --input-format jsonl, parquet or warc")


def read_inputs(spark: SparkSession, inputs: Inputs) -> DataFrame:
    """Everything that was read and refused, a row each under ``READ``.

    Raises:
        JobError: a name does not tell its format, or a Parquet file lacks ``id`` or ``text``.
    """
    frames = []
    if lines := inputs.of(InputFormat.JSONL):
        texts = spark.read.text(lines, lineSep="\n")
        frames.append(
            texts.select(f.col("value").cast("binary"), f.col("_metadata.file_path").alias("origin"))
        )
        frames[-1] = _mapped(frames[-1], partial(_read_lines, inputs=inputs))
    if tables := inputs.of(InputFormat.PARQUET):
        frames.append(_mapped(_entries(spark.read.parquet(*tables)), partial(_read_entries, inputs=inputs)))
    if archives := inputs.of(InputFormat.WARC):
        names = spark.read.format("binaryFile").load(archives).select(f.col("path").alias("origin"))
        spread = names.repartition(max(1, names.count()))
        frames.append(_mapped(spread, partial(_read_archives, inputs=inputs)))
    read = frames[0]
    for frame in frames[1:]:
        read = read.union(frame)
    return read


def _mapped(
    frame: DataFrame, function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
) -> DataFrame:
    return frame.mapInArrow(function, from_arrow_schema(READ))


def _entries(table: DataFrame) -> DataFrame:
    """The fields of a table as JSON Lines would state them."""
    missing = {"id", "text"} - set(table.columns)
    if missing:
        raise JobError(f"the Parquet files have no column {', '.join(map(repr, sorted(missing)))}")
    columns = []
    for name in _FIELDS:
        if name in table.columns:
            match table.schema[name].dataType:
                case TimestampType() | TimestampNTZType():
                    stated = f.date_format(name, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
                case DateType():
                    stated = f.date_format(name, "yyyy-MM-dd")
                case _:
                    stated = f.col(name).cast("string")
            columns.append(stated.alias(name))
    return table.select(*columns, f.col("_metadata.file_path").alias("origin"))


def _read_lines(batches: Iterable[pa.RecordBatch], inputs: Inputs) -> Iterator[pa.RecordBatch]:
    return in_batches(_lines(batches, inputs), READ)


def _lines(batches: Iterable[pa.RecordBatch], inputs: Inputs) -> Iterator[Row]:
    problems: list[LineProblem] = []
    reader = LineReader(problems.append)
    for batch in batches:
        for row in batch.to_pylist():
            document = reader.read_line(0, row["value"].removeprefix(b"\xef\xbb\xbf"))
            beginning = row["value"][:_SHOWN_CHARACTERS].decode(errors="replace")
            yield from _answers(document, problems, row["origin"], beginning, inputs)


def _read_entries(batches: Iterable[pa.RecordBatch], inputs: Inputs) -> Iterator[pa.RecordBatch]:
    return in_batches(_documents(batches, inputs), READ)


def _documents(batches: Iterable[pa.RecordBatch], inputs: Inputs) -> Iterator[Row]:
    problems: list[LineProblem] = []
    reader = LineReader(problems.append)
    for batch in batches:
        for row in batch.to_pylist():
            yield from _answers(reader.read_entry(0, row), problems, row["origin"], "", inputs)


def _answers(
    document: Document | None, problems: list[LineProblem], origin: str, beginning: str, inputs: Inputs
) -> Iterator[Row]:
    for problem in problems:
        shown = f"{problem.message}: {beginning!r}" if beginning else problem.message
        yield _problem_row(problem, origin, shown)
    problems.clear()
    if document is None:
        return
    if not inputs.is_for_database:
        yield document_row(document)
        return
    article = article_of_document(document, Path(unquote(urlsplit(origin).path)).name, inputs.reading)
    yield _article_row(article)


def _problem_row(problem: Problem, origin: str, message: str) -> Row:
    return {
        "origin": origin,
        "reason": problem.reason.value,
        "message": message,
        "is_refused": problem.is_refused,
    }


def _article_row(article: Article) -> Row:
    # as the database will hold it, so that it is signed as the database's own articles are
    stored = replace(article, text=storable(article.text), identity_url=storable_key(article.identity_url))
    return document_row(_document_of_article(stored), stored)


def _document_of_article(article: Article) -> Document:
    is_published = article.source.is_publisher
    return Document(
        id=article.identity_url,
        text=article.text,
        title=article.title,
        url=article.url if is_published else None,
        source=article.source.name if is_published else None,
        published_at=article.published_at,
        published_precision=article.published_precision,
        language=article.language,
        declared_original_url=article.declared_original_url,
        first_seen_at=article.first_seen_at,
    )


def _read_archives(batches: Iterable[pa.RecordBatch], inputs: Inputs) -> Iterator[pa.RecordBatch]:
    origins = (row["origin"] for batch in batches for row in batch.to_pylist())
    return in_batches((row for origin in origins for row in _captures(origin, inputs)), READ)


def _captures(origin: str, inputs: Inputs) -> Iterator[Row]:
    problems: list[FileProblem] = []
    # A process of its own, so that a page that hangs can be ended.
    reading = replace(inputs.reading, worker_count=1)
    with _local_copy(origin) as path:
        for record in read_warc(path, reading, Position(), problems.append):
            yield from _told(problems, origin)
            if record.article is not None:
                yield {**_article_row(record.article), "captured_at": record.article.fetched_at}
        yield from _told(problems, origin)


def _told(problems: list[FileProblem], origin: str) -> Iterator[Row]:
    for problem in problems:
        page = f" ({problem.page_url})" if problem.page_url else ""
        yield _problem_row(problem, origin, f"record {problem.record_number}{page}: {problem.message}")
    problems.clear()


@contextmanager
def _local_copy(origin: str) -> Iterator[str]:
    """A path that can be read from any place in it; files that lie elsewhere are fetched whole."""
    parts = urlsplit(origin)
    if parts.scheme in {"", "file"}:
        yield unquote(parts.path)
        return
    filesystem, path = fs.FileSystem.from_uri(origin)
    with TemporaryDirectory(prefix="newsdedup-") as folder:
        copy = Path(folder, Path(path).name)
        with filesystem.open_input_stream(path, compression=None) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield str(copy)
