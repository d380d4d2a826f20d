"""Runs Datasette on an SQLite database, which it opens read-only; the only user of Datasette.

Must not answer requests for other hosts than this machine: there is no password.
"""

from __future__ import annotations

import asyncio
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from datasette.app import Datasette
from starlette.middleware.trustedhost import TrustedHostMiddleware

from newsdedup.datasette.harmless import HarmlessAnswers

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp

_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
_SETTINGS = {
    "sql_time_limit_ms": 10_000,
    "facet_time_limit_ms": 1_000,
    "suggest_facets": False,  # looks through whole columns of large tables
    "allow_download": False,
    "allow_csv_stream": False,  # CSV is read through once more; "newsdedup export" gives whole tables
    "truncate_cells_html": 300,
}


def build_app(path: Path) -> ASGIApp:
    """Datasette over that file with everything that is shipped for it, answering requests for this machine alone."""
    datasette = Datasette([str(path)], metadata=metadata_for(path), settings=_SETTINGS)
    asyncio.run(datasette.invoke_startup())
    return TrustedHostMiddleware(HarmlessAnswers(datasette.app()), allowed_hosts=_HOSTS)


def metadata_for(path: Path) -> dict[str, Any]:
    """The shipped titles, facets and queries, for the database in that file."""
    shipped = json.loads(files("newsdedup.datasette").joinpath("metadata.json").read_text(encoding="utf-8"))
    inside = {key: shipped.pop(key) for key in ("tables", "queries")}
    return {**shipped, "databases": {path.stem: inside}}
