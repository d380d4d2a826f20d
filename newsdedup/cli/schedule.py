"""`newsdedup schedule`: crawl again and again, and see what comes next."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.crawl import crawl_progress, summarise_crawl
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Duration, database_option, format_options, show
from newsdedup.cli.stopping import stop_at

if TYPE_CHECKING:
    from datetime import timedelta

    from newsdedup.jobs.crawl import CrawlReport, CrawlRequest
    from newsdedup.render import Format

_UNIT = """\
[Unit]
Description=newsdedup: crawl what is due, find copies
After=network-online.target
Wants=network-online.target

[Service]
WorkingDirectory={folder}
ExecStart={program} schedule run --database {database}{seeds}
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
@click.option(
    "--rounds", type=click.IntRange(min=1), help="Stop after so many crawls; else go on until stopped."
)
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
    from newsdedup.jobs.schedule import Listener, run_schedule  # noqa: PLC0415

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
    with stop_at(signal.SIGTERM, signal.SIGINT) as stop, crawl_progress(program) as on_progress:
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
    program, folder = Path(sys.argv[0]).resolve(), Path.cwd()
    given = f" {seeds}" if seeds else ""
    if kind == "systemd":
        unit = _UNIT.format(folder=folder, program=program, database=database, seeds=given)
        click.echo(unit, nl=False)
        return
    minutes = max(1, round(every.total_seconds() / 60))
    when = f"*/{minutes} * * * *" if minutes < 60 else f"0 */{max(1, minutes // 60)} * * *"
    click.echo(f"{when} cd {folder} && {program} crawl --due -q --database {database}{given}")


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
