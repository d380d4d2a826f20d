"""What publishers call the boxes of a page, looked for by pattern; the answers are remembered.

Must not know what a name means.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

_MAX_CHARACTERS = 1_000  # of a class or id that are looked at: what is remembered of them stays small


def name_matcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Whether the pattern stands in a box's names; a page names its boxes again and again, and so do those of a site.

    >>> import re
    >>> name_matcher(re.compile("byline"))("story-byline small")
    True
    """

    @lru_cache(maxsize=8_192)
    def stands_in(names: str) -> bool:
        return pattern.search(names) is not None

    return lambda names: stands_in(names[:_MAX_CHARACTERS])
