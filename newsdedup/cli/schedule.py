"""`newsdedup schedule`: crawl again and again."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.crawl import crawl_progress, summarise_crawl
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Duration, database_option

if TYPE_CHECKING:
    from datetime import timedelta

_UNIT = """\
[Unit]
Description=newsdedup: crawl what is due, find copies
After=network-online.target

[Service]
WorkingDirectory={folder}
ExecStart={program} schedule --every {every} --database {database}{seeds}
Restart=on-failure

[Install]
WantedBy=default.target
"""


@frame.command(
    "schedule",
    examples=(
        "newsdedup schedule seeds/world.toml --every 10m",
        "newsdedup schedule --print systemd > ~/.config/systemd/user/newsdedup.service",
    ),
)
@click.argument("seeds", metavar="[SEEDS.toml]", required=False, type=click.Path())
@database_option
@click.option(
    "--every", type=Duration(), default="10m", show_default=True, help="Time between looks: 5m, 1h."
)
@click.option(
    "--rounds", type=click.IntRange(min=1), help="Stop after so many rounds; else go on until stopped."
)
@click.option("--contact", metavar="ADDRESS", help="Mail or web address that the user agent names.")
@click.option(
    "--print", "printed", type=click.Choice(["systemd", "cron"]), help="Print a unit or a line, run nothing."
)
@pass_program
def command(
    program: Program,
    seeds: str | None,
    database: str,
    every: timedelta,
    rounds: int | None,
    contact: str | None,
    printed: str | None,
) -> None:
    """Crawl what is due, wait, and look again; each feed is asked as often as it brings news.

    The feeds of SEEDS.toml are added first; feeds known from earlier crawls and imports are asked as well. A round that
    fails is told on standard error, and the next one is tried.
    """
    if printed is not None:
        click.echo(_printed(printed, seeds, database, every), nl=False)
        return
    from newsdedup.jobs.crawl import CrawlRequest, run_crawl  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.errors import JobError  # noqa: PLC0415

    request = CrawlRequest(database, seeds=seeds, due=True, contact=contact)
    done = 0
    while rounds is None or done < rounds:
        if done:
            time.sleep(every.total_seconds())
        done += 1
        try:
            with crawl_progress(program) as on_progress:
                report = run_crawl(request, on_progress)
            summarise_crawl(program, report)
        except JobError as error:
            if rounds is not None and done == rounds:
                raise
            program.warn(f"this round failed: {error}")


def _printed(kind: str, seeds: str | None, database: str, every: timedelta) -> str:
    program, folder = Path(sys.argv[0]).resolve(), Path.cwd()
    minutes = max(1, round(every.total_seconds() / 60))
    given = f" {seeds}" if seeds else ""
    if kind == "systemd":
        return _UNIT.format(
            folder=folder, program=program, every=f"{minutes}m", database=database, seeds=given
        )
    when = f"*/{minutes} * * * *" if minutes < 60 else f"0 */{max(1, minutes // 60)} * * *"
    return f"{when} cd {folder} && {program} crawl --due -q --database {database}{given}\n"
