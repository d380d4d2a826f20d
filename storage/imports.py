"""How far large files have been imported, so that a killed import goes on where it was; reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.models import ImportedFile as ImportedFileRow
from storage.sql import insert_into, storable

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """How far a file has been read; ``fingerprint`` is of its beginning, ``byte_count`` its size then."""

    fingerprint: str
    path: str
    byte_offset: int
    record_number: int
    byte_count: int
    is_complete: bool


def read_import(session: Session, fingerprint: str) -> ImportedFile | None:
    """What is remembered of a file, or None."""
    row = session.get(ImportedFileRow, fingerprint)
    if row is None:
        return None
    return ImportedFile(
        row.fingerprint, row.path, row.byte_offset, row.record_number, row.byte_count, row.is_complete
    )


def save_import(session: Session, file: ImportedFile, now: datetime) -> None:
    """Remember how far a file has been read. Writes."""
    values = {
        "path": storable(file.path),
        "byte_offset": file.byte_offset,
        "record_number": file.record_number,
        "byte_count": file.byte_count,
        "is_complete": file.is_complete,
        "updated_at": now,
    }
    insert = insert_into(session, ImportedFileRow).values(fingerprint=file.fingerprint, **values)
    session.execute(insert.on_conflict_do_update(index_elements=["fingerprint"], set_=values))
