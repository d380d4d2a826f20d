"""`newsdedup crawl`: fetch, store, find copies."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from newsdedup.cli import frame
from newsdedup.cli.frame import Program, pass_program
from newsdedup.cli.options import Count, Moment, database_option, window_option
from newsdedup.cli.stopping import stop_at
from newsdedup.plural import by_reason, counted
from newsdedup.render.progress import work_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta

    from newsdedup.jobs.crawl_report import CrawlProgress, CrawlReport

_REFUSALS = (
    "SELECT url, reason, detail FROM fetch_event WHERE run_id = (SELECT max(run_id) FROM fetch_event)"
    " AND reason IS NOT NULL"
)
_REFUSED_BEFORE = "SELECT url, reason, fetched_at FROM crawl_url WHERE reason IS NOT NULL ORDER BY id DESC"


@frame.command(
    "crawl",
    examples=(
        "newsdedup crawl seeds/world.toml --limit 200",
        "newsdedup crawl https://news.example/",
        "newsdedup crawl --due",
    ),
)
@click.argument("targets", metavar="[SEEDS.toml | URL ...]", nargs=-1)
@database_option
@click.option("--limit", type=Count(min=1), help="Fetch at most so many articles.")
@click.option(
    "--since", metavar="TIME", type=Moment(), help="Leave out what was published before: 2026-05-04, 12h, 7d."
)
@click.option("--due", is_flag=True, help="Ask only the feeds whose time has come.")
@click.option("--dry-run", is_flag=True, help="Fetch and read, store nothing.")
@click.option("--contact", metavar="ADDRESS", help="Mail or web address that the user agent names.")
@click.option(
    "--keep-html",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help='Keep the pages fetched as web archives here, for "newsdedup reextract".',
)
@window_option
@pass_program
def command(  # noqa: PLR0913, PLR0917  # one parameter an option
    program: Program,
    targets: tuple[str, ...],
    database: str,
    limit: int | None,
    since: datetime | None,
    due: bool,
    dry_run: bool,
    contact: str | None,
    keep_html: str | None,
    window: timedelta | None,
) -> None:
    """Crawl the sources of a seed list, or sites by their address, and find the copies among all stored articles.

    A seed list is TOML or OPML. Of a site named by its address, feeds and sitemaps are found. The database is
    created where there is none; a crawl that was stopped continues where it was. Exit code 1 when all that was named
    here was refused and nothing stored; with --due that is no failure.
    """
    urls = tuple(target for target in targets if target.lower().startswith(("http://", "https://")))
    files = [target for target in targets if target not in urls]
    if not targets and not due:
        raise click.UsageError("nothing to crawl: name a seed list or an address, or give --due")
    if (site := next((name for name in files if _is_bare_address(name)), None)) is not None:
        address = site.partition("//")[2] if "//" in site else site
        path = "" if "/" in address else "/"
        raise click.UsageError(
            f"there is no file {site!r}; of a site give the address: https://{address}{path}"
        )
    if len(files) > 1 or (files and urls):
        raise click.UsageError("give one seed list, or addresses")
    with stop_at(signal.SIGTERM) as stop, crawl_progress(program) as on_progress:
        from newsdedup.jobs.crawl import CrawlRequest, run_crawl  # noqa: PLC0415  the bar first, as this takes time

        request = CrawlRequest(
            database_url=database,
            seeds=files[0] if files else None,
            urls=urls,
            limit=limit,
            since=since.isoformat() if since else None,
            due=due,
            dry_run=dry_run,
            contact=contact,
            keep_html=keep_html,
            window=window,
            log_level=log_level(program),
            log_format=program.log_format,
        )
        report = run_crawl(request, on_progress, stop=stop)
    summarise_crawl(program, report, is_dry_run=dry_run)
    if due and not (report.taken_count or report.left_count):
        program.say("nothing was due; what comes next: newsdedup schedule list")
    if report.came_to_nothing and not due:
        raise click.ClickException(_why_nothing(report))


def _is_bare_address(name: str) -> bool:
    """Whether this is a site's or a page's address without http:// or https://, and no file."""
    is_address = (
        re.fullmatch(r"(?:(?:feed:)?//)?(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", name, re.IGNORECASE) is not None
    )
    return is_address and not name.lower().endswith((".toml", ".opml", ".xml")) and not Path(name).exists()


def log_level(program: Program) -> str:
    """How talkative the crawl's own log is to be."""
    return {-1: "ERROR", 0: "WARNING", 1: "INFO"}.get(program.verbosity, "DEBUG")


@contextmanager
def crawl_progress(
    program: Program, waiting_for: str = "the crawl to begin"
) -> Iterator[Callable[[CrawlProgress], None]]:
    """Progress of a crawl, from its start: what is waited for; then addresses settled of those found, and what came of them."""
    is_wanted, text = program.verbosity >= 0, f"waiting for {waiting_for}"
    with work_progress("crawling", is_wanted=is_wanted, text=text, patience_seconds=0.0) as bar:

        def tell(progress: CrawlProgress) -> None:
            total = progress.found_count if progress.found_count > progress.settled_count else None
            bar(progress.settled_count, total, _told(progress))

        yield tell


def _told(progress: CrawlProgress) -> str:
    skipped = by_reason(progress.skipped)
    refused = f"; refused: {skipped}" if skipped else ""
    if progress.page_count:
        pages, articles = counted(progress.page_count, "page"), counted(progress.article_count, "article")
        return f"{pages}, {articles}{refused}"
    if progress.found_count:
        return f"waiting for the first page of {progress.found_count}{refused}"
    if progress.list_count:
        return f"{counted(progress.list_count, 'list')} read, waiting for what they name{refused}"
    return "waiting for the first feed, sitemap or page"


def summarise_crawl(program: Program, report: CrawlReport, *, is_dry_run: bool = False) -> None:
    """Say what a crawl did, on standard error."""
    skipped = by_reason(report.skipped)
    program.say(
        f"{counted(report.page_count, 'page')} in {report.elapsed_seconds:.0f} s: {report.new_count} new, "
        f"{report.updated_count} updated, {report.unchanged_count} unchanged"
        + (f"; refused: {skipped}" if skipped else "")
    )
    if report.left_count:
        program.say(f"{counted(report.left_count, 'source')} left to another run that works there")
    if report.was_stopped:
        program.say("asked to stop before it was done; the next crawl goes on from here")
    if report.error_count:
        program.warn(
            f"{counted(report.error_count, 'answer')} lost to errors of the program; see its messages"
        )
    if is_dry_run:
        program.say("dry run: nothing was stored")
    elif not report.came_to_nothing:
        program.say(f"{counted(report.pair_count, 'duplicate pair')} found; run: newsdedup report")


def _why_nothing(report: CrawlReport) -> str:
    if report.refused_before and not report.refused_pages:
        before = by_reason(report.refused_before)
        return f'nothing came of this crawl, all was refused before ({before}); run: newsdedup sql "{_REFUSED_BEFORE}"'
    reasons = report.refused_pages or report.skipped
    said = f"nothing came of this crawl, all was refused ({by_reason(reasons) or 'no answer'})"
    return said if report.run_id is None else f'{said}; run: newsdedup sql "{_REFUSALS}"'
