"""The command line: `newsdedup COMMAND`; one module a command, imported when it is asked for."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from newsdedup.cli.frame import Program, RootGroup, configure_logging, pass_program, verbosity_options
from newsdedup.config import load_settings

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "demo": ("demo", "Crawl the bundled demo newsroom and show its copies."),
    "crawl": ("crawl", "Crawl sources, store articles, find their copies."),
    "import": ("import_", "Store articles from files, find their copies."),
    "reextract": ("reextract", "Read kept pages again with this version's extractor."),
    "dedup": ("dedup", "Find the copies in a file, without a database."),
    "find": ("find", "Find copies of a text in the database."),
    "clusters": ("clusters", "List clusters of copies, or show one."),
    "pair": ("pair", "Show how two articles resemble each other."),
    "search": ("search", "List articles that contain words."),
    "report": ("report", "Summarise what came in and who copied it."),
    "plot": ("plot", "Draw time line, sources or labels for a document."),
    "serve": ("serve", "Browse clusters and evidence, live from the database."),
    "export": ("export", "Write articles, pairs, clusters or edges to a file."),
    "watch": ("watch", "List new copies of one's own articles."),
    "schedule": ("schedule", "Crawl again and again, as each feed is due."),
    "datasette": ("datasette", "Browse tables and ask SQL in the browser."),
    "sql": ("sql", "Ask the database in SQL, read-only."),
    "seeds": ("seeds", "Check lists of what to crawl."),
    "forget": ("forget", "Remove an article or a source with every trace of its text."),
    "db": ("db", "Create, check, measure and maintain the database."),
    "doctor": ("doctor", "Check that everything needed is in place."),
}
"""Module and summary of every command, in the order of ``--help``."""


@click.group("newsdedup", cls=RootGroup, table=COMMANDS, context_settings={"auto_envvar_prefix": "NEWSDEDUP"})
@click.version_option(package_name="newsdedup", prog_name="newsdedup")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="NEWSDEDUP_CONFIG",
    show_envvar=True,
    help="Configuration file; else newsdedup.toml in this folder, where there is one.",
)
@pass_program
def main(program: Program, config: Path | None) -> None:
    """Crawl news, find every copy of a story, and keep the evidence in SQL.

    Every setting is an option; an option not given is read from its environment variable, then from the
    configuration file, then it has its default.
    """
    if not logging.getLogger().handlers:
        configure_logging(program.verbosity)
    program.settings = load_settings(config, folder=Path.cwd(), command_names=COMMANDS)


main.params += verbosity_options()
