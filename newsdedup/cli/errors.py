"""Turns what a user can mend into one line and exit code 1; the only place that catches errors."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from newsdedup.config import ConfigError
from newsdedup.safe_text import harmless_text, terminal_line

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """What a user can mend becomes one line and exit code 1."""
    from newsdedup.jobs.errors import JobError  # noqa: PLC0415  keeps --help fast

    try:
        yield
    except (ConfigError, JobError) as error:
        raise click.ClickException(harmless_text(str(error))) from error
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise click.ClickException(terminal_line(_os_error(error))) from error
    except Exception as error:
        if (message := _known_message(error)) is None:
            raise
        raise click.ClickException(harmless_text(message)) from error


def _known_message(error: Exception) -> str | None:
    """Message of an error of our own packages, without importing packages that this command did not use."""
    for module_name, class_name in (("storage.errors", "StorageError"), ("crawler.seeds", "SeedsError")):
        known = getattr(sys.modules.get(module_name), class_name, None)
        if isinstance(known, type) and isinstance(error, known):
            return str(error)
    return None


def _os_error(error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"{error.filename!r}: {reason}" if error.filename else reason
