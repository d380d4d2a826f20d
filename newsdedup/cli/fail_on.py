"""Conditions under which a command ends with exit code 3: rows, or ``silent-sources,error-rate=0.1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.health import CrawlHealth

_SILENT, _RATE = "silent-sources", "error-rate"


@dataclass(frozen=True, slots=True)
class CrawlConditions:
    """What is not to be: sources without news, a share of failed fetches above a limit."""

    no_silent_sources: bool = False
    error_limit: float | None = None

    def held_by(self, health: CrawlHealth) -> tuple[str, ...]:
        """Those that hold, in words."""
        held = []
        if self.no_silent_sources and health.silent_hosts:
            shown = ", ".join(health.silent_hosts[:10])
            more = f" and {len(health.silent_hosts) - 10} more" if len(health.silent_hosts) > 10 else ""
            held.append(f"silent sources: {shown}{more}")
        ratio = health.error_ratio
        if self.error_limit is not None and ratio is not None and ratio > self.error_limit:
            held.append(
                f"{health.error_count} of {health.fetch_count} fetches failed: {ratio:.1%}, more than {self.error_limit:.1%}"
            )
        return tuple(held)


class CrawlConditionsType(click.ParamType[CrawlConditions]):
    """Conditions with commas between them."""

    name = "conditions"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> CrawlConditions:
        """The conditions named."""
        if isinstance(value, CrawlConditions):
            return value
        is_silent, limit = False, None
        for word in str(value).split(","):
            name, _, number = word.strip().partition("=")
            if name == _SILENT and not number:
                is_silent = True
            elif name == _RATE and _is_ratio(number):
                limit = float(number)
            else:
                self.fail(f"{word!r} is no condition: write {_SILENT} or {_RATE}=0.1", param, ctx)
        return CrawlConditions(is_silent, limit)


def fail_on_rows_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--fail-on`` of what lists things."""
    return click.option(
        "--fail-on",
        type=click.Choice(["found", "none"]),
        help="Exit with code 3 when something is found, or nothing.",
    )(function)


def exit_on_rows(fail_on: str | None, row_count: int) -> None:
    """End with code 3 where ``--fail-on`` asked for it.

    Raises:
        click.exceptions.Exit: the condition holds.
    """
    if fail_on == ("found" if row_count else "none"):
        raise click.exceptions.Exit(3)


def fail_on_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--fail-on`` of what watches crawls."""
    return click.option(
        "--fail-on",
        "conditions",
        type=CrawlConditionsType(),
        help="End with code 3 when one holds since --since: silent-sources, error-rate=0.1.",
    )(function)


def _is_ratio(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False
