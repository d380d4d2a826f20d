"""`newsdedup watch`: who carries my articles?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.options import Moment, database_option, format_options, show

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.command(
    "watch",
    examples=(
        "newsdedup watch --domain mysite.example",
        "newsdedup watch --domain mysite.example --licensed partners.txt --fail-on new",
    ),
)
@click.option(
    "--domain", "domains", multiple=True, required=True, metavar="HOST", help="One's own site; repeatable."
)
@click.option(
    "--licensed", type=click.Path(path_type=Path), metavar="FILE", help="Hosts that may copy, one a line."
)
@click.option(
    "--since", metavar="LAST|TIME", default="last", show_default=True, help="Found since: last, 7d, a date."
)
@click.option("--fail-on", type=click.Choice(["new"]), help="Exit with code 3 when there are any.")
@click.option("--dry-run", is_flag=True, help="Do not note what was told.")
@database_option
@format_options
def command(
    domains: tuple[str, ...],
    licensed: Path | None,
    since: str,
    fail_on: str | None,
    dry_run: bool,
    database: str,
    output_format: Format,
    output: str,
) -> None:
    """List new copies of one's own articles on other sites.

    Each is told once: the next watch of the same domains and partners begins where this one ended. What licensed
    partners carry, and what one's own site has likely copied itself, is left out.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.watch import WatchRequest, read_hosts, run_watch  # noqa: PLC0415
    from newsdedup.reports.watch import watch_report  # noqa: PLC0415

    request = WatchRequest(
        domains=tuple(domain.lower() for domain in domains),
        licensed=() if licensed is None else read_hosts(licensed),
        since=None if since.lower() == "last" else Moment().convert(since, None, click.get_current_context()),
        is_dry_run=dry_run,
    )
    copies = run_watch(open_database(database), request)
    show(watch_report(copies), output_format, output)
    if fail_on and copies:
        raise click.exceptions.Exit(3)
