"""Settings of a database, by name: what it was built with, how far long work has come; knows the meaning of none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.models import Setting
from storage.sql import insert_into

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from storage.values import JsonValue


def read_setting(session: Session, name: str) -> JsonValue:
    """The value of a setting; None where it was never set."""
    return session.scalar(select(Setting.value).where(Setting.name == name))


def write_setting(session: Session, name: str, value: JsonValue) -> None:
    """Set a value in place of the one before. Writes."""
    insert = insert_into(session, Setting).values(name=name, value=value)
    session.execute(
        insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
    )


def set_if_new(session: Session, name: str, value: JsonValue) -> None:
    """Set a value where none is set. Writes."""
    insert = insert_into(session, Setting).values(name=name, value=value)
    session.execute(insert.on_conflict_do_nothing(index_elements=["name"]))
