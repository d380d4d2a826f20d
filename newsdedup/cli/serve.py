"""`newsdedup serve`: the pages of the HTML report, live."""

from __future__ import annotations

import webbrowser

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, database_option

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_QUERY_SECONDS = 20.0


@frame.command("serve", examples=("newsdedup serve", "newsdedup serve --port 9000 --open"))
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Also answer requests for this host name; may be given more than once.",
)
@click.option(
    "--excerpt-words",
    type=Count(min=0),
    default=0,
    show_default=True,
    help="Words of each text that are shown; 0 shows all.",
)
@click.option("--open", "opens", is_flag=True, help="Open the first page in the browser.")
@pass_program
def command(
    program: Program,
    database: str,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    excerpt_words: int,
    opens: bool,
) -> None:
    """Show overview, clusters, evidence and sources in the browser, live from the database.

    Lists have filters and pages. Nothing can be changed through it. There is no password: whoever reaches the
    address reads the texts, so it listens on this machine alone unless told otherwise. Ctrl-C stops it.
    """
    from dedup import DedupConfig  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.database import open_database  # noqa: PLC0415
    from newsdedup.reports.html.pages import Pages  # noqa: PLC0415
    from newsdedup.serve.app import build_app  # noqa: PLC0415
    from newsdedup.serve.server import listen, serve_until_stopped  # noqa: PLC0415
    from storage.engine import reading_sessions  # noqa: PLC0415

    sessions = reading_sessions(open_database(database), query_seconds=_QUERY_SECONDS)
    hosts = (*_LOOPBACK, host, *allowed_hosts)
    app = build_app(sessions, Pages(None, excerpt_words), DedupConfig(), hosts)
    try:
        listening = listen(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}; choose another --port"
        ) from error
    if host not in _LOOPBACK:
        program.warn(f"no password: whoever reaches {host} reads every text")
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"
    program.say(f"serving {address}; ctrl-C stops")
    if opens:
        webbrowser.open(address)
    serve_until_stopped(app, listening, logs_requests=program.verbosity > 0)
