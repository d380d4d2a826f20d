"""Reads the filters of a list from an address.

Must not query.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from dedup.values import Label
from newsdedup.reports.html.addresses import ROWS_A_PAGE, Paging
from newsdedup.reports.html.values import FilterForm
from storage.values import ClusterFilter, ClusterOrder, PairFilter, Review

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from enum import StrEnum

    _Word = TypeVar("_Word", bound=StrEnum)
    _Filter = TypeVar("_Filter", ClusterFilter, PairFilter)

_SHARED = ("text", "label", "source", "since", "until")
_CLUSTER_FIELDS = (*_SHARED, "min_size", "order")
_PAIR_FIELDS = (*_SHARED, "review")
_LONGEST = 500
_MOST_PAGES = 1_000_000


class BadFilterError(ValueError):
    """An address asks for something that cannot be; the message says what."""


def cluster_filter(typed: Mapping[str, str]) -> ClusterFilter:
    """Which clusters an address asks for.

    Raises:
        BadFilterError: a value cannot be understood.
    """
    return ClusterFilter(
        since=_day(typed, "since"),
        until=_day_after(typed, "until"),
        source=_text(typed, "source"),
        label=_word(typed, "label", Label),
        min_size=_number(typed, "min_size", 2, 10**9),
        text=_text(typed, "text"),
        order=_word(typed, "order", ClusterOrder) or ClusterOrder.LATEST,
    )


def pair_filter(typed: Mapping[str, str]) -> PairFilter:
    """Which duplicate pairs an address asks for.

    Raises:
        BadFilterError: a value cannot be understood.
    """
    return PairFilter(
        since=_day(typed, "since"),
        until=_day_after(typed, "until"),
        source=_text(typed, "source"),
        label=_word(typed, "label", Label),
        text=_text(typed, "text"),
        review=_word(typed, "review", Review),
    )


def cluster_form(typed: Mapping[str, str], sources: Sequence[str]) -> FilterForm:
    """What was typed into the form above the list of clusters."""
    return _form(typed, _CLUSTER_FIELDS, sources)


def pair_form(typed: Mapping[str, str], sources: Sequence[str]) -> FilterForm:
    """What was typed into the form above the list of pairs."""
    return _form(typed, _PAIR_FIELDS, sources)


def paging_of(typed: Mapping[str, str], form: FilterForm, path: str, total: int) -> Paging:
    """The page an address asks for; beyond the last one, the last.

    Raises:
        BadFilterError: the page is no number.
    """

    def address(number: int) -> str:
        wanted = {name: value for name, value in form.typed.items() if value}
        return f"{path}?{urlencode({**wanted, 'page': number})}"

    paging = Paging(_number(typed, "page", 1, _MOST_PAGES), total, address)
    return replace(paging, number=min(paging.number, paging.page_count))


def cut(wanted: _Filter, paging: Paging) -> _Filter:
    """The filter for the rows of one page alone."""
    return replace(wanted, limit=ROWS_A_PAGE, offset=paging.offset)


def _form(typed: Mapping[str, str], fields: Sequence[str], sources: Sequence[str]) -> FilterForm:
    return FilterForm({name: typed.get(name, "").strip() for name in fields}, tuple(sources))


def _text(typed: Mapping[str, str], name: str) -> str | None:
    value = typed.get(name, "").strip()
    if len(value) > _LONGEST or "\0" in value:
        raise BadFilterError(f"{name}: at most {_LONGEST} characters, and no control characters")
    return value or None


def _word(typed: Mapping[str, str], name: str, words: type[_Word]) -> _Word | None:
    value = _text(typed, name)
    try:
        return None if value is None else words(value)
    except ValueError:
        raise BadFilterError(f"{name}: one of {', '.join(words)}, not {value!r}") from None


def _number(typed: Mapping[str, str], name: str, least: int, most: int) -> int:
    value = _text(typed, name)
    if value is None:
        return least
    if not (value.isascii() and value.isdigit() and len(value) <= 12 and least <= int(value) <= most):
        raise BadFilterError(f"{name}: a number from {least} to {most:,}, not {value!r}")
    return int(value)


def _day(typed: Mapping[str, str], name: str) -> datetime | None:
    value = _text(typed, name)
    try:
        return None if value is None else datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadFilterError(f"{name}: a day as 2026-05-04, not {value!r}") from None


def _day_after(typed: Mapping[str, str], name: str) -> datetime | None:
    """The end of the day, which the person means to include."""
    try:
        return None if (day := _day(typed, name)) is None else day + timedelta(days=1)
    except OverflowError:
        raise BadFilterError(f"{name}: no such day") from None
