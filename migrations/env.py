"""Runs revisions on the connection that the program hands over; opens a database only for the alembic command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from alembic import context
from sqlalchemy import create_engine

from storage.models import Base, UtcDateTime

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext


def _render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 -- Alembic's signature
    """Revisions name SQLAlchemy's own types, so that they run when the models have moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The search index is no table of the models: each database has a form of its own."""
    return kind == "schema" or not (name or "").startswith(
        ("article_search", "search_vector", "ix_article_search")
    )


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        url = os.environ.get("NEWSDEDUP_DATABASE_URL", "sqlite:///newsdedup.db")
        connection = create_engine(url).connect()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render_item,
        include_name=_include_name,
        compare_server_default=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    if not context.config.attributes.get("connection"):
        connection.commit()
        connection.close()


_run()
