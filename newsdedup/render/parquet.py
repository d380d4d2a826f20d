"""Writes exports as Parquet, a bounded number of rows at a time; the only user of pyarrow.

Must not guess types from values: equal columns get equal types, whatever their first rows hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from newsdedup.reports.exports import ExportCell, ExportColumn, ExportRow, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_Item = TypeVar("_Item")
_LOT_ROWS = 250  # held as Python's objects, which take ten times the room
_GROUP_LOTS = 20
_SUBSTITUTION = pa.struct(
    [("words_a", pa.string()), ("words_b", pa.string()), ("is_synonym", pa.bool_()), ("count", pa.int64())]
)
_ANCHOR_PAIR = pa.struct([("anchor_a", pa.string()), ("anchor_b", pa.string())])
_ARROW_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.WORDS: pa.list_(pa.string()),
    Kind.COUNTS: pa.map_(pa.string(), pa.int64()),
    Kind.NUMBERS: pa.map_(pa.string(), pa.float64()),
    Kind.SUBSTITUTIONS: pa.list_(_SUBSTITUTION),
    Kind.ANCHOR_PAIRS: pa.list_(_ANCHOR_PAIR),
}


def write_parquet(columns: Sequence[ExportColumn], rows: Iterable[ExportRow], stream: IO[bytes]) -> int:
    """One file with row groups of 5,000, compressed with zstd; how many rows. Text is kept unchanged."""
    schema = pa.schema([(column.name, _ARROW_TYPES[column.kind]) for column in columns])
    count = 0
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        batches = (_batch(lot, schema) for lot in _lots(rows, _LOT_ROWS))
        for group in _lots(batches, _GROUP_LOTS):
            writer.write_table(pa.Table.from_batches(group, schema=schema))
            count += sum(batch.num_rows for batch in group)
    return count


def _batch(rows: list[ExportRow], schema: Any) -> Any:  # noqa: ANN401  pyarrow ships no types
    cells = zip(*rows, strict=True)
    arrays = [
        pa.array([_arrow_value(cell) for cell in column], type=field.type)
        for field, column in zip(schema, cells, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)


def _lots(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while lot := list(islice(iterator, size)):
        yield lot


def _arrow_value(cell: ExportCell) -> Any:  # noqa: ANN401  pyarrow ships no types
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, str):
        return str(cell)
    if isinstance(cell, Mapping):
        return sorted((str(name), value) for name, value in cell.items())
    return cell
