"""`newsdedup watch`: who carries my articles?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Moment, database_option, format_options, show

if TYPE_CHECKING:
    from newsdedup.render import Format


class _Site(click.ParamType[str]):
    """A site, by host or by the address of its first page."""

    name = "host"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401  click's
        """Its host as addresses of articles have it."""
        from newsdedup.jobs.watch import site_named  # noqa: PLC0415  keeps --help fast

        try:
            return site_named(str(value))
        except ValueError:
            self.fail(f"{value!r} is no host name: write mysite.example", param, ctx)


class _Asked(TypedDict):
    domains: tuple[str, ...]
    licensed: Path | None
    since: str
    webhook: str | None
    allow_private: tuple[str, ...]
    fail_on: str | None
    dry_run: bool


@frame.command(
    "watch",
    examples=(
        "newsdedup watch --domain mysite.example",
        "newsdedup watch --domain mysite.example --licensed partners.txt --fail-on new",
        "newsdedup watch --domain mysite.example --webhook https://hooks.example/copies",
    ),
)
@click.option(
    "--domain",
    "domains",
    type=_Site(),
    multiple=True,
    required=True,
    metavar="HOST",
    help="One's own site; repeatable.",
)
@click.option(
    "--licensed", type=click.Path(path_type=Path), metavar="FILE", help="Hosts that may copy, one a line."
)
@click.option(
    "--since", metavar="LAST|TIME", default="last", show_default=True, help="Found since: last, 7d, a date."
)
@click.option("--webhook", metavar="URL", help="Post new copies there as JSON, as --format json prints them.")
@click.option(
    "--allow-private", multiple=True, metavar="HOST", help="The webhook's host may have a private address."
)
@click.option("--fail-on", type=click.Choice(["new"]), help="Exit with code 3 when there are any.")
@click.option("--dry-run", is_flag=True, help="Post nothing, and do not note what was told.")
@database_option
@format_options
@pass_program
def command(
    program: Program, /, database: str, output_format: Format, output: str, **asked: Unpack[_Asked]
) -> None:
    """List new copies of one's own articles on other sites.

    Each is told once: the next watch of the same domains and partners begins where this one ended. What licensed
    partners carry, and what one's own site has likely copied itself, is left out.

    A webhook must be on the open internet, answers with a status of 200 to 299, and is tried three times; what it
    did not accept is told again by the next watch.
    """
    from newsdedup.jobs.database import open_database  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.watch import (  # noqa: PLC0415
        WatchRequest,
        find_own_copies,
        note_told,
        post_copies,
        read_hosts,
    )
    from newsdedup.jobs.webhook import Webhook  # noqa: PLC0415
    from newsdedup.render.progress import pulse  # noqa: PLC0415
    from newsdedup.reports.watch import watch_report  # noqa: PLC0415

    hook = None if asked["webhook"] is None else Webhook(asked["webhook"], asked["allow_private"])
    since = asked["since"]
    request = WatchRequest(
        domains=asked["domains"],
        licensed=() if asked["licensed"] is None else read_hosts(asked["licensed"]),
        since=None if since.lower() == "last" else Moment().convert(since, None, click.get_current_context()),
    )
    sessions = open_database(database)
    with pulse("looking for copies"):
        watched = find_own_copies(sessions, request)
    for domain in watched.unknown_domains:
        program.warn(f"nothing of {domain} is stored, so no copies of it can be found")
    show(watch_report(watched.copies), output_format, output)
    notes = request.since is None and not asked["dry_run"]
    if hook is not None and not asked["dry_run"]:
        post_copies(sessions, watched, hook, notes=notes)
    if notes:
        note_told(sessions, watched)
    if asked["fail_on"] and watched.copies:
        raise click.exceptions.Exit(3)
