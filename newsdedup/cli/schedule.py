"""`newsdedup schedule`: crawl again and again, and see what comes next."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.crawl import crawl_progress, summarise_crawl
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, Duration, database_option, format_options, show
from newsdedup.cli.stopping import stop_at

if TYPE_CHECKING:
    from newsdedup.jobs.crawl import CrawlRequest
    from newsdedup.jobs.crawl_report import CrawlReport
    from newsdedup.render import Format

_UNIT = """\
[Unit]
Description=newsdedup: crawl what is due, find copies
After=network-online.target
Wants=network-online.target

[Service]
WorkingDirectory={folder}
ExecStart={command}
KillMode=mixed
TimeoutStopSec=15
Restart=on-failure

[Install]
WantedBy=default.target
"""


@frame.group("schedule", examples=("newsdedup schedule run seeds/world.toml", "newsdedup schedule list"))
def command() -> None:
    """Crawl again and again, as each feed is due."""


@frame.subcommand(
    command,
    "run",
    examples=(
        "newsdedup schedule run seeds/world.toml",
        "newsdedup schedule run --metrics-port 9464 --log-format json",
    ),
)
@click.argument("seeds", metavar="[SEEDS.toml]", required=False, type=click.Path())
@database_option
@click.option(
    "--look", type=Duration(), default="1m", show_default=True, help="Longest time between looks: 30s, 5m."
)
@click.option("--rounds", type=Count(min=1), help="Stop after so many crawls; else go on until stopped.")
@click.option("--contact", metavar="ADDRESS", help="Mail or web address that the user agent names.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    help="Serve Prometheus metrics on this port of 127.0.0.1.",
)
@click.option(
    "--metrics-file",
    type=click.Path(),
    help="Write Prometheus metrics to this file after each crawl (*.prom for node_exporter).",
)
@pass_program
def run(
    program: Program,
    seeds: str | None,
    database: str,
    look: timedelta,
    rounds: int | None,
    contact: str | None,
    metrics_port: int | None,
    metrics_file: str | None,
) -> None:
    """Crawl what is due, wait until more is, and so on until stopped; several schedulers share one database.

    Each feed is asked as often as its seed says (every = "15m", or a cron expression in UTC), else as often as it
    brings news. The feeds of SEEDS.toml are added first, and again when the file changes; feeds known from earlier
    crawls and imports are asked as well. A round that fails is told on standard error, and the next one is tried.
    SIGTERM and Ctrl-C end it within ten seconds, with all that was fetched stored.
    """
    from newsdedup.jobs.metrics import Metrics  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.schedule import Listener, knows_sources, run_schedule  # noqa: PLC0415

    metrics = Metrics(database, metrics_file)
    if metrics_port is not None:
        program.say(f"metrics: http://127.0.0.1:{metrics.serve(metrics_port)}/metrics")

    def ended(report: CrawlReport) -> None:
        summarise_crawl(program, report)
        metrics.note(report)

    def failed(error: Exception) -> None:
        program.warn(f"this round failed: {error}")
        metrics.note_failure()

    request = _request(program, database, seeds, contact)
    with (
        stop_at(signal.SIGTERM, signal.SIGINT) as stop,
        crawl_progress(program, "a feed to be due") as on_progress,
    ):
        if seeds is None and not knows_sources(database):
            program.warn(
                "no feed is known yet: until one is, nothing is crawled; name a seed list, or import one"
            )
        listener = Listener(ended, failed, on_progress)
        run_schedule(request, listener, stop, look_seconds=look.total_seconds(), rounds=rounds)
    if stop.is_set():
        program.say("stopped")


@frame.subcommand(command, "list", examples=("newsdedup schedule list --format json",))
@database_option
@format_options
def list_(database: str, output_format: Format, output: str) -> None:
    """List sources with their last and next time and how they stand, the next one first."""
    from newsdedup.jobs.schedule import read_schedule  # noqa: PLC0415  keeps --help fast
    from newsdedup.reports.schedule import schedule_report  # noqa: PLC0415

    show(schedule_report(read_schedule(database)), output_format, output)


@frame.subcommand(
    command,
    "print",
    examples=(
        "newsdedup schedule print systemd seeds/world.toml > ~/.config/systemd/user/newsdedup.service",
    ),
)
@click.argument("kind", type=click.Choice(["systemd", "cron"]))
@click.argument("seeds", metavar="[SEEDS.toml]", required=False, type=click.Path())
@database_option
@click.option(
    "--every", type=Duration(), default="10m", show_default=True, help="Time between runs of cron: 5m, 1h."
)
def print_(kind: str, seeds: str | None, database: str, every: timedelta) -> None:
    """Print a systemd unit that runs the scheduler, or a line for cron that crawls what is due; run nothing."""
    program, folder = str(Path(sys.argv[0]).resolve()), str(Path.cwd())
    given = [seeds] if seeds else []
    if kind == "systemd":
        words = [program, "schedule", "run", "--database", database, *given]
        unit = _UNIT.format(folder=folder.replace("%", "%%"), command=" ".join(map(_systemd_word, words)))
        click.echo(unit, nl=False)
        return
    line = f"cd {shlex.quote(folder)} && " + shlex.join(
        [program, "crawl", "--due", "-q", "--database", database, *given]
    )
    click.echo(f"{_cron_times(every)} {line}".replace("%", r"\%"))  # cron reads % as the end of the line


def _systemd_word(word: str) -> str:
    """A word of a systemd command line, where % and $ stand for something and blanks part words."""
    if re.fullmatch(r"[\w@./:=+,-]+", word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _cron_times(every: timedelta) -> str:
    minutes, rest = divmod(every, timedelta(minutes=1))
    if not rest and minutes and 60 % minutes == 0 and minutes < 60:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    hours, rest = divmod(every, timedelta(hours=1))
    if not rest and hours and 24 % hours == 0:
        return {1: "0 * * * *", 24: "0 0 * * *"}.get(hours, f"0 */{hours} * * *")
    raise click.BadParameter(
        "cron cannot keep this interval: take one that divides an hour or a day, such as 5m, 10m, 1h, 6h or 1d",
        param_hint="--every",
    )


def _request(program: Program, database: str, seeds: str | None, contact: str | None) -> CrawlRequest:
    from newsdedup.cli.crawl import log_level  # noqa: PLC0415  keeps --help fast
    from newsdedup.jobs.crawl import CrawlRequest  # noqa: PLC0415

    return CrawlRequest(
        database,
        seeds=seeds,
        due=True,
        contact=contact,
        log_level=log_level(program),
        log_format=program.log_format,
    )
