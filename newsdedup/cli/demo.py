"""`newsdedup demo`: see it work, without network and without configuration."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.crawl import crawl_progress
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import DatabaseUrl, format_options, show

if TYPE_CHECKING:
    from newsdedup.render import Format


@frame.command("demo", examples=("newsdedup demo", "newsdedup demo --format json"))
@click.option(
    "--database",
    type=DatabaseUrl(),
    default="sqlite:///newsdedup-demo.db",
    show_default=True,
    help="Database URL, or the path of a SQLite file; created where there is none.",
)
@format_options
@pass_program
def command(program: Program, database: str, output_format: Format, output: str) -> None:
    """Crawl the bundled demo newsroom over HTTP on loopback, find the copies, show them.

    Eight invented sites carry each other's stories: as they are, cropped, edited, and spun by a program. Nothing
    leaves this machine. Run it again, and only what is new is stored.
    """
    from newsdedup.jobs.demo import run_demo  # noqa: PLC0415  keeps --help fast
    from newsdedup.reports.demo import demo_report  # noqa: PLC0415

    begun = time.perf_counter()
    with crawl_progress(program) as on_progress:
        demonstration = run_demo(database, on_progress)
    show(demo_report(demonstration), output_format, output)
    program.say(f"finished in {time.perf_counter() - begun:.0f} s; the articles are in {database}")
    if demonstration.spun is not None:
        a, b = demonstration.spun.article_a.id, demonstration.spun.article_b.id
        program.say(f"next: newsdedup pair {a} {b} --database {database}")
