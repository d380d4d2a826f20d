"""The refusal value: something was read and turned away, and why.

Must not log or count: the shell that meets a refusal does both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.values import SkipReason


@dataclass(frozen=True, slots=True)
class Skipped:
    """A page, feed or sitemap that was turned away; ``detail`` is for a person to read.

    ``retry_after_seconds`` is set where the server, or politeness, asks to come back later.
    """

    reason: SkipReason
    detail: str = ""
    retry_after_seconds: float | None = None
