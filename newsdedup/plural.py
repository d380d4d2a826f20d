"""Says how many of a thing there are, in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

_Reason = TypeVar("_Reason", bound=str)


def counted(count: int, noun: str) -> str:
    """The count with its noun, which is one word or more, in singular or plural.

    >>> counted(1, "duplicate pair"), counted(2, "copy"), counted(1200, "file")
    ('1 duplicate pair', '2 copies', '1,200 files')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith(("py", "ry")) else f"{count:,} {noun}s"


def by_reason(counts: Mapping[_Reason, int]) -> str:
    """The counts with what each is of, in the order of the reasons; empty where there is none.

    >>> by_reason({"timeout": 2, "dns": 1})
    '1 dns, 2 timeout'
    """
    return ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
