"""Where the installed programs begin: Ctrl-C ends them with one line, while they load too.

Must not import what takes time before that is arranged.
"""

from __future__ import annotations

import importlib
import sys

INTERRUPTED = 130
"""Exit code at Ctrl-C: 128 and the number of its signal, as shells have it."""


def main() -> None:
    """``newsdedup``."""
    _run("newsdedup.cli")


def spark() -> None:
    """``newsdedup-spark``."""
    _run("newsdedup.spark.cli")


def _run(module: str) -> None:
    try:
        import click  # noqa: PLC0415  Ctrl-C may come while anything loads

        program = importlib.import_module(module).main
        try:
            code = program(standalone_mode=False)
        except click.Abort as error:
            if isinstance(error.__cause__, KeyboardInterrupt):
                raise KeyboardInterrupt from error
            click.echo("aborted", err=True)
            code = 1
        except click.ClickException as error:
            error.show()
            code = error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = INTERRUPTED
    sys.exit(code)
