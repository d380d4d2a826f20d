"""`newsdedup datasette`: the tables in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import database_option
from newsdedup.jobs.errors import JobError


@frame.command("datasette", examples=("newsdedup datasette", "newsdedup datasette --port 9001"))
@database_option
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8766, show_default=True, help="Port; 0 takes a free one."
)
@pass_program
def command(program: Program, database: str, port: int) -> None:
    """Browse the tables and views of an SQLite database, with facets, search and ready-made queries.

    Datasette (the extra "datasette") opens the file read-only, on this machine alone; crawls may go on meanwhile.
    Ctrl-C stops it.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.serve.server import listen, serve_until_stopped  # noqa: PLC0415
    from storage.engine import sqlite_file  # noqa: PLC0415

    open_database(database).kw["bind"].dispose()  # says what is wrong with a missing or old database
    if (path := sqlite_file(database)) is None:
        raise JobError("Datasette reads SQLite files; run: newsdedup serve, or newsdedup db copy into a file")
    try:
        from newsdedup.datasette.server import build_app  # noqa: PLC0415  an extra, and slow to load
    except ModuleNotFoundError as error:
        raise JobError(
            "this needs Datasette; run where newsdedup was cloned: pip install -e '.[datasette]'"
        ) from error
    app = build_app(Path(path))
    with listen("127.0.0.1", port) as listening:
        program.say(f"http://127.0.0.1:{listening.getsockname()[1]}/ shows {path}; ctrl-C stops it")
        serve_until_stopped(app, listening, logs_requests=program.verbosity > 0)
